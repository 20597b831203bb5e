"""Whatever a feed writes, the screen draws text; and the screen's process loads no engine."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.screen import ModalScreen

from newsreader.model import Completion, EntityKind, Facet, Facets, Recognised, Scope, ScopeKind
from newsreader.store import Store
from newsreader.tui.app import NewsReader
from newsreader.tui.commands import COMMANDS, bindings, hints, key_table, keys_of
from newsreader.tui.screens.entities import links_picker
from newsreader.tui.screens.facets import FacetPanel
from newsreader.tui.screens.feed_health import FeedsScreen
from newsreader.tui.screens.saving import Kept, SavePanel

from .conftest import entry, save, screen_text

EVIL = [
    "[/]",
    "[@click=app.quit]press[/]",
    "[b]bold[/b] [link=x]",
    "\x1b]0;title\x07\x1b[31mred\x9b2J",
    "\x1b]52;c;aGFjaw==\x07",
    "\u202eevil\u2066 \ufeff\U000e0041",
    "日本語の見出し 👩‍👩‍👧 ééé",
    "שלום עולם مرحبا بالعالم",
]


async def _facets(query: str) -> Facets:
    return Facets(tuple(Facet("source", evil, 1) for evil in EVIL))


async def _fault(query: str) -> str:
    return EVIL[3]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_hostile_text_on_every_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    home = tmp_path / "home"
    save(
        home,
        *(
            entry(n, f"{evil} and more", title=evil, author=evil, outlet=evil, tags=(evil,))
            for n, evil in enumerate(EVIL)
        ),
        folder="[/]",
    )
    store = Store(home)
    app = NewsReader(home, background=False)
    async with app.run_test(size=size) as pilot:
        for key in ["1", "2", *["enter", "q", "j"] * len(EVIL), "e", "escape", "o", "escape"]:
            await pilot.press(key)
            text = screen_text(app)
            assert "\x1b" not in text
            assert all(line.replace("\N{NO-BREAK SPACE}", " ") for line in text.splitlines())
            assert not any("\u202a" <= c <= "\u202e" or (c < " " and c != "\n") for c in text)
        for evil in EVIL:
            app.main.completion.show([Completion(evil, 3, "person"), Completion(evil)], 7)
            panel = FacetPanel(app.main._glyphs, evil, _facets, lambda query: None)
            await app.push_screen(panel)
            await pilot.press("1", "down", "enter", "escape")
            await app.push_screen(SavePanel(app.main._glyphs, Kept(evil, evil), "Save", _fault))
            await pilot.press("tab", "space", "enter")
            await pilot.pause()
            assert "\x1b" not in screen_text(app)
            await pilot.press("escape")
            app.main.bar.set_query(evil)
            await pilot.pause()
            assert "\x1b" not in screen_text(app)
        app.main.completion.show([], 0)
        app.main.bar.set_query("")
        await pilot.press("slash", *"[/]")
        app.main.say(EVIL[1])
        app.main.hints.point(3, EVIL[0])
        app.main.hear({"event": "failed", "reason": EVIL[3]})
        await pilot.pause()
        assert "\x1b" not in screen_text(app)
    store.close()


def test_the_screen_loads_no_engine(home: Path) -> None:
    script = """
import asyncio, sys
from pathlib import Path
from typing import Any
from newsreader.tui.app import NewsReader
async def main():
    app = NewsReader(Path(sys.argv[1]), background=False)
    async with app.run_test(size=(120, 40)) as pilot:
        keys = "enter e escape slash a enter F escape S escape escape a escape W enter "
        keys += "question_mark escape D escape escape escape t C r question_mark"
        await pilot.press(*keys.split())
        await pilot.pause()
asyncio.run(main())
loaded = {name.split(".")[0] for name in sys.modules}
print(sorted(loaded & {"whoosh", "numpy", "feedparser", "lxml", "spacy", "httpx",
                       "httpx2", "trafilatura", "keyring"}))
print([name for name in sys.modules if name in ("newsreader.net", "newsreader.feeds")])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(home)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.split() == ["[]", "[]"], done.stderr


async def test_names_from_hostile_articles_are_searched_as_text(
    home: Path, reader: Callable[..., NewsReader]
) -> None:
    store = Store(home)
    newest = store.lists.headlines([store.articles.all_ids()[0]])[0]
    store.todo.queue("entities", [newest.id])
    (task,) = store.todo.take("entities", 1)
    name = '[/] "x" [@click=app.quit]'
    found = [Recognised(start=0, end=6, kind=EntityKind.PERSON, name=name)]
    store.entities.save(task, store.articles.text(newest.id) or "", found, 1)
    store.close()
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("e", "enter")
        await pilot.pause()
        assert app.is_running


def test_commands_are_there_once() -> None:
    names = [command.name for command in COMMANDS]
    keys = [key for command in COMMANDS for key in command.keys.split(",")]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)
    assert [binding.key for binding in bindings({})] == keys
    assert all(command.help in key_table() for command in COMMANDS)


def test_remapped_keys_are_shown() -> None:
    bookmark = next(command for command in COMMANDS if command.name == "bookmark")
    assert keys_of(bookmark, {"bookmark": "ctrl+b, slash"}) == ("ctrl+b", "/")
    assert ("x", "bookmark") in hints("list", {"bookmark": "x"})


async def test_a_page_that_is_closed_before_it_is_laid_out_ends_nothing(
    reader: Callable[..., NewsReader],
) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        glyphs, now = app.main._glyphs, app.main.now
        pages: list[ModalScreen[Any]] = [
            FeedsScreen(glyphs, {}, list, lambda wish: None, now=now),
            links_picker(
                glyphs,
                app.main._library.article(app.main._library.article_ids(Scope(ScopeKind.ALL))[0]),
            ),
            FacetPanel(glyphs, "x", _facets, lambda query: None),
            SavePanel(glyphs, Kept("a", "b"), "Save", _fault),
        ]
        for page in pages:
            app.push_screen(page)
            app.pop_screen()
            await pilot.pause()
        assert app.is_running and app.screen is app.main
