"""The corpus maker behind the benches."""

import json
import subprocess
import sys
from pathlib import Path

from newsreader.intake import import_paths
from newsreader.store import Store

ROOT = Path(__file__).parents[1]


def made(count: int, seed: int = 7) -> list[str]:
    command = [sys.executable, "-m", "bench.corpus", str(count), "--seed", str(seed)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return ran.stdout.decode().splitlines()


def test_the_same_number_and_seed_make_the_same_articles() -> None:
    few, many = made(20), made(30)
    assert many[:20] == few
    assert made(20, seed=8) != few
    assert len({json.loads(line)["body"] for line in many}) == 30


def test_every_made_article_is_imported(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(made(30)), encoding="utf-8")
    taken = import_paths(store, [path])
    assert taken.imported == 30
    assert not taken.failed
    dated = store.lists.headlines(taken.articles)
    assert all(row.published is not None for row in dated)
