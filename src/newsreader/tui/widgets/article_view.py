"""The article pane: wrapped once per width, painted only where it is seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from newsreader.model import Entity
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, safe_line, width_of
from newsreader.tui.phrases import count
from newsreader.tui.render import MEASURE, Layout, Paragraph
from newsreader.tui.themes import Inks, inks
from newsreader.tui.widgets.page import Page, meta_segment, paint, thumb


class ArticleView(ScrollView, can_focus=True, inherit_bindings=False):
    """Paragraphs in a column of at most ``MEASURE`` cells, with one name that may be in focus."""

    ALLOW_SELECT = True

    @dataclass
    class NameClicked(Message):
        """A name in the text was clicked."""

        mention: int

    class Scrolled(Message):
        """Other lines are on the screen."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="article-view")
        self._glyphs = glyphs
        self._parts: Sequence[Paragraph] = ()
        self._layout = Layout((), MEASURE)
        self._spots: list[tuple[int, int]] = []
        self._matches: list[int] = []
        self._empty: list[Line] = []
        self._anchor: int | None = None
        self.focused_mention = -1

    # What is shown

    def show(self, parts: Sequence[Paragraph], offset: int = 0) -> None:
        """Show paragraphs, with the article's code point ``offset`` at the top."""
        self._parts = parts
        self.focused_mention = -1
        # A pane that is still hidden has no lines; it goes there as soon as it has.
        self._anchor = None if self.size.height else offset
        self._collect()
        self._wrap()
        self.scroll_to(y=self._layout.line_of(offset) if offset else 0, animate=False, force=True)
        self.refresh()

    def update(self, parts: Sequence[Paragraph]) -> None:
        """Show the same article otherwise marked; it stays where it is."""
        if not self.size.height and self._anchor is None:
            # Hidden, it is wrapped to no width: only the offset still says where it was.
            self._anchor = self.place
        self._parts = parts
        self._collect()
        self._wrap()
        self.refresh()

    def say(self, lines: list[Line]) -> None:
        """Set what is drawn when there is no article."""
        self._empty = lines
        self.refresh()

    @property
    def place(self) -> int:
        """The article's code point at the top of the screen; 0 above its text."""
        if self._anchor is not None:
            return self._anchor
        return self._layout.offset_at(self.scroll_offset.y)

    def _collect(self) -> None:
        """Note where names and matches are, as offsets in the article, in reading order."""
        spots: dict[int, int] = {}
        matches: set[int] = set()
        for part in self._parts:
            if part.offset < 0:
                continue
            for mark in part.marks:
                if mark.mention >= 0:
                    spots.setdefault(mark.mention, part.offset + mark.start)
                elif mark.role == "match":
                    matches.add(part.offset + mark.start)
        self._spots = sorted((offset, mention) for mention, offset in spots.items())
        self._matches = sorted(matches)

    @property
    def match_count(self) -> int:
        """How many matches of the search the article has."""
        return len(self._matches)

    # Where the reader is

    @property
    def at_end(self) -> bool:
        """Whether the last line is on the screen."""
        return self.scroll_offset.y + self.size.height >= len(self._layout)

    def scroll_lines(self, lines: int) -> None:
        """Scroll by ``lines``, at once."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)

    def scroll_pages(self, pages: float) -> None:
        """Scroll by pages; two lines of the old one stay in sight."""
        self.scroll_lines(round(pages * max(1, self.size.height - 2)))

    def edge(self, *, end: bool) -> None:
        """Scroll to the head or the end."""
        self.scroll_to(y=self.virtual_size.height if end else 0, animate=False, force=True)

    def step_name(self, step: int, wanted: Sequence[bool]) -> int:
        """Focus the next or previous name of those ``wanted`` by number; return it, or -1."""
        spots = [(offset, mention) for offset, mention in self._spots if wanted[mention]]
        if not spots:
            return -1
        numbers = [mention for _, mention in spots]
        if self.focused_mention in numbers:
            at = (numbers.index(self.focused_mention) + step) % len(spots)
        else:
            top = self.place
            below = next((n for n, (offset, _) in enumerate(spots) if offset >= top), 0)
            at = below if step > 0 else (below - 1) % len(spots)
        self.focus_name(spots[at][1])
        return self.focused_mention

    def focus_name(self, mention: int) -> None:
        """Focus a name of the article by its number, and bring it into sight."""
        offset = next((offset for offset, number in self._spots if number == mention), -1)
        if offset >= 0:
            self.focused_mention = mention
            self._bring(self._layout.line_of(offset))
            self.refresh()

    def unfocus(self) -> bool:
        """Let go of the name in focus; return whether there was one."""
        had = self.focused_mention >= 0
        self.focused_mention = -1
        self.refresh()
        return had

    def step_match(self, step: int) -> bool:
        """Scroll to the next or previous match that is out of sight; return whether there is."""
        lines = sorted({self._layout.line_of(offset) for offset in self._matches})
        top = self.scroll_offset.y
        bottom = top + self.size.height - 2
        if step > 0:
            line = next((line for line in lines if line > bottom), -1)
        else:
            line = next((line for line in reversed(lines) if line < top), -1)
        if line >= 0:
            self._bring(line)
        return line >= 0

    def to_match(self, *, last: bool = False) -> None:
        """Scroll to the first or last match, if there is one."""
        if self._matches:
            self._bring(self._layout.line_of(self._matches[-1 if last else 0]))

    def _bring(self, line: int) -> None:
        top, height = self.scroll_offset.y, self.size.height
        if not top <= line < top + height - 1:
            self.scroll_to(y=max(0, line - height // 3), animate=False, force=True)

    # How it is drawn

    def _wrap(self) -> None:
        width = max(10, min(MEASURE, self.size.width - (6 if self.size.width >= 50 else 3)))
        self._layout = Layout(self._parts, width)
        self.virtual_size = Size(0, len(self._layout) + 1 if self._parts else 0)

    def on_resize(self) -> None:
        """Wrap anew; what was at the top stays there."""
        offset = self.place if self._anchor is None else self._anchor
        self._anchor = None
        self._wrap()
        self.scroll_to(y=self._layout.line_of(offset) if offset else 0, animate=False, force=True)
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say that the text has moved."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        width, ink = self.size.width, inks(self.app.theme)
        edge = 1 if self.region.x > 0 else 0
        left = (width - edge - self._layout.width) // 2
        number = y + self.scroll_offset.y
        lead = paint([(self._glyphs.edge if edge else "", "rule")], edge + max(0, left), ink)
        if not self._parts:
            words = self._empty[y] if y < len(self._empty) else []
            return Strip.join([lead, paint(words, width - lead.cell_length, ink)])
        text = self._text(number, ink) if number < len(self._layout) else Strip([])
        text = text.adjust_cell_length(width - lead.cell_length - 1, ink.paper)
        mark = thumb(y, self.size.height, self.scroll_offset.y, len(self._layout))
        last = paint([(self._glyphs.thumb if mark else " ", "rule")], 1, ink)
        return Strip.join([lead, text, last])

    def _text(self, number: int, ink: Inks) -> Strip:
        side = [Segment(text, ink.style(roles)) for text, roles in self._layout.side(number)]
        found: list[Segment] = []
        for text, roles, mention in self._layout.pieces(number, self.focused_mention):
            style = ink.style(roles)
            found.append(
                meta_segment(text, style, "mention", mention)
                if mention >= 0
                else Segment(text, style)
            )
        strip = Strip(found)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(number)) is not None:
            strip = _selected(strip, span, ink)
        return Strip.join([Strip(side), strip.apply_offsets(0, number)])

    # The mouse

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text."""
        lines = [self._layout.plain(number) for number in range(len(self._layout))]
        return selection.extract("\n".join(lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Focus and act on the name under the mouse."""
        mention = event.style.meta.get("mention")
        if isinstance(mention, int):
            self.focused_mention = mention
            self.refresh()
            self.post_message(self.NameClicked(mention))


def _selected(strip: Strip, span: tuple[int, int], ink: Inks) -> Strip:
    """Return ``strip`` with the characters of ``span`` reversed; an end of -1 is the line's."""
    text = strip.text
    start = cell_len(text[: span[0]])
    end = strip.cell_length if span[1] < 0 else cell_len(text[: span[1]])
    before, inside, after = (
        strip.crop(0, start),
        strip.crop(start, end),
        strip.crop(end, strip.cell_length),
    )
    return Strip.join([before, inside.apply_style(ink.style("focus")), after])


class NamesLine(Page):
    """The foot of the article: who and what is in it."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs, id="names")
        self._entities: Sequence[Entity] = ()

    def show(self, entities: Sequence[Entity]) -> None:
        """Set the names; none hides the line."""
        self._entities = entities
        self.display = bool(entities)
        self.refresh()

    def lines(self, width: int) -> list[Line]:
        """Return a rule and the names that fit."""
        edge = 1 if self.region.x > 0 else 0
        measure = max(10, min(MEASURE, width - (6 if width >= 50 else 3)))
        margin: Line = [
            (self.glyphs.edge if edge else "", "rule"),
            (" " * ((width - edge - measure) // 2), ""),
        ]
        found: Line = [("In this article  ", "muted")] if measure >= 60 else []
        for entity in self._entities:
            if not entity.here:
                continue
            name = cut(safe_line(entity.name), 30, self.glyphs.ellipsis)
            more: Line = [
                (self.glyphs.of_kind(entity.kind) + " ", f"{entity.kind}-glyph"),
                (name, "text"),
                (f" {count(entity.here)}   ", "muted"),
            ]
            if width_of(found) + width_of(more) - 3 > measure:
                break
            found += more
        return [[*margin, (self.glyphs.rule * measure, "rule")], [*margin, *found]]
