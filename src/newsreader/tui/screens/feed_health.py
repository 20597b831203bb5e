"""How all feeds do, in one table: those that fail and those that are dead first."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from newsreader.model import FeedHealth, Precision
from newsreader.text.plurals import plural
from newsreader.tui.commands import action_of, key_of, page_bindings, page_hints
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, Piece, cut, safe_line
from newsreader.tui.phrases import age, ago, span
from newsreader.tui.screens.feed_page import Wish, how
from newsreader.tui.screens.foot import Foot
from newsreader.tui.screens.picker import Head, Row, Rows
from newsreader.tui.widgets.search_bar import SearchInput

_SILENT = timedelta(days=180)
"""Without anything new for so long a feed may be dead; quarterlies are not."""
_WIDE = 60
"""Cells from which on a row has columns for times and numbers."""

ORDERS = ("worst first", "by name", "busiest first", "longest silent first")


class FeedsScreen(ModalScreen[None], inherit_bindings=False):
    """All feeds over the screen.

    Args:
        glyphs: the signs to draw with.
        keys: the configuration's keys.
        healths: reads how the feeds do; words if that cannot be said.
        wish: does what a key asks for, with the feed under the cursor; "open" opens its page,
            "all" has none and means all that fail.
        now: the reader's clock.
    """

    def __init__(
        self,
        glyphs: Glyphs,
        keys: Mapping[str, str],
        healths: Callable[[], Sequence[FeedHealth] | str],
        wish: Callable[[Wish], None],
        *,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(classes="over")
        self._own = page_bindings("feeds", keys)
        self._typed = [
            Binding("escape,enter,ctrl+c", "typed", show=False, priority=True),
            Binding("down", "move(1)", show=False, priority=True),
            Binding("up", "move(-1)", show=False, priority=True),
        ]
        self._bindings = BindingsMap(self._own)
        self._glyphs = glyphs
        self._keys = keys
        self._read = healths
        self._wish = wish
        self._now = now
        self._enter = key_of("open", keys)
        self._order = 0
        self._healths: Sequence[FeedHealth] = ()
        self._fault = ""
        self._head = Head(glyphs, [], [("esc", "text"), (" close", "muted")])
        self._input = SearchInput(placeholder="type to narrow", compact=True, id="picker-input")
        self._input.cursor_blink = False
        # Kept, not looked for: a page that is closed at once is mounted without its children.
        self._prompt = Horizontal(id="picker-prompt")
        self._input.can_focus = False
        self._rows = Rows(glyphs)
        self._foot = Foot(glyphs)

    def compose(self) -> ComposeResult:
        """Lay head, filter, rows and foot under each other."""
        with Vertical(id="picker"):
            yield self._head
            with self._prompt:
                yield self._input
            yield self._rows
            yield self._foot

    def on_mount(self) -> None:
        """Read the table."""
        self._prompt.display = False
        self.read()

    def on_resize(self) -> None:
        """Lay the lines out anew."""
        self.call_after_refresh(self._draw)

    def read(self) -> None:
        """Read the table anew; the cursor stays on its feed."""
        found = self._read()
        self._fault = found if isinstance(found, str) else ""
        self._healths = () if isinstance(found, str) else found
        self._draw(stay=True)

    def _draw(self, *, stay: bool = True) -> None:
        words = self._input.value.casefold().split()
        shown = [
            health
            for health in self._healths
            if all(
                word in f"{health.source.title} {health.source.url}".casefold() for word in words
            )
        ]
        now = self._now()
        rank = _ranks(now)[self._order]
        width = max(20, self._rows.size.width - 6)
        rows = _table(sorted(shown, key=rank), width, self._glyphs, now)
        if not shown:
            nothing = "Nothing by that name." if words else "There are no feeds yet."
            rows = [Row(left=[(safe_line(self._fault) or nothing, "muted")])]
        self._rows.show(rows, stay=stay)
        bad = sum(health.error is not None for health in self._healths)
        about = [f"{bad} failing"] if bad else []
        if self.size.width >= _WIDE:
            about.insert(0, plural(len(self._healths), "feed"))
        more = "  ".join([", ".join(about), ORDERS[self._order]])
        self._head.retitle([("Feeds  ", "headline"), (more.strip(), "muted")])
        hints = page_hints("feeds", self._keys)
        self._foot.show([*((key, words) for _, key, words in hints), (self._enter, "page")])

    @property
    def health(self) -> FeedHealth | None:
        """The feed under the cursor."""
        key = self._rows.key
        return next((each for each in self._healths if str(each.source.id) == key), None)

    @property
    def failing(self) -> Sequence[FeedHealth]:
        """The feeds whose last fetch failed, but for paused ones."""
        return [h for h in self._healths if h.error is not None and not h.settings.paused]

    def say(self, words: str) -> None:
        """Say something at the foot, until the next key."""
        self._foot.say(words)

    # The keys

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self._foot.say("")
        self._rows.move(steps)

    def action_take(self) -> None:
        """Open the page of the feed under the cursor."""
        self.action_wish("open")

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Open the page of the feed under the mouse."""
        self.action_wish("open")

    def action_wish(self, act: str) -> None:
        """Do what a key says here, or ask for it."""
        self._foot.say("")
        if act == "filter":
            self._type(on=True)
        elif act == "sort":
            self._order = (self._order + 1) % len(ORDERS)
            self._draw(stay=False)
        elif self._healths and (self.health is not None or act in _WITHOUT):
            self._wish(Wish(act, self.health or self._healths[0]))

    def _type(self, *, on: bool) -> None:
        """Give the keys to the filter, or take them back."""
        self._bindings = BindingsMap(self._typed if on else self._own)
        self._input.can_focus = on
        self._prompt.display = on or bool(self._input.value)
        self.set_focus(self._input if on else None, scroll_visible=False)

    def action_typed(self) -> None:
        """End the typing; the table stays narrowed until the filter is emptied or left."""
        self._type(on=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the table to what has every word typed in its name or address."""
        event.stop()
        self._draw(stay=False)

    async def action_help(self) -> None:
        """Show every key of the page; the one taken is done."""
        from newsreader.tui.screens.help import help_picker

        async def run(name: str | None) -> None:
            if name is not None:
                await self.run_action(action_of(name, "feeds"))

        await self.app.push_screen(help_picker(self._glyphs, self._keys, "feeds"), run)

    def action_back(self) -> None:
        """Show all feeds again, if they are narrowed; else close."""
        if self._input.value:
            self._input.value = ""
            self._type(on=False)
        else:
            self.dismiss(None)

    def action_retreat(self) -> None:
        """Close, or show all."""
        self.action_back()

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)


_WITHOUT = ("all", "halt", "undo", "redo")
"""What needs no feed under the cursor."""

_Rank = Callable[[FeedHealth], tuple[object, ...]]


def _ranks(now: datetime) -> list[_Rank]:
    """Return by what each of the orders sorts."""
    never = datetime.min.replace(tzinfo=now.tzinfo)
    return [
        lambda h: (_badness(h, now), -h.failures, h.source.title.casefold()),
        lambda h: (h.source.title.casefold(),),
        lambda h: (-h.per_week, h.source.title.casefold()),
        lambda h: (h.brought or never, h.source.title.casefold()),
    ]


def _badness(health: FeedHealth, now: datetime) -> int:
    """Return 0 for what fails, then 1 gone, 2 silent, 3 well, 4 paused."""
    if health.gone:
        return 1
    if health.settings.paused:
        return 4
    if health.error is not None:
        return 0
    return 2 if _silent(health, now) else 3


def _silent(health: FeedHealth, now: datetime) -> bool:
    """Return whether a feed that works has brought nothing for very long."""
    return health.brought is not None and now - health.brought > _SILENT


def _table(healths: Sequence[FeedHealth], width: int, glyphs: Glyphs, now: datetime) -> list[Row]:
    rows: list[Row] = []
    if width >= _WIDE:
        heads: Line = [(f"{'worked':>11}{'a week':>8}{'next':>8}", "muted")]
        rows.append(Row(left=[("", "")], right=heads))
    for health in healths:
        rows += _feed(health, width, glyphs, now)
    return rows


def _feed(health: FeedHealth, width: int, glyphs: Glyphs, now: datetime) -> list[Row]:
    bad = _badness(health, now)
    sign = {0: glyphs.warning, 1: glyphs.gone, 2: glyphs.silent, 4: glyphs.paused}.get(bad, " ")
    right = _columns(health, now) if width >= _WIDE else []
    room = width - 4 - sum(len(text) for text, _ in right)
    name = cut(safe_line(health.source.title) or "(no name)", room, glyphs.ellipsis)
    tone = "read" if bad in (1, 4) else "text"
    key = str(health.source.id)
    rows = [Row(left=[(f"{sign} ", "accent"), (name, tone)], right=right, key=key)]
    words = {0: how(health), 1: how(health), 4: "Paused"}.get(bad, "")
    if bad == 2 and health.brought is not None:
        words = f"Nothing new for {span((now - health.brought).total_seconds())}"
    if words:
        if width < _WIDE and bad == 0:
            words += f", last worked {ago(health.succeeded, now)}"
        rows.append(Row(left=[("  " + cut(words, width - 4, glyphs.ellipsis), "muted")]))
    return rows


def _columns(health: FeedHealth, now: datetime) -> list[Piece]:
    worked = age(health.succeeded, Precision.SECOND, now, undated="never")
    number = "<1" if 0 < health.per_week < 1 else f"{health.per_week:,.0f}"
    return [(f"{worked:>11}{number:>8}{_next(health, now):>8}", "muted")]


def _next(health: FeedHealth, now: datetime) -> str:
    """Return when it is fetched next, in at most seven cells."""
    if health.gone or health.settings.paused or health.due is None:
        return "-"
    minutes = int((health.due - now).total_seconds()) // 60
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 48 * 60 else f"{minutes // 1440}d"
