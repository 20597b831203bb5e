"""Pictures of the running reader on the sample library, as SVG: python bench/screenshots.py.

The clock is frozen and the library read in first, so that the same code gives the same pictures.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsreader.config import Config
from newsreader.derive import Deriver
from newsreader.intake import import_sample
from newsreader.store import Fetched, Store
from newsreader.tui.app import NewsReader
from newsreader.tui.glyphs import UNICODE
from newsreader.tui.screens.add_panel import AddPanel
from newsreader.tui.screens.entity_page import EntityScreen
from newsreader.tui.themes import TOKENS

NOW = datetime(2026, 10, 21, 8, 30, tzinfo=UTC)
TARGET = Path(__file__).parents[1] / "screenshots"
NAME = ("right_square_bracket",)
IDLE = [sys.executable, "-c", "import sys; sys.stdin.read()"]


@dataclass(frozen=True)
class Shot:
    """One picture: the article it begins ``on``, the keys, what must be on the screen by then.

    With ``feeds`` the library has subscriptions; ``events`` is what the worker says then.
    """

    name: str
    keys: tuple[str, ...] = ()
    on: str = ""
    size: tuple[int, int] = (160, 45)
    theme: str = "late-edition"
    ready: Callable[[NewsReader], bool] = lambda app: True
    feeds: bool = False
    events: tuple[dict[str, object], ...] = ()


def _found(app: NewsReader) -> bool:
    return " of " in app.main.bar.status.said() and not app.main.articles.wanted_snippets()


def _offered(app: NewsReader) -> bool:
    return app.main.prompting.completing.open


def _narrowed(app: NewsReader) -> bool:
    return _found(app) and ":" in app.main.bar.query_text


def _read(app: NewsReader) -> bool:
    return app.main.reading.article is not None


def _paged(app: NewsReader) -> bool:
    return isinstance(app.screen, EntityScreen) and app.screen.page is not None


def _followed(app: NewsReader) -> bool:
    return len(app.main.listing.followed) == 3 and app.main.at == "source-list"


def _asked(app: NewsReader) -> bool:
    return isinstance(app.screen, AddPanel)


PAPERS = (
    ("Harbour Gazette", "World", 41.0, None),
    ("The Ledger", "World", 63.0, "Its server does not answer within 30 seconds"),
    ("Quarterly Review of Bridges", "World", 0.3, None),
    ("Weather Desk", "Science", 18.0, None),
    ("Night Sky", "Science", 5.0, "This is a web page, no feed any more"),
    ("Old Mill Notes", "Science", 0.0, "Its server says that this feed is no more (410)"),
    ("Notes from the Allotment", None, 2.0, None),
    ("Chess Column", None, 1.0, None),
)
"""Title, folder, articles a week, and what the last fetch failed with."""


def subscribe(home: Path) -> None:
    """Subscribe to feeds of which some do well and some do not."""
    store = Store(home)
    for number, (title, folder, weekly, error) in enumerate(PAPERS):
        url = f"https://{title.lower().replace(' ', '-')}.example/feed.xml"
        source, _ = store.feeds.subscribe(url, title=title, folder=folder)
        due = NOW + timedelta(minutes=7 + 31 * number)
        worked = Fetched(at=NOW - timedelta(minutes=9 + number), due=due, brought=weekly > 0)
        store.feeds.record(source, worked)
        for hours in range(3 if error else 0):
            at = NOW - timedelta(hours=3 - hours)
            failed = worked._replace(at=at, error=error, gone="410" in (error or ""))
            store.feeds.record(source, failed)
        if title == "Chess Column":
            store.feeds.set(source, paused=True)
    store.close()


SEARCH = ("slash", *"heath")
SHOTS = (
    Shot("reading", on="Three Weeks of Rain", keys=("enter", *NAME, *NAME), ready=_read),
    Shot("searching", SEARCH, ready=_found),
    Shot("completion", ("slash", *"heath place:"), ready=_offered),
    Shot("facets", (*SEARCH, "enter", "F", "2"), ready=_narrowed),
    Shot("save", (*SEARCH, "enter", "S", *"Matthew Heath", "down", "down", "space"), ready=_found),
    Shot("names", on="Two senior American", keys=("enter", "e"), ready=_read),
    Shot("entity", on="Two senior American", keys=("enter", *NAME, "enter"), ready=_paged),
    Shot(
        "following",
        on="Two senior American",
        keys=("enter", *NAME, "f", *NAME, "f", *NAME, "f", "q", "1"),
        ready=_followed,
    ),
    Shot(
        "add",
        ("1", "a", *"ledger.example", "enter"),
        ready=_asked,
        feeds=True,
        events=(
            {
                "event": "choose",
                "request": 1,
                "candidates": [
                    ["https://ledger.example/news.xml", "The Ledger"],
                    ["https://ledger.example/sport.xml", "The Ledger: Sport"],
                    ["https://ledger.example/letters.xml", "The Ledger: Letters"],
                ],
            },
        ),
    ),
    Shot("feeds", ("W",), feeds=True),
    Shot("feed", ("W", "enter"), feeds=True),
    Shot(
        "refreshing",
        ("1", "G"),
        size=(110, 36),
        feeds=True,
        events=({"event": "refresh", "done": 3, "total": 8, "new": 5, "failed": 1},),
    ),
    Shot("help", ("question_mark",), size=(110, 36)),
    Shot("two-columns", on="The Village That", size=(110, 36), ready=_read),
    Shot("narrow-list", on="Three Weeks of Rain", size=(80, 24)),
    Shot("narrow-article", on="The Village That", keys=("enter",), size=(80, 24), ready=_read),
    Shot("light", on="Kestrel Bridge Reopens", keys=("enter",), theme="broadsheet", ready=_read),
    Shot("high-contrast", (*SEARCH, "enter"), theme="high-contrast", ready=_found),
)


def prepare(home: Path) -> None:
    """Read the sample library into ``home``, indexed and with its names."""
    store = Store(home)
    import_sample(store)
    deriver = Deriver(store, home)
    deriver.prepare()
    while deriver.step():
        pass
    deriver.close()
    store.close()


def as_drawn(svg: str, theme: str) -> str:
    """Return the picture with the double underline that Rich's export leaves out."""
    colour = TOKENS[theme]["organisation"]
    for name in re.findall(rf"\.([\w-]+) {{ fill: {colour}(?: |;[^}}]*)}}", svg):
        names = rf'(<text class="{name}")(?=[^>]*>(?!{UNICODE.organisation}))'
        svg = re.sub(names, r'\1 style="text-decoration: underline double"', svg)
    return svg


