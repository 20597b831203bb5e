"""Read the text that is labelled by machine: ``python -m training.sources FOLDER OUT``.

FOLDER holds a clone of each repository in ``REPOSITORIES`` under its name, and
``digitalgov.jsonl``. OUT gets JSON Lines of ``source``, ``name`` and ``text``. What each is, and
under which licence, stands in ``NOTICE``.
"""

import csv
import html
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

REPOSITORIES = {
    "voa": "umartariq867/Named-Entity-Recognition-with-Python",
    "mueller": "iandennismiller/mueller-report",
    "crec": "unitedstates/congressional-record",
    "crec2": "pmohamma/congressional-record",
    "factbook": "factbook/factbook.json",
}
"""Where the texts were taken from on GitHub, by the name each has in ``train.SHARES``."""

Text = tuple[str, str]
"""A text's name, and the text."""

_AT_ONCE = 12
"""Paragraphs of a long text that are read together."""
_SHORTEST = 200
_CAPITALS = frozenset({"NATO", "OPEC", "ASEAN", "UNESCO", "NAFTA", "UNICEF"})


def _printed(words: Sequence[str]) -> str:
    """Put words back together as they are printed."""
    text = " ".join(words)
    text = re.sub(r" ([.,;:!?%)\]])", r"\1", text)
    text = re.sub(r"([(\[$]) ", r"\1", text)
    text = re.sub(r" ('s|'re|'ve|'ll|'d|'m|n't)\b", r"\1", text)
    text = re.sub(r"(\w) (')(?=\s|$)", r"\1'", text)
    text = re.sub(r'" ([^"]*?) "', r'"\1"', text)
    return text.replace("`` ", '"').replace(" ''", '"')


def voa(folder: Path) -> Iterator[Text]:
    """Yield news of the Voice of America, eight sentences a text."""
    sentences: list[list[str]] = [[]]
    with (folder / "ner_dataset.csv").open(encoding="latin-1", newline="") as file:
        for row in csv.reader(file):
            if row[0].startswith("Sentence:") and sentences[-1]:
                sentences.append([])
            if len(row) > 1 and row[1] != "Word":
                sentences[-1].append(row[1])
    for at in range(0, len(sentences), 8):
        yield str(at), "\n".join(_printed(words) for words in sentences[at : at + 8])


def _readable(paragraph: str, least: int) -> bool:
    letters = sum(letter.isalpha() for letter in paragraph)
    return len(paragraph) > least and letters > 0.7 * len(paragraph)


def _joined(name: str, paragraphs: Sequence[str]) -> Iterator[Text]:
    for at in range(0, len(paragraphs), _AT_ONCE):
        yield f"{name}:{at}", "\n\n".join(paragraphs[at : at + _AT_ONCE])


def _lines(paragraph: str) -> str:
    whole = re.sub(r"(\w)-\n\s*(\w)", r"\1\2", paragraph)
    return re.sub(r"\s*\n\s*", " ", whole).strip()


def mueller(folder: Path) -> Iterator[Text]:
    """Yield the Report on Russian interference."""
    text = (folder / "docs/ocr/mueller-report-ocr-2019-04-18.txt").read_text(errors="replace")
    parts = [_lines(part) for part in re.split(r"\n\s*\n", text)]
    yield from _joined("report", [part for part in parts if _readable(part, 120)])


def _record(name: str, source: str) -> Iterator[Text]:
    text = html.unescape(re.sub(r"<[^>]+>", "", source))
    text = re.sub(r"\[\[?Page.*?\]\]?", "", text, flags=re.DOTALL)
    parts = [_lines(part) for part in re.split(r"\n\s*\n|\n  +(?=[A-Z])", text)]
    kept = {part[:80]: part for part in parts if _readable(part, 95)}
    yield from _joined(name, list(kept.values()))


def crec(folder: Path) -> Iterator[Text]:
    """Yield days of the Congressional Record."""
    for file in sorted((folder / "tests/test_files").rglob("*.htm")):
        yield from _record(file.stem, file.read_text(encoding="utf-8", errors="replace"))


def crec2(folder: Path) -> Iterator[Text]:
    """Yield other days of it."""
    for name in ("writer.txt", "dirtyWriter.txt"):
        file = folder / "congressionalrecord" / name
        yield from _record(name, file.read_text(encoding="utf-8", errors="replace"))


def factbook(folder: Path) -> Iterator[Text]:
    """Yield what the World Factbook says in words; surnames in capitals get small letters."""

    def calm(word: re.Match[str]) -> str:
        return word[0] if word[0] in _CAPITALS else word[0].title()

    for file in sorted(folder.glob("*/*.json")):
        kept = {}
        for value in _texts(json.loads(file.read_text(encoding="utf-8"))):
            for part in re.split(r"<br\s*/?>|</p>", value):
                plain = html.unescape(re.sub(r"<[^>]+>", "", part))
                plain = re.sub(r"\b[A-Z]{4,}\b", calm, " ".join(plain.split()))
                if _readable(plain, 90):
                    kept[plain[:80]] = plain
        yield from _joined(file.stem, list(kept.values()))


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for key, value in found.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)


def digitalgov(file: Path) -> Iterator[Text]:
    """Yield articles of digital.gov, without their marks."""
    for number, line in enumerate(file.open(encoding="utf-8")):
        body = json.loads(line).get("body") or ""
        body = re.sub(r"\{\{.*?\}\}|<[^>]+>", "", body, flags=re.DOTALL)
        body = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", body)
        yield str(number), html.unescape(re.sub(r"[*_`#>|]+", "", body))


def main() -> None:
    """Write all texts."""
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    readers = {"voa": voa, "mueller": mueller, "crec": crec, "crec2": crec2, "factbook": factbook}
    with target.open("w", encoding="utf-8") as out:
        for source in (*readers, "digitalgov"):
            found = (
                readers[source](folder / REPOSITORIES[source].partition("/")[2])
                if source in readers
                else digitalgov(folder / "digitalgov.jsonl")
            )
            for name, text in found:
                if len(text) > _SHORTEST:
                    row = {"source": source, "name": name, "text": text.strip()}
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
