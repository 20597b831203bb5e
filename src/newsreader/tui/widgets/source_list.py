"""The left column: fixed rows, saved searches, who is followed, folders with their sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from newsreader.model import Counts, Followed, SavedSearch, Scope, ScopeKind, Source
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, safe_line, spread
from newsreader.tui.phrases import count
from newsreader.tui.themes import inks
from newsreader.tui.widgets.page import paint, thumb


class _Row(NamedTuple):
    scope: Scope | None
    label: str
    number: int = 0
    depth: int = 0
    state: str = ""
    kind: str = ""


def _rows(
    counts: Counts,
    sources: Sequence[Source],
    saved: Sequence[SavedSearch],
    followed: Sequence[Followed],
) -> list[_Row]:
    rows = [
        _Row(scope=Scope(ScopeKind.ALL), label="All", number=counts.all),
        _Row(scope=Scope(ScopeKind.TODAY), label="Today", number=counts.today),
        _Row(scope=Scope(ScopeKind.UNREAD), label="Unread", number=counts.unread),
        _Row(scope=Scope(ScopeKind.BOOKMARKS), label="Bookmarks", number=counts.bookmarks),
    ]
    if saved:
        rows += [_Row(scope=None, label=""), _Row(scope=None, label="Saved searches")]
        rows += [
            _Row(
                scope=Scope(ScopeKind.SAVED, str(each.id)),
                label=safe_line(each.name) or "(no name)",
                number=each.unread,
            )
            for each in saved
        ]
    if followed:
        rows += [_Row(scope=None, label=""), _Row(scope=None, label="Following")]
        rows += [
            _Row(
                scope=Scope(ScopeKind.ENTITY, str(each.id)),
                label=safe_line(each.name) or "(no name)",
                number=each.unread,
                kind=str(each.kind),
            )
            for each in followed
        ]
    folder: str | None = None
    loose = [source for source in sources if not source.folder]
    if loose:
        rows += [_Row(scope=None, label=""), _Row(scope=None, label="Sources")]
        rows += [_source_row(source) for source in loose]
    for source in sources:
        if not source.folder:
            continue
        if source.folder != folder:
            folder = source.folder
            unread = sum(each.unread for each in sources if each.folder == folder)
            scope = Scope(ScopeKind.FOLDER, folder)
            rows += [
                _Row(scope=None, label=""),
                _Row(scope=scope, label=safe_line(folder), number=unread),
            ]
        rows.append(_source_row(source, depth=1))
    return rows


def _source_row(source: Source, depth: int = 0) -> _Row:
    return _Row(
        scope=Scope(ScopeKind.SOURCE, str(source.id)),
        label=safe_line(source.title) or "(no name)",
        number=source.unread,
        depth=depth,
        state=_state(source),
    )


def _state(source: Source) -> str:
    """Return what is amiss with a source: the name of its sign, "" for nothing."""
    if source.gone:
        return "gone"
    if source.paused:
        return "paused"
    return "warning" if source.error is not None else ""


class SourceList(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows that each select a scope; the cursor is on one of them, the choice on another."""

    @dataclass
    class Chosen(Message):
        """A row was opened."""

        scope: Scope
        label: str

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="source-list")
        self._glyphs = glyphs
        self._rows: list[_Row] = []
        self.cursor = 0
        self.chosen = Scope(ScopeKind.ALL)

    def show(
        self,
        counts: Counts,
        sources: Sequence[Source],
        saved: Sequence[SavedSearch] = (),
        followed: Sequence[Followed] = (),
    ) -> None:
        """Set the rows; the cursor stays on its scope where that is still there."""
        here = self.here if self._rows else self.chosen
        rows = _rows(counts, sources, saved, followed)
        if rows == self._rows:
            return
        self._rows = rows
        self.cursor = next((n for n, row in enumerate(rows) if row.scope == here), 0)
        self.virtual_size = Size(0, len(rows))
        self.refresh()

    @property
    def here(self) -> Scope | None:
        """The scope under the cursor."""
        return self._rows[self.cursor].scope if self._rows else None

    def choose(self, scope: Scope) -> None:
        """Put choice and cursor on ``scope``."""
        self.chosen = scope
        self.cursor = next((n for n, row in enumerate(self._rows) if row.scope == scope), 0)
        self.refresh()

    def label_of(self, scope: Scope) -> str:
        """Return the name of ``scope``."""
        return next((row.label for row in self._rows if row.scope == scope), "All")

    def move(self, steps: int) -> None:
        """Move the cursor by ``steps`` rows that can be chosen, as far as there are any."""
        able = [n for n, row in enumerate(self._rows) if row.scope is not None]
        if not able:
            return
        at = able.index(self.cursor) if self.cursor in able else 0
        self.cursor = able[max(0, min(len(able) - 1, at + steps))]
        top = 0 if self.cursor == able[0] else self.cursor
        self.scroll_to_region(Region(0, top, 1, 1), animate=False, force=True)
        self.refresh()

    def open(self) -> None:
        """Choose the row under the cursor."""
        row = self._rows[self.cursor] if self._rows else None
        if row is not None and row.scope is not None:
            self.chosen = row.scope
            self.refresh()
            self.post_message(self.Chosen(row.scope, row.label))

    def on_click(self, event: events.Click) -> None:
        """Choose the row under the mouse."""
        line = event.y + self.scroll_offset.y
        if line < len(self._rows) and self._rows[line].scope is not None:
            self.cursor = line
            self.open()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Leave the choice alone lit."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        width = self.size.width
        ink = inks(self.app.theme)
        number = y + self.scroll_offset.y
        line = self._line(number, width - 1) if number < len(self._rows) else []
        mark = thumb(y, self.size.height, self.scroll_offset.y, len(self._rows))
        lit = number < len(self._rows) and self._lit(number)
        strip = paint(line, width - 1, ink, "cursor" if lit else "")
        last = self._glyphs.thumb if mark else " "
        return Strip.join([strip, paint([(last, "rule")], 1, ink, "cursor" if lit else "")])

    def _lit(self, number: int) -> bool:
        if self.has_focus:
            return number == self.cursor
        return self._rows[number].scope == self.chosen

    def _line(self, number: int, width: int) -> Line:
        row = self._rows[number]
        if row.scope is None:
            return [("  ", ""), (cut(row.label, width - 2), "muted italic")]
        lit = self._lit(number)
        chosen = row.scope == self.chosen
        bar = (self._glyphs.bar if lit else " ", "accent" if self.has_focus else "muted")
        folder = row.scope.kind is ScopeKind.FOLDER
        tone = "text" if row.number else "read"
        idle = row.state in ("gone", "paused")
        if chosen:
            tone = "headline"
        elif idle:
            tone = "muted"
        elif folder:
            tone = "strong"
        lead: Line = [bar, (" " * (1 + row.depth), "")]
        if row.kind:
            lead += [(f"{self._glyphs.of_kind(row.kind)} ", f"{row.kind}-glyph")]
        if row.state:
            sign = str(getattr(self._glyphs, row.state))
            lead += [(f"{sign} ", "muted" if idle else "accent")]
        total: Line = [(count(row.number) if row.number else "", "text" if chosen else "muted")]
        used = sum(len(text) for text, _ in lead) + len(total[0][0]) + 2
        name = cut(row.label, width - used, self._glyphs.ellipsis)
        return spread([*lead, (name, tone)], [*total, (" ", "")], width)
