"""Is everything as it should be? Says in words what is wrong, and repairs what is derived."""

import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsreader.errors import SearchIndexError, StoreError
from newsreader.matching import Matching
from newsreader.search import Index
from newsreader.store import Store


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``detail`` says what was found."""

    name: str
    ok: bool
    detail: str


def examine(home: Path) -> Sequence[Check]:
    """Look at everything; nothing is changed.

    Raises:
        StoreError: the database cannot even be opened.
    """
    store = Store(home)
    try:
        wrong = store.check()
        counts = store.wrong_counts()
        failures = store.todo.failures()
        return [
            _permissions(home),
            Check("database", not wrong, "; ".join(wrong) or "sound"),
            Check("counts", not counts, "; ".join(counts) or "as counted"),
            _index(home, store),
            _saved(home, store),
            Check(
                "recognition",
                not failures,
                "; ".join(f"a{article}: {reason}" for _, article, reason in failures[:5])
                or "no article was set aside",
            ),
        ]
    finally:
        store.close()


def _permissions(home: Path) -> Check:
    mode = stat.S_IMODE(home.stat().st_mode)
    private = mode & 0o077 == 0
    return Check(
        "home",
        private,
        f"{home} is yours alone" if private else f"{home} can be read by others; chmod 700 it",
    )


def _index(home: Path, store: Store) -> Check:
    index = Index(home / "index", store.home_id())
    waiting = store.todo.pending().index
    try:
        indexed = set(index.ids())
    except SearchIndexError as error:
        return Check("index", False, f"{error}")
    stored = set(store.articles.all_ids())
    missing, extra = len(stored - indexed), len(indexed - stored)
    # What waits to be indexed may be missing, and what was removed may still be there.
    ok = missing + extra <= waiting
    return Check(
        "index",
        ok,
        f"{len(indexed)} of {len(stored)} articles, {waiting} waiting"
        + ("" if ok else f"; {missing} missing, {extra} too many"),
    )


def _saved(home: Path, store: Store) -> Check:
    """Compare what is kept of saved searches with full searches of the index."""
    index = Index(home / "index", store.home_id())
    searches = store.matches.searches()
    ready = {search.id for search in store.saved.all() if search.ready}
    waiting = store.matches.queued()
    wrong: list[str] = []
    try:
        for search in searches:
            kept, found = store.matches.masks(search.id), Matching(store).masks(search, index)
            differing = {n for n in kept.keys() | found.keys() if kept.get(n) != found.get(n)}
            if search.id in ready and differing - waiting:
                wrong.append(f"'{search.query}' differs in {len(differing - waiting)} articles")
    except SearchIndexError as error:
        return Check("saved searches", False, f"{error}")
    detail = "; ".join(wrong) or f"{len(searches)} say what a search would"
    return Check("saved searches", not wrong, detail)


def repair(home: Path) -> None:
    """Make derived things anew; what is truth is never touched."""
    from newsreader.derive import request_rebuild

    try:
        home.chmod(0o700)
    except OSError as error:
        raise StoreError(f"{home}: its permissions cannot be changed ({error.strerror})") from error
    store = Store(home)
    try:
        store.recount()
        store.todo.queue_failed()
        if not _index(home, store).ok:
            request_rebuild(store)
        if not _saved(home, store).ok:
            store.matches.forget()
    finally:
        store.close()
