"""A world that publishes on loopback, and a model of what a perfect reader holds of it.

Each host is an address of 127.0.0.0/8 with a server of its own. The clock is the caller's: time
passes only in :meth:`World.pass_time`. What a feed has served whole is what a reader must hold;
what was asked, and when, is kept for :meth:`World.broken_rules`.
"""

import gzip
import random
import select
import sys
import threading
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from json import dumps
from typing import Any

import brotli  # type: ignore[import-untyped]  # it has no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
_FORMATS = ("rss2", "atom", "rdf", "json", "rss091")
_WINDOW = 12
_HUNG_UP = 599
"""Stands in the records for no answer at all."""
_RUBBISH = (
    b"",
    b"\x00\xff\xfe rubbish \x1b]0;title\x07",
    b"<html><body><h1>We are being rebuilt</h1></body></html>",
    b"<?xml version='1.0'?><rss><channel><title>",
    b'{"version": "https://jsonfeed.org/version/1", "items": 7}',
)
_WORDS = (
    *("harbour", "ferry", "council", "budget", "storm", "bridge", "school", "market"),
    *("river", "strike", "museum", "train", "winter", "election", "court", "island"),
    *("factory", "concert", "library", "hospital", "garden", "airport", "summit", "treaty"),
)


@dataclass
class Entry:
    """An entry as its publisher has it now; ``version`` grows when it is changed."""

    number: int
    published: datetime
    guid: bool
    link: str | None
    version: int = 0
    said: str = ""

    def title(self, version: int) -> str:
        """Return the title it had then."""
        return f"Report {self.number} of the {self.said}" + (
            f" (corrected {version})" if version else ""
        )

    def text(self, version: int) -> str:
        """Return the text it had then."""
        words = random.Random(self.number * 1000 + version).choices(_WORDS, k=60)
        return f"Number {self.number}, version {version}: " + " ".join(words) + "."


@dataclass
class Asked:
    """A request: when by the world's clock, what was answered, and what was sent with it."""

    at: datetime
    path: str
    status: int
    conditional: bool
    retry_after: int = 0
    had_tag: bool = False


@dataclass
class Feed:
    """A feed with its habits, its troubles and what it has served."""

    number: int
    host: "Host"
    format: str
    per_day: float
    guids: bool
    links: bool
    etag: bool
    modified: bool
    coding: str
    entries: list[Entry] = field(default_factory=list)
    path: str = ""
    trouble: str = ""
    until: datetime = START
    tag: int = 0
    gone: bool = False
    asked: list[Asked] = field(default_factory=list)
    served: dict[int, int] = field(default_factory=dict)
    moved_at: datetime | None = None
    past: list[Entry] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return the address it had first."""
        return f"{self.host.url}/feed{self.number}"

    def add(self, entry: Entry) -> None:
        """Put an entry at the head; what has no room any more leaves the feed."""
        self.entries.insert(0, entry)
        self.past += self.entries[_WINDOW:]
        del self.entries[_WINDOW:]
        self.tag += 1


class Host:
    """One server."""

    def __init__(self, world: "World", address: str) -> None:
        self.world = world
        self.at_once = 0
        self.most = 0
        self.server = _Server((address, 0), _handler(world, self))
        self.url = f"http://{address}:{self.server.server_port}"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.thread.start()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of those who hang up: being killed is what they are here for."""


