"""From whatever a user pastes to subscribed feeds: a feed, a page that names one, an OPML list."""

import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from newsreader.errors import FetchError, NewsReaderError, ParseError
from newsreader.feeds import schedule
from newsreader.feeds.discover import discover, guesses, normalised
from newsreader.feeds.opml import Opml, read_opml
from newsreader.model import ParsedDocument, SourceID
from newsreader.net import ANY, Client, Credentials, Get, Got, Login
from newsreader.parsing import Parsers
from newsreader.refresh import GOOD, Refreshed, Refresher, refusal
from newsreader.store import Store

_GUESSES = 8
"""Usual addresses that are tried where a page names no feed."""
_LARGEST_LIST = 16 * 2**20


class Added(NamedTuple):
    """What was subscribed to.

    Args:
        sources: the feeds, in the order of the list they came by; those that were there too.
        title: what the (first) feed is called.
        articles: how many it has brought.
        new: how many of the feeds were not there before.
        problems: (where, why) of what could not be taken.
        others: (address, title) of feeds that the page names too.
    """

    sources: tuple[SourceID, ...]
    title: str
    articles: int
    new: int
    problems: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()


class Choice(NamedTuple):
    """A page names several feeds: (address, title), the likeliest first."""

    candidates: tuple[tuple[str, str], ...]


