"""What befalls files: a crash at any step, any damage, a full disk, readers beside a writer."""

import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsreader.errors import SearchIndexError
from newsreader.model import ArticleID, SearchDocument
from newsreader.search import Index

FORK = multiprocessing.get_context("fork")
QUERIES = ("oil", "pri*", '"oil prices"', "hous~", "-oil", "title:report")


def batch(begin: int, count: int, word: str = "house") -> list[SearchDocument]:
    return [
        SearchDocument(id=ArticleID(n), title=f"Report {n}", text=f"oil prices {word} {n}")
        for n in range(begin, begin + count)
    ]


def filled(directory: Path, commits: int = 6) -> Index:
    index = Index(directory, "home")
    for n in range(commits):
        index.update(batch(n * 10, 10))
    return index


def answers(directory: Path) -> list[tuple[int, list[tuple[int, float]]]]:
    """Return what a fresh reader finds, after it has looked at every byte."""
    index = Index(directory, "home")
    index.verify()
    found = [index.search(query, limit=1000) for query in QUERIES]
    return [(r.total, [(int(h.article), h.score) for h in r.hits]) for r in found]


def _in_child(work: Callable[[], None]) -> int:
    """Do ``work`` in a process of its own and return its exit status."""
    child = FORK.Process(target=work)
    child.start()
    child.join(60)
    assert child.exitcode is not None
    return child.exitcode


CHANGES: dict[str, Callable[[Index], object]] = {
    "update": lambda index: index.update(batch(5, 10, "white")),
    "delete": lambda index: index.delete(range(40)),  # type: ignore[arg-type]  # ids are ints
    "tidy": lambda index: index.tidy(),
}


def _cut_at(directory: Path, change: str, step: int) -> None:
    """Die just before the step-th time that a file is opened for writing, renamed or removed."""
    left = step

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        touches = event in ("os.rename", "os.remove", "os.mkdir")
        if event == "open" and isinstance(args[2], int):
            touches = bool(args[2] & (os.O_WRONLY | os.O_RDWR))
        if touches and str(directory) in str(args[0]):
            left -= 1
            if left == 0:
                os._exit(77)

    sys.addaudithook(hook)
    CHANGES[change](Index(directory, "home"))


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_cut_at_any_step_is_there_or_not(tmp_path: Path, change: str) -> None:
    filled(tmp_path / "index")
    before = answers(tmp_path / "index")
    shutil.copytree(tmp_path / "index", tmp_path / "after")
    CHANGES[change](Index(tmp_path / "after", "home"))
    after = answers(tmp_path / "after")
    status, step = 77, 0
    while status == 77:
        step += 1
        copy = tmp_path / f"cut-{step}"
        shutil.copytree(tmp_path / "index", copy)
        status = _in_child(lambda copy=copy, step=step: _cut_at(copy, change, step))  # type: ignore[misc]  # bound now
        assert answers(copy) in (before, after)
        # The next writer goes on from there, and nothing of the dead one is in its way.
        CHANGES[change](Index(copy, "home"))
        assert {n for n, _ in answers(copy)} == {n for n, _ in after}
    assert status == 0
    assert step > 3


def _write_for_ever(directory: Path) -> None:
    index = Index(directory, "home")
    number = 0
    while True:
        number += 1
        index.update(batch(100 * number, 5))
        index.delete([ArticleID(100 * number)])
        index.tidy(0.001)


def test_a_writer_killed_at_any_moment_leaves_whole_commits(tmp_path: Path) -> None:
    rng = random.Random(3)
    directory = tmp_path / "index"
    filled(directory)
    for _ in range(5):
        child = FORK.Process(target=_write_for_ever, args=(directory,))
        child.start()
        time.sleep(rng.uniform(0.02, 0.15))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join(10)
        answers(directory)
        left = len(Index(directory, "home").ids())
        # 60 at first, 5 more by an update and one less by the deletion after it.
        assert left >= 60
        shutil.rmtree(directory)
        filled(directory)


