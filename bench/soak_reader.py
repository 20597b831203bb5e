"""The real reader in a pseudo-terminal, used by its keys and killed between two of them.

What its screen has said is done must be on the disk by then; of the last key, whose answer nobody
waited for, all must be there or nothing.
"""

import contextlib
import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.soak_model import Loss, Model, Observed, first, observe
from bench.terminal import Terminal

_SAID = {
    "b": re.compile("Bookmarked|Bookmark taken away"),
    "m": re.compile(r"(?<!Undone: )1 article marked (read|unread)"),
    "u": re.compile("Undone: "),
}
"""What the screen says when a key's act is done."""
_FIELDS = {"b": "bookmarked", "m": "read"}
_PATIENCE_S = 30.0


class Sitting:
    """One start of the reader on a library, from its first frame to its death."""

    def __init__(
        self,
        home: Path,
        model: Model,
        chance: random.Random,
        environment: Mapping[str, str],
        ours: Callable[[], Sequence[int]],
    ) -> None:
        """Start nothing yet.

        Args:
            home: where the library is.
            model: what it holds.
            chance: decides which keys, and when it ends.
            environment: variables it is given beside those of this process.
            ours: returns the processes that run, the reader's own among them.
        """
        self._home = home
        self._chance = chance
        self._ours = ours
        self._models = [model]
        self._last = ""
        self._awaited = "its first list"
        given = [f"{name}={value}" for name, value in environment.items()]
        self._command = ["env", *given, sys.executable, "-m", "newsreader", "--home", str(home)]

    def run(self) -> Model:
        """Use it and kill it; return what the library holds then.

        Raises:
            Loss: something that was said to be done is not, or only in part.
        """
        terminal = Terminal(self._command, columns=120, rows=40)
        try:
            key = self._use(terminal)
            time.sleep(self._chance.choice((0.0, 0.002, 0.01, 0.05)) * self._chance.random())
            self._kill(terminal.pid)
        except (TimeoutError, EOFError) as error:
            # Frames hold blank lines by the dozen.
            words = " ".join(str(error).split())
            raise Loss(f"the reader never showed {self._awaited}: {words}") from error
        finally:
            terminal.close()
        return self._left(key)

    def _use(self, terminal: Terminal) -> str:
        """Press keys until it is time; return the last one, if nobody waited for its answer."""
        if self._chance.random() < 0.15:
            terminal.watch(self._chance.uniform(0.0, 1.0))
            return ""
        terminal.wait(lambda text: "Report " in text, timeout=_PATIENCE_S)
        for _ in range(self._chance.randint(0, 4)):
            self._step(terminal)
        if self._chance.random() < 0.3:
            self._kill_helper(terminal.pid)
            self._awaited = "anything after a helper was killed"
            self._step(terminal)
        key = self._key()
        terminal.press(key)
        return key

    def _key(self) -> str:
        keys = "bmu" if len(self._models) > 1 else "bm"
        # Never one twice: what it said before may be drawn again before it is done again.
        self._last = self._chance.choice(keys.replace(self._last, "") if self._last else keys)
        return self._last

    def _step(self, terminal: Terminal) -> None:
        """Go somewhere, do something, and look whether it is on the disk once it is said."""
        if self._chance.random() < 0.15:
            self._search(terminal)
        terminal.press("j" * self._chance.randint(0, 3))
        key = self._key()
        start = len(terminal.frames)
        terminal.press(key)
        said = _SAID[key]
        self._awaited = f"that '{key}' was done, {len(self._models)} acts after the first"
        terminal.wait(lambda text: said.search(text) is not None, start=start, timeout=_PATIENCE_S)
        seen = observe(self._home)
        model = self._after(key, seen)
        if model is None:
            raise Loss(
                f"the reader said that '{key}' was done, but beside what was before: "
                f"{first(self._models[-1].differences(seen)) or 'nothing changed'}"
            )
        if key == "u":
            self._models.pop()
        else:
            self._models.append(model)

    def _search(self, terminal: Terminal) -> None:
        start = len(terminal.frames)
        terminal.press("/harbour\r")
        self._awaited = "an answer to a search"
        answer = re.compile(" ms|search index|Nothing matches")
        terminal.wait(
            lambda text: answer.search(text) is not None, start=start, timeout=_PATIENCE_S
        )
        terminal.rest()
        drawn = "".join(frame.text for frame in terminal.frames[start:])
        if "search index" in drawn or "Nothing matches" in drawn:
            # One that was killed while it was made anew is there again soon; the list stays.
            terminal.press("\x1b")
            terminal.rest()

    def _after(self, key: str, seen: Observed) -> Model | None:
        """Return the model after a key; None where the library is not as that."""
        before = self._models[-1]
        if key == "u":
            model = self._models[-2]
        else:
            changed = [t for t, marks in seen.marks.items() if marks != before.kept_marks(t)]
            if len(changed) != 1:
                return None
            marks, field = before.kept_marks(changed[0]), _FIELDS[key]
            model = before.copy()
            model.marks[changed[0]] = replace(marks, **{field: not getattr(marks, field)})
        return None if model.differences(seen) else model

    def _left(self, key: str) -> Model:
        before, seen = self._models[-1], observe(self._home)
        wrong = before.differences(seen)
        if not wrong:
            return before
        model = self._after(key, seen) if key else None
        if model is None:
            raise Loss(f"the reader was killed at '{key}'; beside what was before: {first(wrong)}")
        return model

    def _kill_helper(self, reader: int) -> None:
        """Kill one helper of it; the reader must go on."""
        helpers = [process for process in self._ours() if process != reader]
        if helpers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._chance.choice(helpers), signal.SIGKILL)

    def _kill(self, reader: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._chance.random() < 0.5:
                os.kill(reader, signal.SIGKILL)
            else:
                os.killpg(reader, signal.SIGKILL)
