"""Whatever a feed or its server says, the pages of feeds draw text."""

from pathlib import Path

import pytest

from newsreader.tui.app import NewsReader
from newsreader.tui.screens.add_panel import AddPanel

from .conftest import NOW, screen_text
from .feeding import subscribed
from .test_safety import EVIL


async def test_what_is_found_and_refused_is_drawn_as_text(home: Path) -> None:
    app = NewsReader(home, background=False)
    async with app.run_test(size=(80, 24)) as pilot:
        for evil in EVIL:
            panel = AddPanel(app.main._glyphs, EVIL, lambda _: True, folder=evil)
            await app.push_screen(panel)
            panel.offer([(evil, each) for each in EVIL])
            await pilot.pause()
            assert "\x1b" not in screen_text(app)
            panel.refuse(evil)
            await pilot.press("tab", "enter")
            await pilot.pause()
            assert "\x1b" not in screen_text(app)
            await pilot.press("escape")
            failure = {"event": "refreshed", "asked": True, "failed": 1, "total": 1}
            app.main.hear({**failure, "failures": [[1, evil, evil]]})
            app.main.hear({"event": "page", "article": 1, "ok": False, "reason": evil})
            await pilot.pause()
            assert "\x1b" not in screen_text(app)


@pytest.mark.parametrize("size", [(44, 16), (120, 40)])
async def test_hostile_feeds_on_every_page(home: Path, size: tuple[int, int]) -> None:
    for number, evil in enumerate(EVIL):
        source = subscribed(home, number + 50, NOW, folder=evil, title=evil, error=evil, note=evil)
    app = NewsReader(home, background=False)
    keys = "1 j j G i enter escape j enter escape j enter escape D escape escape W slash [ / ] "
    keys += "enter escape enter question_mark escape L q q"
    async with app.run_test(size=size) as pilot:
        for key in keys.split():
            await pilot.press(
                {"[": "left_square_bracket", "]": "right_square_bracket"}.get(key, key)
            )
            await pilot.pause()
            text = screen_text(app)
            assert not any("\u202a" <= c <= "\u202e" or (c < " " and c != "\n") for c in text)
        assert app.is_running and source
