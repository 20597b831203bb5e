"""The reader: starts, takes a theme, shows the main screen, stops its helpers."""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType

from rich.text import Text
from textual import events
from textual.app import App
from textual.worker import WorkerFailed

from newsreader.config import Config, load_config
from newsreader.errors import NewsReaderError
from newsreader.library import Library
from newsreader.tui.acts import Acts
from newsreader.tui.background import Background
from newsreader.tui.commands import unknown
from newsreader.tui.glyphs import ASCII, UNICODE
from newsreader.tui.screens.main import MainScreen
from newsreader.tui.screens.wording import FINISHING
from newsreader.tui.themes import LATE_EDITION, TOKENS, themes, variables

_LEAVE = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_PATIENCE_SECONDS = 3.0
"""For writes and helpers to end; they take a second at most, unless the terminal has gone."""
_WRITES_SECONDS = 0.7
"""For writes alone, before the terminal is restored and they are waited for without it."""
_BY_SIGNAL = 128
"""What shells add to a signal's number for the exit status."""


def _now() -> datetime:
    return datetime.now().astimezone()


class NewsReader(App[None]):
    """The application.

    Args:
        home: where library and index are.
        config: settings; read from the home if not given.
        now: the clock, in the reader's own time zone.
        background: start searcher and worker.
        search_command, work_command: what to start in their place.
    """

    CSS_PATH = "newsreader.tcss"
    TITLE = "newsreader"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        home: Path,
        *,
        config: Config | None = None,
        now: Callable[[], datetime] = _now,
        background: bool = True,
        search_command: Sequence[str] | None = None,
        work_command: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._home = home
        self._config = load_config(home) if config is None else config
        self._library = Library(home)
        self._acts = Acts(home, since=self._library.last_act())
        self._config_keys = {
            key.strip() for keys in self._config.keys.values() for key in keys.split(",")
        }
        self._wants_background = background
        for theme in themes():
            self.register_theme(theme)
        wanted = self._config.theme or self._library.setting("theme") or LATE_EDITION
        self._strange = wanted if wanted not in TOKENS else ""
        self.theme = wanted if wanted in TOKENS else LATE_EDITION
        glyphs = ASCII if self._config.ascii else UNICODE
        self.main = MainScreen(
            self._library, self._acts, config=self._config, glyphs=glyphs, now=now
        )
        self._background = Background(
            home, self.main.hear, search_command=search_command, work_command=work_command
        )
        # Keys may come before the first frame is out.
        self.main.attend(self._background)
        if background and not self._library.read_only:
            self._background.promise()

    def _fatal_error(self) -> None:
        """End with a sentence; Textual would print a traceback with all that it holds."""
        from newsreader.log import unexpected

        self.bell()
        fault: BaseException | None = self._exception
        if isinstance(fault, WorkerFailed):
            fault = fault.error
        assert fault is not None
        known = isinstance(fault, NewsReaderError)
        sentence = str(fault) if known else unexpected(self._home, fault)
        self.panic(Text(f"newsreader: {sentence}"))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return values for the stylesheet's own variables, whatever the theme."""
        return variables(LATE_EDITION)

    def get_default_screen(self) -> MainScreen:
        """Return the main screen; pushing it on Textual's own would lay out and style both."""
        # Textual sets this class with the first resize: a frame too late, and a layout too much.
        fitting = [
            name for least, name in self.main.HORIZONTAL_BREAKPOINTS if self.size.width >= least
        ]
        self.main.add_class(fitting[-1])
        return self.main

    def on_mount(self) -> None:
        """Leave all else until after the first frame."""
        if not self.is_headless:
            self._own_loop = asyncio.get_running_loop()
            for number in _LEAVE:
                # Not the loop's own handlers, which a loop that waits for ever never calls.
                signal.signal(number, self._told)
        self.call_after_refresh(self._after_first_frame)

    async def _after_first_frame(self) -> None:
        gc.freeze()
        gc.enable()
        if self._strange:
            self.main.say(f"There is no theme {self._strange}; there are {', '.join(TOKENS)}")
        elif strangers := unknown(self._config.keys):
            self.main.say(f"config.toml names keys for no command: {', '.join(strangers)}")
        elif self._library.read_only:
            self.main.say("This library can only be read: nothing is marked, kept or fetched")
        if self._wants_background:
            await self._background.start(work=not self._library.read_only)

    def _told(self, number: int, frame: FrameType | None) -> None:
        """Leave as the system asks: in good order, terminal restored, or else at once."""
        # Textual waits without end for a terminal that has gone to take what it writes.
        watch = threading.Timer(_PATIENCE_SECONDS, os._exit, (_BY_SIGNAL + number,))
        watch.daemon = True
        watch.start()
        self._own_loop.call_soon_threadsafe(self._leave, _BY_SIGNAL + number)

    def _leave(self, status: int) -> None:
        self.main.reading.keep_place()
        self.exit(return_code=status)

    async def on_event(self, event: events.Event) -> None:
        """Take a key that came hard upon Escape, which terminals send like Alt, for the two."""
        keys = [event]
        if (
            isinstance(event, events.Key)
            and not event.is_forwarded
            and event.key.startswith("alt+")
            and event.key not in self._config_keys
        ):
            key = event.key.removeprefix("alt+")
            if key.startswith("shift+") and event.character:
                key = event.character
            keys = [events.Key("escape", None), events.Key(key, event.character)]
        for each in keys:
            await super().on_event(each)

    async def action_quit(self) -> None:
        """Leave, with the place in the article kept."""
        self.main.reading.keep_place()
        self.exit()

    async def on_unmount(self) -> None:
        """Stop the helpers and finish what is being written."""
        await self._background.stop()
        self._acts.close(_WRITES_SECONDS)
        self._library.close()

    def finish(self) -> Sequence[str]:
        """Finish, the terminal restored, what is still being written; return what failed."""
        for number in _LEAVE:
            signal.signal(number, signal.SIG_DFL)
        if not self._acts.close(_WRITES_SECONDS):
            sys.stderr.write(f"newsreader: {FINISHING}\n")
            self._acts.close()
        return self._acts.unheard


def run(home: Path) -> int:
    """Show the reader on ``home`` until the user leaves; return the exit status.

    Raises:
        StoreError: the library cannot be opened.
        ConfigError: the configuration is wrong.
    """
    app = NewsReader(home)
    app.run()
    failed = app.finish()
    for sentence in failed:
        sys.stderr.write(f"newsreader: not all that you did was kept: {sentence}\n")
    return app.return_code or (1 if failed else 0)
