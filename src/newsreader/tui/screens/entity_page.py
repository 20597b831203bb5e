"""The page of a person, organisation or place: when, where, with whom, and what was said."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsreader.model import ArticleID, Entity, EntityID, EntityPage, Precision, Sighting
from newsreader.text.plurals import plural
from newsreader.tui.commands import action_of, page_bindings, page_hints
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, flow, marked, safe_line, width_of, wrap
from newsreader.tui.phrases import age, count, full_date
from newsreader.tui.screens.foot import Foot
from newsreader.tui.screens.picker import Head, Row, Rows

_OUTLETS = 6
_SENTENCE_LINES = 3
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Wish(NamedTuple):
    """What a key of the page asks for.

    ``act`` is "follow", "search", "with", "merge", "split", "rename", "kind", "hide", "undo",
    "redo", "page", "outlet" or "article"; ``key`` says which entity, outlet or article.
    """

    act: str
    page: EntityPage
    key: str = ""


class EntityScreen(ModalScreen[None], inherit_bindings=False):
    """One page over the screen; pages that led here are under it, and come back.

    Args:
        glyphs: the signs to draw with.
        keys: the configuration's keys.
        trail: whose page it is first, after those that going back leads to.
        ask: reads a page.
        wish: does what a key asks for.
        closed: called when the reader has gone back from the first page.
        now: the reader's clock.
        row: the key of the row that the cursor is on first, "" for the first one.
    """

    def __init__(
        self,
        glyphs: Glyphs,
        keys: Mapping[str, str],
        trail: Sequence[EntityID],
        ask: Callable[[EntityID], Coroutine[Any, Any, EntityPage | str]],
        wish: Callable[[Wish], None],
        closed: Callable[[], None],
        *,
        now: Callable[[], datetime],
        row: str = "",
    ) -> None:
        super().__init__(classes="over")
        self._bindings = BindingsMap(page_bindings("entity", keys))
        self._keys = keys
        self._glyphs = glyphs
        self._trail = list(trail)
        self._ask = ask
        self._wish = wish
        self._went_back = closed
        self._now = now
        self._row = row
        self._reading = True
        self._waiting: list[Callable[[], None]] = []
        self._rows = Rows(glyphs)
        self._foot = Foot(glyphs)
        self._head = _Title(glyphs)
        self.page: EntityPage | None = None

    def compose(self) -> ComposeResult:
        """Lay head, rows and foot under each other."""
        with Vertical(id="picker"):
            yield self._head
            yield self._rows
            yield self._foot

    def on_mount(self) -> None:
        """Read the page."""
        self.read()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the lines out anew."""
        if self.page is not None:
            self.call_after_refresh(self._draw, stay=True)

    # What is shown

    @property
    def trail(self) -> tuple[EntityID, ...]:
        """Whose pages led here, and whose this is."""
        return tuple(self._trail)

    def say(self, words: str) -> None:
        """Say something at the foot, until the next key."""
        self._foot.say(words)

    def read(self, *, stay: bool = False) -> None:
        """Read the page again; ``stay`` as after an act, with the cursor where it is."""
        entity = self._trail[-1]
        self._reading = self._reading or not stay

        async def load() -> None:
            found = await self._ask(entity)
            self._reading = False
            if isinstance(found, str):
                self.page = None
                self._waiting.clear()
                self._rows.show([Row(left=[(safe_line(found), "muted")])])
                return
            self.page = found
            # One that was merged shows what it was merged into, and goes on showing that.
            self._trail[-1:] = [found.entity.id]
            self._draw(stay=stay)
            self._catch_up()

        work: Callable[[], object] = load
        self.run_worker(work, group="page", exclusive=True)

    def _catch_up(self) -> None:
        """Do what the keys asked for while the page was being read."""
        row, self._row = self._row, ""
        if row:
            self._rows.find(row)
        while self._waiting and not self._reading:
            self._waiting.pop(0)()
            if self.app.screen is not self:
                # The keys after it were meant for what it has opened, and mean something else here.
                self._waiting.clear()

    def _soon(self, act: Callable[[], None]) -> None:
        """Do ``act`` now, or when the page is there."""
        if self._reading:
            self._waiting.append(act)
        else:
            act()

    def _draw(self, *, stay: bool = False) -> None:
        if self.page is None:
            return
        self._head.show(self.page, deep=len(self._trail) > 1)
        width = max(20, self._rows.size.width - 6)
        self._rows.show(rows_of(self.page, width, self._glyphs, self._now()), stay=stay)
        self._foot.show(_hints(self.page, self._keys))

    # The keys

    def action_move(self, steps: int) -> None:
        """Move the cursor, or scroll."""
        self._foot.say("")
        self._soon(lambda: self._rows.move(steps))

    def action_take(self) -> None:
        """Open what is under the cursor."""
        self._soon(lambda: self._take(self._rows.key))

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Open what is under the mouse."""
        self._take(event.key)

    def _take(self, key: str) -> None:
        act, _, which = key.partition(" ")
        if act == "page":
            self.follow_to(EntityID(int(which)))
        elif act and self.page is not None:
            self._wish(Wish(act, self.page, which))

    def follow_to(self, entity: EntityID) -> None:
        """Show another page; going back leads here again."""
        self._trail.append(entity)
        self.read()

    def action_wish(self, act: str) -> None:
        """Ask for what a key says."""
        self._soon(lambda: self._ask_for(act))

    def _ask_for(self, act: str) -> None:
        if self.page is None:
            return
        kind, _, which = self._rows.key.partition(" ")
        if act == "with" and kind != "page":
            self._foot.say("Put the cursor on one of those it is named with")
            return
        self._wish(Wish(act, self.page, which if act == "with" else ""))

    async def action_help(self) -> None:
        """Show every key of the page; the one taken is done."""
        from newsreader.tui.screens.help import help_picker

        async def run(name: str | None) -> None:
            if name is not None:
                await self.run_action(action_of(name, "entity"))

        await self.app.push_screen(help_picker(self._glyphs, self._keys, "entity"), run)

    def action_retreat(self) -> None:
        """Go back, after all that was typed before; a letter may be meant for a prompt."""
        self._soon(self.action_back)

    def action_back(self) -> None:
        """Show the page before, or close."""
        self._waiting.clear()
        if len(self._trail) > 1:
            self._trail.pop()
            self.read()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)
        self._went_back()


class _Title(Head):
    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs, [], [])

    def show(self, page: EntityPage, *, deep: bool) -> None:
        """Write whose page it is."""
        entity = page.entity
        more: Line = [
            (f"  {entity.kind}", "muted"),
            (f"  {self.glyphs.star} followed" if entity.followed else "", "accent"),
            ("  hidden" if page.hidden else "", "muted"),
        ]
        room = max(10, self.size.width - width_of(more) - 16)
        self._title = [
            (self.glyphs.of_kind(entity.kind) + " ", f"{entity.kind}-glyph"),
            (cut(safe_line(entity.name), room, self.glyphs.ellipsis), "headline"),
            *more,
        ]
        self._keys = [("esc", "text"), (" back" if deep else " close", "muted")]
        self.refresh()


def _hints(page: EntityPage, keys: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what the keys do at the foot, as it is for this entity now."""
    now = {}
    if page.entity.followed:
        now["follow"] = "unfollow"
    if page.hidden:
        now["hide"] = "show"
    return [(key, now.get(name, words)) for name, key, words in page_hints("entity", keys)]


