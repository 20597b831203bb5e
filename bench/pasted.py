"""Score the reading of pasted articles against an index of what is true of them.

Usage: python bench/pasted.py FOLDER [half] [-v]. FOLDER holds index.jsonl (file, title, source,
published, url) and the texts it names. "half" is 0 or 1: files whose name's SHA-1 is even or odd;
rules are made on one half and measured on the other.
"""

import hashlib
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from newsreader.model import ParsedEntry
from newsreader.text.pasted import read_pasted
from newsreader.text.words import fold

_NOISE = re.compile(r"\b(?:the|online|news|web|com|org|www|en|fact|check|website)\b|\W")
_LEFT = re.compile(
    r"^(?:advertisement|read (?:more|next)\b|sign up|subscribe|copyright|©|follow (?:us|@)|"
    r"story continue|this article is owned|share this)|contributed to this report"
    r"|\((?:ap photo|photo:)|all rights reserved",
    re.IGNORECASE,
)


def _squeeze(text: str) -> str:
    return " ".join(re.sub(r"\W+", " ", fold(text)).split())


def _same_outlet(found: str, true: str, url: str) -> bool:
    a, b = (_NOISE.sub("", fold(name)) for name in (found, true))
    host = _NOISE.sub("", fold(url.split("/")[2])) if "//" in url else ""
    initials = "".join(word[0] for word in fold(found).split())
    return (
        bool(a and b and (a in b or b in a))
        or a in host
        or (len(initials) > 1 and initials in host)
    )


def _score(entry: ParsedEntry, truth: dict[str, Any], text: str, tally: Counter[str]) -> list[str]:
    said: list[str] = []
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    title = _squeeze(truth.get("title") or "")
    findable = bool(title) and any(_squeeze(line) == title for line in lines[:5])
    if findable:
        right = not entry.title_derived and _squeeze(entry.title) == title
        tally["title findable"] += 1
        tally["title right"] += right
    elif not entry.title_derived:
        tally["title from elsewhere"] += 1
        said.append(f"title {entry.title!r}, true {truth.get('title')!r}")
    if entry.outlet:
        same = _same_outlet(entry.outlet, truth["source"], truth["url"])
        resold = "yahoo" in truth["url"] or "msn.com" in truth["url"]
        key = "right" if same else "of a reseller" if resold else "wrong"
        tally[f"source {key}"] += 1
        if key == "wrong":
            said.append(f"source {entry.outlet!r}, true {truth['source']!r}")
    else:
        tally["source none"] += 1
    if entry.published and truth["published"]:
        gap = abs((entry.published.date() - _day(truth["published"])).days)
        tally["date right" if gap <= 1 else "date wrong"] += 1
        if gap > 1:
            said.append(f"date {entry.published.date()}, true {truth['published']}")
    else:
        tally["date none"] += 1
    tally["author found"] += entry.author is not None
    if entry.author:
        said.append(f"author {entry.author!r}")
    _score_lines(entry, lines, tally, said)
    return said


def _day(text: str) -> Any:
    import datetime

    return datetime.date.fromisoformat(text[:10])


def _score_lines(
    entry: ParsedEntry, lines: list[str], tally: Counter[str], said: list[str]
) -> None:
    kept = _squeeze(entry.body.text)
    for line in entry.body.text.split("\n"):
        if len(line) < 300 and _LEFT.search(line):
            tally["furniture left"] += 1
            said.append(f"left {line[:110]!r}")
    for line in lines:
        prose = len(line) > 140 and line[-1] in '.”"' and "contributed" not in line
        tally["prose lines"] += prose
        if prose and _squeeze(line) not in kept:
            tally["prose taken out"] += 1
            said.append(f"out {line[:70]!r} … {line[-90:]!r}")
    tally["links"] += len(entry.links)
    tally["credits"] += len(entry.credits)


def main(arguments: list[str]) -> None:
    """Print the table, and with -v every doubtful reading."""
    folder = Path(arguments[0])
    half = next((int(a) for a in arguments[1:] if a in ("0", "1")), None)
    tally: Counter[str] = Counter()
    spent = 0.0
    for row in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(row)
        path = folder / truth["file"]
        parity = int(hashlib.sha1(truth["file"].encode()).hexdigest(), 16) % 2
        if not path.exists() or half not in (None, parity):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        began = time.process_time()
        entry = read_pasted(text)
        spent += time.process_time() - began
        tally["files"] += 1
        tally["words"] += len(text.split())
        said = _score(entry, truth, text, tally)
        if "-v" in arguments:
            for line in said:
                print(truth["file"], line)
    for key in sorted(tally):
        print(f"{key:<24}{tally[key]:>8}")
    print(f"{'CPU ms per 500 words':<24}{spent * 500_000 / max(1, tally['words']):>8.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
