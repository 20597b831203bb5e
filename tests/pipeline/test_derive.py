"""From a stored article to one that is found by its words and names, whatever dies on the way."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from tests.conftest import ROOT, entry, feed

from newsreader.derive import Deriver, Recognition, worker_lock
from newsreader.finder import Finder
from newsreader.intake import SAMPLE_FOLDER, decline_sample, import_paths, import_sample
from newsreader.model import Scope, ScopeKind
from newsreader.store import Arrival

TEXTS = {
    "ferry": "Tomas Adeyemi said in Oslo on Monday that the ferry will keep running all winter.",
    "bridge": "The bridge at Porto stays shut until Tuesday, mayor Peter Okafor said.",
}


@pytest.fixture
def filled(store):
    arrivals = [Arrival(entry(name, text, guid=name)) for name, text in TEXTS.items()]
    store.articles.save(feed(), arrivals)
    return store


def work(store, home, **options):
    deriver = Deriver(store, home, **options)
    try:
        deriver.prepare()
        while deriver.step():
            pass
    finally:
        deriver.close()


def agrees(store, home):
    """The index knows exactly the stored articles."""
    finder = Finder(home)
    count = finder.document_count()
    found = {hit.article for hit in finder.find("is:unread OR is:read", limit=10_000).hits}
    finder.close()
    return count == len(store.articles.all_ids()) and found == set(store.articles.all_ids())


def test_words_and_names_are_found(filled, home):
    work(filled, home)
    finder = Finder(home)
    assert finder.find("ferry").total == 1
    assert finder.find("person:okafor place:porto").total == 1
    assert filled.todo.pending().total == 0
    finder.close()


def test_text_is_searchable_before_its_names_are_known(filled, home):
    work(filled, home, recognise=False)
    finder = Finder(home)
    assert finder.find("ferry").total == 1
    assert finder.find("person:adeyemi").total == 0
    assert filled.todo.pending().entities == 2
    finder.close()


def test_removed_articles_leave_the_index(filled, home):
    work(filled, home, recognise=False)
    filled.remove_sources([filled.lists.sources()[0].id])
    work(filled, home, recognise=False)
    finder = Finder(home)
    assert finder.find("ferry").total == 0
    finder.close()


def test_a_deleted_index_is_made_anew(filled, home):
    work(filled, home, recognise=False)
    shutil.rmtree(home / "index")
    work(filled, home, recognise=False)
    assert agrees(filled, home)


@pytest.mark.parametrize("damage", ["truncate", "garble", "delete"])
def test_a_damaged_index_is_made_anew_and_nothing_is_lost(filled, home, damage):
    work(filled, home, recognise=False)
    for path in sorted((home / "index").iterdir()):
        if not path.is_file():
            continue
        if damage == "truncate":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        elif damage == "garble":
            path.write_bytes(os.urandom(path.stat().st_size))
        else:
            path.unlink()
    filled.todo.queue("index", filled.articles.all_ids())
    work(filled, home, recognise=False)
    assert agrees(filled, home)


def test_a_killed_recogniser_is_started_again(filled, home):
    recognition = Recognition()
    articles = [filled.lists.article(n) for n in filled.articles.all_ids()]
    assert len(recognition.ask(articles)) == 2
    recognition._process.kill()
    recognition._process.wait()
    assert len(recognition.ask(articles)) == 2
    recognition.end()


def test_a_recogniser_is_told_the_librarys_names_once_it_starts(filled, monkeypatch):
    told = []

    def known():
        told.append(filled.entities.known())
        return told[-1]

    recognition = Recognition(known)
    articles = [filled.lists.article(n) for n in filled.articles.all_ids()]
    for _ in range(3):
        assert len(recognition.ask(articles)) == 2
    assert len(told) == 1
    monkeypatch.setattr("newsreader.derive._KNOWN_EVERY", 8)
    recognition.ask(articles)
    recognition.ask(articles)
    assert len(told) == 2
    recognition.end()
    assert len(recognition.ask(articles)) == 2
    assert len(told) == 3
    recognition.end()


def test_only_one_holds_the_lock(home, store):
    with worker_lock(home) as first, worker_lock(home) as second:
        assert (first, second) == (True, False)
    with worker_lock(home) as again:
        assert again


def start_worker(home):
    return subprocess.Popen(
        [sys.executable, "-m", "newsreader.worker", "--home", str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def test_killing_the_worker_at_any_time_loses_and_doubles_nothing(store, home):
    decline_sample(store)
    (home / "config.toml").write_text("recognise = false\n")
    arrivals = [Arrival(entry(f"Report {n}", guid=str(n))) for n in range(400)]
    store.articles.save(feed(), arrivals)
    for delay in (0.25, 0.4, 0.55, 0.7):
        worker = start_worker(home)
        time.sleep(delay)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    worker = start_worker(home)
    until(lambda: store.todo.pending().total == 400)
    worker.communicate('{"do": "stop"}\n', timeout=30)
    assert store.todo.pending().index == 0
    assert agrees(store, home)
    assert store.lists.counts().all == 400


def test_the_worker_ends_when_its_reader_is_gone(store, home):
    decline_sample(store)
    worker = start_worker(home)
    worker.stdin.close()
    assert worker.wait(timeout=20) == 0
    worker.stdout.close()


def test_a_second_worker_stands_by_and_takes_over(store, home):
    decline_sample(store)
    with worker_lock(home) as held:
        assert held
        worker = start_worker(home)
        assert '"standby"' in worker.stdout.readline()
    store.articles.save(feed(), [Arrival(entry("Ferry", guid="1"))])
    until(lambda: store.todo.pending().index == 0)
    worker.communicate('{"do": "stop"}\n', timeout=30)


def test_the_sample_comes_once_and_never_again(store, home):
    taken = import_sample(store)
    assert taken.imported >= 40 and taken.failed == []
    sources = store.lists.sources()
    assert len(sources) == 8 and {source.folder for source in sources} == {SAMPLE_FOLDER}
    gone, kept = store.remove_sources([s.id for s in store.find_sources("Sample")])
    assert (gone, kept) == (taken.imported, 0)
    assert import_sample(store) is None
    assert store.lists.counts().all == 0


def test_a_home_with_articles_of_its_own_gets_no_sample(filled):
    assert import_sample(filled) is None
    filled.remove_sources([filled.lists.sources()[0].id])
    assert import_sample(filled) is None


def test_the_same_sample_taken_in_again_changes_nothing(store):
    paths = [ROOT / "seeds" / "articles", ROOT / "seeds" / "feeds"]
    first = import_paths(store, paths)
    again = import_paths(store, paths)
    assert first.imported >= 40 and first.failed == []
    assert (again.imported, again.updated, again.unchanged) == (0, 0, first.imported)
    assert len(store.lists.article_ids(Scope(ScopeKind.ALL))) == first.imported
