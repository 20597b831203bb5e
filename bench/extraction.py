"""Score the reading of article pages beside plain trafilatura, in the same run.

Usage: python -m bench.extraction FOLDER [half] [-v]. FOLDER holds ground-truth.json (id:
articleBody, url) and html/ID.html.gz, as the article extraction benchmark keeps them. "half" is
0 or 1: every second page by the order of ids; rules are made on one half and measured on the
other.

The measure is that benchmark's: runs of four words of the true text and of what was found are
compared page by page; precision and recall are means over the pages, F1 is made of the means.
Every page is also read with each of four kinds of what a feed may give of it (nothing, the title,
the lead, both): a page that is refused then is a real article lost.
"""

import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import trafilatura

from newsreader.errors import ParseError
from newsreader.feeds.documents import decode
from newsreader.feeds.fulltext import read_article_page
from newsreader.text.html import parse
from newsreader.text.page import describe, read_page

_WORD = re.compile(r"\w+")
_RUN = 4

Reader = Callable[[bytes, str], str]


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1)))


def compare(true: str, found: str) -> tuple[float, float]:
    """Return precision and recall of the words of ``found``; nothing found is precise."""
    wanted, given = _runs(true), _runs(found)
    shared = (wanted & given).total()
    extra, lost = (given - wanted).total(), (wanted - given).total()
    precision = shared / (shared + extra) if extra else 1.0
    recall = shared / (shared + lost) if lost else 1.0
    return precision, recall


def _pages(folder: Path, half: int | None) -> Iterator[tuple[str, str, str, bytes]]:
    """Yield (id, address, true text, page) in the order of ids."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    for number, name in enumerate(sorted(truth)):
        if half in (None, number % 2):
            page = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
            yield name, truth[name].get("url", ""), truth[name]["articleBody"], page


def _ours(page: bytes, url: str) -> str:
    return read_article_page(page, url=url, content_type="", title="", lead="").body.text


READERS: dict[str, Reader] = {
    "newsreader": _ours,
    "trafilatura": lambda page, _: trafilatura.extract(page, include_comments=False) or "",
    "trafilatura, fast": lambda page, _: (
        trafilatura.extract(page, include_comments=False, fast=True) or ""
    ),
    "saved pages": lambda page, url: read_page(decode(page), url).body.text,
}
"""The readings that are compared; "saved pages" is how ``import`` reads them."""


def _score(folder: Path, half: int | None, *, verbose: bool) -> None:
    print(f"{'':20}{'pages':>6}{'precision':>11}{'recall':>8}{'F1':>8}{'CPU-ms':>8}")
    for name, read in READERS.items():
        read(b"<p>first use loads modules</p>" * 40, "")
        scores, spent = [], 0.0
        for key, url, true, page in _pages(folder, half):
            began = time.process_time()
            try:
                text = read(page, url)
            except ParseError as error:
                text = ""
                print(f"refused {key[:8]} {url}: {error}")
            spent += time.process_time() - began
            scores.append(compare(true, text))
            if verbose and name == "newsreader" and min(scores[-1]) < 0.9:
                print(f"{key[:8]} {scores[-1][0]:.2f} {scores[-1][1]:.2f} {url}")
        precision, recall = (sum(s[at] for s in scores) / len(scores) for at in (0, 1))
        f1 = 2 * precision * recall / (precision + recall)
        each = 1000 * spent / len(scores)
        print(f"{name:20}{len(scores):6}{precision:11.3f}{recall:8.3f}{f1:8.4f}{each:8.1f}")


def _refusals(folder: Path, half: int | None) -> None:
    tried = refused = 0
    for key, url, true, page in _pages(folder, half):
        title = describe(parse(decode(page)), url).entry.title
        lead = " ".join(true.split()[:30])
        for given in (("", ""), (title, ""), ("", lead), (title, lead)):
            tried += 1
            try:
                read_article_page(page, url=url, content_type="", title=given[0], lead=given[1])
            except ParseError as error:
                refused += 1
                print(f"refused {key[:8]} {url}: {error}")
    print(f"real articles refused: {refused} of {tried} readings")


def main(arguments: list[str]) -> None:
    """Print the table, and with -v the pages that are read badly."""
    half = next((int(a) for a in arguments[1:] if a in ("0", "1")), None)
    _score(Path(arguments[0]), half, verbose="-v" in arguments)
    _refusals(Path(arguments[0]), half)


if __name__ == "__main__":
    main(sys.argv[1:])
