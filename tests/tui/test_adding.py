"""Adding a feed: from whatever is pasted to the list of its articles."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events

from newsreader.model import ScopeKind
from newsreader.tui.app import NewsReader
from newsreader.tui.screens.add_panel import AddPanel, address_in

from .conftest import burst, said, screen_text, settled
from .feeding import asked, command

Make = Callable[..., NewsReader]
SIZES = [(44, 16), (80, 24), (120, 40)]


@pytest.mark.parametrize("size", SIZES)
async def test_an_address_is_added_and_its_articles_shown(
    reader: Make, home: Path, size: tuple[int, int]
) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=size) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await pilot.press("a")
        assert "Add a feed" in screen_text(app) and "esc leave" in screen_text(app)
        await pilot.press(*"https://new.example", "tab", *"wo", "right", "enter")
        await settled(pilot, app, lambda: app.screen is app.main)
        assert said(app).startswith("Subscribed to A Paper")
        (request,) = asked(home)
        assert (request["url"], request["folder"]) == ("https://new.example", "World")
        assert app.main.listing.scope.kind is ScopeKind.SOURCE
        assert app.main.at == "article-list"
        assert "This source has no articles" in screen_text(app)


async def test_a_page_with_several_feeds_gives_a_choice(reader: Make, home: Path) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await pilot.press("a", *"https://many.example", "enter")
        await settled(pilot, app, lambda: "2 feeds found" in screen_text(app))
        assert "News [/]" in screen_text(app) and "https://a.example/2" in screen_text(app)
        await pilot.press("down", "enter")
        await settled(pilot, app, lambda: app.screen is app.main)
        assert [each["url"] for each in asked(home)] == [
            "https://many.example",
            "https://a.example/2",
        ]
        assert "https://a.example/2" in [source.url for source in app.main.listing.known]


async def test_what_cannot_be_added_says_why_and_can_be_put_right(reader: Make, home: Path) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await pilot.press("a", "enter")
        assert "Type or paste an address first" in screen_text(app)
        await pilot.press(*"refuse.example", "enter")
        await settled(pilot, app, lambda: "There is no feed at that address" in screen_text(app))
        await pilot.press("x")
        await pilot.pause()
        assert "There is no feed" not in screen_text(app)
        await pilot.press("escape")
        assert app.screen is app.main


async def test_a_long_reason_is_read_whole(reader: Make, home: Path) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=(44, 16)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await pilot.press("a", *"slow.example", "enter")
        await settled(pilot, app, lambda: "Looking" in screen_text(app))
        reason = (
            "https://slow.example/feed: its certificate is out of date since 3 May; the last word"
        )
        app.main.hear({"event": "refused", "request": 1, "reason": reason})
        await pilot.pause()
        assert reason in " ".join(screen_text(app).replace("!", " ").split())


async def test_a_dialog_left_while_it_looks_hears_of_it_later(reader: Make, home: Path) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await pilot.press("a", *"slow.example", "enter")
        await settled(pilot, app, lambda: "Looking" in screen_text(app))
        await pilot.press("escape")
        choice = [["https://a.example/1", "One"]]
        app.main.hear({"event": "choose", "request": 1, "candidates": choice})
        await settled(pilot, app, lambda: said(app) == "1 feed found there; press a to choose")
        await pilot.press("a")
        await settled(pilot, app, lambda: "https://a.example/1" in screen_text(app))
        await pilot.press("enter")
        await settled(pilot, app, lambda: app.screen is app.main)
        assert len(asked(home)) == 2
        await pilot.press("a", *"slow.example", "enter", "escape")
        app.main.hear({"event": "refused", "request": 3, "reason": "nobody is there"})
        await settled(pilot, app, lambda: said(app) == "Not added: nobody is there")


async def test_a_paste_gives_the_address_alone(reader: Make, home: Path) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        panel = app.screen
        assert isinstance(panel, AddPanel)
        app.post_message(events.Paste("\n read <https://x.example/feed.xml>\x1b[31m, it is good\n"))
        await settled(pilot, app, lambda: panel._address.value != "")
        assert panel._address.value == "https://x.example/feed.xml"


async def test_without_a_worker_it_says_so(reader: Make) -> None:
    app = reader(background=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", *"x.example", "enter")
        await settled(pilot, app, lambda: "Nothing can be fetched now" in screen_text(app))
        await pilot.press("escape", "R")
        assert "Nothing can be fetched now" in said(app)


async def test_keys_of_one_burst_reach_the_dialog_in_order(reader: Make, home: Path) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        burst(app, "a", *"b.example", "enter")
        await settled(pilot, app, lambda: bool(asked(home)))
        assert asked(home)[0]["url"] == "b.example"


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("https://a.example/feed", "https://a.example/feed"),
        ("see https://a.example/feed.", "https://a.example/feed"),
        ("feed://a.example/x", "feed://a.example/x"),
        ("feed:https://a.example/x", "feed:https://a.example/x"),
        ("\n\n  <a.example>\nmore", "a.example"),
        ("a.example/news", "a.example/news"),
        ("", ""),
        ("\n", ""),
    ],
)
def test_addresses_are_found_in_what_is_pasted(pasted: str, address: str) -> None:
    assert address_in(pasted) == address


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_any_paste_gives_one_line(pasted: str) -> None:
    assert len(address_in(pasted).splitlines()) <= 1
