"""Every promised key, on the real app with a real library."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from textual import events
from textual.widgets import Input

from newsreader.config import Config
from newsreader.library import Library
from newsreader.model import Scope, ScopeKind
from newsreader.tui.app import NewsReader

from .conftest import SEARCHER, burst, entry, said, save, screen_text, settled

Make = Callable[..., NewsReader]
SIZES = [(80, 24), (120, 40), (200, 50)]


@pytest.mark.parametrize("size", SIZES)
async def test_reading_a_bookmark_and_leaving(
    reader: Make, home: Path, size: tuple[int, int]
) -> None:
    app = reader()
    async with app.run_test(size=size) as pilot:
        assert "Report 0" in screen_text(app)
        await pilot.press("j", "enter")
        await settled(pilot, app, lambda: "7 unread" in screen_text(app))
        assert app.main.at == "article-view"
        await pilot.press("b")
        await settled(pilot, app, lambda: said(app) == "Bookmarked · u undoes")
        await pilot.press("q", "q")
    library = Library(home)
    assert len(library.article_ids(Scope(ScopeKind.BOOKMARKS))) == 1
    assert library.counts().unread == 7
    library.close()


@pytest.mark.parametrize(
    ("width", "columns"),
    [(80, [False, True, False]), (120, [False, True, True]), (200, [True] * 3)],
)
async def test_columns_by_width(reader: Make, width: int, columns: list[bool]) -> None:
    app = reader()
    async with app.run_test(size=(width, 30)):
        ids = ("#source-column", "#list-column", "#article-column")
        assert [app.main.query_one(each).display for each in ids] == columns


async def test_too_small_says_so(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(39, 9)) as pilot:
        assert "A little larger, please" in screen_text(app)
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert "Report 0" in screen_text(app)


async def test_the_cursor_marks_nothing_read(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("j", "k", "G", "g", "ctrl+d", "ctrl+u", "pagedown", "pageup", "down")
        await pilot.pause(0.2)
        assert app.main.reading.article is not None
        assert not app.main.reading.opened
    library = Library(home)
    assert library.counts().unread == 8
    library.close()


async def test_search_shows_hits_matches_and_goes_back(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        main = app.main
        await pilot.press("j", "j", "slash", *"number 4")
        await settled(pilot, app, lambda: "1 of 8 · 1 ms" in said(app))
        await settled(pilot, app, lambda: bool(main.articles._snippets))
        await pilot.press("enter")
        assert main.at == "article-list"
        await settled(pilot, app, lambda: main.finding.query == "number 4")
        assert main.articles.cursor == 0
        await pilot.press("enter")
        await settled(pilot, app, lambda: main.view.match_count == 1)
        await pilot.press("n", "N", "q", "q")
        await pilot.pause(0.1)
        assert not main.finding.active
        assert (len(main.articles.ids), main.articles.cursor) == (8, 2)
        assert main.bar.query_text == ""


async def test_a_wrong_query_shows_where(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("slash", *"ab(")
        await settled(pilot, app, lambda: "a bracket is open" in screen_text(app))
        hints = screen_text(app).splitlines()[-1]
        assert hints.index("▲") == 4 + 2
        await pilot.press("escape")
        assert "bracket" not in screen_text(app)


async def test_no_matches_says_what_to_loosen(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("slash", *'"zebra')
        await settled(pilot, app, lambda: "Nothing matches." in screen_text(app))
        assert "quotation marks" in screen_text(app)


async def test_a_dead_searcher_is_started_again(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("slash", *"die", "enter")
        await settled(pilot, app, lambda: "does not answer" in screen_text(app))
        await pilot.press("escape", "slash", *"report 3", "enter")
        await settled(pilot, app, lambda: "1 of 8" in said(app))


async def test_undo_and_redo(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("A")
        await settled(pilot, app, lambda: said(app) == "8 articles marked read · u undoes")
        await pilot.press("u")
        await settled(pilot, app, lambda: said(app).startswith("Undone: "))
        await settled(pilot, app, lambda: "8 unread" in screen_text(app))
        await pilot.press("ctrl+r")
        await settled(pilot, app, lambda: "0 unread" in screen_text(app))
        await pilot.press("m")
        await settled(pilot, app, lambda: "1 unread" in screen_text(app))


async def test_space_pages_then_opens_the_next_unread(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        first = app.main.reading.article
        for _ in range(20):
            await pilot.press("space")
            if app.main.reading.article is not first:
                break
        assert app.main.articles.cursor == 1
        await pilot.press("n")
        assert app.main.articles.cursor == 2
        await pilot.press("p")
        assert "No unread articles above" in said(app)


async def test_names_in_the_text_and_in_the_list(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter", "right_square_bracket")
        assert "Matthew Heath" in said(app)
        await pilot.press("right_square_bracket", "left_square_bracket", "enter")
        await settled(pilot, app, lambda: "8 articles, 8 mentions" in screen_text(app))
        await pilot.press("slash")
        assert app.main.bar.query_text == 'person:"Matthew Heath"'
        await settled(pilot, app, lambda: "8 of 8" in said(app))
        await pilot.press("q", "enter", "e")
        await pilot.pause()
        assert "In this article" in screen_text(app)
        await pilot.press(*"carac", "enter")
        await settled(pilot, app, lambda: "Caracas  place" in screen_text(app))


async def test_addresses_are_shown_before_anything_opens(
    reader: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o")
        await pilot.pause()
        assert "https://news.example/0" in screen_text(app)
        assert "https://more.example/x" in screen_text(app)
        assert "javascript" not in screen_text(app)
        await pilot.press("down", "enter")
        await settled(pilot, app, lambda: "Where it leads" in screen_text(app))
        assert "https://more.example/x" in screen_text(app)


async def test_help_is_searched_and_runs_what_it_finds(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("question_mark", *"nothing but")
        await pilot.pause()
        assert "Nothing but the article" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.main.has_class("-zen")
        await pilot.press("z")
        assert not app.main.has_class("-zen")


async def test_the_theme_chosen_in_the_palette_is_kept(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+p", *"broadsheet", "enter")
        await settled(pilot, app, lambda: app.theme == "broadsheet")
    again = reader()
    async with again.run_test(size=(100, 30)):
        assert again.theme == "broadsheet"


async def test_the_place_in_an_article_is_kept(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "pagedown", "j")
        place = app.main.view.place
        assert place > 0
        await pilot.press("ctrl+q")
    again = reader()
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert again.main.view.place == place


async def test_new_articles_wait_until_they_are_asked_for(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("j")
        save(home, entry(20), entry(21))
        await settled(pilot, app, lambda: said(app) == "2 new, press .")
        assert len(app.main.articles.ids) == 8
        await pilot.press("full_stop")
        assert len(app.main.articles.ids) == 10


async def test_sources_choose_what_is_listed(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("1", "j", "j", "j", "enter")
        assert app.main.listing.scope == Scope(ScopeKind.BOOKMARKS)
        assert "No bookmarks yet." in screen_text(app)
        await pilot.press("h", "j", "enter")
        assert app.main.listing.scope == Scope(ScopeKind.FOLDER, "World")
        await pilot.press("tab")
        assert app.main.at == "article-view"
        await pilot.press("2")
        assert app.main.at == "article-list"


async def test_escape_does_not_leave_but_q_does(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("escape", "backspace")
        assert app.is_running
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running


async def test_keys_can_be_remapped(reader: Make) -> None:
    app = reader(config=Config(keys={"bookmark": "x", "zap": "y"}))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.1)
        assert "zap" in said(app)
        await pilot.press("x")
        await settled(pilot, app, lambda: said(app).startswith("Bookmarked"))
        assert "x bookmark" in screen_text(app)


async def test_ascii_glyphs_only(reader: Make) -> None:
    app = reader(config=Config(ascii=True))
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("enter", "question_mark")
        await pilot.pause(0.1)
        assert screen_text(app).replace("\N{NO-BREAK SPACE}", " ").isascii()


async def test_first_start_says_what_happens(tmp_path: Path, reader: Make) -> None:
    app = NewsReader(tmp_path / "new", config=Config(), background=False)
    async with app.run_test(size=(100, 30)) as pilot:
        assert "a adds a feed" in screen_text(app)
        assert "newsreader import PATH" in screen_text(app)
        app.main.hear({"event": "progress", "stage": "import", "done": 3, "total": 40})
        await pilot.pause()
        assert "3 of 40 read in" in screen_text(app)
        save(tmp_path / "new", entry(1))
        app.main.hear({"event": "stored", "new": 1})
        app.main.hear({"event": "idle"})
        await pilot.pause()
        assert "Report 1" in screen_text(app)


async def test_a_burst_of_keys_is_done_in_order(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(160, 40)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        burst(app, "slash", *"number", "space", "4", "enter", "b")
        await settled(pilot, app, lambda: said(app) == "Bookmarked · u undoes")
        assert app.main.bar.query_text == "number 4"
        await settled(pilot, app, lambda: "★" in screen_text(app).replace("★ bookmarked", ""))
        burst(app, "slash", *"xyz", "escape", "q")
        await settled(pilot, app, lambda: not app.is_running)
    library = Library(home)
    (kept,) = library.headlines(library.article_ids(Scope(ScopeKind.BOOKMARKS)))
    assert kept.title == "Report 4"
    library.close()


def test_in_a_real_terminal_one_write_of_many_keys(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "reader.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\nfrom newsreader.tui.app import NewsReader\n"
        f"search = [sys.executable, '-c', {SEARCHER!r}, sys.argv[1]]\n"
        "idle = [sys.executable, '-c', 'import sys; sys.stdin.read()']\n"
        "NewsReader(Path(sys.argv[1]), search_command=search, work_command=idle).run()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm-256color"}
    child = pexpect.spawn(
        sys.executable, [str(script), str(home)], dimensions=(24, 80), env=environment, timeout=20
    )
    child.expect("Report 0")
    child.send("/number 4\rb")
    child.expect("Bookmarked")
    child.send("qq")
    child.expect(pexpect.EOF)
    library = Library(home)
    (kept,) = library.headlines(library.article_ids(Scope(ScopeKind.BOOKMARKS)))
    assert kept.title == "Report 4"
    library.close()


@pytest.mark.parametrize(("key", "words"), [("question_mark", "undone"), ("e", "alpha")])
async def test_keys_in_one_burst_with_the_key_of_an_overlay_are_in_its_prompt(
    reader: Make, key: str, words: str
) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot, app, lambda: app.main.reading.article is not None)
        burst(app, key, *words)
        await pilot.pause(0.2)
        prompt = app.screen.query_one("#picker-input", Input)
        assert prompt.value == words
        burst(app, "escape", "j")
        await settled(pilot, app, lambda: app.screen is app.main)
        await settled(pilot, app, lambda: app.main.articles.cursor == 1)


def lit(app: NewsReader) -> list[str]:
    """The words on the screen that are drawn as matches."""
    strips = app.screen._compositor.render_strips()
    return [
        segment.text
        for strip in strips
        for segment in strip
        if segment.style is not None and segment.style.reverse and segment.style.bold
    ]


async def test_matches_are_lit_in_titles_too(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"port 4")
        await settled(pilot, app, lambda: said(app).startswith("1 of 8"))
        await settled(pilot, app, lambda: lit(app).count("port 4") >= 2)
        main = app.main
        assert "port 4" in lit(app)
        await settled(pilot, app, lambda: main.reading._title == ((2, 8),))
        await pilot.press("escape")
        await settled(pilot, app, lambda: lit(app) == [])


@pytest.mark.parametrize("searching", [False, True])
async def test_resizing_over_every_width_at_once(reader: Make, searching: bool) -> None:
    app = reader()
    sizes = [(60, 20), (120, 40), (39, 9), (200, 50), (80, 24), (90, 33), (90, 34), (149, 12)]
    async with app.run_test(size=(80, 24)) as pilot:
        if searching:
            await pilot.press("slash", *"harbour")
            await settled(pilot, app, lambda: bool(app.main.articles._snippets))
        for size in sizes:
            await pilot.resize_terminal(*size)
            # The compositor may draw before widgets are told of their new sizes.
            app.main.articles.repaint()
            await pilot.pause()
        assert "Report 0" in screen_text(app)


async def test_a_key_hard_upon_escape_is_both(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"zebra")
        app.post_message(events.Key("alt+j", "j"))
        await settled(pilot, app, lambda: app.main.articles.cursor == 1)
        assert app.main.bar.query_text == ""


async def test_a_worker_that_is_killed_is_started_again(reader: Make, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    dies = f"open({str(starts)!r}, 'a').write('.'); raise SystemExit(9)"
    app = reader(work_command=[sys.executable, "-c", dies])
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot, app, lambda: "stopped unexpectedly" in said(app))
    assert starts.read_text() == "..."


async def test_a_home_that_is_deleted_is_said_and_nothing_is_lost_unseen(
    reader: Make, home: Path
) -> None:
    idle = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    app = reader(search_command=idle)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause(0.1)
        for name in ("library.db", "library.db-wal", "library.db-shm"):
            (home / name).rename(home / f"gone-{name}")
        await pilot.press("b")
        await settled(pilot, app, lambda: "no longer in" in said(app))
        assert "★" not in screen_text(app)
        assert not (home / "library.db").exists(), "no empty one takes its place"
        app.main.say("")
        Library(home).close()
        await pilot.press("b")
        await settled(pilot, app, lambda: "no longer in" in said(app))
        assert "★" not in screen_text(app), "nor is another one taken for it"


async def test_what_is_removed_elsewhere_leaves_no_empty_rows(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("j", "j")
        library = Library(home)
        library.remove([source.id for source in library.sources()])
        library.close()
        await settled(pilot, app, lambda: "There is nothing to read yet." in screen_text(app))
        assert "(gone)" not in screen_text(app)


async def test_without_colours_every_state_still_shows(
    reader: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("b", "slash", *"port 4")
        await settled(pilot, app, lambda: "port 4" in lit(app))
        strips = app.screen._compositor.render_strips()
        colours = {s.style.color.triplet for strip in strips for s in strip if s.style.color}
        assert all(c is None or c.red == c.green == c.blue for c in colours)
        text = screen_text(app)
        assert "●" in text and "▌" in text
        await pilot.press("escape")
        await settled(pilot, app, lambda: "★" in screen_text(app))


async def test_a_long_title_has_two_lines_among_matches_and_is_lit_in_both(
    reader: Make, home: Path
) -> None:
    save(home, entry(0, title="Harbour " + "of a very long title " * 2 + "in the harbour"))
    app = reader()
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("slash", *"harbour")
        rows = app.main.articles
        await settled(pilot, app, lambda: bool(rows._snippets) and not rows.wanted_snippets())
        top, below, snippet, foot = rows._row(row, 48) if (row := rows.headline(0)) else [[]] * 4
        assert ("Harbour", "headline match") in top
        assert ("harbour", "headline match") in below
        assert any("match" in roles for _, roles in snippet)
        assert "The Ledger" in "".join(text for text, _ in foot)