class Subscriber:
    """Adds feeds to one library; belongs to the thread that made it."""

    def __init__(
        self,
        store: Store,
        home: Path,
        client: Client,
        parsers: Parsers,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._client = client
        self._parsers = parsers
        self._credentials = Credentials(home)
        self._now = now
        self._refresher = Refresher(store, home, client=client, parsers=parsers, now=now)

    def add(
        self,
        text: str,
        *,
        folder: str | None = None,
        title: str | None = None,
        login: Login | None = None,
        choose: bool = False,
        stop: threading.Event | None = None,
    ) -> Added | Choice:
        """Subscribe to what ``text`` leads to, and fetch it.

        Args:
            text: an address as people write it, or the path of an OPML file.
            folder: where the source pane shows it; an OPML list's own folders go below it.
            title: what the user calls it.
            login: sent with every fetch; kept where secrets are, never in the library.
            choose: where a page names several feeds, return them; else the likeliest is taken.
            stop: set it to end early.

        Raises:
            NewsReaderError: no feed was found; the message says what was, and what to do.
        """
        path = _file_of(text)
        if path is not None:
            return self._add_list(_opml_of(path), folder, stop)
        url, got = self._first_answer(_spellings(text), login, stop)
        kind, found = self._kind(got)
        if isinstance(found, Opml):
            return self._add_list(found, folder, stop)
        if isinstance(found, ParsedDocument):
            return self._keep(url, got, found, folder=folder, title=title, login=login)
        candidates = [(one.url, one.title) for one in discover(got.body, got.url, got.content_type)]
        if choose and len(candidates) > 1:
            return Choice(tuple(candidates))
        for address in [address for address, _ in candidates] or guesses(got.url)[:_GUESSES]:
            added = self._try(address, url, folder, title, login, stop)
            if added is not None:
                others = tuple(one for one in candidates if one[0] != address)
                return added._replace(others=others)
        raise NewsReaderError(f"{url}: {kind}, and it names no feed; give the feed's own address")

    def _first_answer(
        self, urls: list[str], login: Login | None, stop: threading.Event | None
    ) -> tuple[str, Got]:
        """Return the first of ``urls`` that answers, with its answer; the last one's error."""
        for url in urls[:-1]:
            try:
                return url, self._get(url, login, stop)
            except NewsReaderError:
                continue
        return urls[-1], self._get(urls[-1], login, stop)

    def _get(self, url: str, login: Login | None, stop: threading.Event | None) -> Got:
        try:
            got = self._client.get(Get(url=url, accept=ANY, login=login), stop=stop)
        except FetchError as error:
            raise NewsReaderError(f"{_without_login(url)}: {error}") from error
        if got.status not in GOOD:
            raise NewsReaderError(f"{_without_login(url)}: {refusal(got)}")
        return got

    def _kind(self, got: Got) -> tuple[str, ParsedDocument | Opml | None]:
        """Return what an answer is, in words, and the feed or list that it holds."""
        head = got.body[:4000].lower()
        if b"<opml" in head:
            try:
                return "it is a list of feeds", read_opml(got.body)
            except ParseError as error:
                raise NewsReaderError(f"{_without_login(got.url)}: {error}") from error
        try:
            parsed = self._parsers.feed(got.body, url=got.url, content_type=got.content_type)
        except ParseError as error:
            return f"it {error}", None
        return "it is a feed", parsed

    def _try(
        self,
        address: str,
        home: str,
        folder: str | None,
        title: str | None,
        login: Login | None,
        stop: threading.Event | None,
    ) -> Added | None:
        """Subscribe to a feed that a page names; None if it is none."""
        # A login was given for the page's host, and goes to no other.
        same = urlsplit(address).netloc == urlsplit(home).netloc
        login = login if same else None
        try:
            got = self._client.get(Get(url=address, home=home, login=login), stop=stop)
        except FetchError:
            return None
        if got.status not in GOOD:
            return None
        try:
            parsed = self._parsers.feed(got.body, url=got.url, content_type=got.content_type)
        except ParseError:
            return None
        return self._keep(address, got, parsed, folder=folder, title=title, login=login)

    def _keep(
        self,
        url: str,
        got: Got,
        document: ParsedDocument,
        *,
        folder: str | None,
        title: str | None,
        login: Login | None,
    ) -> Added:
        """Subscribe to a feed that has been fetched, and store what it holds."""
        due = self._now() + schedule.SHORTEST
        address = _without_login(got.moved_to or url)
        source, new = self._store.feeds.subscribe(
            address, title=title, folder=folder, home_page=document.home_page, due=due
        )
        login = login or _login_in(url)
        if login is not None:
            self._credentials.put(f"s{source}", login)
            self._store.feeds.set(source, login=login.kind)
        (state,) = self._store.feeds.states([source])
        body_hash = hashlib.blake2b(got.body, digest_size=16).digest()
        done = self._refresher.take(state, got, document, body_hash)
        shown = state.settings.title or document.title or state.title
        return Added((source,), shown, done.new + done.updated, int(new))

    def _add_list(self, found: Opml, folder: str | None, stop: threading.Event | None) -> Added:
        """Subscribe to the feeds of an OPML list, and fetch those that are new."""
        sources, fresh = [], []
        for outline in found.outlines:
            place = " / ".join(filter(None, (folder, outline.folder))) or None
            source, new = self._store.feeds.subscribe(
                _without_login(outline.url),
                title=outline.title,
                folder=place,
                home_page=outline.home_page,
            )
            login = _login_in(outline.url)
            if new and login is not None:
                self._credentials.put(f"s{source}", login)
                self._store.feeds.set(source, login=login.kind)
            sources.append(source)
            if new:
                fresh.append(source)
        if not sources:
            raise NewsReaderError("the list holds no feeds that can be subscribed to")
        done = self._refresher.refresh(fresh, stop=stop) if fresh else Refreshed()
        problems = tuple(found.problems) + tuple((url, why) for _, _, url, why in done.failed)
        title = found.title or "a list of feeds"
        return Added(tuple(sources), title, done.new, len(fresh), problems)


def _file_of(text: str) -> Path | None:
    """Return the file that a user means, None where it is no file's path."""
    if "://" in text:
        return None
    try:
        path = Path(text.strip()).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):
        # Too long for a name, a folder that is closed to us, the home of nobody: an address then.
        return None


def _spellings(text: str) -> list[str]:
    """Return the addresses that a user may mean, in the order to try them.

    Without a scheme that is https, then http; on this very machine http is likelier.
    """
    url = normalised(text)
    if "://" in text or not url.startswith("https:"):
        return [url]
    plain = "http:" + url.removeprefix("https:")
    host = urlsplit(url).hostname or ""
    here = host in ("localhost", "::1") or host.startswith("127.")
    return [plain, url] if here else [url, plain]


def _opml_of(path: Path) -> Opml:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_LIST + 1)
    except OSError as error:
        raise NewsReaderError(f"{path}: {error.strerror or 'cannot be read'}") from error
    if len(data) > _LARGEST_LIST:
        raise NewsReaderError(f"{path}: is larger than {_LARGEST_LIST // 2**20} MB")
    try:
        return read_opml(data)
    except ParseError as error:
        raise NewsReaderError(
            f"{path}: {error}; 'newsreader import' takes in files with articles"
        ) from error


def _login_in(url: str) -> Login | None:
    """Return the user and password that an address carries."""
    from urllib.parse import unquote

    parts = urlsplit(url)
    if parts.username is None:
        return None
    return Login("basic", unquote(parts.username), unquote(parts.password or ""))


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
