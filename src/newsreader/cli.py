"""The command line. Imports what a command needs only when it runs."""

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
    if words == ["--version"]:
        from newsreader import __version__

        sys.stdout.write(f"newsreader {__version__}\n")
        return 0
    try:
        return _run(words)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing half-done is left\n")
        return 130
    except BrokenPipeError:
        from newsreader.commands import silence_stdout

        silence_stdout()
        return 0


def _run(words: list[str]) -> int:
    if not words or (len(words) == 2 and words[0] == "--home"):
        # Opening the reader: its start does not wait for a parser of every command (8 ms).
        return _guarded(lambda: _read(_home(words[1] if words else None)))
    from newsreader.arguments import NOT_YET, parser

    arguments = parser().parse_args(words)
    if arguments.version:
        return main(["--version"])
    home = _home(arguments.home)
    if arguments.command in NOT_YET:
        sys.stderr.write(f"newsreader {arguments.command}: not in this version\n")
        return 2
    if arguments.command is None:
        return _guarded(lambda: _read(home))
    return _guarded(lambda: _command(arguments, home))


def _home(named: "Path | str | None") -> "Path":
    from pathlib import Path

    from newsreader.config import default_home

    return (Path(named) if named else default_home()).expanduser().absolute()


def _guarded(act: "Callable[[], int]") -> int:
    """Do ``act``; say what went wrong, as an exit status and a sentence."""
    from newsreader.errors import NewsReaderError, QueryError, UsageError

    try:
        return act()
    except (QueryError, UsageError) as error:
        sys.stderr.write(f"newsreader: {error}\n")
        return 2
    except NewsReaderError as error:
        sys.stderr.write(f"newsreader: {error}\n")
        return 1


def _command(arguments: "argparse.Namespace", home: "Path") -> int:
    from newsreader.commands import run

    status = run(arguments, home)
    sys.stdout.flush()
    return status


def _read(home: "Path") -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(
            "newsreader: there is no terminal to read in; 'newsreader --help' lists commands\n"
        )
        return 2
    from newsreader.tui import run

    return run(home)