# The lines


def rows_of(page: EntityPage, width: int, glyphs: Glyphs, now: datetime) -> list[Row]:
    """Return the rows of a page in ``width`` cells."""
    return [
        *_about(page, width, glyphs, now),
        *_outlets(page, width, glyphs),
        *_beside(page, width, glyphs),
        *_latest(page, width, glyphs, now),
    ]


def _text(line: Line) -> Row:
    return Row(left=line)


def _heading(words: str) -> list[Row]:
    return [_text([("", "")]), _text([(words, "muted italic")])]


def _about(page: EntityPage, width: int, glyphs: Glyphs, now: datetime) -> list[Row]:
    entity = page.entity
    rows: list[Row] = []
    if entity.aliases:
        also = "also " + ", ".join(safe_line(name) for name in entity.aliases)
        rows += [_text([(line, "muted")]) for line in flow(also, width, 3, glyphs.ellipsis)]
    if page.merged:
        names = "merged here: " + ", ".join(safe_line(each.name) for each in page.merged)
        rows += [_text([(line, "muted")]) for line in flow(names, width, 2, glyphs.ellipsis)]
    said = f"{plural(entity.articles, 'article')}, {plural(entity.mentions, 'mention')}"
    seen = ""
    if entity.first is not None and entity.last is not None:
        first, last = (full_date(t, Precision.DAY, now) for t in (entity.first, entity.last))
        seen = f"  {glyphs.dot} {first}" + ("" if first == last else f" to {last}")
    rows += [_text([(line, "text")]) for line in flow(said + seen, width, 2, glyphs.ellipsis)]
    return [*rows, *_spark(page.per_month, entity.articles, width, glyphs)]


