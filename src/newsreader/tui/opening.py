"""Opening addresses outside: shown whole first, then handed to a program as one argument.

Nothing that comes from a feed chooses the program or is seen by a shell. The program is the one
that ``config.toml`` names, else ``$BROWSER``, else what the desktop opens addresses with.
"""

import asyncio
import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported

from newsreader.text.addresses import read_address
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import safe_line

if TYPE_CHECKING:
    from newsreader.tui.screens.main import MainScreen

_IN_TERMINAL = frozenset(
    [
        "w3m",
        "lynx",
        "links",
        "links2",
        "elinks",
        "browsh",
        "carbonyl",
        "chawan",
        "cha",
        "amfora",
        "bombadillo",
        "phetch",
        "mutt",
        "neomutt",
        "aerc",
        "alpine",
    ]
)
"""Programs that take the terminal while they run."""
_PATIENCE_S = 3.0
"""A program that ends sooner than this with an error is said to have failed."""
_PLACE = "{}"
COPY = "copy "
"""Begins the key of the row that copies the address."""


def program_for(
    scheme: str, configured: Mapping[str, Sequence[str]], environment: Mapping[str, str]
) -> Sequence[str]:
    """Return the program and its arguments for addresses of ``scheme``; empty if there is none.

    Args:
        scheme: "http", "https", "mailto", "gemini" or "gopher".
        configured: what ``[open]`` of the configuration says.
        environment: the process's.
    """
    kind = "browser" if scheme in ("http", "https") else scheme
    if configured.get(kind):
        return configured[kind]
    if kind == "browser" and (chosen := _from_environment(environment)):
        return chosen
    if kind in ("browser", "mailto"):
        return _desktop(environment)
    return ()


def _from_environment(environment: Mapping[str, str]) -> Sequence[str]:
    """Return the first program of ``$BROWSER`` that is there."""
    for each in environment.get("BROWSER", "").split(os.pathsep):
        try:
            words = [_PLACE if word == "%s" else word for word in shlex.split(each)]
        except ValueError:
            continue
        if words and "%s" not in " ".join(words) and shutil.which(words[0]):
            return words
    return ()


def _desktop(environment: Mapping[str, str]) -> Sequence[str]:
    if sys.platform == "darwin":
        return ("open",)
    shown = environment.get("WAYLAND_DISPLAY") or environment.get("DISPLAY")
    for name in ("xdg-open", "gio") if shown else ("wslview", "termux-open-url"):
        if shutil.which(name):
            return (name, "open") if name == "gio" else (name,)
    return ()


def command(program: Sequence[str], url: str) -> list[str]:
    """Return the command line: the address in place of each ``{}``, else at the end.

    An address begins with its scheme, so that no program takes it for an option.
    """
    if any(_PLACE in word for word in program[1:]):
        return [program[0], *(word.replace(_PLACE, url) for word in program[1:])]
    return [*program, url]


def in_terminal(program: Sequence[str], named: Sequence[str]) -> bool:
    """Tell whether a program takes the terminal while it runs."""
    name = os.path.basename(program[0])  # noqa: PTH119 - a word of a command line, not a path
    return name in _IN_TERMINAL or name in named or program[0] in named


class Opening:
    """Shows an address, and opens or copies it at the reader's key."""

    def __init__(
        self,
        main: "MainScreen",
        glyphs: Glyphs,
        configured: Mapping[str, Sequence[str]],
        say: Callable[[str], None],
    ) -> None:
        self._main = main
        self._glyphs = glyphs
        self._configured = configured
        self._say = say
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, written: str | None, *, seen: bool = False) -> None:
        """Show an address whole; it is opened or copied from there.

        Args:
            written: the address; None does nothing.
            seen: it has been shown whole just now: with nothing to add, it is opened.
        """
        if not written:
            return
        address = read_address(written)
        program = () if address.refused else self._program(address.scheme)
        if seen and program and not address.notes and address.url == written:
            await self._open(address.url)
            return
        from newsreader.tui.screens.address import address_picker

        name = safe_line(program[0]) if program else ""
        width = self._main.app.size.width
        picker = address_picker(self._glyphs, address, name, width)
        await self._main.app.push_screen(picker, self._taken)

    async def _taken(self, key: str | None) -> None:
        if key is None:
            return
        if key.startswith(COPY):
            self._main.app.copy_to_clipboard(key.removeprefix(COPY))
            self._say("Copied, if your terminal allows it")
        else:
            await self._open(key)

    def _program(self, scheme: str) -> Sequence[str]:
        return program_for(scheme, self._configured, os.environ)

    async def _open(self, url: str) -> None:
        program = self._program(url.partition(":")[0])
        words = command(program, url)
        if in_terminal(program, self._configured.get("terminal", ())):
            self._say(_run_here(self._main.app, words))
            return
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self._say(_not_started(words[0], error))
            return
        self._say(f"Opened with {safe_line(words[0])}")
        task = asyncio.create_task(self._watch(process, words[0]))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _watch(self, process: asyncio.subprocess.Process, name: str) -> None:
        """Say so when a program fails at once; wait for it all the same, so that it is gone."""
        with contextlib.suppress(TimeoutError):
            status = await asyncio.wait_for(asyncio.shield(process.wait()), _PATIENCE_S)
            if status:
                self._say(f"{safe_line(name)} could not open it (status {status})")
        await process.wait()


def _run_here(app: App[object], words: Sequence[str]) -> str:
    """Give the terminal to a program until it ends; return what is to be said."""
    try:
        with app.suspend():
            status = subprocess.run(words, check=False).returncode
    except SuspendNotSupported:
        return "This terminal cannot be lent to another program"
    except (OSError, ValueError) as error:
        return _not_started(words[0], error)
    return f"{safe_line(words[0])} ended with status {status}" if status else ""


def _not_started(name: str, error: Exception) -> str:
    why = error.strerror if isinstance(error, OSError) else error
    return f"{safe_line(name)} could not be started: {why}"
