"""Pages of people and places, following, and the user's word on names, on the real app."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from newsreader.config import Config
from newsreader.library import Library
from newsreader.model import (
    Entity,
    EntityID,
    EntityKind,
    EntityPage,
    Headline,
    Precision,
    Recognised,
    Sighting,
)
from newsreader.store import Store
from newsreader.tui.app import NewsReader
from newsreader.tui.glyphs import ASCII, UNICODE
from newsreader.tui.lines import width_of
from newsreader.tui.screens.entity_page import EntityScreen, rows_of

from .conftest import NOW, entry, said, save, screen_text, settled

Make = Callable[..., NewsReader]
NAME = "right_square_bracket"
SIZES = [(44, 16), (80, 24), (120, 40), (200, 50)]


async def opened(pilot: Pilot[None], app: NewsReader, *keys: str) -> EntityScreen:
    await pilot.press("enter", NAME, *keys, "enter")
    await settled(pilot, app, lambda: getattr(app.screen, "page", None) is not None)
    await pilot.pause()
    assert isinstance(app.screen, EntityScreen)
    return app.screen


def shown(screen: EntityScreen) -> Entity:
    assert screen.page is not None
    return screen.page.entity


@pytest.mark.parametrize("size", SIZES)
async def test_a_page_opens_from_the_text_and_leads_on_and_back(
    reader: Make, size: tuple[int, int]
) -> None:
    app = reader()
    async with app.run_test(size=size) as pilot:
        page = await opened(pilot, app)
        text = screen_text(app)
        assert "Matthew Heath" in text and "8 articles, 8" in text
        assert "The Ledger" in text
        await pilot.press("j", "enter")
        await settled(pilot, app, lambda: shown(page).name == "Caracas")
        await pilot.press("backspace")
        await settled(pilot, app, lambda: shown(page).name == "Matthew Heath")
        await pilot.press("escape")
        await settled(pilot, app, lambda: app.screen is app.main)
        assert app.main.at == "article-view"


@pytest.mark.parametrize("size", SIZES)
async def test_the_foot_shows_every_key_at_any_width(reader: Make, size: tuple[int, int]) -> None:
    app = reader()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        for follow in ("f follow", "f unfollow"):
            foot = screen_text(app)
            for words in (follow, "m merge", "x split", "r rename", "K kind", "H hide", "u undo"):
                assert words in foot
            await pilot.press("f")
            await settled(pilot, app, lambda: "ollowing Matthew" in screen_text(app))
            await pilot.press("j")
            await pilot.pause()


async def test_an_article_of_the_page_opens_where_it_names_them(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("G", "enter")
        await settled(pilot, app, lambda: app.screen is app.main)
        assert app.main.at == "article-view"
        article = app.main.reading.article
        assert article is not None and article.title == "Report 7"
        assert app.main.view.focused_mention == 0


async def test_two_at_once_and_one_outlet_are_searched_for(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("plus")
        assert "Put the cursor on one" in screen_text(app)
        await pilot.press("j", "plus")
        assert app.main.bar.query_text == 'person:"Matthew Heath" place:"Caracas"'
        await opened(pilot, app)
        await pilot.press("enter")
        assert app.main.bar.query_text.endswith(' source:"The Ledger"')


async def test_following_puts_a_row_beside_the_sources(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.press("enter", NAME, "f")
        await settled(pilot, app, lambda: "Following Matthew Heath" in said(app))
        assert [(f.name, f.unread) for f in app.main.listing.followed] == [("Matthew Heath", 7)]
        assert "Following" in screen_text(app)
        await pilot.press("1", *["j"] * 4, "enter")
        assert app.main.listing.label == "Matthew Heath"
        assert len(app.main.articles.ids) == 8
        # One that arrives counts at once, without being asked for.
        save(home, entry(20))
        await settled(pilot, app, lambda: app.main.listing.followed[0].unread == 8)
        await pilot.press("1", "e")
        await settled(pilot, app, lambda: isinstance(app.screen, EntityScreen))
        await pilot.press("escape", "D")
        await settled(pilot, app, lambda: app.main.listing.followed == [])
        await pilot.press("u")
        await settled(pilot, app, lambda: len(app.main.listing.followed) == 1)


async def test_following_from_the_list_of_names(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("e")
        await pilot.pause()
        assert "ctrl+f follow" in screen_text(app)
        await pilot.press(*"carac", "ctrl+f")
        await settled(
            pilot, app, lambda: [f.name for f in app.main.listing.followed] == ["Caracas"]
        )


async def test_following_without_a_name_says_how(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f")
        assert "Put the cursor on a name first" in said(app)


async def test_renaming_hiding_and_kind_are_undone_on_the_page(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        page = await opened(pilot, app)
        await pilot.press("r")
        await pilot.pause()
        await pilot.press(*"Matt H", "enter")
        await settled(pilot, app, lambda: shown(page).name == "Matt H")
        assert "Renamed Matt H" in screen_text(app)
        await pilot.press("K")
        await pilot.pause()
        await pilot.press(*"org", "enter")
        await settled(pilot, app, lambda: shown(page).kind is EntityKind.ORGANISATION)
        await pilot.press("H")
        await settled(pilot, app, lambda: page.page is not None and page.page.hidden)
        for _ in range(3):
            await pilot.press("u")
        await settled(pilot, app, lambda: shown(page).name == "Matthew Heath")
        await pilot.press("u")
        await settled(pilot, app, lambda: "marked read" in screen_text(app))


async def test_merging_and_splitting(reader: Make, home: Path) -> None:
    store = Store(home)
    text = "Matt Heath came. Heath spoke of Matt Heath."
    save(home, entry(30, text, published=datetime(2022, 7, 14, 10, tzinfo=UTC)))
    store.todo.queue_all("entities")
    task = store.todo.take("entities", 1)[0]
    spans = [("Matt Heath", 0), ("Heath", 17), ("Matt Heath", 32)]
    found = [
        Recognised(start=at, end=at + len(s), kind=EntityKind.PERSON, name="Matt Heath")
        for s, at in spans
    ]
    store.entities.save(task, store.articles.text(task.article) or "", found, 1)
    store.close()
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        page = await opened(pilot, app)
        assert shown(page).name == "Matt Heath"
        await pilot.press("m")
        await pilot.pause()
        await pilot.press(*"matthew")
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot, app, lambda: shown(page).name == "Matthew Heath")
        assert shown(page).articles == 9 and "merged here: Matt Heath" in screen_text(app)
        await pilot.press("x")
        await pilot.pause()
        await pilot.press(*"heath", "enter")
        await settled(pilot, app, lambda: shown(page).articles == 8)


async def test_a_date_says_what_it_means_and_is_searched_for(reader: Make, home: Path) -> None:
    store = Store(home)
    text = "On Tuesday night it rained."
    save(home, entry(30, text, published=datetime(2022, 7, 14, 10, tzinfo=UTC)))
    store.todo.queue_all("entities")
    task = store.todo.take("entities", 1)[0]
    date = Recognised(
        start=3,
        end=16,
        kind=EntityKind.DATE,
        name="",
        date="2022-07-12",
        precision=Precision.DAY,
    )
    store.entities.save(task, store.articles.text(task.article) or "", [date], 1)
    store.close()
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter", NAME)
        assert "Tuesday night: 12 Jul 2022" in said(app)
        await pilot.press("enter")
        assert app.main.bar.query_text == "mentions:2022-07-12"


async def test_hostile_names_are_drawn_harmlessly(reader: Make, home: Path) -> None:
    evil = "[/] \x1b]0;x\x07 [@click=app.bell]A\u202eB[/]"
    library = Library(home)
    (heath,) = library.find_entities("matthew")
    library.rename_entity(heath.id, evil)
    library.follow(heath.id)
    library.close()
    app = reader()
    async with app.run_test(size=(200, 50)) as pilot:
        await opened(pilot, app)
        await pilot.press("f")
        await pilot.pause()
        for key in ("m", "x", "r", "K"):
            await pilot.press(key)
            await pilot.pause()
            await pilot.press("escape")
            await pilot.pause()
        text = screen_text(app)
        assert "[/]" in text and "\x1b" not in text and "\u202e" not in text


async def test_a_page_whose_entity_is_gone_says_so(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        app.main.naming.page(EntityID(999))
        await settled(pilot, app, lambda: "no such entity" in screen_text(app))
        await pilot.press("f", "m", "j", "enter", "u", "escape")
        await settled(pilot, app, lambda: app.screen is app.main)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("width", [20, 34, 72, 180])
def test_rows_fit_their_width(width: int, glyphs: object) -> None:
    headline = Headline(
        id=1,  # type: ignore[arg-type]
        title="国際ニュース " * 9,
        source="A long outlet's name indeed",
        author=None,
        published=NOW,
        precision=Precision.DAY,
        arrived=NOW,
        url=None,
        read=False,
        bookmarked=False,
    )
    entity = Entity(
        id=EntityID(1),
        kind=EntityKind.PERSON,
        name="Ana Ruiz",
        aliases=tuple(f"Ruiz {n}" for n in range(40)),
        articles=12_000,
        mentions=48_000,
        first=datetime(2001, 1, 1, tzinfo=UTC),
        last=NOW,
        here=4,
    )
    months = tuple((f"{2001 + n // 12}-{n % 12 + 1:02}", n % 7) for n in range(258))
    page = EntityPage(
        entity,
        months,
        tuple((f"Outlet {n} " * 5, n) for n in range(9)),
        (entity,) * 3,
        (Sighting(headline, "Yesterday Ana Ruiz " * 30, ((10, 18),)),),
        (entity,),
    )
    for row in rows_of(page, width, glyphs, NOW):  # type: ignore[arg-type]
        assert width_of(row.left) + width_of(list(row.right)) <= width + 2, row


async def test_its_keys_are_in_help_and_can_be_changed(reader: Make) -> None:
    app = reader(config=Config(keys={"entity_follow": "F", "help": "f1"}))
    async with app.run_test(size=(100, 50)) as pilot:
        page = await opened(pilot, app)
        assert "F follow" in screen_text(app)
        await pilot.press("f1")
        await pilot.pause()
        assert "Say that it is the same as another" in screen_text(app)
        await pilot.press(*"no longer", "enter")
        await settled(pilot, app, lambda: shown(page).followed)
        assert app.screen is page
