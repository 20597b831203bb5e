"""The worker's threads that speak to others: one refreshes, one answers, one reads pages.

Each has a store of its own, and says what it does as events (see ``worker``). What is stored by
them the worker's main thread finds in the queue of derived work, as anybody's.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsreader.config import load_config
from newsreader.errors import NewsReaderError
from newsreader.full_texts import PageReader
from newsreader.model import ArticleID, SourceID
from newsreader.net import Client, Credentials, Login, Robots
from newsreader.parsing import Parsers
from newsreader.refresh import Refreshed, Refresher
from newsreader.store import Store, account_name
from newsreader.subscribing import Choice, Subscriber
from newsreader.sync.running import due_accounts, run_account

_LOOK_S = 30.0
"""Longest time after which the clock is looked at for feeds that are due."""
_OFFLINE_S = 60.0
"""Time after which the network is tried again."""
_AGAIN_S = 300.0
"""Least time between two tries of one account, also where the first failed."""
_FAILURES = 20
"""Failed feeds that an event names."""

Request = Mapping[str, Any]
Say = Callable[[dict[str, Any]], None]

_log = logging.getLogger("newsreader.fetcher")


class Fetcher:
    """Does what is asked of it, and fetches what is due while it is ``automatic``."""

    def __init__(self, home: Path, say: Say) -> None:
        self._home = home
        self._say = say
        self._client = Client(trusted=frozenset(load_config(home).trusted_hosts))
        self._parsers = Parsers()
        self._refreshes: queue.Queue[Request | None] = queue.Queue()
        self._questions: queue.Queue[Request | None] = queue.Queue()
        self._pages = threading.Event()
        self._halt = threading.Event()
        self._closing = threading.Event()
        self.automatic = False
        self._troubles: dict[str, str | None] = {}
        self._tried: dict[int, float] = {}
        self._threads = [
            threading.Thread(target=self._guarded, args=(loop,), name=name)
            for name, loop in (
                ("refresh", self._refreshing),
                ("answer", self._answering),
                ("pages", self._reading),
            )
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def ask(self, request: Request) -> None:
        """Take a request of the reader: "refresh", "halt", "add", "page" or "login"."""
        match request.get("do"):
            case "refresh":
                self._refreshes.put(request)
            case "halt":
                self._halt.set()
            case "add" | "page" | "login":
                self._questions.put(request)
            case other:
                _log.warning("a request to do %r was passed over", other)

    def close(self) -> None:
        """End the threads; what they were at is given up within a second or so."""
        self._closing.set()
        self._halt.set()
        self._pages.set()
        self._refreshes.put(None)
        self._questions.put(None)
        for thread in self._threads:
            thread.join(timeout=3.0)
        self._parsers.close()
        self._client.close()

    def _guarded(self, loop: Callable[[Store], None]) -> None:
        """Run a thread's loop with a store of its own; an error of the library ends it, said."""
        try:
            # What is lost in a power cut is fetched again: the next fetch still has the old ETag.
            store = Store(self._home, durable=False, create=False)
        except NewsReaderError as error:
            self._say({"event": "failed", "reason": str(error), "lasts": True})
            return
        try:
            while not self._closing.is_set():
                try:
                    loop(store)
                except (NewsReaderError, OSError) as error:
                    _log.warning("%s: %s", threading.current_thread().name, error)
                    self._say({"event": "failed", "reason": str(error), "lasts": True})
                    self._closing.wait(_OFFLINE_S)
        finally:
            store.close()

    # Refreshing

    def _refreshing(self, store: Store) -> None:
        refresher = Refresher(store, self._home, client=self._client, parsers=self._parsers)
        wait = 0.0
        was_offline = False
        while not self._closing.is_set():
            try:
                request = (
                    self._refreshes.get(timeout=wait) if wait else self._refreshes.get_nowait()
                )
            except queue.Empty:
                request = {"do": "refresh", "asked": False} if self.automatic else {}
            if request is None:
                return
            wait = _LOOK_S if self.automatic else 1.0
            if self.automatic:
                self._sync(store, every=request.get("asked") is not False)
            if not request or (request.get("asked") is False and not self._any_due(store)):
                self._parsers.end_if_idle()
                continue
            done = self._refresh(refresher, request, said_offline=was_offline)
            was_offline = done.offline
            wait = _OFFLINE_S if was_offline else 0.0 if done.total else _LOOK_S
            self._pages.set()

    def _any_due(self, store: Store) -> bool:
        now = datetime.now(UTC)
        due = store.feeds.next_due(now)
        return due is not None and due <= now

    def _sync(self, store: Store, *, every: bool) -> None:
        """Get in step with the user's servers that are due, or with all of them."""
        self._halt.clear()
        for account in store.accounts.all() if every else due_accounts(store):
            tried = self._tried.get(account.id, -_AGAIN_S)
            if self._closing.is_set():
                return
            if not every and time.monotonic() - tried < _AGAIN_S:
                continue
            self._tried[account.id] = time.monotonic()
            _, trouble = run_account(store, self._home, account, stop=self._halt)
            name = account_name(account)
            if trouble and self._troubles.get(name) != trouble:
                _log.info("%s: %s", name, trouble)
                self._say({"event": "failed", "reason": f"{name}: {trouble}"})
            # Said once, until it is another trouble or none.
            self._troubles[name] = trouble

    def _refresh(self, refresher: Refresher, request: Request, *, said_offline: bool) -> Refreshed:
        self._halt.clear()
        if self._closing.is_set():
            self._halt.set()
        asked = request.get("asked") is not False
        sources = request.get("sources")

        def tell(so_far: Refreshed) -> None:
            self._say({"event": "refresh", **_counts(so_far)})

        done = refresher.refresh(
            None if sources is None else [SourceID(int(source)) for source in sources],
            every=bool(request.get("all")),
            tell=tell,
            stop=self._halt,
        )
        for _, title, url, why in done.failed:
            _log.info("%s (%s): %s", title, url, why)
        self._say(
            {
                "event": "refreshed",
                **_counts(done),
                "asked": asked,
                "stopped": done.stopped,
                # Said once, until there is a network again.
                "offline": done.offline and (asked or not said_offline),
                "failures": [[s, title, why] for s, title, _, why in done.failed[:_FAILURES]],
            }
        )
        return done

    # Answering

    def _answering(self, store: Store) -> None:
        subscriber = Subscriber(store, self._home, self._client, self._parsers)
        pages = self._page_reader(store)
        while (request := self._questions.get()) is not None:
            match request.get("do"):
                case "add":
                    self._add(subscriber, request)
                case "page":
                    self._page(pages, ArticleID(int(request["article"])))
                case _:
                    self._login(store, request)

    def _add(self, subscriber: Subscriber, request: Request) -> None:
        number = request.get("request")
        try:
            added = subscriber.add(
                str(request.get("url", "")),
                folder=request.get("folder"),
                choose=True,
                stop=self._closing,
            )
        except NewsReaderError as error:
            self._say({"event": "refused", "request": number, "reason": str(error)})
            return
        if isinstance(added, Choice):
            candidates = [list(one) for one in added.candidates]
            self._say({"event": "choose", "request": number, "candidates": candidates})
            return
        self._say(
            {
                "event": "added",
                "request": number,
                "sources": list(added.sources),
                "title": added.title,
                "articles": added.articles,
                "problems": [list(one) for one in added.problems[:_FAILURES]],
            }
        )
        self._pages.set()

    def _page(self, pages: PageReader, article: ArticleID) -> None:
        try:
            result = pages.read_now(article, self._closing)
        except NewsReaderError as error:
            self._say({"event": "page", "article": article, "ok": False, "reason": str(error)})
            return
        self._say({"event": "page", "article": article, "ok": result.ok, "reason": result.reason})

    def _login(self, store: Store, request: Request) -> None:
        source = SourceID(int(request["source"]))
        kind = request.get("kind")
        credentials = Credentials(self._home)
        try:
            if kind is None:
                credentials.remove(f"s{source}")
            else:
                login = Login(str(kind), str(request.get("name")), str(request.get("secret")))
                credentials.put(f"s{source}", login)
            store.feeds.set(source, login=kind)
        except NewsReaderError as error:
            self._say({"event": "failed", "reason": str(error)})

    # Pages

    def _page_reader(self, store: Store) -> PageReader:
        return PageReader(store, self._client, self._parsers, Robots(self._client))

    def _reading(self, store: Store) -> None:
        pages = self._page_reader(store)
        while not self._closing.is_set():
            self._pages.wait(_LOOK_S)
            self._pages.clear()
            while self.automatic and not self._closing.is_set():
                if not pages.read_some(self._closing):
                    break


def _counts(done: Refreshed) -> dict[str, int]:
    return {
        "done": done.feeds,
        "total": done.total,
        "new": done.new,
        "updated": done.updated,
        "failed": len(done.failed),
    }
