"""What many tests need: a home, its store, small articles, the real command."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from newsreader.model import Block, BlockKind, Body, ParsedEntry
from newsreader.store import Arrival, Origin, Store

ROOT = Path(__file__).parents[1]

# No test may touch the keyring of whoever runs it.
os.environ["NEWSREADER_SECRETS_IN_FILE"] = "1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = Store(home)
    yield opened
    opened.close()


def entry(title: str, text: str = "", **fields: Any) -> ParsedEntry:
    """An entry of one paragraph."""
    text = text or f"{title} " * 60
    block = Block(kind=BlockKind.PARAGRAPH, start=0, end=len(text))
    values: dict[str, Any] = {"published": datetime(2022, 6, 28, 9, 30, tzinfo=UTC), **fields}
    return ParsedEntry(title=title, body=Body(text=text, blocks=(block,)), **values)


def feed(name: str = "https://a.example/feed") -> Origin:
    return Origin(kind="feed", key=name, title=name, url=name)


def folder(name: str = "/clippings") -> Origin:
    return Origin(kind="import", key=f"import:{name}", title=name)


@dataclass
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_newsreader(home: Path, *words: object, stdin: str = "") -> Ran:
    """Run the real command in a process of its own on ``home``."""
    done = subprocess.run(
        [sys.executable, "-m", "newsreader", "--home", str(home), *map(str, words)],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        timeout=120,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def newsreader(home: Path) -> Callable[..., Ran]:
    """The command on the test's home."""
    return partial(run_newsreader, home)


__all__ = ["Arrival", "Ran", "entry", "feed", "folder", "run_newsreader"]
