"""Fetching feeds: who is due, a few at a time and politely, each into the library as it comes.

Threads fetch and have parsed, the thread that asked stores: a store belongs to one thread. What a
fetch found is recorded after its entries are stored, so that being killed at any instant costs
nothing but fetching that feed again.
"""

import contextlib
import fcntl
import hashlib
import os
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from newsreader.errors import FetchError, NewsReaderError, NotFoundError, ParseError, StoreError
from newsreader.feeds import schedule
from newsreader.model import ArticleID, ParsedDocument, ParsedEntry, SourceID
from newsreader.net import Client, Credentials, Get, Got
from newsreader.parsing import Parsers
from newsreader.store import Arrival, FeedState, Fetched, Origin, Store

THREADS = 16
_BATCH = 20
"""Articles in one transaction, as in ``intake``."""
_PAUSE_S = 0.002
_WAITING = 4
"""Parsed feeds that wait to be stored; more would only hold memory."""
_MOVED_TIMES = 2
"""Fetches in a row that must lead to the same new address before it is taken over."""
_TELL_S = 0.2
_LOOK_S = 0.1
"""Time within which a stop is noticed."""
_SETTLED = 410
GOOD = (200, 203, 226)
"""Statuses of answers that carry what was asked for (RFC 9110, RFC 3229)."""

Told = Callable[["Refreshed"], None]
"""Called with what was done so far, at most five times a second."""


@dataclass(slots=True)
class Refreshed:
    """What a refresh did.

    Args:
        total: feeds that were to be fetched.
        feeds: feeds that were.
        unchanged: feeds that had nothing new.
        new, updated: articles.
        failed: (source, its title, its address, why) of feeds that could not be fetched.
        offline: there is no network; nothing more was tried.
        stopped: it was ended before its end.
    """

    total: int = 0
    feeds: int = 0
    unchanged: int = 0
    new: int = 0
    updated: int = 0
    failed: list[tuple[SourceID, str, str, str]] = field(default_factory=list)
    articles: list[ArticleID] = field(default_factory=list)
    offline: bool = False
    stopped: bool = False


class _Claim:
    """One fetch's claim on the room for large bodies.

    One at a time is in memory, from its first megabytes until what it holds is stored: sixteen
    of them and their copies took 740 MB (measured November 2026).
    """

    def __init__(self, room: threading.Semaphore, halt: threading.Event) -> None:
        self._room = room
        self._halt = halt
        self._held = False

    def take(self) -> None:
        """Wait until there is room, or nobody wants it any more."""
        while not self._held and not self._halt.is_set():
            self._held = self._room.acquire(timeout=_LOOK_S)

    def give(self) -> None:
        """Let the next one in."""
        if self._held:
            self._held = False
            self._room.release()


class _Outcome(NamedTuple):
    """What a thread brings back of one feed: an answer, and what it holds if it is new."""

    state: FeedState
    got: Got | None = None
    document: ParsedDocument | None = None
    body_hash: bytes | None = None
    error: str | None = None
    kind: str = ""
    claim: _Claim | None = None


