"""What the worker says, passed on to those who show it."""

from typing import TYPE_CHECKING

from newsreader.config import Config
from newsreader.tui.background import Message
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.screens import wording

if TYPE_CHECKING:
    from newsreader.tui.screens.main import MainScreen


class Hearing:
    """Hears one event after another, for one main screen."""

    def __init__(self, main: "MainScreen", config: Config, glyphs: Glyphs) -> None:
        self._main = main
        self._config = config
        self._glyphs = glyphs

    def hear(self, event: Message) -> None:
        """Show what an event says."""
        main, kind = self._main, event.get("event")
        line = wording.worker(event, self._glyphs)
        if line is not None:
            main.bar.status.say("progress", line)
        if kind == "failed":
            main.say(str(event.get("reason")))
        elif kind == "notify":
            words, more = wording.notified(event, self._glyphs)
            main.say(words, more)
            main.run_worker(self._notify(words + more), group="notify")
        elif kind != "refresh":
            # A round says dozens of times a second how far it is; the clock looks once.
            main.poll()
        if kind in ("idle", "standby"):
            main.listing.arrived()
            main.fetching.rest()
        main.fetching.hear(event)
        main.adding.hear(event)

    async def _notify(self, words: str) -> None:
        """Give notice outside the reader, if the configuration says how."""
        if self._config.notify:
            from newsreader.tui.notifying import notify

            if fault := await notify(self._config.notify, words, self._write):
                self._main.say(fault)

    def _write(self, sequence: str) -> None:
        """Write a control sequence of our own to the terminal, past the screen."""
        # Textual has no other way: its own copy_to_clipboard writes so, too.
        driver = self._main.app._driver
        if driver is not None:
            driver.write(sequence)
