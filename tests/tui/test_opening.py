"""Addresses are shown whole before a program gets them, as one argument, without a shell."""

import json
import os
import sys
from pathlib import Path

import pytest

from newsreader.config import Config
from newsreader.model import Link
from newsreader.tui.app import NewsReader
from newsreader.tui.opening import command, in_terminal, program_for

from .conftest import entry, save, screen_text, settled

PROGRAM = """
import json, sys
with open(sys.argv[1], "a") as out:
    out.write(json.dumps(sys.argv[2:]) + "\\n")
sys.exit(7 if "fail" in sys.argv[-1] else 0)
"""
LONG = "https://long.example/" + "path/" * 60 + "?q=$(reboot)`id`;x"
EVIL = [
    Link("https://your-bank.example", "https://xn--80ak6aa92e.com/login"),
    Link("long", LONG),
    Link("[@click=app.quit]x[/]", "https://a.example/[/]/%5B@click=app.quit%5D"),
    Link("fail", "https://a.example/fail"),
    Link("mail", "mailto:ann@a.example?attach=/etc/passwd&subject=Hi"),
]


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    return tmp_path / "opened"


@pytest.fixture
def app(tmp_path: Path, opened: Path) -> NewsReader:
    home = tmp_path / "home"
    save(home, entry(0, link=None, links=tuple(EVIL)), folder="World")
    (tmp_path / "program.py").write_text(PROGRAM)
    program = (sys.executable, str(tmp_path / "program.py"), str(opened), "{}")
    return NewsReader(home, config=Config(open={"browser": program}), background=False)


def arguments(opened: Path) -> list[list[str]]:
    return [json.loads(line) for line in opened.read_text().splitlines()] if opened.exists() else []


async def test_a_host_in_other_letters_is_said_and_opened_only_then(
    app: NewsReader, opened: Path
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o", "enter")
        await pilot.pause()
        text = screen_text(app)
        assert "Where it leads" in text and "https://xn--80ak6aa92e.com/login" in text
        assert "Cyrillic" in text and not opened.exists()
        await pilot.press("escape", "o", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot, app, lambda: bool(arguments(opened)))
        assert arguments(opened) == [["https://xn--80ak6aa92e.com/login"]]


@pytest.mark.parametrize("size", [(44, 16), (80, 24), (120, 40)])
async def test_a_long_address_is_shown_to_its_end(
    app: NewsReader, opened: Path, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await pilot.press("o", "down", "enter")
        await pilot.pause()
        seen = set()
        for _ in range(30):
            seen |= {line.strip() for line in screen_text(app).splitlines()}
            await pilot.press("pagedown")
        rows = [row.left for row in app.screen._all]  # type: ignore[attr-defined]
        assert "".join(piece for row in rows for piece, _ in row).startswith(
            LONG.replace("`", "%60")
        )
        assert not opened.exists()


async def test_an_address_seen_whole_opens_at_once_and_failing_is_said(
    app: NewsReader, opened: Path
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o", *"a.example/fail", "enter")
        await settled(pilot, app, lambda: "status 7" in screen_text(app))
        assert arguments(opened) == [["https://a.example/fail"]]


async def test_markup_in_an_address_is_text(app: NewsReader, opened: Path) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o", *"click", "enter")
        await settled(pilot, app, lambda: bool(arguments(opened)))
        assert arguments(opened) == [["https://a.example/[/]/%5B@click=app.quit%5D"]]
        assert app.is_running


async def test_without_a_program_it_can_still_be_copied(
    app: NewsReader, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o", *"mail", "enter")
        await pilot.pause()
        text = screen_text(app)
        assert "mailto:ann@a.example?subject=Hi" in text and "attach" not in text
        assert "No program" in text and "left out" in text
        await pilot.press("enter")
        await pilot.pause()
        assert app.clipboard == "mailto:ann@a.example?subject=Hi" and not opened.exists()


def test_the_program_is_the_users() -> None:
    configured = {"browser": ("firefox", "--new-tab"), "gemini": ("amfora",)}
    assert program_for("https", configured, {"BROWSER": "sh"}) == ("firefox", "--new-tab")
    assert program_for("gemini", configured, {}) == ("amfora",)
    assert program_for("gopher", configured, {"DISPLAY": ":0"}) == ()
    assert program_for("http", {}, {"BROWSER": f"nothing-here{os.pathsep}sh -x %s"}) == [
        "sh",
        "-x",
        "{}",
    ]
    # Inside another word a shell would be meant to take it apart.
    assert program_for("http", {}, {"BROWSER": "sh -c 'open %s'"}) == ()
    assert program_for("http", {}, {"BROWSER": "'"}) == ()


def test_the_address_is_one_argument_wherever_it_stands() -> None:
    url = "https://a.example/a b;$(id)"
    assert command(("x", "-n", "{}"), url) == ["x", "-n", url]
    assert command(("x", "--url={}", "y"), url) == ["x", f"--url={url}", "y"]
    assert command(("x",), url) == ["x", url]
    assert in_terminal(("/usr/bin/w3m",), ()) and in_terminal(("mine",), ("mine",))
    assert not in_terminal(("firefox",), ("mine",))
