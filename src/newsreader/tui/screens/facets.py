"""What a search's matches divide into, beside the list; one key narrows the search by a row."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsreader.completion import written
from newsreader.model import Facet, Facets
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, safe_line
from newsreader.tui.narrowing import has, narrowed, widened
from newsreader.tui.phrases import count
from newsreader.tui.screens.picker import Head, Row, Rows

_KEYS = "123456789abcdefghilmnoprstuvwxyzABCDEGHILMNOPRSTUVWXYZ"
"""One for each row, in their order; j and k move, q and F close."""
_GROUPS = {
    "source": "Outlets",
    "date": "Years",
    "person": "People",
    "org": "Organisations",
    "place": "Places",
}
_KINDS = {"person": "person", "org": "organisation", "place": "place"}
_WIDTH = 44


class FacetPanel(ModalScreen[None], inherit_bindings=False):
    """Rows of values with their counts, each with a key of its own as long as it is open.

    Args:
        glyphs: the signs to draw with.
        query: the finished search whose matches are divided.
        ask: returns the facets of a query.
        search: is told each query that a key makes.
    """

    BINDINGS = [  # noqa: RUF012  # Textual's own way to declare bindings
        Binding("escape,q,F,ctrl+c", "leave", show=False, priority=True),
        Binding("down,j,ctrl+n,tab", "move(1)", show=False, priority=True),
        Binding("up,k,shift+tab", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
        Binding("enter,space", "take", show=False, priority=True),
    ]

    def __init__(
        self,
        glyphs: Glyphs,
        query: str,
        ask: Callable[[str], Awaitable[Facets]],
        search: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._query = query
        self._ask = ask
        self._search = search
        self._keys: dict[tuple[str, str], str] = {}
        self._facets: list[Facet] = []
        self._complete = True
        self._early: list[str] | None = []
        self._rows = Rows(glyphs)
        keys: Line = [("esc", "text"), (" close", "muted")]
        self._head = Head(glyphs, [("Narrow", "headline")], keys)

    def compose(self) -> ComposeResult:
        """Lay head and rows under each other."""
        with Vertical(id="picker"):
            yield self._head
            yield self._rows

    def on_mount(self) -> None:
        """Ask for the facets; keys that come before them wait for them, and hold up nothing."""
        self._rows.show([Row(left=[("Counting", "muted")])])
        self._count()

    def _count(self) -> None:
        work: Callable[[], object] = self._load
        self.run_worker(work, group="facets", exclusive=True)

    async def _load(self) -> None:
        facets = await self._ask(self._query)
        self._complete = facets.complete
        self._show(facets.rows)
        early, self._early = self._early, None
        for key in early or ():
            self._press(key)

    def _show(self, facets: Sequence[Facet]) -> None:
        """Draw the facets; a value keeps its key, and one that narrows keeps its row."""
        there = {each[:2] for each in facets}
        kept = [each for each in self._facets if self._on(each) and each[:2] not in there]
        order = list(_GROUPS)
        self._facets = sorted([*kept, *facets], key=lambda each: order.index(each.field))
        rows: list[Row] = []
        if not self._complete:
            rows.append(Row(left=[("The newest alone; all took too long.", "muted")]))
        for field, group in groupby(self._facets, key=lambda each: each.field):
            rows += [Row(left=[("", "")])] if rows else []
            rows.append(Row(left=[(_GROUPS[field], "muted italic")]))
            rows += [self._row(each) for each in group]
        self._rows.show(rows or [Row(left=[("There is nothing to narrow.", "muted")])], stay=True)

    def _key(self, facet: Facet) -> str:
        """Return the key of a value; it is never another's, even while the value is not there."""
        if facet[:2] not in self._keys:
            self._keys[facet[:2]] = next(iter(_KEYS[len(self._keys) :]), " ")
        return self._keys[facet[:2]]

    def _row(self, facet: Facet) -> Row:
        on = self._on(facet)
        kind = _KINDS.get(facet.field, "")
        sign: Line = [(self._glyphs.of_kind(kind) + " ", f"{kind}-glyph")] if kind else []
        label = cut(safe_line(facet.value), _WIDTH - 18, self._glyphs.ellipsis)
        mark = (f"{self._glyphs.star} " if on else "  ", "accent")
        words = (label, "headline" if on else "text")
        return Row(
            left=[(f"{self._key(facet)} ", "strong bold"), mark, *sign, words],
            right=[(count(facet.articles), "muted")],
            key=_id(facet),
        )

    def _on(self, facet: Facet) -> bool:
        return has(self._query, written(facet.field, facet.value))

    def on_key(self, event: events.Key) -> None:
        """Narrow by the row of this key, or take it out again."""
        key = event.character or ""
        if not key or key not in _KEYS:
            return
        event.stop()
        if self._early is not None:
            self._early.append(key)
        else:
            self._press(key)

    def _press(self, key: str) -> None:
        self._toggle(next((_id(each) for each in self._facets if self._key(each) == key), ""))

    def _toggle(self, row: str) -> None:
        facet = next((each for each in self._facets if _id(each) == row), None)
        if facet is None:
            return
        clause = written(facet.field, facet.value)
        change = widened if self._on(facet) else narrowed
        self._query = change(self._query, clause)
        self._search(self._query)
        self._show(self._facets)
        self._count()

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Toggle the row under the mouse."""
        self._toggle(event.key)

    def action_take(self) -> None:
        """Toggle the row under the cursor."""
        self._toggle(self._rows.key)

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self._rows.move(steps)

    def action_leave(self) -> None:
        """Close; the search stays as it is."""
        self.dismiss(None)


def _id(facet: Facet) -> str:
    return f"{facet.field}:{facet.value}"
