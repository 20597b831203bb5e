"""One sync of one account: feeds, then what both sides said of articles, then new articles.

Each step is stored before the next begins and can be done again, so a sync may end anywhere: what
the user said leaves the queue only once the server has said OK. The server is heard before it is
told, so that nothing it knows is overwritten unseen.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from newsreader.errors import StoreError, SyncError
from newsreader.net.post import is_own
from newsreader.store import (
    Account,
    FeedWish,
    Origin,
    RemoteItem,
    Store,
    Subscribed,
    Word,
    account_name,
)
from newsreader.sync.greader import (
    CONTENTS_A_REQUEST,
    WORDS_A_REQUEST,
    Reader,
    item_id,
    states,
    text_of,
)
from newsreader.sync.items import feed_address, feed_title, read_item
from newsreader.text.clean import clean_line

_FIRST_PAGES, _PAGES = 1, 10
"""Pages of 1,000 in which articles that were read elsewhere are looked for: at the first sync, and
later until a page brings nothing new. All unread and all starred ones come in any case."""
_BATCH = 20
_PAUSE_S = 0.002
"""As in ``intake``: a waiting reader's key press is stored within 10 ms."""
_FOLDER = 100

_T = TypeVar("_T")

Progress = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and of how much."""


@dataclass(slots=True)
class Synced:
    """What a sync did.

    Args:
        feeds: how many the server has.
        added, gone: titles of feeds that are new here, and of those that the server has no more.
        new, updated: articles.
        changed: articles here whose read or bookmark the server changed.
        sent: changes made here that the server now knows.
        problems: what could not be done, in words; the rest was.
    """

    feeds: int = 0
    added: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    new: int = 0
    updated: int = 0
    changed: int = 0
    sent: int = 0
    problems: list[str] = field(default_factory=list)


@contextmanager
def sync_lock(home: Path) -> Iterator[None]:
    """Let one sync at a time run in a home: two would take each other's changes for the server's.

    Raises:
        SyncError: "running", another one is under way.
        StoreError: there can be no lock in ``home``.
    """
    path = home / "sync.lock"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: cannot be used as a lock ({error.strerror})") from error
    with os.fdopen(descriptor, "r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SyncError(
                "another sync is under way; it does what there is to do", "running"
            ) from error
        yield


def sync_account(
    store: Store,
    account: Account,
    reader: Reader,
    *,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Synced:
    """Bring the library and one account in step; hold :func:`sync_lock` meanwhile.

    How it ended is kept with the account.

    Raises:
        SyncError: the server did not answer, or not as it should; what was done until then stays,
            and the rest is done by the next sync.
        StoreError: the library cannot be written.
    """
    run = _Run(store, account, reader, progress, stop)
    try:
        run.feeds()
        run.states()
        run.tell()
        run.articles()
        # What was met for the first time may have to be told too.
        run.tell()
    except SyncError as error:
        if error.kind != "stopped":
            due = None if error.wait is None else datetime.now(UTC) + timedelta(seconds=error.wait)
            store.accounts.record(account.id, error=str(error), due=due)
        raise
    store.accounts.record(account.id)
    return run.done


class _Run:
    """One sync under way."""

    def __init__(
        self,
        store: Store,
        account: Account,
        reader: Reader,
        progress: Progress | None,
        stop: threading.Event | None,
    ) -> None:
        self.store = store
        self.account = account
        self.reader = reader
        self.progress = progress
        self.stop = stop
        self.done = Synced()
        self.freshrss = account.kind == "freshrss"
        self.unread: list[str] = []
        self.starred: list[str] = []

    def _step(self, stage: str, done: int = 0, total: int = 0) -> None:
        if self.stop is not None and self.stop.is_set():
            raise SyncError("stopped; the next sync goes on from here", "stopped")
        if self.progress is not None:
            self.progress(stage, done, total)

    # Feeds

    def feeds(self) -> None:
        """Take over the server's feeds, and tell it of the user's."""
        self._take_feeds()
        asked = [wish for wish in self.store.remote_feeds.wishes(self.account) if self._wish(wish)]
        if any(wish.act == "subscribe" for wish in asked):
            self._take_feeds()

    def _take_feeds(self) -> None:
        self._step("feeds")
        feeds = [
            Subscribed(
                stream=feed.stream,
                title=feed_title(feed.title, feed.url, freshrss=self.freshrss),
                url=self._address(feed.url),
                folder=clean_line(feed.folder, _FOLDER) or None if feed.folder else None,
                home_page=feed_address(feed.home_page),
            )
            for feed in self.reader.subscriptions()
        ]
        changes = self.store.remote_feeds.take(self.account, feeds)
        self.done.feeds = len(feeds)
        self.done.added += changes.added
        self.done.gone += changes.gone

    def _address(self, written: str) -> str | None:
        """Return a feed's address, None where only the server can fetch it.

        What is in the own network of a public server is not there from here, and must not lead
        into the user's own.
        """
        url = feed_address(written)
        return None if url is not None and is_own(url) and not is_own(self.account.url) else url

    def _wish(self, wish: FeedWish) -> bool:
        """Tell the server of one feed; return whether it did so."""
        self._step("feeds")
        stream = wish.stream
        title = wish.title if wish.title != wish.old_title else None
        try:
            if wish.act == "subscribe":
                address = wish.stream.removeprefix("feed/")
                stream = self.reader.subscribe(address, title, wish.folder)
            elif wish.act == "unsubscribe":
                self.reader.unsubscribe(wish.stream)
            else:
                self.reader.edit(
                    wish.stream,
                    title=title,
                    folder=wish.folder,
                    old_folder=wish.old_folder,
                )
        except SyncError as error:
            # Miniflux has "an error of its own" (500) where it finds no feed.
            if error.kind not in ("refused", "broken"):
                raise
            self.done.problems.append(f"{wish.title}: {error}")
            return False
        self.store.remote_feeds.told(self.account, wish, stream)
        return True

    # What both sides said

    def states(self) -> None:
        """Take over what was read and starred elsewhere."""
        self._step("lists")
        self.unread = self.reader.unread()
        self._step("lists")
        self.starred = self.reader.starred()
        self._hear("read", self.unread, on=False)
        self._hear("bookmarked", self.starred, on=True)
        doubtful = {
            item: None
            for flag, listed in (("read", self.unread), ("bookmarked", self.starred))
            for item in self.store.accounts.unlisted(self.account.id, flag, set(listed))
        }
        self._ask_again(list(doubtful))

    def _hear(self, flag: str, items: Sequence[str], *, on: bool) -> None:
        self.done.changed += self.store.accounts.hear(self.account.id, flag, items, on=on)

    def _ask_again(self, items: Sequence[str]) -> None:
        """Ask of each article what it is now.

        One that left the list of the unread was read, or thrown away, or moved to another page of
        the list while that was read: the list alone would mark what nobody has read.
        """
        for at in range(0, len(items), CONTENTS_A_REQUEST):
            self._step("states", at, len(items))
            asked = items[at : at + CONTENTS_A_REQUEST]
            found: dict[str, set[str] | None] = {}
            for fields in self.reader.contents(asked):
                if (item := item_id(text_of(fields, "id"))) is not None:
                    found[item] = states(fields)
            for flag, state in (("read", "read"), ("bookmarked", "starred")):
                for on in (True, False):
                    said = [i for i, names in found.items() if names is not None]
                    self._hear(flag, [i for i in said if (state in (found[i] or ())) == on], on=on)
            self.store.accounts.lose(self.account.id, [i for i in asked if i not in found])

    def tell(self) -> None:
        """Send what the user said and the server has not heard."""
        words = self.store.accounts.words(self.account.id)
        total, sent = len(words), 0
        for flag in ("read", "bookmarked"):
            for value in (True, False):
                same = [word for word in words if (word.flag, word.value) == (flag, value)]
                for batch in _batches(same, WORDS_A_REQUEST):
                    self._step("sending", sent, total)
                    self._tell(batch)
                    sent += len(batch)

    def _tell(self, words: Sequence[Word]) -> None:
        first = words[0]
        try:
            self.reader.mark([word.item for word in words], first.flag, on=first.value)
        except SyncError as error:
            if error.kind != "refused":
                raise
            if len(words) == 1:
                self.done.problems.append(f"{first.item}: {error}")
                return
            # It refuses all for the sake of one.
            half = len(words) // 2
            self._tell(words[:half])
            self._tell(words[half:])
            return
        self.store.accounts.heard(self.account.id, words)
        self.done.sent += len(words)

    # Articles

    def articles(self) -> None:
        """Store what is not here yet: all unread and starred ones, and the newest read ones."""
        wanted = dict.fromkeys([*self.unread, *self.starred])
        missing = dict.fromkeys(self.store.accounts.unknown(self.account.id, list(wanted)))
        pages = _PAGES if self.account.synced is not None else _FIRST_PAGES
        for number, page in enumerate(self.reader.newest(), 1):
            self._step("lists")
            new = self.store.accounts.unknown(self.account.id, page)
            missing.update(dict.fromkeys(new))
            if not new or number == pages:
                break
        self._fetch(list(missing))

    def _fetch(self, items: Sequence[str]) -> None:
        sources = self.store.remote_feeds.sources(self.account.id)
        unread, starred = set(self.unread), set(self.starred)
        for at in range(0, len(items), CONTENTS_A_REQUEST):
            self._step("articles", at, len(items))
            asked = set(items[at : at + CONTENTS_A_REQUEST])
            found: dict[str, list[RemoteItem]] = {}
            for fields in self.reader.contents(list(items[at : at + CONTENTS_A_REQUEST])):
                article = read_item(fields, freshrss=self.freshrss)
                if article is None or article.item not in asked:
                    continue
                read = article.item not in unread if article.read is None else article.read
                star = article.item in starred if article.starred is None else article.starred
                item = RemoteItem(article.item, article.stream, article.entry, read, star)
                found.setdefault(article.stream, []).append(item)
            for stream, kept in found.items():
                self._keep(stream, sources.get(stream, self._elsewhere()), kept)

    def _elsewhere(self) -> Origin:
        """Return under what articles come whose feed the account has no more, or never had."""
        name = account_name(self.account)
        return Origin(kind="import", key=f"sync:{self.account.id}", title=name)

    def _keep(self, stream: str, origin: Origin | None, items: Sequence[RemoteItem]) -> None:
        if origin is None:
            # The user removed this feed here; what is starred is kept all the same.
            left = [(item.item, stream) for item in items if not item.bookmarked]
            self.store.accounts.leave_out(self.account.id, left)
            items = [item for item in items if item.bookmarked]
            origin = self._elsewhere()
        for batch in _batches(items, _BATCH):
            new, updated = self.store.accounts.keep(self.account.id, origin, batch)
            self.done.new += new
            self.done.updated += updated
            time.sleep(_PAUSE_S)


def _batches(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
