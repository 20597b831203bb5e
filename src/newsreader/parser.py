"""The process that reads feeds and pages for the one that fetches them.

What comes from outside meets the parsers here alone: a document that takes too long, or too much
memory, costs this process and nothing else. Requests and answers are pickles, each after its
length in four bytes; both sides are ours.
"""

import contextlib
import os
import pickle
import resource
import struct
import sys
from typing import Any, BinaryIO

from newsreader.errors import ParseError
from newsreader.feeds.parse import parse_feed

_MEMORY = 2 * 2**30
"""Bytes of address space: far more than the largest document that is taken needs."""
LENGTH = struct.Struct("!I")


def main() -> int:
    """Entry point of ``python -m newsreader.parser``: answer until stdin ends."""
    with contextlib.suppress(OSError):
        # Below whoever fetches, which is below the reader: keys are never to wait for a feed.
        os.nice(5)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # Whatever a library prints must not get among the answers.
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    while (request := _read(sys.stdin.buffer)) is not None:
        data = pickle.dumps(_answer(request), protocol=5)
        answers.write(LENGTH.pack(len(data)) + data)
        answers.flush()
    return 0


def _read(stream: BinaryIO) -> dict[str, Any] | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    request: dict[str, Any] = pickle.loads(stream.read(LENGTH.unpack(head)[0]))
    return request


def _answer(request: dict[str, Any]) -> tuple[str, Any]:
    """Return ("ok", what was read) or ("error", why not)."""
    kind = request.pop("kind")
    try:
        if kind == "page":
            from newsreader.feeds.fulltext import read_article_page

            return "ok", read_article_page(**request)
        return "ok", parse_feed(**request)
    except ParseError as error:
        return "error", str(error)
    except (MemoryError, RecursionError):
        return "error", "is too large or too deeply nested to be read"
    except Exception as error:  # noqa: BLE001 - one document's trouble must not end the others'
        return "error", f"cannot be read ({type(error).__name__}: {str(error)[:200]})"


if __name__ == "__main__":
    sys.exit(main())