async def until(pilot_pause: Callable[[float], Awaitable[None]], ready: Callable[[], bool]) -> None:
    """Wait until ``ready``, at most ten seconds."""
    for _ in range(200):
        await pilot_pause(0.05)
        if ready():
            return
    raise TimeoutError("the screen never became what it should be")


def _way(app: NewsReader, title: str) -> list[str]:
    """Return the keys to the row whose title begins with ``title``."""
    rows = range(len(app.main.articles.ids)) if title else range(0)
    titles = {row: headline.title for row in rows if (headline := app.main.articles.headline(row))}
    return ["j"] * next((row for row, each in titles.items() if each.startswith(title)), 0)


async def shoot(home: Path, shot: Shot, target: Path) -> None:
    """Take one picture."""
    app = NewsReader(home, config=Config(theme=shot.theme), now=lambda: NOW, work_command=IDLE)
    async with app.run_test(size=shot.size) as pilot:
        await pilot.pause(0.2)
        for key in (*_way(app, shot.on), *shot.keys):
            await pilot.press(key)
        for event in shot.events:
            app.main.hear(event)
        await until(pilot.pause, lambda: shot.ready(app))
        await pilot.pause(0.2)
        svg = app.export_screenshot(title="newsreader", simplify=True)
    (target / f"{shot.name}.svg").write_text(as_drawn(svg, shot.theme), encoding="utf-8")


def shoot_all(home: Path, target: Path) -> None:
    """Take every picture of a home that is prepared."""
    target.mkdir(exist_ok=True)
    for shot in SHOTS:
        # What one picture opens and marks must not show in the next.
        with tempfile.TemporaryDirectory() as place:
            fresh = Path(shutil.copytree(home, Path(place) / "home"))
            if shot.feeds:
                subscribe(fresh)
            asyncio.run(shoot(fresh, shot, target))
        print(target / f"{shot.name}.svg")


def main() -> int:
    """Prepare a home of its own, take the pictures, leave nothing else behind."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        prepare(home)
        shoot_all(home, TARGET)
    return 0


if __name__ == "__main__":
    sys.exit(main())
