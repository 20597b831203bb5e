"""The recogniser's process: one JSON object a line in, one out, until its input ends.

A request has "articles" and, where the library's names changed, "known": [[name, kind], …], which
holds until it is sent anew.

It is a process of its own because the model holds much memory and a bad text must not take
anything else down with it.
"""

import json
import sys
from typing import Any

from newsreader.entities import Recogniser
from newsreader.errors import NewsReaderError
from newsreader.model import EntityKind


def main() -> int:
    """Answer requests; return the exit status."""
    recogniser: Recogniser | None = None
    for line in sys.stdin:
        try:
            if recogniser is None:
                recogniser = Recogniser()
            request = json.loads(line)
            if "known" in request:
                recogniser.know((name, EntityKind(kind)) for name, kind in request["known"])
            answer: dict[str, Any] = {
                "mentions": [_recognise(recogniser, asked) for asked in request["articles"]]
            }
        except NewsReaderError as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


def _recognise(recogniser: Recogniser, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    from datetime import date

    published = asked["published"]
    found = recogniser.recognise(
        asked["text"],
        published=None if published is None else date.fromisoformat(published),
        title=asked["title"],
        language=asked["language"],
    )
    return [
        (mention.start, mention.end, mention.kind, mention.name, mention.date, mention.precision)
        for mention in found
    ]


if __name__ == "__main__":
    sys.exit(main())