def _spark(
    months: Sequence[tuple[str, int]], articles: int, width: int, glyphs: Glyphs
) -> list[Row]:
    """Draw articles over time: a bar for a month, or for as many as it takes to fit.

    Those of the ``articles`` that no month counts have no date, which is said.
    """
    if len(months) < 2:
        return []
    group = -(-len(months) // max(10, width))
    sums = [sum(n for _, n in months[at : at + group]) for at in range(0, len(months), group)]
    most = max(sums)
    steps = glyphs.bars
    bars = "".join(
        " " if not n else steps[min(len(steps) - 1, (n * len(steps) - 1) // most)] for n in sums
    )
    top = sums.index(most) * group
    what = _month(months[top][0])
    if group > 1:
        what += f" to {_month(months[min(len(months), top + group) - 1][0])}"
    ends = f"{_month(months[0][0])} to {_month(months[-1][0])}"
    words = f"{ends}  {glyphs.dot} most: {plural(most, 'article')} in {what}"
    if sums.count(most) > 1:
        words = f"{ends}  {glyphs.dot} at most {plural(most, 'article')} a bar"
    if (undated := articles - sum(sums)) > 0:
        words += f", {count(undated)} undated"
    return [
        _text([("", "")]),
        _text([(bars, "accent")]),
        *[_text([(line, "muted")]) for line in flow(words, width, 2, glyphs.ellipsis)],
    ]


def _month(text: str) -> str:
    year, _, month = text.partition("-")
    return f"{_MONTHS[int(month) - 1]} {year}"


def _outlets(page: EntityPage, width: int, glyphs: Glyphs) -> list[Row]:
    if not page.outlets:
        return []
    rows = _heading("Outlets")
    for outlet, articles in page.outlets[:_OUTLETS]:
        label = cut(safe_line(outlet), width - 10, glyphs.ellipsis)
        right: Line = [(count(articles), "muted")]
        rows.append(Row(left=[(label, "text")], right=right, key=f"outlet {outlet}"))
    if len(page.outlets) > _OUTLETS:
        more = len(page.outlets) - _OUTLETS
        rows.append(_text([(f"and {plural(more, 'more outlet')}", "muted")]))
    return rows


def _beside(page: EntityPage, width: int, glyphs: Glyphs) -> list[Row]:
    rows = _heading("Named with") if page.beside else []
    return rows + [_entity(each, width, glyphs) for each in page.beside]


def _entity(entity: Entity, width: int, glyphs: Glyphs) -> Row:
    together = f"  {count(entity.here)}" + (" together" if width >= 50 else "")
    return Row(
        left=[
            (glyphs.of_kind(entity.kind) + " ", f"{entity.kind}-glyph"),
            (cut(safe_line(entity.name), width - 2 - len(together), glyphs.ellipsis), "text"),
        ],
        right=[(together, "muted")],
        key=f"page {entity.id}",
    )


def _latest(page: EntityPage, width: int, glyphs: Glyphs, now: datetime) -> list[Row]:
    rows = _heading("Latest") if page.latest else []
    for number, sighting in enumerate(page.latest):
        if number:
            rows.append(_text([("", "")]))
        rows += _sighting(sighting, str(page.entity.kind), width, glyphs, now)
    return rows


def _sighting(
    sighting: Sighting, kind: str, width: int, glyphs: Glyphs, now: datetime
) -> list[Row]:
    headline = sighting.headline
    when = age(headline.published, headline.precision, now)
    source = cut(safe_line(headline.source), min(18, width // 4), glyphs.ellipsis)
    right: Line = [(f"  {source} {glyphs.dot} {when}" if width >= 50 else f"  {when}", "muted")]
    room = width - width_of(right)
    tone = "read" if headline.read else "headline"
    title = cut(safe_line(headline.title), room, glyphs.ellipsis)
    rows = [Row(left=[(title, tone)], right=right, key=f"article {headline.id}")]
    sentence = sighting.sentence
    if sentence != safe_line(sentence):
        return [*rows, *(_text([(t, "text")]) for t in flow(safe_line(sentence), width, 3))]
    lines = wrap(sentence, width - 2 * len(glyphs.ellipsis))
    named = min((start for start, _ in sighting.matches), default=0)
    at = next((n for n, (_, end) in enumerate(lines) if end > named), 0)
    # What is shown of a long sentence has the name in it.
    first = 0 if at < _SENTENCE_LINES else at - _SENTENCE_LINES // 2
    last = min(len(lines), first + _SENTENCE_LINES)
    for start, end in lines[first:last]:
        inside = tuple((max(a, start) - start, b - start) for a, b in sighting.matches if b > start)
        rows.append(_text(marked(sentence[start:end], inside, "text", kind)))
    if first:
        rows[-(last - first)].left.insert(0, (glyphs.ellipsis, "text"))
    if last < len(lines):
        rows[-1].left.append((glyphs.ellipsis, "text"))
    return rows


def article_of(key: str) -> ArticleID:
    """Return the article that a row's key names."""
    return ArticleID(int(key))
