"""Feeds being fetched: asked for, shown while it goes on, summed up; and the text of a page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.config import Config
from newsreader.model import ArticleID, Enclosure
from newsreader.store import Store
from newsreader.tui.app import NewsReader
from newsreader.tui.reading import same_place

from .conftest import NOW, entry, said, save, screen_text, settled
from .feeding import asked, command, subscribed

Make = Callable[..., NewsReader]


def refreshes(home: Path) -> list[tuple[list[int] | None, bool]]:
    return [(each["sources"], each["all"]) for each in asked(home) if each["do"] == "refresh"]


async def test_a_feed_a_folder_and_all_that_are_due_are_fetched(reader: Make, home: Path) -> None:
    second = subscribed(home, 2, NOW, folder="World")
    subscribed(home, 3, NOW)
    app = reader(work_command=command(home))
    async with app.run_test(size=(160, 30)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        app.main.sources.choose(app.main.sources._rows[-3].scope)
        await pilot.press("1", "r")
        await settled(pilot, app, lambda: "; 1 feed failed · W shows them" in said(app))
        await pilot.press("j", "r")
        await settled(pilot, app, lambda: said(app) == "The Ledger: its server does not answer")
        await pilot.press("R")
        await settled(pilot, app, lambda: said(app) == "No feed is due yet · R again fetches all")
        await pilot.press("R")
        await settled(pilot, app, lambda: said(app) == "1/3 · 7 new · 1 failed · X stops")
        await pilot.press("X")
        await settled(pilot, app, lambda: said(app) == "Stopped after 1 of 3 feeds · 7 new")
        folder, *others = refreshes(home)
        assert set(folder[0] or ()) == {1, second}
        assert others == [([second], False), (None, False), (None, True)]


async def test_while_it_goes_on_the_same_key_asks_for_all(reader: Make, home: Path) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        app.main.hear({"event": "refresh", "done": 1, "total": 9, "new": 0, "failed": 0})
        await pilot.press("R")
        await settled(pilot, app, lambda: bool(refreshes(home)))
        assert refreshes(home) == [(None, True)]


async def test_the_list_and_the_cursor_stay_where_they_are(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("j", "j")
        before = app.main.articles.current
        save(home, *(entry(n + 20) for n in range(3)))
        app.main.hear({"event": "refresh", "done": 1, "total": 2, "new": 3, "failed": 0})
        await pilot.pause()
        assert app.main.articles.current == before and "1/2 · 3 new" in said(app)
        done = {"event": "refreshed", "done": 2, "total": 2, "new": 3, "failed": 0, "asked": False}
        app.main.hear(done)
        await pilot.pause()
        assert said(app) == "3 new from 2 feeds"
        app.main.bar.status.say("notice", [])
        assert said(app) == "3 new, press ."
        assert app.main.articles.current == before


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([{"failed": 2}], ""),
        ([{"new": 1, "failed": 2}], "1 new from 80 feeds"),
        ([{"offline": True}], "You are offline · feeds are fetched when you are back"),
        ([{"offline": True}, {"offline": True}], ""),
        ([{"offline": True}, {}, {"offline": True}], "You are offline · feeds are fetched"),
        ([{"asked": True, "failed": 2}], "Nothing new; 2 feeds failed · W shows them"),
        ([{"asked": True, "updated": 3}], "3 changed from 80 feeds"),
        ([{"asked": True, "total": 1, "done": 1}], "Nothing new"),
        ([{"asked": True, "offline": True}, {"asked": True, "offline": True}], "You are offline"),
        ([{"done": "x", "total": None, "failures": [1], "asked": True, "failed": 1}], "No feed"),
    ],
)
async def test_what_a_round_came_to_is_said_where_it_matters(
    reader: Make, events: list[dict[str, Any]], words: str
) -> None:
    app = reader(background=False)
    async with app.run_test(size=(120, 20)) as pilot:
        for event in events:
            app.main.bar.status.say("notice", [])
            app.main.hear({"event": "refreshed", "done": 80, "total": 80, "new": 0, **event})
            await pilot.pause()
        assert said(app).startswith(words) if words else said(app) == ""


async def test_a_worker_that_ends_is_not_waited_for(reader: Make) -> None:
    app = reader(background=False)
    async with app.run_test(size=(100, 30)) as pilot:
        app.main.hear({"event": "refresh", "done": 1, "total": 9, "new": 0, "failed": 0})
        app.main.hear({"event": "lost"})
        await pilot.pause()
        assert said(app) == ""


@pytest.mark.parametrize("size", [(44, 16), (80, 24), (160, 40)])
async def test_the_full_text_comes_at_the_words_being_read(
    reader: Make, home: Path, size: tuple[int, int]
) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=size) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await pilot.press("enter", *["j"] * 9)
        await pilot.pause()
        view, reading = app.main.view, app.main.reading
        assert reading.article is not None
        words = reading.article.body.text[view.place :][:40]
        assert view.place > 0
        await pilot.press("t")
        assert "Fetching the full text" in said(app)
        await settled(pilot, app, lambda: reading.article and reading.article.origin == "page")
        await pilot.pause()
        assert reading.article.body.text[view.place :].startswith(words)
        assert "An opening" not in screen_text(app)
        await pilot.press("g")
        await pilot.pause()
        assert "The full text, from the publisher's page" in " ".join(screen_text(app).split())
        await pilot.press("t")
        await settled(pilot, app, lambda: reading.article and reading.article.origin == "feed")
        assert "The text as the feed gave it" in said(app)
        await pilot.press("t")
        await settled(pilot, app, lambda: reading.article and reading.article.origin == "page")
        assert [each["do"] for each in asked(home)].count("page") == 1


async def test_a_page_that_cannot_be_had_says_why(reader: Make, home: Path) -> None:
    app = reader(work_command=command(home))
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        await pilot.press("j", "enter", "t")
        await settled(pilot, app, lambda: "No full text: it asks for" in said(app))
        await pilot.press("C")
        assert said(app) == "Nothing in this article has been changed since it came"


async def test_an_article_without_address_has_no_page(reader: Make, home: Path) -> None:
    save(home, entry(30, link=None, guid="none", title="Bare"))
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        newest = next(
            row for row in range(9) if (h := app.main.articles.headline(row)) and not h.url
        )
        await pilot.press(*["j"] * newest, "enter", "t")
        assert said(app) == "This article has no address, so there is no page to read"


async def test_what_the_publisher_changed_is_said_and_listed(reader: Make, home: Path) -> None:
    save(home, entry(0, title="Report zero", comments="https://news.example/0#talk"))
    app = reader()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "changed once" in screen_text(app).replace("\N{NO-BREAK SPACE}", " ")
        await pilot.press("C")
        await pilot.pause()
        text = screen_text(app)
        assert "What the publisher changed" in text and "title before: Report 0" in text


async def test_files_and_comments_stand_at_the_foot_and_among_the_addresses(
    reader: Make, home: Path
) -> None:
    enclosure = Enclosure("https://a.example/1.mp3", "audio/mpeg", 34_000_000, "Episode [/] 12")
    talk = "https://news.example/40#talk"
    published = NOW
    save(home, entry(40, enclosures=(enclosure,), comments=talk, published=published))
    app = reader()
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("enter", "G")
        await pilot.pause()
        text = screen_text(app)
        assert "Episode [/] 12, audio/mpeg, 34 MB: https://a.example/1.mp3" in text
        assert f"Comments: {talk}" in text
        await pilot.press("o")
        await pilot.pause()
        text = screen_text(app)
        assert talk in text and "the comments" in text and "Episode [/] 12, audio/mpeg" in text


async def test_names_found_later_appear_in_the_article_being_read(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("enter")
        article = app.main.reading.article
        assert article is not None
        store = Store(home)
        store.todo.queue("entities", [article.id])
        assert "Matthew Heath 1" in screen_text(app)
        (task,) = store.todo.take("entities", 1)
        store.entities.save(task, store.articles.text(ArticleID(article.id)) or "", [], 1)
        app.main.hear({"event": "idle"})
        await pilot.pause()
        assert "Matthew Heath 1" not in screen_text(app)
        store.close()


async def test_a_text_being_read_stays_until_something_is_done_to_it(
    reader: Make, home: Path
) -> None:
    app = reader()
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        save(home, entry(0, "Rewritten: Caracas has Matthew Heath at the harbour now."))
        app.main.hear({"event": "idle"})
        await pilot.pause()
        shown = app.main.reading
        assert shown.article is not None and shown.article.body.text.startswith("Number 0")
        await pilot.press("b")
        await settled(pilot, app, lambda: shown.article and "Rewritten" in shown.article.body.text)
        await pilot.pause()
        assert "changed once" in screen_text(app).replace("\N{NO-BREAK SPACE}", " ")
        assert [shown.surface(mention) for mention in shown._mentions] == [
            "Caracas",
            "Matthew Heath",
        ]


async def test_a_saved_search_gives_notice_through_a_program(
    reader: Make, home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "notice"
    script = "import sys; open(sys.argv[1], 'w').write(repr(sys.argv[2:]))"
    import sys

    config = Config(notify=(sys.executable, "-c", script, str(out)))
    app = reader(config=config)
    async with app.run_test(size=(120, 30)) as pilot:
        event = {"event": "notify", "saved": "oil; $(x)", "count": 3, "titles": ["-\x1b[31m[/]"]}
        app.main.hear(event)
        await settled(pilot, app, lambda: out.exists() and out.read_text() != "")
        assert out.read_text() == repr(["3 new in oil; $(x) · -[/]"])


async def test_a_program_that_is_not_there_is_said(reader: Make) -> None:
    app = reader(config=Config(notify=("/nonexistent/notify",)))
    async with app.run_test(size=(120, 30)) as pilot:
        app.main.hear({"event": "notify", "saved": "oil", "count": 3, "titles": []})
        await settled(pilot, app, lambda: said(app).startswith("The program for notices"))


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.integers(0, 50))
def test_a_place_is_always_inside_the_other_text(before: str, after: str, offset: int) -> None:
    place = same_place(before, after, min(offset, len(before)))
    assert 0 <= place <= len(after)
    assert same_place(before, "x" * 90 + before, min(offset, len(before))) <= len(before) + 90
