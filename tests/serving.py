"""A real HTTP server on loopback that answers as a test says, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Headers = dict[str, str]


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: Headers


@dataclass
class Answer:
    """What is sent: bytes whole, or in pieces with a wait before each."""

    body: bytes = b""
    status: int = 200
    headers: Headers = field(default_factory=dict)


Page = Answer | Callable[[Asked], Answer]


class Site:
    """One host: set pages by path, look at what was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self.at_once = 0
        self.most_at_once = 0

    def __setitem__(self, path: str, page: Page | bytes | str) -> None:
        if isinstance(page, str):
            page = page.encode()
        self.pages[path] = Answer(page) if isinstance(page, bytes) else page

    def at(self, path: str) -> str:
        """Return the address of ``path`` here."""
        return self.url + path

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            page = self.pages.get(asked.path, Answer(b"there is nothing here", 404))
            return page(asked) if callable(page) else page
        finally:
            with self._lock:
                self.at_once -= 1


@contextmanager
def site(host: str = "127.0.0.1") -> Iterator[Site]:
    """Serve a site until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else the second half of every answer waits for the first to be acknowledged.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            answer = here.answer(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}))
            self.send_response_only(answer.status)
            headers = {"Content-Length": str(len(answer.body)), **answer.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if answer.status != 304:
                self.wfile.write(answer.body)

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    here = Site(f"http://{host}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def rss(*titles: str, name: str = "A Paper", text: str = "", **more: str) -> bytes:
    """Return an RSS feed with an entry for each title, the first the newest."""
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title}</guid>"
        f"<link>{more.get('link', 'https://paper.example')}/{n}-{title.replace(' ', '-')}</link>"
        f"<pubDate>{20 - n % 20:02} Jun 2022 09:30:00 GMT</pubDate>"
        f"<description>{text or title + ' is what the harbour talks of. ' * 12}</description>"
        "</item>"
        for n, title in enumerate(titles)
    )
    extra = more.get("extra", "")
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>{name}</title>"
        f"<link>https://paper.example/</link><description>d</description>{extra}{items}"
        "</channel></rss>"
    ).encode()
