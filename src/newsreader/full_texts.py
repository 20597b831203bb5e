"""Reading publishers' pages where a feed gives only a teaser: robots heeded, one host at a time."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from newsreader.errors import FetchError, ParseError
from newsreader.model import ArticleID
from newsreader.net import PAGES, Client, Get, Robots
from newsreader.parsing import Parsers
from newsreader.refresh import GOOD, refusal
from newsreader.store import PageWish, Store

_MANY = 20
"""Pages that are looked at in one go."""
_DELAY_S = 1.0
"""Least time between two pages of one host, unless its robots.txt asks for more."""
_LONGEST_DELAY_S = 60.0
_ATTEMPTS = 3
_AGAIN = timedelta(hours=1)
_PASSING = frozenset({"timeout", "offline", "refused", "name", "stopped", "broken"})
"""Reasons that may be gone in an hour."""
_NOT_ITS_FAULT = frozenset({"offline", "stopped"})
"""Reasons that are this machine's: a page must not be given up in a night without a network."""
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


class _Failed(Exception):
    """A page could not be read; ``passing``: that may change; ``counts``: as one of its tries."""

    def __init__(self, reason: str, *, passing: bool, counts: bool = True) -> None:
        super().__init__(reason)
        self.passing = passing
        self.counts = counts


class PageResult(NamedTuple):
    """How reading one page went: ``reason`` says why not."""

    article: ArticleID
    ok: bool
    reason: str = ""


class PageReader:
    """Fetches pages that are wished for; belongs to the thread that uses it."""

    def __init__(
        self,
        store: Store,
        client: Client,
        parsers: Parsers,
        robots: Robots,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._client = client
        self._parsers = parsers
        self._robots = robots
        self._now = now
        self._last: dict[str, float] = {}

    def read_some(self, stop: threading.Event) -> list[PageResult]:
        """Read pages that are wished for, the user's own wishes first; return how it went."""
        results = []
        for wish in self._store.full_texts.wishes(self._now(), _MANY):
            if stop.is_set() or not self._wait(wish, stop):
                break
            results.append(self._read(wish, stop))
        return results

    def read_now(self, article: ArticleID, stop: threading.Event) -> PageResult:
        """Read the page of one article, which the user waits for.

        Raises:
            NotFoundError: there is no such article, or it has no link.
        """
        self._store.full_texts.wish(article)
        for wish in self._store.full_texts.wishes(self._now(), _MANY):
            if wish.article == article:
                return self._read(wish, stop)
        return PageResult(article, False, "it is read later: others are waiting before it")

    def _wait(self, wish: PageWish, stop: threading.Event) -> bool:
        """Wait until the host may be asked again; return whether it may."""
        host = urlsplit(wish.url).netloc
        try:
            delay = min(max(_DELAY_S, self._robots.delay(wish.url)), _LONGEST_DELAY_S)
        except FetchError:
            return True  # No address that can be asked: reading it says so.
        left = self._last.get(host, -delay) + delay - time.monotonic()
        return not (left > 0 and stop.wait(left))

    def _read(self, wish: PageWish, stop: threading.Event) -> PageResult:
        try:
            self._bring(wish, stop)
        except _Failed as error:
            attempts = wish.attempts + error.counts
            again = error.passing and attempts < _ATTEMPTS and not wish.by_user
            when = self._now() + _AGAIN * 2**attempts if again else None
            self._store.full_texts.failed(wish.article, str(error), again=when, counts=error.counts)
            return PageResult(wish.article, False, str(error))
        finally:
            self._last[urlsplit(wish.url).netloc] = time.monotonic()
        return PageResult(wish.article, True)

    def _bring(self, wish: PageWish, stop: threading.Event) -> None:
        home = wish.home or wish.url
        try:
            # What the user asks for himself he might open in a browser as well.
            if not wish.by_user and not self._robots.allowed(
                wish.url, home=home, user_agent=wish.user_agent, stop=stop
            ):
                if not self._robots.answered(wish.url, user_agent=wish.user_agent):
                    raise _Failed("the site does not answer as it should", passing=True)
                raise _Failed("the site asks programs not to read this page", passing=False)
            got = self._client.get(
                Get(
                    url=wish.url,
                    home=home,
                    accept=PAGES,
                    user_agent=wish.user_agent,
                    insecure=wish.insecure,
                ),
                stop=stop,
            )
        except FetchError as error:
            passing, counts = error.kind in _PASSING, error.kind not in _NOT_ITS_FAULT
            raise _Failed(str(error), passing=passing, counts=counts) from error
        if got.status not in GOOD:
            raise _Failed(refusal(got) or "it was not there", passing=got.status in _BUSY)
        try:
            entry = self._parsers.page(
                got.body,
                url=got.url,
                content_type=got.content_type,
                title=wish.title,
                lead=wish.text,
                stop=stop,
            )
            self._store.full_texts.save(wish.article, entry)
        except ParseError as error:
            # Stopped, it was not the page's fault.
            raise _Failed(str(error), passing=stop.is_set(), counts=not stop.is_set()) from error
