"""The article list: a window on any number of rows.

Only rows on the screen are ever loaded, wrapped or painted, so a hundred articles and a million
cost the same.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from newsreader.model import ArticleID, Headline, Snippet
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, flow, marked, safe_line, spread, width_of, wrap
from newsreader.tui.phrases import age
from newsreader.tui.themes import inks
from newsreader.tui.widgets.page import paint, thumb

PAGE = 128
"""Headlines loaded at once: under 4 ms from SQLite (measured November 2026)."""
_PAGES_KEPT = 16
_ROWS_KEPT = 256


class ArticleList(ScrollView, can_focus=True, inherit_bindings=False):
    """Ids in, rows out; ``load`` is called with a page of ids and returns their headlines."""

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

        index: int

    @dataclass
    class Opened(Message):
        """A row was opened."""

        index: int

    class Viewed(Message):
        """Other rows are on the screen."""

    def __init__(
        self,
        glyphs: Glyphs,
        load: Callable[[Sequence[ArticleID]], Sequence[Headline]],
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(id="article-list")
        self._glyphs = glyphs
        self._load = load
        self._now = now
        self.ids: array[int] = array("q")
        self._pages: OrderedDict[int, dict[int, Headline]] = OrderedDict()
        self._painted: OrderedDict[int, list[tuple[Strip, Strip]]] = OrderedDict()
        self._frame = (False, 0, 1, 0, 0)
        self._snippets: dict[int, Snippet] = {}
        self._empty: list[Line] = []
        self._searching = False
        self.cursor = 0

    # What is shown

    def show(self, ids: Iterable[int], *, searching: bool = False, cursor: int = 0) -> None:
        """Replace the rows; the cursor goes to row ``cursor``."""
        self.ids = array("q", ids)
        self._pages.clear()
        self._snippets.clear()
        self._searching = searching
        self.cursor = max(0, min(cursor, len(self.ids) - 1))
        self._measure()
        if not self.cursor:
            self.scroll_to(y=0, animate=False, force=True)
        else:
            self._reveal()
        self.repaint()
        self.post_message(self.Viewed())

    def refill(self, ids: Iterable[int], kept: int) -> None:
        """Replace the rows but for the first ``kept``, which are the same in ``ids``."""
        self.ids = array("q", ids)
        self.cursor = max(0, min(self.cursor, len(self.ids) - 1))
        self._pages.clear()
        for row in [row for row in self._painted if row >= kept]:
            del self._painted[row]
        self._measure()
        self.refresh()
        self.post_message(self.Viewed())

    @property
    def moved(self) -> bool:
        """Whether the list is elsewhere than at its top."""
        return bool(self.cursor or self.scroll_offset.y)

    @property
    def seen(self) -> int:
        """How many rows the reader may have looked at: down to the last on the screen."""
        bottom = -(-(self.scroll_offset.y + self.size.height) // self.depth)
        return min(len(self.ids), max(bottom, self.cursor + 1))

    def extend(self, ids: Iterable[int]) -> None:
        """Add rows at the end; nothing on the screen moves."""
        before = len(self.ids)
        self.ids.extend(ids)
        if before % PAGE:
            self._pages.pop(before // PAGE, None)
        self._measure()
        self.refresh()

    def say(self, lines: list[Line]) -> None:
        """Set what is drawn when there are no rows."""
        if lines != self._empty:
            self._empty = lines
            self.refresh()

    def set_snippets(self, snippets: Mapping[int, Snippet]) -> None:
        """Show where the search matched."""
        self._snippets.update(snippets)
        self.repaint()

    def wanted_snippets(self) -> list[int]:
        """Return the ids of rows on the screen, and a few below, that lack a snippet."""
        if not self._searching:
            return []
        top = self.scroll_offset.y // self.depth
        rows = range(top, min(len(self.ids), top + self.size.height // self.depth + 6))
        return [self.ids[row] for row in rows if self.ids[row] not in self._snippets]

    def headline(self, index: int) -> Headline | None:
        """Return a row's headline, None if there is no such row or its article is gone."""
        if not 0 <= index < len(self.ids):
            return None
        number = index // PAGE
        page = self._pages.get(number)
        if page is None:
            ids = [ArticleID(each) for each in self.ids[number * PAGE : (number + 1) * PAGE]]
            page = self._pages[number] = {row.id: row for row in self._load(ids)}
            if len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page.get(self.ids[index])

    def amend(
        self, ids: Iterable[int], *, read: bool | None = None, bookmarked: bool | None = None
    ) -> None:
        """Change what the loaded rows say, before the database says it too."""
        touched = set(ids)
        for page in self._pages.values():
            for each in touched & page.keys():
                row = page[each]
                page[each] = row._replace(
                    read=row.read if read is None else read,
                    bookmarked=row.bookmarked if bookmarked is None else bookmarked,
                )
        self.repaint()

    def reload(self) -> None:
        """Forget loaded rows; they are read anew when drawn."""
        self._pages.clear()
        self.repaint()

    # Where the reader is

    @property
    def current(self) -> ArticleID | None:
        """The article under the cursor."""
        return ArticleID(self.ids[self.cursor]) if self.ids else None

    def move(self, steps: int) -> None:
        """Move the cursor by ``steps`` rows."""
        self.go(self.cursor + steps)

    def go(self, index: int) -> None:
        """Put the cursor on row ``index``, or the nearest there is."""
        index = max(0, min(index, len(self.ids) - 1))
        if index == self.cursor:
            return
        old, self.cursor = self.cursor, index
        for row in (old, index):
            self._painted.pop(row, None)
            top = row * self.depth - self.scroll_offset.y
            self.refresh(Region(0, top, self.size.width, self.depth))
        self._reveal()
        self.post_message(self.Moved(index))

    @property
    def rows_visible(self) -> int:
        """How many rows fit the screen, at least one."""
        return max(1, self.size.height // self.depth)

    def open(self) -> None:
        """Open the row under the cursor."""
        if self.ids:
            self.post_message(self.Opened(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor under the mouse; a second click opens."""
        index = (event.y + self.scroll_offset.y) // self.depth
        if index < len(self.ids):
            self.go(index)
            if event.chain == 2:
                self.open()

    def _reveal(self) -> None:
        region = Region(0, self.cursor * self.depth, 1, self.depth)
        self.scroll_to_region(region, animate=False, force=True)

    # How it is drawn

    @property
    def _narrow(self) -> bool:
        """One column on the screen: every line is dear."""
        return self.app.size.width < 90

    @property
    def depth(self) -> int:
        """Lines of a row: title (two lines, or title and lead), source; a blank one if roomy."""
        lines = (2 if self._narrow else 3) + (1 if self._searching else 0)
        return lines + (1 if self.app.size.height >= 34 else 0)

    def _measure(self) -> None:
        self.virtual_size = Size(0, len(self.ids) * self.depth)

    def repaint(self) -> None:
        """Forget painted rows and draw again."""
        self._painted.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Follow a change of theme."""
        super().notify_style_update()
        self._painted.clear()

    def on_resize(self) -> None:
        """Wrap anew, with the cursor still in sight."""
        self._measure()
        self._reveal()
        self.repaint()
        self.post_message(self.Viewed())

    def on_focus(self) -> None:
        """Light the cursor."""
        self.repaint()

    def on_blur(self) -> None:
        """Dim the cursor."""
        self.repaint()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say that other rows came into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Viewed())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint some lines; what is the same for all of them is asked for once."""
        size, depth, edge = self.size, self.depth, self.region.x > 0
        if (edge, size.width, depth) != self._frame[:3]:
            # The screen has its new size before this widget is told, and may draw in between.
            self._painted.clear()
        self._frame = (edge, size.width, depth, size.height, self.scroll_offset.y)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        edge, width, depth, height, top = self._frame
        mark = thumb(y, height, top, len(self.ids) * depth)
        index, sub = divmod(y + top, depth)
        if index >= len(self.ids):
            words = self._empty[y] if not self.ids and y < len(self._empty) else []
            strip = paint(words, width - 1 - edge, inks(self.app.theme))
            return self._framed(strip, edge=edge)[mark]
        row = self._painted.get(index)
        if row is None:
            row = [
                self._framed(each, edge=edge) for each in self._paint_row(index, width - 1 - edge)
            ]
            self._painted[index] = row
            if len(self._painted) > _ROWS_KEPT:
                self._painted.popitem(last=False)
        # The same strip each time, wherever the row is: Textual keeps with it what it made of it.
        return row[sub][mark]

    def _framed(self, strip: Strip, *, edge: bool) -> tuple[Strip, Strip]:
        """Return a line with the rule at its left, without and with the scroll mark."""
        ink = inks(self.app.theme)
        left = [paint([(self._glyphs.edge, "rule")], 1, ink)] if edge else []
        plain, marked_ = (paint([(sign, "rule")], 1, ink) for sign in (" ", self._glyphs.thumb))
        return Strip.join([*left, strip, plain]), Strip.join([*left, strip, marked_])

    def _paint_row(self, index: int, width: int) -> list[Strip]:
        row = self.headline(index)
        here = index == self.cursor
        lines = self._row(row, width - 3) if row else [[("(gone)", "muted")]]
        ink = inks(self.app.theme)
        bar = (self._glyphs.bar if here else " ", "accent" if self.has_focus else "muted")
        roomy = self.app.size.height >= 34
        lines += [[] for _ in range(self.depth - len(lines))]
        strips = []
        for number, line in enumerate(lines[: self.depth]):
            if roomy and number == self.depth - 1:
                strips.append(paint([], width, ink))
            else:
                strips.append(paint([bar, (" ", ""), *line], width, ink, "cursor" if here else ""))
        return strips

    def _row(self, row: Headline, width: int) -> list[Line]:
        """Return the lines of one row in ``width`` cells."""
        glyphs = self._glyphs
        tone = "read" if row.read else "headline"
        when = age(row.published, row.precision, self._now())
        title = safe_line(row.title) or "(no title)"
        most = 1 if self._narrow else 2
        titles = _titles(title, width - 2, len(when) + 2, most, glyphs.ellipsis)
        dot = glyphs.unread if not row.read else " "
        first, *rest = self._lit(row, titles, tone)
        lines = [spread([(dot, "accent"), (" ", ""), *first], [(when, "muted")], width)]
        lines += [[("  ", ""), *line] for line in rest]
        if self._searching:
            lines += self._snippet(row, width - 2, 1 if self._narrow else 3 - len(titles))
        elif len(titles) == 1 and not self._narrow:
            lead = cut(safe_line(row.lead), width - 2, glyphs.ellipsis)
            lines.append([("  ", ""), (lead, "muted")])
        lines.append(self._foot(row, width))
        return lines

    def _lit(self, row: Headline, titles: list[str], tone: str) -> list[Line]:
        """Return the lines of a title with what the search matched in it."""
        snippet = self._snippets.get(row.id)
        if snippet is None or not snippet.title or safe_line(row.title) != row.title:
            return [[(line, tone)] for line in titles]
        found: list[Line] = []
        at = 0
        for line in titles:
            at = max(at, row.title.find(line.removesuffix(self._glyphs.ellipsis).rstrip(), at))
            room = len(line) - (len(self._glyphs.ellipsis) if line not in row.title else 0)
            marks = tuple((s - at, min(e - at, room)) for s, e in snippet.title if s - at < room)
            found.append(marked(line, marks, tone, "match"))
            at += room
        return found

    def _snippet(self, row: Headline, width: int, most: int) -> list[Line]:
        snippet = self._snippets.get(row.id)
        if snippet is None:
            lead = flow(safe_line(row.lead), width, most, self._glyphs.ellipsis)
            lines: list[Line] = [[("  ", ""), (line, "read")] for line in lead]
        else:
            lines = [
                [("  ", ""), *line]
                for line in _wrapped(snippet, width, most, self._glyphs.ellipsis)
            ]
        return lines + [[] for _ in range(most - len(lines))]

    def _foot(self, row: Headline, width: int) -> Line:
        dot = f" {self._glyphs.dot} "
        star: Line = [(self._glyphs.star if row.bookmarked else "", "strong")]
        words = safe_line(row.source)
        if row.names:
            words += dot + ", ".join(safe_line(name) for name in row.names)
        room = width - 4 - width_of(star)
        return spread([("  ", ""), (cut(words, room, self._glyphs.ellipsis), "muted")], star, width)


def _titles(title: str, width: int, taken: int, most: int, ellipsis: str) -> list[str]:
    """Return ``title`` in lines; the first leaves ``taken`` cells for the time."""
    first = flow(title, width - taken, most, ellipsis)
    if most == 1 or len(first) == 1:
        return first
    start, end = wrap(title, width - taken)[0]
    return [title[start:end], cut(title[end:].lstrip(), width, ellipsis)]


def _wrapped(snippet: Snippet, width: int, most: int, ellipsis: str) -> list[Line]:
    """Return a snippet in ``most`` lines, the first match in sight and every match lit."""
    text = snippet.text.replace("\n", " ")
    clean = safe_line(text)
    matches = list(snippet.matches) if clean == text else []
    if matches and matches[0][1] > width * most - 12:
        # Begin at a word not far before the match, so that the eye finds it on the first line.
        at = clean.find(" ", max(0, matches[0][0] - width // 2)) + 1
        at = at if 0 < at <= matches[0][0] else matches[0][0]
        lead = f"{ellipsis} "
        clean = lead + clean[at:]
        matches = [(s - at + len(lead), e - at + len(lead)) for s, e in matches]
    lines: list[Line] = []
    for start, end in wrap(clean, width)[:most]:
        inside = tuple((s - start, e - start) for s, e in matches if s < end and e > start)
        lines.append(marked(clean[start:end], inside, "read", "match"))
    return lines
