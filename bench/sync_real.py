"""Two readers sync with a real server, and every step is checked at both ends.

    export NEWSREADER_SYNC_URL=http://127.0.0.1:8080
    export NEWSREADER_SYNC_USER=alice NEWSREADER_SYNC_PASSWORD=…
    python -m bench.sync_real

The account should be one for testing: a feed is added to it and removed again, and what is there
besides is read into two homes that are thrown away. The feed is served on loopback by this script;
for a server on another machine name a feed that it can fetch, of three articles or more, in
``NEWSREADER_SYNC_FEED``. Exit status 1: a check failed.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from newsreader.errors import SyncError
from newsreader.model import ArticleID, Headline, Scope, ScopeKind
from newsreader.net.post import ServerLink
from newsreader.store import Account, Store
from newsreader.sync.engine import Synced, sync_account
from newsreader.sync.greader import Reader
from newsreader.sync.servers import find_server

_ITEMS = 40


class _Feed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer every path below /feed with the same RSS, all else with a page."""
        host = f"http://{self.headers['Host']}"
        items = "".join(
            f"<item><title>Report {n} &amp;amp; more</title><link>{host}/{n}</link>"
            f"<guid>report-{n}</guid><pubDate>Tue, 28 Jun 2022 09:{n:02} GMT</pubDate>"
            f"<description>The storm {n} moved on.</description></item>"
            for n in range(_ITEMS)
        )
        feed = f"<rss version='2.0'><channel><title>Reports &amp; more</title><link>{host}/</link>"
        page = f"{feed}<description>Reports</description>{items}</channel></rss>"
        body = (page if self.path.startswith("/feed") else "<title>A page</title>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml" if page else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _feed() -> Iterator[str]:
    """Yield the address of a feed that the server can fetch."""
    if named := os.environ.get("NEWSREADER_SYNC_FEED"):
        yield named
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/feed"
    finally:
        server.shutdown()


class _Home:
    """One reader's home."""

    def __init__(self, folder: Path, reader: Reader, kind: str, url: str, user: str) -> None:
        self.store = Store(folder)
        self.reader = reader
        self.account: Account = self.store.accounts.add(kind, url, user, both_ways=True)

    def sync(self) -> Synced:
        """Sync, saying how long that took."""
        began = time.perf_counter()
        account = self.store.accounts.find(str(self.account.id))
        done = sync_account(self.store, account, self.reader)
        print(f"     {time.perf_counter() - began:5.2f} s  {done}")
        return done

    def row(self, article: ArticleID) -> Headline:
        """Return an article as the list shows it."""
        return self.store.lists.headlines([article])[0]

    def of(self, url: str) -> dict[str, ArticleID]:
        """Return the articles that came by the feed at ``url``, by title."""
        (source,) = (s for s in self.store.lists.sources() if s.url == url)
        ids = self.store.lists.article_ids(Scope(ScopeKind.SOURCE, str(source.id)))
        return {row.title: row.id for row in self.store.lists.headlines(ids)}


class _Checks:
    """What was checked, and how often in vain."""

    def __init__(self) -> None:
        self.bad = 0

    def __call__(self, what: str, ok: bool) -> None:
        self.bad += not ok
        print(f"{'ok ' if ok else 'BAD'}  {what}")


def _marks(check: _Checks, one: _Home, two: _Home, url: str) -> None:
    here, there = one.of(url), two.of(url)
    check("both readers have the same articles", len(here) >= 3 and set(here) == set(there))
    first, second, third = sorted(here)[:3]
    one.store.acts.mark_read([here[first], here[second]], read=True)
    one.store.acts.bookmark([here[third]], on=True)
    check("three changes are sent", one.sync().sent == 3)
    two.sync()
    check("read arrives", two.row(there[first]).read and two.row(there[second]).read)
    check("a bookmark arrives", two.row(there[third]).bookmarked)
    check("nothing else was marked", sum(two.row(a).read for a in there.values()) == 2)
    two.store.acts.mark_read([there[first]], read=False)
    two.store.acts.bookmark([there[third]], on=False)
    one.store.acts.mark_read([here[third]], read=True)
    two.sync()
    one.sync()
    two.sync()
    for title in (first, second, third):
        a, b = one.row(here[title]), two.row(there[title])
        check(f"both agree on '{title}'", (a.read, a.bookmarked) == (b.read, b.bookmarked))
    check("unread went back", not one.row(here[first]).read)
    check("the bookmark went", not one.row(here[third]).bookmarked)
    done = one.sync()
    check("nothing is left to do", (done.new, done.changed, done.sent) == (0, 0, 0))


def _feeds(check: _Checks, one: _Home, two: _Home, url: str) -> None:
    (source,) = (s for s in one.store.lists.sources() if s.url == url)
    check("the feed has a title", bool(source.title) and "＆" not in source.title)
    for home in (one, two):
        home.sync()
    one.store.remove_sources([source.id])
    check("removing it here removes it there", one.sync().problems == [])
    left = [feed for feed in one.reader.subscriptions() if feed.url == url]
    check("the server has it no more", left == [])
    check("the other reader keeps it and says so", two.sync().gone == [source.title])


def main() -> int:
    """Run the scenario; return the exit status."""
    try:
        where, user, password = (
            os.environ[f"NEWSREADER_SYNC_{name}"] for name in ("URL", "USER", "PASSWORD")
        )
    except KeyError as missing:
        print(f"{missing} is not set; see the beginning of this file")
        return 2
    check = _Checks()
    http = ServerLink()
    with _feed() as url, tempfile.TemporaryDirectory() as folder:
        kind, api = find_server(http, where, user, password)
        print(f"{kind} at {api}")
        open_reader: Callable[[], Reader] = lambda: Reader(http, api, user, password)  # noqa: E731 - one line for two readers
        homes = [_Home(Path(folder, n), open_reader(), kind, api, user) for n in ("one", "two")]
        homes[0].reader.subscribe(url, folder="Weather")
        try:
            for home in homes:
                home.sync()
            _marks(check, homes[0], homes[1], url)
            _feeds(check, homes[0], homes[1], url)
        finally:
            _leave(homes[0].reader, url)
        for home in homes:
            home.store.close()
    http.close()
    print(f"{check.bad} checks failed")
    return 1 if check.bad else 0


def _leave(reader: Reader, url: str) -> None:
    try:
        for feed in reader.subscriptions():
            if feed.url == url:
                reader.unsubscribe(feed.stream)
    except SyncError as error:
        print(f"the feed {url} could not be removed again: {error}")


if __name__ == "__main__":
    sys.exit(main())
