"""Does anything get lost in reading feeds? Every file of a folder, beside feedparser.

``python -m bench.feeds FOLDER [--show KIND]`` reads each file with our ``parse_feed`` and with
feedparser as it comes, and counts what feedparser has found that we have not: items, links, dates,
authors, enclosures, categories, comments, texts. JSON Feeds are counted by their own JSON.
"""

import argparse
import calendar
import json
import re
import sys
import time
import warnings
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from newsreader.errors import ParseError
from newsreader.feeds.parse import MAX_BYTES, MAX_ENTRIES, parse_feed
from newsreader.model import ParsedDocument, ParsedEntry
from newsreader.text.links import clean_link

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def main() -> int:
    """Read every file; return 1 if any of ours crashed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--show", default="", help="print the files that lose this")
    arguments = options.parse_args()
    warnings.simplefilter("ignore")
    counts: Counter[str] = Counter()
    ours = theirs = 0.0
    for path in sorted(path for path in arguments.folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        counts["files"] += 1
        begun = time.process_time()
        try:
            document: ParsedDocument | None = parse_feed(data, url="http://x.example/feed")
        except ParseError:
            document = None
        except Exception as error:  # noqa: BLE001 - to count them is what this is for
            counts["crashes"] += 1
            print(f"crash: {path}: {error!r}")
            continue
        ours += time.process_time() - begun
        begun = time.process_time()
        lost = _json_lost(data, document) if data.lstrip()[:1] == b"{" else _lost(data, document)
        theirs += time.process_time() - begun
        counts.update(lost)
        if document is not None:
            counts["read by us"] += 1
            counts["control characters"] += sum(map(_dirty, document.entries))
        if arguments.show and lost[arguments.show]:
            print(f"{lost[arguments.show]:4} {path}")
    for name, count in sorted(counts.items()):
        print(f"{name:<32}{count:>8}")
    print(f"{'CPU seconds ours':<32}{ours:>8.1f}\n{'feedparser and counting':<32}{theirs:>8.1f}")
    return int(bool(counts["crashes"]))


def _dirty(entry: ParsedEntry) -> int:
    return len(_CONTROL.findall("".join(_strings(entry)).replace("\n", "")))


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for part in value for text in _strings(part)]
    return []


def _lost(data: bytes, document: ParsedDocument | None) -> Counter[str]:
    """Count what feedparser finds in a feed and we have not."""
    lost: Counter[str] = Counter()
    if len(data) > MAX_BYTES:
        return lost
    found = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    entries = found.entries[:MAX_ENTRIES]
    mine = document.entries if document is not None else ()
    lost["items feedparser has"] += len(entries)
    lost["items lost"] += max(0, len(entries) - len(mine))
    lost["items more than feedparser"] += max(0, len(mine) - len(entries))
    if len(entries) == len(mine):
        for theirs, entry in zip(entries, mine, strict=True):
            lost.update(_entry_lost(theirs, entry))
    return lost


def _entry_lost(theirs: dict[str, Any], entry: ParsedEntry) -> Counter[str]:
    lost: Counter[str] = Counter()
    get = dict.get
    text = " ".join(
        [get(theirs, "summary") or ""]
        + [part.get("value") or "" for part in theirs.get("content", [])]
    )
    words = re.sub(r"<[^>]*>|&\w+;|\s+", " ", text).strip()
    lost["texts lost"] += bool(words and not entry.body.text and not entry.body.blocks)
    link = get(theirs, "link")
    lost["links lost"] += bool(
        link and clean_link(str(link), "http://x.example") and not entry.link
    )
    lost["authors lost"] += bool(str(get(theirs, "author") or "").strip() and not entry.author)
    lost["titles lost"] += bool(
        re.sub(r"<[^>]*>|\s", "", str(get(theirs, "title") or "")) and entry.title_derived
    )
    files = {e.get("href") or e.get("url") for e in theirs.get("enclosures", [])}
    kept = {enclosure.url for enclosure in entry.enclosures}
    lost["enclosures lost"] += max(0, len([f for f in files if f and clean_link(f)]) - len(kept))
    tags = {str(t.get("term") or t.get("label") or "").strip() for t in theirs.get("tags", [])}
    lost["categories lost"] += max(0, len({t for t in tags if t}) - len(entry.tags))
    lost["comments lost"] += bool(
        clean_link(str(get(theirs, "comments") or "")) and not entry.comments
    )
    for name in ("published_parsed", "updated_parsed"):
        parsed = get(theirs, name)
        if not parsed or not 1990 <= parsed[0] < 2100:
            continue
        when = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        lost["dates feedparser has"] += 1
        lost["dates lost"] += when not in (entry.published, entry.updated)
    return lost


def _json_lost(data: bytes, document: ParsedDocument | None) -> Counter[str]:
    lost: Counter[str] = Counter()
    try:
        items = json.loads(data).get("items")
    except (ValueError, AttributeError, RecursionError):
        return lost
    if not isinstance(items, list):
        return lost
    good = [item for item in items if isinstance(item, dict)][:MAX_ENTRIES]
    mine = document.entries if document is not None else ()
    lost["JSON items"] += len(good)
    lost["JSON items lost"] += max(0, len(good) - len(mine))
    for item, entry in zip(good, mine, strict=False):
        has = any(isinstance(item.get(k), str) and item[k].strip() for k in _JSON_TEXTS)
        lost["JSON texts lost"] += bool(has and not entry.body.text and not entry.body.blocks)
        lost["JSON dates lost"] += bool(item.get("date_published") and not entry.published)
        lost["JSON attachments lost"] += max(
            0, len(item.get("attachments") or []) - len(entry.enclosures)
        )
    return lost


_JSON_TEXTS = ("content_html", "content_text", "summary")


if __name__ == "__main__":
    sys.exit(main())
