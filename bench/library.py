"""Homes to measure on, filled by the reader's own commands and kept between runs.

Each home keeps ``bench.json``: what it was made of, and what making it cost.
"""

import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import corpus

_NOTES = "bench.json"


@dataclass(slots=True)
class Home:
    """A home with ``articles`` articles; costs in CPU seconds of the commands that made it."""

    path: Path
    articles: int
    made_of: str
    import_s: float = 0.0
    index_s: float = 0.0
    """0 without an index."""

    def write(self) -> None:
        """Keep these figures in the home."""
        (self.path / _NOTES).write_text(json.dumps(asdict(self), default=str), encoding="utf-8")

    def bytes_an_article(self) -> float:
        """Return what the database takes for one article."""
        files = self.path.glob("library.db*")
        return sum(each.stat().st_size for each in files) / max(1, self.articles)

    def index_bytes_an_article(self) -> float:
        """Return what the index takes for one article."""
        files = (self.path / "index").rglob("*")
        return sum(each.stat().st_size for each in files if each.is_file()) / max(1, self.articles)


def newsreader(home: Path, *words: str) -> float:
    """Run a command of the reader; return the CPU seconds it took.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "newsreader", "--home", str(home), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def lines(count: int, given: Path | None) -> Iterator[str]:
    """Yield ``count`` articles as lines of JSON: the first of ``given``, or made ones."""
    if given is None:
        yield from corpus.articles(count)
        return
    with given.open(encoding="utf-8") as stream:
        yield from (line.rstrip("\n") for line in itertools.islice(stream, count))


def fresh(path: Path) -> Path:
    """Return an empty home that never looks for names: recognition has a bench of its own."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    (path / "config.toml").write_text("recognise = false\n", encoding="utf-8")
    return path


def take_in(home: Path, articles: Iterator[str]) -> tuple[int, float]:
    """Import articles; return how many, and the CPU seconds it took."""
    path = home.with_suffix(".jsonl")
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        for count, line in enumerate(articles, 1):  # noqa: B007  # the count outlives the loop
            stream.write(line + "\n")
    try:
        return count, newsreader(home, "import", "--no-wait", str(path))
    finally:
        path.unlink()


def home_of(folder: Path, count: int, given: Path | None, *, index: bool) -> Home:
    """Return the home of ``count`` articles below ``folder``; it is made once."""
    path = folder / f"{'made' if given is None else given.stem}-{count}"
    made_of = "seeds" if given is None else str(given.resolve())
    notes = path / _NOTES
    home = Home(path, 0, made_of)
    if notes.exists():
        kept = json.loads(notes.read_text(encoding="utf-8"))
        home = Home(**{**kept, "path": path})
    if not notes.exists() or home.made_of != made_of:
        fresh(path)
        home = Home(path, 0, made_of)
        home.articles, home.import_s = take_in(path, lines(count, given))
        home.write()
    if index and not home.index_s:
        home.index_s = newsreader(path, "rebuild", "index")
        home.write()
    return home


def copy_of(home: Home, path: Path) -> Path:
    """Return a copy of a home, to be changed."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(home.path, path)
    return path
