"""Saved searches and facets on the screen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from newsreader.library import Library
from newsreader.model import ScopeKind
from newsreader.store import Store
from newsreader.tui.app import NewsReader

from .conftest import burst, said, screen_text, settled

Make = Callable[..., NewsReader]
SIZES = [(80, 24), (200, 50)]


def saved(home: Path) -> list[tuple[str, str, tuple[str, ...]]]:
    library = Library(home)
    found = [(each.name, each.query, each.actions) for each in library.saved_searches()]
    library.close()
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_a_search_is_saved_changed_removed_and_brought_back(
    reader: Make, home: Path, size: tuple[int, int]
) -> None:
    app = reader()
    async with app.run_test(size=size) as pilot:
        await pilot.press("slash", *"harbour", "enter")
        await settled(pilot, app, lambda: app.main.at == "article-list")
        await pilot.press("S")
        assert "Save this search" in screen_text(app)
        await pilot.press(*"Ports", "down", "down", "space", "tab", "space")
        await pilot.press("up", "up", "up", "up", *"sea, news")
        await pilot.press("enter")
        await settled(pilot, app, lambda: said(app) == "Saved as Ports · u undoes")
        assert saved(home) == [("Ports", "harbour", ("notify", "read", "tag:sea", "tag:news"))]
        await pilot.press("q", "1")
        assert "Saved searches" in screen_text(app) and "Ports" in screen_text(app)
        await pilot.press("j", "j", "j", "j")
        assert "D remove" in screen_text(app)
        await pilot.press("S", *"Harbours", "enter")
        await settled(pilot, app, lambda: said(app) == "Changed: Harbours · u undoes")
        assert saved(home)[0][:2] == ("Harbours", "harbour")
        await pilot.press("enter")
        assert app.main.listing.scope.kind is ScopeKind.SAVED
        assert "Its matches are being looked for." in screen_text(app)
        await pilot.press("1", "D")
        await settled(pilot, app, lambda: said(app) == "Removed: Harbours · u undoes")
        assert saved(home) == [] and app.main.listing.scope.kind is ScopeKind.ALL
        await pilot.press("u")
        await settled(pilot, app, lambda: len(saved(home)) == 1)


async def test_a_query_that_cannot_be_read_is_not_saved(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        burst(app, "slash", *"harbour", "enter", "S", "tab", "(", "enter")
        await settled(pilot, app, lambda: "a bracket is open" in screen_text(app))
        await pilot.press("escape")
        assert saved(home) == []


async def test_without_a_search_there_is_nothing_to_save_or_remove(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("S")
        assert said(app).startswith("Search first")
        await pilot.press("D")
        assert said(app).startswith("Put the cursor on a feed, a saved search")


@pytest.mark.parametrize("size", SIZES)
async def test_a_facet_narrows_and_the_same_key_widens(reader: Make, size: tuple[int, int]) -> None:
    app = reader()
    async with app.run_test(size=size) as pilot:
        main = app.main
        await pilot.press("slash", *"harbour", "enter")
        await settled(pilot, app, lambda: main.at == "article-list")
        await pilot.press("F")
        await settled(pilot, app, lambda: "Organisations" not in screen_text(app))
        await settled(pilot, app, lambda: "The Ledger" in screen_text(app))
        await pilot.press("3")
        assert main.bar.query_text == 'harbour person:"Matthew Heath"'
        await pilot.press("down", "enter")
        assert main.bar.query_text == 'harbour person:"Matthew Heath" date:2022'
        await pilot.press("3", "2")
        assert main.bar.query_text == "harbour"
        await pilot.press("1", "escape", "slash")
        assert main.bar.query_text == 'harbour source:"The Ledger"' and main.typing


async def test_the_panel_says_when_it_counts_the_newest_alone(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        main = app.main
        await settled(pilot, app, lambda: main.finding.searcher is not None)
        for query, alone in (("harbour", False), ("slow", True)):
            burst(app, "slash", "ctrl+u", *query, "enter", "F")
            await settled(pilot, app, lambda: "Outlets" in screen_text(app))
            assert ("The newest alone" in screen_text(app)) is alone
            await pilot.press("escape")


async def test_keys_in_one_burst_reach_the_panel(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        main = app.main
        await settled(pilot, app, lambda: main.finding.searcher is not None)
        burst(app, "slash", *"harbour", "enter", "F", "2")
        await settled(pilot, app, lambda: main.bar.query_text == "harbour date:2022")
        burst(app, "q", "j")
        await settled(pilot, app, lambda: app.screen is main and main.articles.cursor == 1)


async def test_facets_of_a_list_that_was_not_searched_begin_a_search(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        main = app.main
        await settled(pilot, app, lambda: main.finding.searcher is not None)
        await pilot.press("F", "2")
        await settled(pilot, app, lambda: main.bar.query_text == "date:2022")
        await pilot.press("2", "escape")
        await settled(pilot, app, lambda: not main.finding.active)
        assert main.bar.query_text == "" and len(main.articles.ids) == 8


async def test_what_the_worker_notifies_is_said_once_and_cleanly(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(160, 40)) as pilot:
        event = {"event": "notify", "saved": "[/]\x1b[2J Ports", "count": 3, "titles": ["\x9bA"]}
        app.main.hear(event)
        await pilot.pause()
        assert said(app).startswith("3 new in [/]") and "\x1b" not in screen_text(app)


async def test_the_reason_is_shown_over_the_article(reader: Make, home: Path) -> None:
    store = Store(home)
    search = store.saved.keep("Ports", "harbour", ["read"])
    first = store.articles.all_ids()[0]
    store._db.execute(
        "INSERT INTO saved_act (search_id, article_id, at, done, told) VALUES (?, ?, 0, ?, 1)",
        (search.id, first, '["read"]'),
    )
    store._db.execute(
        "INSERT INTO status (article_id, read, read_by) VALUES (?, 1, ?)", (first, search.id)
    )
    store.close()
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        row = list(app.main.articles.ids).index(first)
        await pilot.press(*["j"] * row, "enter")
        assert 'Marked read by saved search "Ports"' in screen_text(app)


async def test_matches_are_stepped_through_article_after_article(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        main = app.main
        await pilot.press("slash", *"paragraph 11", "enter")
        await settled(pilot, app, lambda: main.at == "article-list")
        await pilot.press("enter")
        await settled(pilot, app, lambda: main.view.scroll_offset.y > 0)
        assert "Paragraph 11" in screen_text(app), "a hit opens at its first match"
        burst(app, "n", "n")
        await settled(pilot, app, lambda: main.articles.cursor == 2)
        await settled(pilot, app, lambda: "Paragraph 11" in screen_text(app))
        burst(app, "N", "N", "N")
        await settled(pilot, app, lambda: said(app) == "No matches above")
        assert main.articles.cursor == 0