def _damages(content: bytes, rng: random.Random) -> Iterator[bytes]:
    size = len(content)
    for cut in {0, 1, size // 2, size - 1}:
        yield content[:cut]
    yield content + b"\0"
    yield rng.randbytes(size)
    for at in [*range(min(size, 8)), *(rng.randrange(size) for _ in range(12)), size - 1]:
        changed = bytearray(content)
        changed[at] ^= 1 << rng.randrange(8)
        yield bytes(changed)


def test_damage_is_an_error_or_changes_nothing(tmp_path: Path) -> None:
    rng = random.Random(7)
    directory = tmp_path / "index"
    filled(directory, 2).delete([ArticleID(3)])
    right = answers(directory)
    wrong = []
    for path in sorted(directory.iterdir()):
        content = path.read_bytes()
        if not content:
            continue
        for damaged in _damages(content, rng):
            path.write_bytes(damaged)
            try:
                if answers(directory) != right:
                    wrong.append((path.name, len(content), len(damaged)))
            except SearchIndexError:
                pass
        path.unlink()
        try:
            if answers(directory) != right and path.suffix != ".toc":
                wrong.append((path.name, len(content), -1))
        except SearchIndexError:
            pass
        path.write_bytes(content)
    assert wrong == []
    assert answers(directory) == right


def _full_disk(directory: Path, room: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        Index(directory, "home").update(batch(1000, 200))
    except SearchIndexError as error:
        os._exit(50 if "cannot be written" in str(error) else 51)
    os._exit(0)


@pytest.mark.parametrize("room", [0, 100, 1_000, 4_000])
def test_a_full_disk_leaves_the_last_commit_and_says_so(tmp_path: Path, room: int) -> None:
    directory = tmp_path / "index"
    filled(directory)
    before, names = answers(directory), set(directory.iterdir())
    assert _in_child(lambda: _full_disk(directory, room)) == 50
    assert answers(directory) == before
    left = {path.suffix for path in set(directory.iterdir()) - names}
    assert ".lists" not in left
    Index(directory, "home").update(batch(1000, 200))
    assert answers(directory)[0][0] == 260


def _churn(directory: Path, seconds: float) -> None:
    """Replace ten articles at a time and merge: 60 at every commit."""
    index = Index(directory, "home")
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until:
        index.update(batch(number % 6 * 10, 10))
        index.tidy()
        number += 1


def _read(directory: Path, seconds: float) -> None:
    index = Index(directory, "home")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for query in ("oil", "pri*", '"oil prices"'):
            found = index.search(query, limit=100)
            if found.total != 60 or len({h.article for h in found.hits}) != 60:
                os._exit(9)
        if len(index.ids()) != 60:
            os._exit(8)


def test_readers_see_whole_generations_while_a_writer_merges(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    filled(directory)
    every = [FORK.Process(target=_churn, args=(directory, 1.0))]
    every += [FORK.Process(target=_read, args=(directory, 1.0)) for _ in range(2)]
    for child in every:
        child.start()
    for child in every:
        child.join(30)
    assert [child.exitcode for child in every] == [0, 0, 0]


def test_one_wrong_bit_in_the_table_of_contents_is_noticed(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    filled(directory, 2).delete([ArticleID(3)])
    right = answers(directory)
    (path,) = directory.glob("*.toc")
    content = path.read_bytes()
    wrong = []
    # The segments and their deletions come last.
    for at in range(len(content) - 90, len(content)):
        for bit in (0, 3):
            damaged = bytearray(content)
            damaged[at] ^= 1 << bit
            path.write_bytes(damaged)
            try:
                if answers(directory) != right:
                    wrong.append((at, bit))
            except SearchIndexError:
                pass
    assert wrong == []


@pytest.mark.parametrize("name", ["update", "delete", "tidy"])
def test_a_lost_file_is_damage_to_whoever_writes(tmp_path: Path, name: str) -> None:
    filled(tmp_path / "index")
    next((tmp_path / "index").glob("*.lists")).unlink()
    with pytest.raises(SearchIndexError):
        CHANGES[name](Index(tmp_path / "index", "home"))


def test_an_index_without_its_table_of_contents_is_said_to_be_missing(tmp_path: Path) -> None:
    filled(tmp_path / "index")
    for contents in (tmp_path / "index").glob("*.toc"):
        contents.unlink()
    with pytest.raises(SearchIndexError, match=r"^the search index is missing or damaged$"):
        Index(tmp_path / "index", "home").search("oil")
