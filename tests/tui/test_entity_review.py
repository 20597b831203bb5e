"""What a reader in a hurry does with pages of names, on the real app."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from newsreader.model import ArticleID, Entity, EntityID, EntityKind, Headline, Precision, Sighting
from newsreader.store import Store
from newsreader.tui.app import NewsReader
from newsreader.tui.glyphs import ASCII, UNICODE, Glyphs
from newsreader.tui.lines import width_of
from newsreader.tui.screens.entity_page import EntityScreen, rows_of

from .conftest import NOW, burst, entry, said, save, screen_text, settled
from .test_entity_page import NAME, SIZES, EntityPage, opened, shown

Make = Callable[..., NewsReader]


def page_of(app: NewsReader) -> str:
    """Whose page is open and read, "" if none is."""
    screen = app.screen
    if not isinstance(screen, EntityScreen) or screen.page is None:
        return ""
    return screen.page.entity.name


async def test_keys_typed_before_the_page_is_there_are_done(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        burst(app, "enter", NAME, "enter", "f", "j", "enter", "f")
        await settled(pilot, app, lambda: len(app.main.listing.followed) == 2)
        assert page_of(app) == "Caracas"


async def test_words_meant_for_a_prompt_are_no_keys_of_the_page(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        burst(app, "enter", NAME, "enter", "r", *"hfm")
        await pilot.pause(0.3)
        await settled(pilot, app, lambda: not isinstance(app.screen, EntityScreen))
        await pilot.press("escape")
        await settled(pilot, app, lambda: page_of(app) == "Matthew Heath")
        assert app.main.listing.followed == []
        assert isinstance(app.screen, EntityScreen) and app.screen.page is not None
        assert not app.screen.page.hidden


async def test_an_article_of_a_page_stays_while_others_arrive(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(200, 50)) as pilot:
        await opened(pilot, app)
        await pilot.press("G", "enter")
        await settled(pilot, app, lambda: app.screen is app.main)
        save(home, entry(40))
        await settled(pilot, app, lambda: "1 new" in screen_text(app))
        await pilot.resize_terminal(100, 30)
        await pilot.pause(0.2)
        article = app.main.reading.article
        assert article is not None and article.title == "Report 7"


async def last_article(pilot: Pilot[None], app: NewsReader) -> None:
    await pilot.press("G", "enter")
    await settled(pilot, app, lambda: app.screen is app.main)
    assert app.main.reading.article is not None
    assert app.main.reading.article.title == "Report 7"


async def test_back_leads_from_an_article_to_its_page_and_on(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("j", "enter")
        await settled(pilot, app, lambda: page_of(app) == "Caracas")
        await last_article(pilot, app)
        await pilot.press("backspace")
        await settled(pilot, app, lambda: page_of(app) == "Caracas")
        assert app.screen.query_one("#picker-rows").key.startswith("article")  # type: ignore[attr-defined]
        await pilot.press("backspace")
        await settled(pilot, app, lambda: page_of(app) == "Matthew Heath")
        await pilot.press("backspace")
        assert app.screen is app.main and app.main.at == "article-view"
        assert app.main.reading.article is not None
        assert app.main.reading.article.title == "Report 0"
        await pilot.press("backspace")
        assert app.main.at == "article-list"


async def test_an_article_opened_from_the_list_leads_back_to_the_list(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await last_article(pilot, app)
        await pilot.press("2", "G", "enter")
        assert app.main.at == "article-view"
        await pilot.press("backspace")
        assert app.screen is app.main and app.main.at == "article-list"


async def test_hasty_escapes_do_no_harm(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        burst(app, *["escape"] * 6)
        await settled(pilot, app, lambda: app.screen is app.main)
        await opened(pilot, app)
        burst(app, "j", "enter", "backspace", "backspace", "backspace")
        await settled(pilot, app, lambda: app.screen is app.main)


@pytest.mark.parametrize("size", SIZES)
async def test_what_cannot_be_done_is_said_on_the_page(reader: Make, size: tuple[int, int]) -> None:
    app = reader()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        await pilot.press("r")
        await pilot.pause()
        await pilot.press("backspace", "enter")
        await settled(pilot, app, lambda: "a name has letters" in screen_text(app))
        assert "u undo" not in screen_text(app)
        await pilot.press("j")
        await pilot.pause()
        assert "u undo" in screen_text(app)


async def test_a_click_on_a_name_opens_its_page(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        lines = screen_text(app).split("\n")
        y = next(n for n, line in enumerate(lines) if "Number 0: Matthew" in line and n > 7)
        await pilot.click(offset=(lines[y].rindex("Caracas") + 1, y))
        await settled(pilot, app, lambda: page_of(app) == "Caracas")


async def test_what_is_followed_counts_what_is_unread(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.press("enter", NAME, "f")
        await settled(pilot, app, lambda: [f.unread for f in app.main.listing.followed] == [7])
        await pilot.press("n")
        await settled(pilot, app, lambda: [f.unread for f in app.main.listing.followed] == [6])
        await pilot.press("m")
        await settled(pilot, app, lambda: [f.unread for f in app.main.listing.followed] == [7])


async def test_a_page_whose_articles_lose_the_name_meanwhile(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app)
        store = Store(home)
        store.todo.queue_all("entities")
        for task in store.todo.take("entities", 100):
            store.entities.save(task, store.articles.text(task.article) or "", [], 2)
        store.close()
        await pilot.press("j", "enter")
        await pilot.pause(0.2)
        await pilot.press("backspace", "f")
        await settled(pilot, app, lambda: "ollowing Matthew Heath" in screen_text(app))
        assert shown(page).articles == 0 and "0 articles" in screen_text(app)
        await pilot.press("x", "escape", "plus", "j", "G", "enter", "escape")
        await settled(pilot, app, lambda: app.screen is app.main)


async def test_the_status_line_says_what_kind_of_name_it_is(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", NAME)
        assert "Matthew Heath, person" in said(app)


def sighting(sentence: str, start: int, end: int) -> EntityPage:
    headline = Headline(
        id=ArticleID(1),
        title="Title",
        source="Outlet",
        author=None,
        published=datetime(2022, 7, 1, tzinfo=UTC),
        precision=Precision.DAY,
        arrived=NOW,
        url=None,
        read=False,
        bookmarked=False,
    )
    entity = Entity(id=EntityID(1), kind=EntityKind.PERSON, name="Ana Ruiz")
    return EntityPage(entity, latest=(Sighting(headline, sentence, ((start, end),)),))


@settings(max_examples=60, deadline=None)
@given(
    before=st.integers(0, 90),
    after=st.integers(0, 40),
    width=st.integers(20, 90),
    glyphs=st.sampled_from([UNICODE, ASCII]),
)
def test_a_long_sentence_is_shown_where_it_has_the_name(
    before: int, after: int, width: int, glyphs: Glyphs
) -> None:
    lead = "word " * before
    sentence = f"{lead}Ruiz {'word ' * after}".strip()
    rows = rows_of(sighting(sentence, len(lead), len(lead) + 4), width, glyphs, NOW)
    assert any(("Ruiz", "text person") in row.left for row in rows)
    assert all(width_of(row.left) <= width for row in rows)
    assert len(rows) <= 8


def words_of(page: EntityPage) -> str:
    rows = rows_of(page, 80, UNICODE, NOW)
    return "\n".join("".join(text for text, _ in row.left) for row in rows)


@pytest.mark.parametrize(
    ("months", "articles", "expected"),
    [
        ((1, 0, 3), 4, "most: 3 articles in Jul 2022"),
        ((1, 0, 1), 4, "at most 1 article a bar, 2 undated"),
        ((2, 1), 3, "most: 2 articles in May 2022"),
    ],
)
def test_the_scale_says_what_the_bars_count(
    months: tuple[int, ...], articles: int, expected: str
) -> None:
    entity = Entity(id=EntityID(1), kind=EntityKind.PERSON, name="Ana", articles=articles)
    per_month = tuple((f"2022-{5 + n:02}", number) for n, number in enumerate(months))
    assert expected in words_of(EntityPage(entity, per_month))
