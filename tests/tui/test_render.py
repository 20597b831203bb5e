"""Lines and paragraphs: nothing lost, nothing too wide, marks where they belong."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from newsreader.model import (
    Article,
    ArticleID,
    Block,
    BlockKind,
    Body,
    Credit,
    CreditKind,
    EntityID,
    EntityKind,
    Link,
    Mention,
    Precision,
    Span,
    SpanKind,
)
from newsreader.tui.glyphs import ASCII, UNICODE, Glyphs
from newsreader.tui.lines import cut, flow, marked, spread, width_of, wrap
from newsreader.tui.phrases import age, full_date, minutes
from newsreader.tui.render import Layout, Paragraph, paragraphs

NOW = datetime(2022, 7, 14, 12, 4, tzinfo=UTC)
TEXTS = st.text(
    alphabet=st.sampled_from("ab  cé日本\N{COMBINING ACUTE ACCENT}\N{GRINNING FACE}של"), max_size=80
)


def article(text: str, *blocks: Block, **fields: object) -> Article:
    spans = fields.pop("spans", ())
    values: dict[str, object] = {
        "id": ArticleID(1),
        "revision": 1,
        "title": "A title",
        "title_derived": False,
        "source": "The Ledger",
        "outlet": None,
        "author": "Ines Okafor",
        "published": datetime(2022, 6, 28, 9, 30, tzinfo=UTC),
        "precision": Precision.SECOND,
        "published_derived": False,
        "updated": None,
        "arrived": NOW,
        "url": None,
        "language": "en",
        "direction": "ltr",
        "words": 700,
        "body": Body(text=text, blocks=blocks, spans=spans),  # type: ignore[arg-type]  # kwargs
        "links": (),
        "credits": (),
        "enclosures": (),
        "tags": (),
        "note": "",
        "read": False,
        "bookmarked": False,
        "via": (),
        "recognised": True,
        **fields,
    }
    return Article(**values)  # type: ignore[arg-type]  # built from keywords


def parts(
    shown: Article,
    mentions: tuple[Mention, ...] = (),
    matches: tuple[tuple[int, int], ...] = (),
    glyphs: Glyphs = UNICODE,
) -> list[Paragraph]:
    return paragraphs(shown, mentions, matches, now=NOW, glyphs=glyphs)


def drawn(found: list[Paragraph], width: int = 60) -> list[str]:
    layout = Layout(found, width)
    return [
        "".join(text for text, _ in layout.side(n))
        + "".join(text for text, _, _ in layout.pieces(n))
        for n in range(len(layout))
    ]


@given(TEXTS, st.integers(2, 20))
@settings(max_examples=100, deadline=None)
def test_wrapping_loses_nothing_and_stays_within_the_width(text: str, width: int) -> None:
    lines = [text[start:end] for start, end in wrap(text, width)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= width for line in lines)


@given(TEXTS, st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_cutting_stays_within_the_width(text: str, width: int) -> None:
    assert cell_len(cut(text, width)) <= width
    assert all(cell_len(line) <= max(2, width) for line in flow(text, max(2, width), 2))


@given(TEXTS, st.integers(4, 30))
@settings(max_examples=60, deadline=None)
def test_a_line_and_its_offset_find_each_other(text: str, width: int) -> None:
    block = Block(kind=BlockKind.PARAGRAPH, start=0, end=len(text))
    layout = Layout(parts(article(text, block)), width)
    for line in range(len(layout)):
        offset = layout.offset_at(line)
        assert layout.offset_at(layout.line_of(offset)) <= offset


def test_marked_text_keeps_its_words() -> None:
    line = marked("one two three", ((4, 7),), "read", "match")
    assert line == [("one ", "read"), ("two", "read match"), (" three", "read")]
    assert width_of(spread(line, [("x", "")], 30)) == 30


def test_head_says_what_is_known_and_what_is_not() -> None:
    lines = drawn(parts(article("Text.", published=None, title_derived=True, tags=("oil",))))
    assert lines[0] == "The Ledger"
    assert "No title was given; this is how it begins." in lines
    assert "By Ines Okafor · undated · 3\N{NO-BREAK SPACE}min" in lines
    assert "#oil" in lines


def test_blocks_have_their_signs() -> None:
    text = "Head\n\none\ntwo\n\nSaid.\n\nx = 1\n\na 10\nbbb 2"
    kinds = [
        Block(kind=BlockKind.HEADING, start=0, end=4, level=2),
        Block(kind=BlockKind.ITEM, start=6, end=9, level=1, label="1."),
        Block(kind=BlockKind.ITEM, start=10, end=13, level=1, label="2."),
        Block(kind=BlockKind.QUOTE, start=15, end=20, level=1),
        Block(kind=BlockKind.CODE, start=22, end=27),
        Block(kind=BlockKind.ROW, start=29, end=33, cells=((29, 30), (31, 33))),
        Block(kind=BlockKind.ROW, start=34, end=39, cells=((34, 37), (38, 39))),
        Block(kind=BlockKind.IMAGE, start=39, end=39, label="A ship"),
        Block(kind=BlockKind.RULE, start=39, end=39),
    ]
    lines = drawn(parts(article(text, *kinds)))
    for line in ("Head", "1. one", "2. two", " ▎ Said.", "  x = 1", "a    10", "bbb  2"):
        assert line in lines, line
    assert lines.index("2. two") == lines.index("1. one") + 1
    assert "[Picture: A ship]" in lines
    assert "* * *" in lines
    ascii_lines = drawn(parts(article(text, *kinds), glyphs=ASCII))
    assert all(line.replace("\N{NO-BREAK SPACE}", " ").isascii() for line in ascii_lines)


def test_names_matches_and_emphasis_lie_on_each_other() -> None:
    text = "Roger Carstens flew."
    mention = Mention(start=0, end=14, kind=EntityKind.PERSON, entity=EntityID(1), name="RC")
    span = Span(kind=SpanKind.STRONG, start=6, end=20)
    block = Block(kind=BlockKind.PARAGRAPH, start=0, end=len(text))
    found = parts(article(text, block, spans=(span,)), (mention,), ((0, 5),))
    layout = Layout(found, 60)
    line = next(n for n in range(len(layout)) if layout.plain(n) == text)
    assert layout.pieces(line, focus=0) == [
        ("Roger", "text person match focus", 0),
        (" ", "text person focus", 0),
        ("Carstens", "text person bold focus", 0),
        (" flew.", "text bold", -1),
    ]


def test_links_and_credits_stand_after_the_text() -> None:
    shown = article(
        "Text.",
        links=(Link("READ MORE: On oil"),),
        credits=(Credit(CreditKind.PHOTO, "Photo: A. B."),),
    )
    lines = drawn(parts(shown))
    assert lines.index("Text.") < lines.index("Photo: A. B.") < lines.index("• READ MORE: On oil")


def test_hostile_text_is_drawn_harmless() -> None:
    evil = "a\x1b]0;t\x07b\x9b31mc\u202ed [@click=app.quit]x[/] \x00"
    shown = article(evil, title=evil, author=evil, tags=(evil,), note=evil)
    for line in drawn(parts(shown)):
        assert line.replace("\N{NO-BREAK SPACE}", " ").isprintable()


def test_times_as_a_reader_says_them() -> None:
    when = datetime(2022, 7, 14, 11, 50, tzinfo=UTC)
    assert age(when, Precision.SECOND, NOW) == "14m"
    assert age(when.replace(hour=2), Precision.SECOND, NOW) == "9h"
    assert age(when.replace(day=11), Precision.SECOND, NOW) == "3d"
    assert age(when.replace(month=6), Precision.SECOND, NOW) == "14 Jun"
    assert age(when.replace(year=2019), Precision.DAY, NOW) == "14 Jul 2019"
    assert age(when, Precision.MONTH, NOW) == "Jul 2022"
    assert age(None, Precision.SECOND, NOW) == "undated"
    assert full_date(when, Precision.SECOND, NOW) == "14 July 2022, 11:50"
    assert full_date(when, Precision.YEAR, NOW) == "2022"
    assert minutes(10) == "1 min"
