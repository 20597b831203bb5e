"""The command line. Imports what a command needs only when it runs."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path


def main(argv: list[str] | None = None) -> int:
    """Run ``newsreader``; return the exit status.

    0: done. 1: it could not be done. 2: wrong usage or query. 130: interrupted.
    """
    words = sys.argv[1:] if argv is None else argv
    _fill_closed()
    try:
        return _run(words)
    except KeyboardInterrupt:
        _complain("interrupted; nothing half-done is left")
        _silence_stdout()
        return 130
    except BrokenPipeError:
        _silence_stdout()
        return 0
    except OSError as error:
        # What reads and writes files says itself which; what is left is the output.
        what = "the output cannot be written"
        if error.filename is not None:
            what = f"{error.filename}: cannot be read or written"
        _complain(f"newsreader: {what} ({error.strerror or error})")
        _silence_stdout()
        return 1


def _fill_closed() -> None:
    """Put something where a standard stream was closed, before a file of ours takes its number."""
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
    if sys.stdout is None:
        # One that cannot be written to, so that data is not lost unsaid.
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _silence_stdout() -> None:
    """Send what is still buffered nowhere: it could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(sentence: str) -> None:
    from newsreader.text.clean import clean_text

    try:
        # It may quote what the user pasted, or what a server said.
        sys.stderr.write(clean_text(sentence) + "\n")
        sys.stderr.flush()
    except OSError:
        pass  # Nobody can be told; the exit status says it.


def _version() -> int:
    from newsreader import __version__

    sys.stdout.write(f"newsreader {__version__}\n")
    sys.stdout.flush()
    return 0


def _run(words: list[str]) -> int:
    if words == ["--version"]:
        return _version()
    if not words or (len(words) == 2 and words[0] == "--home"):
        # Opening the reader: its start does not wait for a parser of every command (8 ms).
        home = _home(words[1] if words else None)
        return _guarded(lambda: _read(home), home)
    from newsreader.arguments import NOT_YET, parser

    arguments = parser().parse_args(words)
    if arguments.version:
        return _version()
    home = _home(arguments.home)
    if arguments.command in NOT_YET:
        _complain(f"newsreader {arguments.command}: not in this version")
        return 2
    if arguments.command is None:
        return _guarded(lambda: _read(home), home)
    return _guarded(lambda: _command(arguments, home), home)


def _home(named: "Path | str | None") -> "Path":
    from pathlib import Path

    from newsreader.config import default_home

    return (Path(named) if named else default_home()).expanduser().absolute()


def _guarded(act: "Callable[[], int]", home: "Path") -> int:
    """Do ``act``; say what went wrong, as an exit status and a sentence."""
    from newsreader.errors import NewsReaderError, QueryError, UsageError

    try:
        return act()
    except (QueryError, UsageError) as error:
        _complain(f"newsreader: {error}")
        return 2
    except NewsReaderError as error:
        _complain(f"newsreader: {error}")
        return 1
    except OSError:
        raise  # said by main: the output could not be written
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence, never a traceback
        from newsreader.log import unexpected

        _complain(f"newsreader: {unexpected(home, error)}")
        return 1


def _command(arguments: "argparse.Namespace", home: "Path") -> int:
    from newsreader.commands import run

    status = run(arguments, home)
    sys.stdout.flush()
    return status


def _read(home: "Path") -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        _complain("newsreader: there is no terminal to read in; 'newsreader --help' lists commands")
        return 2
    from newsreader.tui import run

    return run(home)
