"""Completion at the prompt: names of fields at once, their values as soon as they are known."""

from asyncio import sleep
from collections.abc import Callable

from rich.cells import cell_len

from newsreader.model import Completion
from newsreader.tui.finding import Finding, Offer
from newsreader.tui.widgets.completion_list import CompletionList
from newsreader.tui.widgets.search_bar import SearchBar

_TYPING_SECONDS = 0.03
"""Values are asked for when no key has followed for this long."""


class Completing:
    """Keeps the list over the prompt in step with the text; no key ever waits for it."""

    def __init__(self, finding: Finding, bar: SearchBar, shown: CompletionList) -> None:
        self._finding = finding
        self._bar = bar
        self._list = shown
        self._offer = Offer(0, 0)
        self._for = ("", 0)
        self._asked: tuple[str, int] | None = None
        self._about: tuple[int, str | None] | None = None
        self._wanted: Callable[[], None] | None = None
        self.chosen = False

    @property
    def open(self) -> bool:
        """Whether there is something to choose from, for the text as it stands."""
        return bool(self._offer.choices) and self._for == self._state()

    def _state(self) -> tuple[str, int]:
        return self._bar.query_text, self._bar.cursor

    def warm(self) -> None:
        """Let the search process read what it will be asked for."""
        work: Callable[[], object] = self._finding.warm
        self._bar.run_worker(work, group="warm", exclusive=True)

    def typed(self) -> None:
        """Offer what fits the text now."""
        # Imported when used: its patterns are no part of the first frame.
        from newsreader.completion import VALUED, fields, token

        text, at = self._state()
        if (text, at) in (self._for, self._asked):
            return
        self._wanted = self._asked = None
        found = token(text, at)
        if found is None or (found.field is not None and found.field not in VALUED):
            self._show(Offer(at, at))
        elif found.field is None:
            choices = [(name, Completion(name)) for name in fields(found.prefix)]
            self._show(Offer(found.start, found.end, choices))
        else:
            if (found.start, found.field) != self._about:
                self._show(Offer(at, at))
            self._asked = (text, at)
            self._run(self._ask)
        self._about = (found.start, found.field) if found is not None else None

    def _run(self, work: Callable[[], object]) -> None:
        self._bar.run_worker(work, group="complete", exclusive=True)

    async def _ask(self) -> None:
        await sleep(_TYPING_SECONDS)
        asked = self._state()
        offer = await self._finding.complete_query(*asked)
        if not asked == self._asked == self._state():
            return
        self._asked = None
        self._show(offer)
        otherwise, self._wanted = self._wanted, None
        if otherwise is not None and not self.take(otherwise):
            otherwise()

    def _show(self, offer: Offer) -> None:
        text, at = self._for = self._state()
        if len(offer.choices) == 1 and offer.choices[0][0].strip() == text[offer.start : at]:
            offer = Offer(at, at)  # It is there already.
        self._offer, self.chosen = offer, False
        column = cell_len(text[: offer.start])
        self._list.show([choice for _, choice in offer.choices], column)

    def moved(self) -> None:
        """Hide the list when the cursor has gone elsewhere in the same text."""
        text, at = self._state()
        if self._offer.choices and self._for[0] == text and self._for[1] != at:
            self.close()

    def close(self) -> bool:
        """Close the list; return whether it was open."""
        was = self.open
        self._wanted = self._asked = None
        self._show(Offer(0, 0))
        return was

    def move(self, steps: int) -> bool:
        """Light another row; return whether there is one."""
        if self.open:
            self._list.move(steps)
            self.chosen = True
        return self.open

    def take(self, otherwise: Callable[[], None] | None = None) -> bool:
        """Write the lit row into the prompt; return whether the key has been used.

        Where the list is still asked for, that is done when it comes; ``otherwise`` if it is empty.
        """
        self.typed()  # The key may come before the message of those that wrote the text.
        if not self.open:
            pending = self._asked is not None and self._asked == self._state()
            self._wanted = otherwise if pending else None
            return self._wanted is not None
        insert, _ = self._offer.choices[self._list.cursor]
        text = self._bar.query_text
        before, after = text[: self._offer.start] + insert, text[self._offer.end :]
        if insert.endswith(" "):
            after = after.lstrip()
        self._bar.set_query(before + after, len(before))
        self._bar.post_message(SearchBar.Typed(before + after))
        return True
