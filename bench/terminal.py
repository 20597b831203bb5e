"""A program on a pseudo-terminal, with every frame it draws timed.

The driver answers the query for synchronised output (DEC private mode 2026), as newer terminals
do; from then on the program closes each frame with ``CSI ? 2026 l``, which dates it exactly.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_ASKED, _ANSWER, _FRAME_END = b"\x1b[?2026$p", b"\x1b[?2026;2$y", b"\x1b[?2026l"
_PLACED = re.compile(r"\x1b\[[0-9;]*[Hf]")
_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]"
)
_GONE_S = 5.0
KEYS_A_SECOND = 30.0
"""How often a held key repeats on common desktops."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: when its end was read (``time.perf_counter``), and its text without styles."""

    at: float
    text: str
    size: int


class Terminal:
    """Starts ``command`` in a terminal of its own; use it in ``with``."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 160, rows: int = 48, **variables: str
    ) -> None:
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TMUX")}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        environment |= variables
        size = struct.pack("HHHH", rows, columns, 0, 0)
        self.frames: list[Frame] = []
        self._open = b""
        self.raw = bytearray()
        """Everything that was written to the terminal."""
        self._answered = False
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe(command[0], command, environment)
        os.set_blocking(self._fd, False)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the program; return when its helpers have gone too."""
        helpers = _children(self.pid)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)
        until = time.perf_counter() + _GONE_S
        while time.perf_counter() < until and any(_runs(helper) for helper in helpers):
            time.sleep(0.01)

    # Output

    def read(self, timeout: float) -> bool:
        """Take in what comes within ``timeout`` seconds; return False when nothing came.

        Raises:
            EOFError: the program has ended.
        """
        ready, _, _ = select.select([self._fd], [], [], max(0.0, timeout))
        if not ready:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        at = time.perf_counter()
        if not data:
            raise EOFError(f"the program ended; it said: {_plain(self._open)[-2000:]}")
        self._open += data
        self.raw += data
        if not self._answered and _ASKED in self._open:
            self._answered = True
            os.write(self._fd, _ANSWER)
        *whole, self._open = self._open.split(_FRAME_END)
        self.frames += [Frame(at, _plain(each), len(each)) for each in whole]
        return True

    def wait(self, seen: Callable[[str], bool], *, start: int = 0, timeout: float = 60.0) -> Frame:
        """Return the frame with which ``seen`` holds for the text drawn from ``start`` on.

        Raises:
            TimeoutError: it did not come.
            EOFError: the program has ended.
        """
        until = time.perf_counter() + timeout
        drawn, number = "", start
        while True:
            while number < len(self.frames):
                drawn += "\n" + self.frames[number].text
                number += 1
                if seen(drawn):
                    return self.frames[number - 1]
            left = until - time.perf_counter()
            if left <= 0:
                raise TimeoutError(f"not drawn; the last text was: {drawn[-2000:]}")
            self.read(left)

    def rest(self, quiet: float = 0.3, most: float = 20.0) -> None:
        """Return once nothing has been drawn for ``quiet`` seconds."""
        until = time.perf_counter() + most
        while time.perf_counter() < until and self.read(quiet):
            pass

    def watch(self, seconds: float) -> None:
        """Take in what is drawn for ``seconds``."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.read(left)

    # Input

    def press(self, keys: str) -> float:
        """Type ``keys`` at once; return when."""
        at = time.perf_counter()
        os.write(self._fd, keys.encode("utf-8", "replace"))
        return at

    def echo_ms(self, key: str, seen: Callable[[str], bool]) -> float:
        """Return the time from ``key`` to the end of the frame that shows what it does."""
        start = len(self.frames)
        at = self.press(key)
        return (self.wait(seen, start=start).at - at) * 1000

    def hold(self, key: str, seconds: float, a_second: float = KEYS_A_SECOND) -> list[float]:
        """Type ``key`` over and over, whatever is drawn; return when each was typed."""
        start = time.perf_counter()
        typed = []
        for number in range(round(seconds * a_second)):
            while (left := start + number / a_second - time.perf_counter()) > 0:
                self.read(left)
            typed.append(self.press(key))
        return typed

    # What it costs; the program alone, without its helper processes

    def cpu_ms(self) -> float:
        """Return the processor time used so far, user and system, all threads."""
        # The clock id of another process' CPU time (Linux, posix-cpu-timers.h): exact to the
        # nanosecond where /proc/PID/stat counts ticks of 10 ms.
        return time.clock_gettime(~self.pid << 3 | 2) * 1000

    def memory_mb(self) -> tuple[float, float]:
        """Return (RSS, PSS) in MB; PSS shares out the pages that other processes use too."""
        fields = {}
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, amount, *_ = line.split()
            fields[name] = int(amount) * 1024 / 1e6
        return fields["Rss:"], fields["Pss:"]


def _plain(data: bytes) -> str:
    return _ESCAPE.sub("", _PLACED.sub("\n", data.decode("utf-8", "replace")))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
