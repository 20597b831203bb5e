"""The prompt: completion, searches made before, another spelling."""

from collections.abc import Callable
from pathlib import Path

import pytest

from newsreader.library import Library
from newsreader.tui.app import NewsReader

from .conftest import burst, said, screen_text, settled

Make = Callable[..., NewsReader]
SIZES = [(80, 24), (200, 50)]


@pytest.mark.parametrize("size", SIZES)
async def test_fields_and_names_are_completed(reader: Make, size: tuple[int, int]) -> None:
    app = reader()
    async with app.run_test(size=size) as pilot:
        main = app.main
        await pilot.press("slash", *"per")
        assert "person:" in screen_text(app)
        await pilot.press("tab")
        assert main.bar.query_text == "person:"
        await settled(pilot, app, lambda: main.prompting.completing.open)
        assert "Matthew Heath" in screen_text(app).splitlines()[-4]
        assert "[/]" in screen_text(app).splitlines()[-3]
        assert "8" in screen_text(app).splitlines()[-4]
        await pilot.press("down", "up", "right")
        assert main.bar.query_text == 'person:"Matthew Heath" '
        assert main.typing
        await settled(pilot, app, lambda: said(app).startswith("8 of 8"))
        assert not main.completion.display


async def test_a_chosen_row_is_taken_with_enter_and_escape_closes_first(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        main = app.main
        await pilot.press("slash", *"person:")
        await settled(pilot, app, lambda: main.prompting.completing.open)
        await pilot.press("down", "enter")
        assert main.bar.query_text == "person:[/]"
        await pilot.press(*["backspace"] * 3)
        await settled(pilot, app, lambda: main.prompting.completing.open)
        await pilot.press("escape")
        assert main.typing and not main.completion.display
        await pilot.press("escape")
        assert not main.typing and not main.finding.active


async def test_a_burst_with_tab_in_it_is_typed_in_order(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        main = app.main
        await settled(pilot, app, lambda: main.finding.searcher is not None)
        burst(app, "slash", *"per", "tab", *"heath")
        await settled(pilot, app, lambda: main.bar.query_text == "person:heath")
        burst(app, *["backspace"] * 5, "left", *"x", "backspace", "enter")
        await settled(pilot, app, lambda: main.finding.query == "person:")
        assert main.bar.query_text == "person:"
        burst(app, "escape", "escape", "slash", *"harbour", "tab", "j")
        await settled(pilot, app, lambda: main.at == "article-list" and not main.typing)
        assert main.bar.query_text == "harbour"


async def test_tab_before_the_names_are_known_takes_them_when_they_come(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        burst(app, "slash", *"person:", "tab")
        await settled(pilot, app, lambda: app.main.bar.query_text == 'person:"Matthew Heath" ')


async def test_a_list_for_another_place_in_the_text_is_hidden(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"per", "left")
        await pilot.pause()
        assert not app.main.completion.display
        await pilot.press("end", *"x", "backspace")
        assert app.main.completion.display


async def test_searches_made_before_come_back(reader: Make, home: Path) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        main = app.main
        for words in ("number 4", "harbour"):
            await pilot.press("slash", *words, "enter")
            await settled(pilot, app, lambda: main.finding.query == words)  # noqa: B023 - awaited here
            await pilot.press("escape")
        await pilot.press("slash", "up")
        assert main.bar.query_text == "harbour"
        await pilot.press("up", "up")
        assert main.bar.query_text == "number 4"
        await settled(pilot, app, lambda: said(app).startswith("1 of 8"))
        await pilot.press("down", "down")
        assert main.bar.query_text == ""
        await pilot.press(*"port", "up")
        assert main.bar.query_text == "port", "what is being written is not replaced"
    library = Library(home)
    assert list(library.recent_searches()) == ["harbour", "number 4"]
    library.close()
    again = reader()
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", "up", "up")
        assert again.main.bar.query_text == "number 4"


async def test_another_spelling_is_one_key_away(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"presidnet")
        await settled(pilot, app, lambda: "Did you mean  number ?" in screen_text(app))
        await pilot.press("tab")
        await settled(pilot, app, lambda: said(app).startswith("8 of 8"))
        assert app.main.bar.query_text == "number"
        await pilot.press("slash", *["backspace"] * 6, *"presidnet", "enter")
        await settled(pilot, app, lambda: app.main.finding.suggestion == "number")
        await pilot.press("tab")
        await settled(pilot, app, lambda: app.main.bar.query_text == "number")
