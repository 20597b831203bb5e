"""A notice outside the reader: by the terminal, or by a program that the configuration names."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence

from newsreader.tui.lines import safe_line

_LONGEST = 200
_TITLE = "newsreader"


def sequence(words: str, environment: Mapping[str, str]) -> str:
    """Return what makes a terminal show a notice: OSC 9, or OSC 777 where that alone is known.

    rxvt and those built on VTE know the one, all others that know any know the other; with both,
    some would show it twice.
    """
    # Cleaned, it has no control characters; a semicolon would end a field.
    clean = safe_line(words)[:_LONGEST].replace(";", ",")
    if environment.get("TERM", "").startswith("rxvt") or "VTE_VERSION" in environment:
        return f"\x1b]777;notify;{_TITLE};{clean}\x1b\\"
    return f"\x1b]9;{clean}\x1b\\"


async def notify(how: str | Sequence[str], words: str, write: Callable[[str], None]) -> str:
    """Give notice of ``words`` as the configuration says; return what went wrong, "" if nothing.

    Args:
        how: "terminal", a program with its arguments, or "" for no notice. The program gets the
            words as one more argument; no shell ever sees them.
        words: they begin with no "-", so that no program takes them for an option.
        write: writes to the terminal.
    """
    if not how:
        return ""
    if isinstance(how, str):
        write(sequence(words, os.environ))
        return ""
    clean = safe_line(words)[:_LONGEST].lstrip("-")
    try:
        process = await asyncio.create_subprocess_exec(
            *how,
            clean,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        await process.wait()
    except (OSError, ValueError) as error:
        return f"The program for notices did not start: {error}"
    return ""