class World:
    """Hosts, feeds and the clock.

    Args:
        seed: what happens is the same for the same seed and the same questions.
        feeds: how many.
        hosts: how many addresses they live at.
        slow: seconds for which a hanging server is silent; longer than the reader's patience.
    """

    def __init__(self, seed: int, *, feeds: int = 60, hosts: int = 6, slow: float = 1.5) -> None:
        self.chance = random.Random(seed)
        self.now = START
        self.slow = slow
        self.lock = threading.Lock()
        self.at_once = 0
        self.most_at_once = 0
        self.numbers = 0
        self.killed: set[datetime] = set()
        self.hosts = [Host(self, f"127.0.0.{n + 1}") for n in range(hosts)]
        self.feeds = [self._feed(number) for number in range(feeds)]
        self.entries: dict[int, Entry] = {}
        for feed in self.feeds:
            for age in range(self.chance.randint(1, _WINDOW)):
                self._publish(feed, self.now - timedelta(hours=5 * age + 1))

    def _feed(self, number: int) -> Feed:
        chance = self.chance
        kind = _FORMATS[number % len(_FORMATS)]
        feed = Feed(
            number=number,
            host=self.hosts[number % len(self.hosts)],
            format=kind,
            per_day=chance.choice((0.5, 2, 6, 24)),
            guids=kind in ("atom", "json") or (kind == "rss2" and chance.random() < 0.8),
            links=True,
            etag=chance.random() < 0.6,
            modified=chance.random() < 0.5,
            coding=chance.choice(("", "gzip", "deflate", "br", "zstd")),
        )
        feed.path = f"/feed{number}"
        return feed

    def close(self) -> None:
        """Stop every server."""
        for host in self.hosts:
            host.close()

    # What happens

    def pass_time(self, until: datetime) -> None:
        """Let everything happen that happens until then."""
        with self.lock:
            hours = (until - self.now) / timedelta(hours=1)
            for feed in self.feeds:
                if feed.gone:
                    continue
                for _ in range(_poisson(self.chance, feed.per_day * hours / 24)):
                    when = self.now + self.chance.random() * (until - self.now)
                    self._publish(feed, when)
                if self.chance.random() < 0.04 * hours:
                    self._change(feed)
                if self.chance.random() < 0.03 * hours:
                    self._return(feed, until)
                if feed.trouble and until >= feed.until:
                    feed.trouble = ""
                elif not feed.trouble and self.chance.random() < 0.02 * hours:
                    self._trouble(feed, until)
            self.now = until

    def _publish(self, feed: Feed, when: datetime) -> None:
        self.numbers += 1
        number = self.numbers
        link = f"{feed.host.url}/story/{number}"
        entry = Entry(number, when, feed.guids, link, said=self.chance.choice(_WORDS))
        self.entries[number] = entry
        feed.add(entry)
        # Now and then another feed carries the same report.
        if self.chance.random() < 0.1:
            other = self.chance.choice(self.feeds)
            if (
                other is not feed
                and not other.gone
                and all(e.number != number for e in other.entries)
            ):
                entry.version = -1  # Told by two, it is never changed: who would be right?
                other.add(entry)

    def _return(self, feed: Feed, now: datetime) -> None:
        """Bring back what had left the feed, or date an entry anew: neither is news."""
        old = [entry for entry in feed.past if entry not in feed.entries]
        if old and self.chance.random() < 0.7:
            feed.add(self.chance.choice(old))
        elif feed.entries:
            self.chance.choice(feed.entries).published = now
            feed.tag += 1

    def _change(self, feed: Feed) -> None:
        changeable = [entry for entry in feed.entries if entry.version >= 0]
        if changeable:
            self.chance.choice(changeable).version += 1
            feed.tag += 1

    def _trouble(self, feed: Feed, now: datetime) -> None:
        kinds = (
            "404",
            "500",
            "429",
            "503",
            "rubbish",
            "bomb",
            "hang",
            "hung up",
            "moved",
            "elsewhere",
            "gone",
        )
        weights = (3, 3, 3, 3, 4, 1, 1, 3, 2, 2, 1)
        (kind,) = self.chance.choices(kinds, weights)
        if kind == "moved":
            feed.moved_at = feed.moved_at or now
            feed.path = f"/moved{feed.number}"
            return
        feed.trouble = kind
        feed.until = now + timedelta(hours=self.chance.choice((1, 6, 30)))
        feed.gone = kind == "gone"

    # What is answered

    def answer(self, host: Host, path: str, headers: dict[str, str]) -> "Reply":
        """Return what a server says to a request."""
        name = path.strip("/")
        number = int("".join(filter(str.isdigit, name)) or 0)
        feed = self.feeds[number % len(self.feeds)]
        with self.lock:
            reply = self._reply(feed, path, headers)
            conditional = "if-none-match" in headers or "if-modified-since" in headers
            feed.asked.append(
                Asked(
                    self.now,
                    path,
                    reply.status,
                    conditional,
                    int(reply.headers.get("Retry-After", "0")),
                    had_tag=reply.status == 200
                    and bool({"ETag", "Last-Modified"} & reply.headers.keys()),
                )
            )
            return reply

    def _reply(self, feed: Feed, path: str, headers: dict[str, str]) -> "Reply":
        if path.startswith("/feed") and feed.moved_at is not None:
            return Reply(301, {"Location": feed.path})
        match feed.trouble:
            case "gone":
                return Reply(410)
            case "404" | "500":
                return Reply(int(feed.trouble))
            case "429" | "503":
                return Reply(
                    int(feed.trouble), {"Retry-After": str(3600 + 600 * (feed.number % 9))}
                )
            case "rubbish":
                return Reply(200, body=_RUBBISH[feed.number % len(_RUBBISH)])
            case "bomb":
                return Reply(200, {"Content-Encoding": "gzip"}, _BOMB)
            case "hang":
                return Reply(200, wait=self.slow)
            case "hung up":
                return Reply(_HUNG_UP)
            case "elsewhere" if not path.endswith("?there"):
                return Reply(302, {"Location": path + "?there"})
        return self._whole(feed, headers)

    def _whole(self, feed: Feed, headers: dict[str, str]) -> "Reply":
        given = {}
        if feed.etag:
            given["ETag"] = f'"{feed.number}-{feed.tag}"'
        if feed.modified:
            given["Last-Modified"] = f"tag {feed.tag}"
        same = (feed.etag and headers.get("if-none-match") == given.get("ETag")) or (
            not feed.etag
            and feed.modified
            and headers.get("if-modified-since") == given["Last-Modified"]
        )
        if same:
            return Reply(304, given)
        body = _document(feed)
        for entry in feed.entries:
            feed.served[entry.number] = entry.version
        if feed.coding == "gzip":
            body, given["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        elif feed.coding == "deflate":
            body, given["Content-Encoding"] = zlib.compress(body, 1), "deflate"
        elif feed.coding == "br":
            body, given["Content-Encoding"] = brotli.compress(body, quality=1), "br"
        elif feed.coding == "zstd":
            body, given["Content-Encoding"] = zstd.compress(body, 1), "zstd"
        return Reply(200, given, body)

    # What must be so

    def expected(self) -> dict[str, str]:
        """Return the title and text of everything that was served."""
        found = {}
        for feed in self.feeds:
            for number, version in feed.served.items():
                entry = self.entries[number]
                shown = max(version, 0)
                found[entry.title(shown)] = entry.text(shown)
        return found

    def broken_rules(self) -> list[str]:
        """Return what a polite reader would not have done."""
        wrong = []
        if self.most_at_once > 16:
            wrong.append(f"{self.most_at_once} requests at once")
        wrong += [f"{host.url}: {host.most} at once" for host in self.hosts if host.most > 2]
        for feed in self.feeds:
            wrong += [f"feed {feed.number}: {what}" for what in _wrong(feed, self.killed)]
        return wrong


_BOMB = gzip.compress(b"<rss>" + b" " * 40_000_000)


def _wrong(feed: Feed, killed: set[datetime]) -> list[str]:
    """Return what was wrong with the requests for one feed; ``killed``: when the reader was."""
    wrong: list[str] = []
    failures, tagged = 0, False
    fetches = _fetches(feed.asked)
    for before, after in pairwise(fetches):
        pause = after[0].at - before[0].at
        last = before[-1]
        failed = last.status not in (200, 304) or feed.trouble in ("rubbish", "bomb", "hang")
        failures = failures + 1 if last.status >= 400 else 0
        tagged = last.had_tag or (tagged and last.status != 200)
        if not pause and before[0].at in killed:
            continue  # Nobody was left to remember that it had asked.
        if pause < timedelta(minutes=15) - timedelta(seconds=1):
            wrong.append(f"asked again after {pause}")
        if last.status == 410:
            wrong.append("asked again though gone")
        if last.retry_after and pause < timedelta(seconds=last.retry_after):
            wrong.append(f"asked after {pause} though told to wait {last.retry_after} s")
        least = timedelta(minutes=15) * 0.89 * 2 ** max(0, failures - 1)
        if failures and pause < min(least, timedelta(hours=21)):
            wrong.append(f"asked after {pause} in spite of {failures} failures")
        if tagged and not failed and not after[0].conditional:
            wrong.append(f"asked without its tag at {after[0].at}")
    old = [asked for asked in feed.asked if asked.path.startswith("/feed") and asked.status == 301]
    if len(old) > 2 + sum(asked.status != 200 for asked in feed.asked if "moved" in asked.path):
        wrong.append(f"asked {len(old)} times at the address it has left")
    return wrong


def _fetches(asked: list[Asked]) -> list[list[Asked]]:
    """Return requests by fetch: one, its redirects, and once more where a server hung up.

    A kept connection may be closed just as it is used again (RFC 9112, 9.3.1).
    """
    fetches: list[list[Asked]] = []
    for one in asked:
        last = fetches[-1][-1] if fetches else one
        redirected = last.status in (301, 302)
        hung_up = last.status == _HUNG_UP and [r.status for r in fetches[-1]].count(_HUNG_UP) == 1
        if last.at == one.at and last is not one and (redirected or hung_up):
            fetches[-1].append(one)
        else:
            fetches.append([one])
    return fetches


def _poisson(chance: random.Random, mean: float) -> int:
    count, left = 0, mean
    while (left := left - chance.expovariate(1.0)) > 0:
        count += 1
    return count


@dataclass
class Reply:
    """What is sent; ``wait`` seconds before the first byte."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait: float = 0.0


def _handler(world: World, host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Answer, and count how many are being answered."""
            with world.lock:
                host.at_once += 1
                world.at_once += 1
                host.most = max(host.most, host.at_once)
                world.most_at_once = max(world.most_at_once, world.at_once)
            try:
                self._answer()
            except OSError:
                self.close_connection = True
            finally:
                with world.lock:
                    host.at_once -= 1
                    world.at_once -= 1

        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = world.answer(host, self.path, headers)
            if reply.wait:
                # Until it has waited, or whoever asked has gone.
                select.select([self.connection], [], [], reply.wait)
            if reply.status == _HUNG_UP:
                self.close_connection = True
                return
            self.send_response_only(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.status != 304:
                self.wfile.write(reply.body)

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    return Handler


def _document(feed: Feed) -> bytes:
    title = f"Paper {feed.number}"
    rows = [(e, e.title(max(e.version, 0)), e.text(max(e.version, 0))) for e in feed.entries]
    if feed.format == "json":
        items = [
            {
                "id": f"g{e.number}",
                "url": e.link,
                "title": headline,
                "content_html": f"<p>{escape(text)}</p>",
                "date_published": e.published.isoformat(),
            }
            for e, headline, text in rows
        ]
        head = {"version": "https://jsonfeed.org/version/1.1", "title": title}
        return dumps({**head, "items": items}).encode()
    if feed.format == "atom":
        body = "".join(
            f"<entry><id>g{e.number}</id><title>{escape(h)}</title><link href='{e.link}'/>"
            f"<updated>{e.published.isoformat()}</updated>"
            f"<content type='html'>{escape('<p>' + escape(t) + '</p>')}</content></entry>"
            for e, h, t in rows
        )
        xml = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{title}</title>{body}</feed>"
    elif feed.format == "rdf":
        body = "".join(
            f"<item rdf:about='{e.link}'><title>{escape(h)}</title><link>{e.link}</link>"
            f"<description>{escape(t)}</description>"
            f"<dc:date>{e.published.isoformat()}</dc:date></item>"
            for e, h, t in rows
        )
        xml = (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
            " xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
            f"<channel><title>{title}</title></channel>{body}</rdf:RDF>"
        )
    else:
        body = "".join(
            f"<item><title>{escape(h)}</title><link>{e.link}</link>"
            + (f"<guid isPermaLink='false'>g{e.number}</guid>" if e.guid else "")
            + f"<pubDate>{format_datetime(e.published)}</pubDate>"
            f"<description>{escape(t)}</description></item>"
            for e, h, t in rows
        )
        version = "2.0" if feed.format == "rss2" else "0.91"
        xml = f"<rss version='{version}'><channel><title>{title}</title>{body}</channel></rss>"
    return f"<?xml version='1.0' encoding='utf-8'?>{xml}".encode()
