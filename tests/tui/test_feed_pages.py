"""The page of a feed and the table of all: what they say, what their keys change."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from newsreader.config import Config
from newsreader.library import Library
from newsreader.model import FeedHealth, FeedSettings, Scope, ScopeKind, Source, SourceID
from newsreader.tui.app import NewsReader
from newsreader.tui.commands import PAGES, keys_of, page_commands
from newsreader.tui.glyphs import ASCII, UNICODE
from newsreader.tui.lines import width_of
from newsreader.tui.screens.feed_health import FeedsScreen, _table
from newsreader.tui.screens.feed_page import FeedScreen, rows_of

from .conftest import NOW, said, screen_text, settled
from .feeding import asked, command, subscribed

Make = Callable[..., NewsReader]
SIZES = [(44, 16), (80, 24), (120, 40)]
SLOW = "The server does not answer within 30 seconds"


@pytest.fixture
def feeds(home: Path) -> Path:
    subscribed(home, 2, NOW, title="Slow Paper", error=SLOW)
    subscribed(home, 3, NOW, title="Gone Paper", error="It is gone (410)", gone=True)
    return home


async def at_feed(pilot: Pilot[None], app: NewsReader, source: int) -> None:
    await pilot.press("1")
    app.main.sources.choose(Scope(ScopeKind.SOURCE, str(source)))
    app.main.hinting.show()


def health(home: Path, source: int) -> FeedHealth:
    library = Library(home)
    try:
        return library.feed(SourceID(source))
    finally:
        library.close()


async def on_row(pilot: Pilot[None], app: NewsReader, key: str) -> None:
    """Put the cursor of the page on a setting."""
    assert isinstance(app.screen, FeedScreen)
    await pilot.press("g")
    for _ in range(12):
        if app.screen._rows.key == key:
            return
        await pilot.press("j")
    raise AssertionError(f"there is no row {key}")


def listed(app: NewsReader) -> list[str]:
    """Return the titles in the table of all feeds."""
    assert isinstance(app.screen, FeedsScreen)
    return [row.left[1][0] for row in app.screen._rows._rows if row.key]


@pytest.mark.parametrize("size", SIZES)
async def test_a_failing_feed_is_marked_and_says_why(
    reader: Make, feeds: Path, size: tuple[int, int]
) -> None:
    app = reader()
    async with app.run_test(size=size) as pilot:
        await at_feed(pilot, app, 2)
        await pilot.pause()
        assert said(app).startswith("! The server does not an")
        text = screen_text(app)
        assert "! Slow Paper" in text and "× Gone Paper" in text
        assert size[0] < 60 or ("r refresh" in text and "i page" in text and "esc back" in text)
        await pilot.press("k")
        await pilot.pause()
        assert "The server" not in said(app)
        await pilot.press("j", "i")
        await pilot.pause()
        text = " ".join(screen_text(app).replace("▐", " ").split())
        assert SLOW in text and "https://p2.example/feed" in text
        assert "last worked" in text and "never" in text and "in 2 hours" in text
        foot = screen_text(app)
        assert "r refresh" in foot and "p pause" in foot and "D unsubscribe" in foot
        await pilot.press("escape")
        assert app.screen is app.main


async def test_the_page_changes_what_is_set(reader: Make, feeds: Path) -> None:
    app = reader(work_command=command(feeds))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await at_feed(pilot, app, 2)
        await pilot.press("i")
        await on_row(pilot, app, "title")
        await pilot.press("enter", *"My [b]", "enter")
        await settled(pilot, app, lambda: health(feeds, 2).settings.title == "My [b]")
        await settled(pilot, app, lambda: "My [b]" in screen_text(app))
        await on_row(pilot, app, "folder")
        await pilot.press("enter", *"sci", "enter")
        await settled(pilot, app, lambda: health(feeds, 2).settings.folder == "sci")
        await on_row(pilot, app, "interval")
        await pilot.press("enter", *"2 hours", "enter")
        await settled(pilot, app, lambda: health(feeds, 2).settings.interval == 7200)
        await on_row(pilot, app, "full_text")
        await pilot.press("enter")
        await settled(pilot, app, lambda: health(feeds, 2).settings.full_text)
        await pilot.press("p")
        await settled(pilot, app, lambda: health(feeds, 2).settings.paused)
        await settled(pilot, app, lambda: "is no longer fetched" in screen_text(app))
        await pilot.press("k")
        assert "p go on" in screen_text(app)
        await pilot.press("u")
        await settled(pilot, app, lambda: not health(feeds, 2).settings.paused)
        await settled(pilot, app, lambda: "every 2 hours" in screen_text(app))


async def test_a_certificate_is_not_waived_by_one_key(reader: Make, feeds: Path) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        await at_feed(pilot, app, 2)
        await pilot.press("i")
        await on_row(pilot, app, "insecure")
        await pilot.press("enter")
        await pilot.pause()
        assert "Trust Slow Paper without proof?" in screen_text(app)
        assert "read the password" in " ".join(screen_text(app).split())
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert not health(feeds, 2).settings.insecure
        await pilot.press("enter", "down", "enter")
        await settled(pilot, app, lambda: health(feeds, 2).settings.insecure)
        await settled(pilot, app, lambda: "not verified" in screen_text(app))
        await pilot.press("enter")
        await settled(pilot, app, lambda: not health(feeds, 2).settings.insecure)


async def test_a_password_goes_to_the_worker_and_is_never_shown(reader: Make, feeds: Path) -> None:
    app = reader(work_command=command(feeds))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await at_feed(pilot, app, 2)
        await pilot.press("i")
        await on_row(pilot, app, "login")
        await pilot.press("enter", "enter", *"ada", "tab", *"pass word")
        await pilot.pause()
        text = screen_text(app)
        assert "ada" in text and "pass word" not in text and "keyring" in text
        await pilot.press("enter")
        await settled(pilot, app, lambda: bool(asked(feeds)))
        (request,) = asked(feeds)
        assert request == {
            "do": "login",
            "source": 2,
            "kind": "basic",
            "name": "ada",
            "secret": "pass word",
        }
        await settled(pilot, app, lambda: "is kept" in screen_text(app))
        await pilot.press("enter", "down", "enter", *"Bearer x", "enter")
        await settled(pilot, app, lambda: len(asked(feeds)) == 2)
        assert asked(feeds)[1]["name"] == "Authorization"
        assert asked(feeds)[1]["secret"] == "Bearer x"
        await pilot.press("enter", "down", "down", "enter")
        await settled(pilot, app, lambda: len(asked(feeds)) == 3)
        assert asked(feeds)[2]["kind"] is None


@pytest.mark.parametrize("keys", [("D",), ("i", "D")])
async def test_unsubscribing_says_what_stays_and_asks(
    reader: Make, feeds: Path, keys: tuple[str, ...]
) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("b")
        await settled(pilot, app, lambda: "Bookmarked" in said(app))
        await at_feed(pilot, app, 1)
        await pilot.press(*keys)
        await pilot.pause()
        text = " ".join(screen_text(app).split())
        assert "8 articles came by it" in text and "bookmarked, tagged or noted" in text
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert len(app.main.listing.known) == 3
        await pilot.press("D", "down", "enter")
        await settled(pilot, app, lambda: len(app.main.listing.known) == 2)
        await settled(pilot, app, lambda: app.screen is app.main)
        assert said(app) == "Unsubscribed from The Ledger; 7 articles gone, 1 kept"
        assert len(app.main.articles.ids) == 1


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_has_the_worst_first(
    reader: Make, feeds: Path, size: tuple[int, int]
) -> None:
    app = reader(work_command=command(feeds))
    async with app.run_test(size=size) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await pilot.press("W")
        await pilot.pause()
        assert isinstance(app.screen, FeedsScreen)
        assert listed(app) == ["Slow Paper", "Gone Paper", "The Ledger"]
        for words in ("r retry", "/ filter", "O order", "D unsubscribe", "enter page"):
            assert words in screen_text(app)
        await pilot.press("O")
        assert listed(app) == ["Gone Paper", "Slow Paper", "The Ledger"]
        await pilot.press("slash", *"slow", "enter")
        await pilot.pause()
        assert listed(app) == ["Slow Paper"]
        await pilot.press("r")
        await settled(pilot, app, lambda: bool(asked(feeds)))
        assert asked(feeds)[0]["sources"] == [2]
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, FeedScreen) and SLOW[:20] in screen_text(app)
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert len(listed(app)) == 3
        rows = app.screen.query_one("#picker-rows").region
        await pilot.click(offset=(rows.x + 6, rows.y + (1 if size[0] > 60 else 0)))
        assert isinstance(app.screen, FeedScreen)
        await pilot.press("q")
        await pilot.press("escape")
        assert app.screen is app.main


@pytest.mark.parametrize(("key", "page"), [("W", "feeds"), ("i", "feed")])
async def test_help_is_of_the_page_and_its_keys_work(
    reader: Make, feeds: Path, key: str, page: str
) -> None:
    app = reader()
    async with app.run_test(size=(100, 45)) as pilot:
        await at_feed(pilot, app, 2)
        await pilot.press(key, "question_mark")
        await pilot.pause()
        text = screen_text(app)
        assert all(command.help in text for command in PAGES[page])
        await pilot.press(*"longer", "enter")
        assert app.is_running and app.screen is not app.main
        await pilot.press("escape", "q")
        assert app.screen is app.main


async def test_keys_of_pages_can_be_changed(reader: Make, feeds: Path) -> None:
    keys = {"feed_pause": "P", "down": "n", "next": "ctrl+n"}
    app = reader(config=Config(keys=keys))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_feed(pilot, app, 2)
        await pilot.press("i")
        await pilot.pause()
        assert "P pause" in screen_text(app)
        await pilot.press("n")
        assert isinstance(app.screen, FeedScreen) and app.screen._rows.key == "title"
        await pilot.press("P")
        await settled(pilot, app, lambda: health(feeds, 2).settings.paused)
        assert not app.main.bar.status.said().startswith("config.toml")


async def test_a_capital_hard_upon_escape_is_taken_for_itself(reader: Make, feeds: Path) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("i")
        app.post_message(events.Key("alt+shift+w", "W"))
        await settled(pilot, app, lambda: isinstance(app.screen, FeedsScreen))


async def test_an_import_and_no_feed_at_all_are_told_apart(reader: Make, feeds: Path) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("1", "g", "i")
        assert said(app).startswith("Put the cursor on a feed first")
        await pilot.press("2", "i")
        await pilot.pause()
        assert isinstance(app.screen, FeedScreen) and "The Ledger" in screen_text(app)


@pytest.mark.parametrize("page", list(PAGES))
def test_each_key_of_a_page_does_one_thing(page: str) -> None:
    keys = [key for command in page_commands(page) for key in keys_of(command, {})]
    assert sorted(keys) == sorted(set(keys))


EVIL = "\x1b]0;x\x07[/][@click=app.quit]日本語\u202e"


@pytest.mark.parametrize("width", [34, 40, 78, 120])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_rows_fit_and_are_clean_whatever_a_feed_says(width: int, glyphs: object) -> None:
    source = Source(SourceID(1), "feed", EVIL * 9, EVIL, EVIL, 1, 2, error=EVIL * 20)
    month = timedelta(days=30)
    each = FeedHealth(
        source=source,
        settings=FeedSettings(title=EVIL * 9, folder=EVIL, user_agent=EVIL, insecure=True),
        fetched=NOW,
        succeeded=NOW - month,
        brought=NOW - 8 * month,
        due=NOW + month,
        error=EVIL * 20,
        failures=12,
        per_week=1234.5,
        moved_to=EVIL,
        note=EVIL * 9,
    )
    signs = glyphs if glyphs in (UNICODE, ASCII) else UNICODE
    silent = each._replace(error=None, source=source._replace(error=None))
    dead = each._replace(gone=True)
    rows = rows_of(each, width, signs, NOW) + rows_of(dead, width, signs, NOW)  # type: ignore[arg-type]  # one of the two sets
    rows += _table([each, silent, dead], width, signs, NOW)  # type: ignore[arg-type]  # as above
    for row in rows:
        text = "".join(text for text, _ in [*row.left, *row.right])
        assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
        assert width_of(row.left) + width_of(list(row.right)) <= width + 2
