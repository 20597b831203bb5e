"""The page of one feed: how it does, and what the user set for it; Enter changes a line."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsreader.model import FeedHealth
from newsreader.text.plurals import plural
from newsreader.tui.commands import action_of, page_bindings, page_hints
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, flow, safe_line
from newsreader.tui.phrases import ago, ahead, span
from newsreader.tui.screens.foot import Foot
from newsreader.tui.screens.picker import Head, Row, Rows

_LABEL = 14
_LOGINS = {"basic": "user name and password", "header": "a header of yours"}


class Wish(NamedTuple):
    """What a key asks for: ``act`` of the page's commands, or the name of a setting."""

    act: str
    health: FeedHealth


class FeedScreen(ModalScreen[None], inherit_bindings=False):
    """One page over the screen.

    Args:
        glyphs: the signs to draw with.
        keys: the configuration's keys.
        health: reads how the feed does; words if it is gone.
        wish: does what a key asks for.
        now: the reader's clock.
    """

    def __init__(
        self,
        glyphs: Glyphs,
        keys: Mapping[str, str],
        health: Callable[[], FeedHealth | str],
        wish: Callable[[Wish], None],
        *,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(classes="over")
        self._bindings = BindingsMap(page_bindings("feed", keys))
        self._glyphs = glyphs
        self._keys = keys
        self._read = health
        self._wish = wish
        self._now = now
        self._head = Head(glyphs, [], [("esc", "text"), (" close", "muted")])
        self._rows = Rows(glyphs)
        self._foot = Foot(glyphs)
        self.health: FeedHealth | None = None

    def compose(self) -> ComposeResult:
        """Lay head, rows and foot under each other."""
        with Vertical(id="picker"):
            yield self._head
            yield self._rows
            yield self._foot

    def on_mount(self) -> None:
        """Read the page; the cursor begins on the first setting."""
        self.read()

    def on_resize(self) -> None:
        """Lay the lines out anew."""
        self.call_after_refresh(self.read)

    def read(self) -> None:
        """Read the page anew; the cursor stays where it is."""
        found = self._read()
        if isinstance(found, str):
            self.health = None
            self._rows.show([Row(left=[(safe_line(found), "muted")])])
            return
        self.health = found
        title = safe_line(found.source.title) or "(no name)"
        self._head.retitle([(cut(title, max(10, self._head.size.width - 16)), "headline")])
        width = max(20, self._rows.size.width - 6)
        self._rows.show(rows_of(found, width, self._glyphs, self._now()), stay=True)
        paused = {"pause": "go on"} if found.settings.paused else {}
        hints = page_hints("feed", self._keys)
        self._foot.show([(key, paused.get(name, words)) for name, key, words in hints])

    def say(self, words: str) -> None:
        """Say something at the foot, until the next key."""
        self._foot.say(words)

    # The keys

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self._foot.say("")
        self._rows.move(steps)

    def action_take(self) -> None:
        """Change the line under the cursor."""
        self.action_wish(self._rows.key)

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Change the line under the mouse."""
        self.action_wish(event.key)

    def action_wish(self, act: str) -> None:
        """Ask for what a key says."""
        self._foot.say("")
        if act and self.health is not None:
            self._wish(Wish(act, self.health))

    async def action_help(self) -> None:
        """Show every key of the page; the one taken is done."""
        from newsreader.tui.screens.help import help_picker

        async def run(name: str | None) -> None:
            if name is not None:
                await self.run_action(action_of(name, "feed"))

        await self.app.push_screen(help_picker(self._glyphs, self._keys, "feed"), run)

    def action_retreat(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_back(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)


# The lines


def rows_of(health: FeedHealth, width: int, glyphs: Glyphs, now: datetime) -> list[Row]:
    """Return the rows of a feed's page in ``width`` cells."""
    return [*_state(health, width, glyphs, now), *_settings(health, width, glyphs)]


def _state(health: FeedHealth, width: int, glyphs: Glyphs, now: datetime) -> list[Row]:
    source = health.source
    rows = [
        Row(left=[(line, "muted")])
        for line in flow(safe_line(source.url or ""), width, 2, glyphs.ellipsis)
    ]
    rows.append(Row(left=[("", "")]))
    for number, line in enumerate(flow(how(health), width - 2, 4, glyphs.ellipsis)):
        sign = f"{glyphs.warning} " if number == 0 else "  "
        lead: Line = [(sign, "accent")] if health.error or health.gone else []
        rows.append(Row(left=[*lead, (line, "text")]))
    if health.note:
        note = flow(safe_line(health.note), width, 2, glyphs.ellipsis)
        rows += [Row(left=[(line, "muted")]) for line in note]
    if health.moved_to:
        moved = "It redirects to " + safe_line(health.moved_to)
        rows += [Row(left=[(line, "muted")]) for line in flow(moved, width, 2, glyphs.ellipsis)]
    facts = [
        ("last tried", ago(health.fetched, now)),
        ("last worked", ago(health.succeeded, now)),
        ("last new", ago(health.brought, now)),
        ("brings", weekly(health.per_week) + " a week"),
        ("next", _next(health, now)),
    ]
    return [*rows, *(_fact(label, words) for label, words in facts)]


def how(health: FeedHealth) -> str:
    """Return how a feed does, in a sentence."""
    if health.gone:
        return safe_line(health.error or "Its server says that this feed is no more")
    if health.error:
        times = f" ({health.failures} times in a row)" if health.failures > 1 else ""
        return safe_line(health.error) + times
    if health.settings.paused:
        return "Paused: it is not fetched"
    return "It works" if health.succeeded is not None else "It has not been fetched yet"


def weekly(number: float) -> str:
    """Return how many articles come in a week: "0", "less than 1", "12"."""
    if 0 < number < 1:
        return "less than 1"
    return f"{number:,.0f}"


def _next(health: FeedHealth, now: datetime) -> str:
    if health.gone:
        return "never by itself"
    return "not while paused" if health.settings.paused else ahead(health.due, now)


def _fact(label: str, words: str) -> Row:
    return Row(left=[(f"{label:<{_LABEL}}", "muted"), (words, "text")])


def _settings(health: FeedHealth, width: int, glyphs: Glyphs) -> list[Row]:
    source, settings = health.source, health.settings
    name = safe_line(settings.title or "") or "as it calls itself"
    interval = (
        "at its own rhythm"
        if settings.interval is None
        else f"every {span(settings.interval).removeprefix('1 ')}"
    )
    articles = f"{plural(source.total, 'article')}, {source.unread:,} unread"
    rows = [
        ("title", "Name", name),
        ("folder", "Folder", safe_line(settings.folder or "") or "none"),
        ("pause", "Fetched", "paused" if settings.paused else "yes"),
        ("interval", "How often", interval),
        ("full_text", "Full text", _yes(settings.full_text, "from each article's page")),
        ("login", "Password", _LOGINS.get(settings.login or "", "none")),
        ("user_agent", "Called as", safe_line(settings.user_agent or "") or "the reader itself"),
        ("cookies", "Cookies", _yes(settings.cookies, "kept until the reader ends")),
        ("insecure", "Certificate", _certificate(insecure=settings.insecure)),
    ]
    found = [
        _fact("brought", articles)._replace(key="list"),
        Row(left=[("", "")]),
        Row(left=[("Enter changes", "muted italic")]),
    ]
    for key, label, words in rows:
        shown = cut(words, max(4, width - _LABEL), glyphs.ellipsis)
        role = "accent" if key == "insecure" and settings.insecure else "text"
        found.append(Row(left=[(f"{label:<{_LABEL}}", "muted"), (shown, role)], key=key))
    return found


def _yes(on: bool, words: str) -> str:
    return f"yes, {words}" if on else "no"


def _certificate(*, insecure: bool) -> str:
    return "not verified: anyone between may read and change it" if insecure else "must be valid"