class Refresher:
    """Fetches the feeds of one home; of all programs on it, one at a time does.

    Args:
        store: the library; the object belongs to the thread that calls :meth:`refresh`.
        home: where it is.
        client: how feeds are fetched; one of its own if not given, which :meth:`close` closes.
        parsers: who reads them; likewise.
        now: the clock that schedules.
        chance: gives a random number from 0 to 1 for the schedule's jitter.
    """

    def __init__(
        self,
        store: Store,
        home: Path,
        *,
        client: Client | None = None,
        parsers: Parsers | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._home = home
        self._client = client or Client()
        self._parsers = parsers or Parsers()
        self._own = [
            part for part, given in ((self._client, client), (self._parsers, parsers)) if not given
        ]
        self._credentials = Credentials(home)
        self._now = now
        self._chance = chance

    def close(self) -> None:
        """End what belongs to it."""
        for part in self._own:
            part.close()

    def refresh(
        self,
        sources: Sequence[SourceID] | None = None,
        *,
        every: bool = False,
        tell: Told | None = None,
        stop: threading.Event | None = None,
    ) -> Refreshed:
        """Fetch feeds and store what they bring; return what was done.

        Waits while another program fetches for the same home.

        Args:
            sources: which; without them all that are due.
            every: without sources, also those that are not due.
            tell: told now and then how far it is.
            stop: set it to end early; what was stored stays.

        Raises:
            StoreError: the library cannot be written; what was stored before stays.
        """
        stop = stop or threading.Event()
        done = Refreshed()
        with fetch_lock(self._home, stop) as held:
            if not held:
                done.stopped = True
                return done
            # Only now: another program may have fetched them while this one waited.
            states = self._wanted(sources, every=every)
            done.total = len(states)
            if states:
                self._run(states, done, tell or (lambda so_far: None), stop)
        return done

    def take(
        self, state: FeedState, got: Got, document: ParsedDocument, body_hash: bytes
    ) -> Refreshed:
        """Store a feed that was fetched elsewhere, as :meth:`refresh` would have."""
        done = Refreshed(total=1)
        self._take(_Outcome(state, got._replace(body=b""), document, body_hash), done)
        return done

    def _wanted(self, sources: Sequence[SourceID] | None, *, every: bool) -> Sequence[FeedState]:
        if sources is not None:
            return self._store.feeds.states(sources)
        return self._store.feeds.states() if every else self._store.feeds.due(self._now())

    def _run(
        self, states: Sequence[FeedState], done: Refreshed, tell: Told, stop: threading.Event
    ) -> None:
        results: queue.Queue[_Outcome] = queue.Queue(_WAITING)
        halt = threading.Event()
        told = 0.0
        room = threading.Semaphore()
        threads = min(THREADS, len(states))
        with ThreadPoolExecutor(threads, thread_name_prefix="fetch") as pool:
            for state in _spread(states):
                pool.submit(self._bring, state, results, _Claim(room, halt), halt)
            dark: list[_Outcome] = []
            try:
                for _ in states:
                    outcome = self._next(results, stop, halt)
                    if outcome.kind == "offline":
                        dark.append(outcome)
                    else:
                        self._take(outcome, done)
                    if outcome.claim is not None:
                        outcome.claim.give()
                    if _offline(dark, done):
                        halt.set()
                    if time.monotonic() - told > _TELL_S:
                        told = time.monotonic()
                        tell(done)
            finally:
                # Threads that wait to hand something over must be able to, or never end.
                halt.set()
                pool.shutdown(wait=False, cancel_futures=True)
                _drain(results, pool)
        done.stopped = stop.is_set()
        done.offline = bool(dark) and not done.feeds
        if not done.offline:
            # Others answered, so it is these hosts' names that nobody could look up.
            for outcome in dark:
                self._take(outcome, done)
        tell(done)

    def _next(
        self, results: "queue.Queue[_Outcome]", stop: threading.Event, halt: threading.Event
    ) -> _Outcome:
        """Return the next outcome; as soon as ``stop`` is set, let the others come at once."""
        while True:
            if stop.is_set():
                halt.set()
            try:
                return results.get(timeout=_LOOK_S)
            except queue.Empty:
                continue

    def _bring(
        self,
        state: FeedState,
        results: "queue.Queue[_Outcome]",
        claim: _Claim,
        halt: threading.Event,
    ) -> None:
        """Fetch one feed and have it parsed; in a thread of its own."""
        try:
            outcome = self._fetch(state, claim, halt)
        except NewsReaderError as error:
            outcome = _Outcome(state, error=str(error))
        except Exception as error:  # noqa: BLE001 - a thread's error would vanish, and the feed with it
            outcome = _Outcome(state, error=f"could not be fetched ({type(error).__name__})")
        if outcome.got is not None:
            outcome = outcome._replace(got=outcome.got._replace(body=b""))
        results.put(outcome._replace(claim=claim))

    def _fetch(self, state: FeedState, claim: _Claim, halt: threading.Event) -> _Outcome:
        if halt.is_set():
            return _Outcome(state, error="", kind="stopped")
        settings = state.settings
        login = self._credentials.get(f"s{state.source}") if settings.login else None
        request = Get(
            url=state.url,
            etag=state.etag,
            last_modified=state.last_modified,
            user_agent=settings.user_agent,
            login=login,
            insecure=settings.insecure,
            cookies=settings.cookies,
        )
        try:
            got = self._client.get(request, stop=halt, room=claim.take)
        except FetchError as error:
            return _Outcome(state, error=str(error), kind=error.kind)
        if got.status not in GOOD:
            return _Outcome(state, got)
        body_hash = hashlib.blake2b(got.body, digest_size=16).digest()
        if body_hash == state.body_hash:
            return _Outcome(state, got, body_hash=body_hash)
        try:
            document = self._parsers.feed(
                got.body, url=got.url, content_type=got.content_type, stop=halt
            )
        except ParseError as error:
            return _Outcome(state, got, error=str(error), kind="stopped" if halt.is_set() else "")
        return _Outcome(state, got, document, body_hash)

    # In the thread that asked

    def _take(self, outcome: _Outcome, done: Refreshed) -> None:
        """Store what one feed brought and record how it went."""
        if outcome.kind == "stopped":
            return
        done.feeds += 1
        state = outcome.state
        error = outcome.error or refusal(outcome.got) or _unasked(state, outcome.got)
        brought = 0
        if outcome.document is not None:
            try:
                brought = self._save(state, outcome.document, done)
            except NotFoundError:
                return  # The user has unsubscribed meanwhile.
        if error:
            done.failed.append((state.source, state.title, state.url, error))
        elif not brought:
            done.unchanged += 1
        fetched = self._fetched(outcome, error, brought=bool(brought))
        if fetched.moved_times >= _MOVED_TIMES and fetched.moved_to:
            fetched = self._moved(state, fetched, fetched.moved_to)
        self._store.feeds.record(state.source, fetched)

    def _save(self, state: FeedState, document: ParsedDocument, done: Refreshed) -> int:
        """Store a feed's entries; return how many were new or changed."""
        origin = Origin(kind="feed", key=state.url, url=state.url, title=state.title, known=True)
        # The oldest first: of undated ones, those that stand higher in the feed are newer.
        entries = _once(document.entries)[::-1]
        before = done.new + done.updated
        for at in range(0, len(entries), _BATCH):
            arrivals = [Arrival(entry, scope=state.scope) for entry in entries[at : at + _BATCH]]
            saved = self._store.articles.save(origin, arrivals)
            done.new += len(saved.imported)
            done.updated += len(saved.updated)
            done.articles += [*saved.imported, *saved.updated]
            if saved.imported or saved.updated:
                time.sleep(_PAUSE_S)
        return done.new + done.updated - before

    def _fetched(self, outcome: _Outcome, error: str | None, *, brought: bool) -> Fetched:
        """Return what to record of a fetch, and when the next one is to be."""
        state, got, document = outcome.state, outcome.got, outcome.document
        now = self._now()
        if error:
            retry = got.retry_after if got is not None else None
            pause = schedule.pause_after_failure(
                state.failures + 1,
                retry_after=None if retry is None else timedelta(seconds=retry),
                chance=self._chance(),
            )
            # What was known of the last good answer stays good.
            return Fetched(
                at=now,
                due=now + pause,
                error=error,
                gone=got is not None and got.status == _SETTLED,
                etag=state.etag,
                last_modified=state.last_modified,
                body_hash=state.body_hash,
                gap=state.gap,
            )
        assert got is not None
        gap, newest = _rhythm(state, document, now)
        fixed = state.settings.interval
        pause = schedule.pause_after_success(
            gap=gap,
            silent=now - newest if newest is not None else None,
            asked_for=_asked_for(got, document),
            fixed=None if fixed is None else timedelta(seconds=fixed),
            chance=self._chance(),
        )
        unchanged = got.status not in GOOD
        moved_to = got.moved_to if got.moved_to != state.url else None
        again = moved_to is not None and moved_to == state.moved_to
        return Fetched(
            at=now,
            due=now + pause,
            etag=got.etag or (state.etag if unchanged else None),
            last_modified=got.last_modified or (state.last_modified if unchanged else None),
            body_hash=state.body_hash if unchanged else outcome.body_hash,
            moved_to=moved_to,
            moved_times=state.moved_times + 1 if again else int(moved_to is not None),
            gap=None if gap is None else int(gap.total_seconds()),
            title=document.title if document is not None else None,
            home_page=document.home_page if document is not None else None,
            brought=brought,
            note=_note(document) if document is not None else None,
        )

    def _moved(self, state: FeedState, fetched: Fetched, url: str) -> Fetched:
        """Take over the address to which a feed has moved for good."""
        if self._store.feeds.move(state.source, url):
            return fetched._replace(moved_to=None, moved_times=0)
        note = f"it has moved to {url}, which you have subscribed to too"
        return fetched._replace(note=note)


def _spread(states: Sequence[FeedState]) -> Sequence[FeedState]:
    """Return feeds so that those of one host do not stand together and wait for each other."""
    hosts: dict[str, list[FeedState]] = {}
    for state in states:
        hosts.setdefault(state.url.split("/")[2], []).append(state)
    rounds = max(map(len, hosts.values()))
    return [some[n] for n in range(rounds) for some in hosts.values() if n < len(some)]


def _offline(dark: Sequence[_Outcome], done: Refreshed) -> bool:
    """Tell whether there is no network: nobody has answered, and two hosts could not be reached.

    Not those feeds' fault: they stay due, and nothing is held against them. One host alone may
    have a name server that does not answer.
    """
    return not done.feeds and len({urlsplit(one.state.url).netloc for one in dark}) > 1


def _drain(results: "queue.Queue[_Outcome]", pool: ThreadPoolExecutor) -> None:
    """Take what threads still hand over until the last has ended."""
    ended = threading.Thread(target=pool.shutdown)
    ended.start()
    while ended.is_alive():
        with contextlib.suppress(queue.Empty):
            results.get(timeout=0.02)
    ended.join()


def _once(entries: Sequence[ParsedEntry]) -> Sequence[ParsedEntry]:
    """Return entries without those that stand in the feed twice; the first one holds."""
    seen: set[object] = set()
    found = []
    for entry in entries:
        key = entry.guid or entry.link or entry
        if key not in seen:
            seen.add(key)
            found.append(entry)
    return found


def refusal(got: Got | None) -> str | None:
    """Return what an answer's status means to the user, None if the feed was there."""
    if got is None or got.status in (*GOOD, 304):
        return None
    words = _STATUS.get(got.status)
    if words is None:
        words = "the server has failed" if got.status >= 500 else "the server refuses it"
    return f"{words} ({got.status})"


def _unasked(state: FeedState, got: Got | None) -> str | None:
    """Return what is wrong with being told that nothing has changed when nothing was known."""
    if got is None or got.status != 304 or state.etag or state.last_modified:
        return None
    return "the server says that nothing has changed, but has given nothing yet (304)"


_STATUS = {
    401: "the server wants a user name and password",
    402: "the server wants money",
    403: "the server does not let us have it",
    404: "the server has no such page",
    407: "the proxy wants a user name and password",
    410: "the feed is no more, says its server",
    429: "the server is asked too often; it is given time",
    500: "the server has failed",
    502: "the server behind it has failed",
    503: "the server is busy or being repaired",
    504: "the server behind it does not answer",
}


def _rhythm(
    state: FeedState, document: ParsedDocument | None, now: datetime
) -> tuple[timedelta | None, datetime | None]:
    """Return the usual gap between a feed's articles, and when the newest came, if known."""
    dates = [e.published for e in document.entries if e.published] if document else []
    gap = schedule.usual_gap(dates, now)
    if gap is None and state.gap is not None:
        gap = timedelta(seconds=state.gap)
    newest = max((date for date in dates if date <= now), default=state.brought)
    return gap, newest


def _asked_for(got: Got, document: ParsedDocument | None) -> timedelta | None:
    """Return how long the feed or its server wants to be left alone."""
    wishes = [got.max_age or 0.0, 60.0 * (document.minutes or 0) if document else 0.0]
    return timedelta(seconds=max(wishes)) if any(wishes) else None


def _note(document: ParsedDocument) -> str | None:
    if not document.problems:
        return None
    where, why = document.problems[0]
    more = len(document.problems) - 1
    return f"{where}: {why}" + (f"; {more} more such notes" if more else "")


@contextlib.contextmanager
def fetch_lock(home: Path, stop: threading.Event) -> Iterator[bool]:
    """Hold the lock of whoever fetches for ``home``; False if ``stop`` came first.

    Raises:
        StoreError: there can be no lock in ``home``.
    """
    path = home / "fetch.lock"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: cannot be used as a lock ({error.strerror})") from error
    with os.fdopen(descriptor, "r+") as stream:
        while not stop.is_set():
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                stop.wait(0.1)
                continue
            yield True
            return
        yield False
