"""Documents and servers that mean harm, each fetched and read by the real command.

``python -m bench.hostile_documents [NAME ...]``: a table of what each cost (wall and CPU seconds,
most memory of all processes together) and what was said of it; a harmless feed beside it must be
read all the same. The bounds: 60 s, 300 MB of fetching and parsing, one clear sentence.
"""

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

from bench.reload import memory_mb

MOST_MB, MOST_S = 300.0, 60.0
_HARMLESS = (
    b"<rss version='2.0'><channel><title>Harmless</title><item><guid>1</guid><title>Ferry</title>"
    b"<description>The ferry sails.</description></item></channel></rss>"
)
_MEGA = 1 << 20


def _rss(items: str, head: str = "", title: str = "T") -> bytes:
    return (
        f"<?xml version='1.0'?>{head}<rss version='2.0'><channel><title>{title}</title>{items}"
        "</channel></rss>"
    ).encode()


def _item(text: str, title: str = "t", more: str = "") -> str:
    return f"<item><title>{title}</title>{more}<description><![CDATA[{text}]]></description></item>"


def _laughs() -> bytes:
    entities = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    return _rss(_item("&l9;", title="&l9;"), f"<!DOCTYPE r [<!ENTITY l0 'lol'>{entities}]>", "&l9;")


def _json(**more: object) -> bytes:
    value = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [], **more}
    return json.dumps(value).encode()


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "billion laughs": _laughs,
    "quadratic entities": lambda: _rss(
        _item("x", title="&a;" * 20_000), f"<!DOCTYPE r [<!ENTITY a '{'a' * 50_000}'>]>"
    ),
    "external entity": lambda: _rss(
        _item("x", title="&x;"), "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    ),
    "a million items": lambda: _rss("<item/>" * 1_000_000),
    "200,000 items": lambda: _rss(
        "".join(f"<item><guid>{n}</guid></item>" for n in range(200_000))
    ),
    "100,000 levels": lambda: _rss(_item("<div>" * 100_000 + "x")),
    "100,000 levels of XML": lambda: _rss("<a>" * 100_000 + "</a>" * 100_000),
    "a million attributes": lambda: _rss(_item("<p " + "a=1 " * 1_000_000 + ">x")),
    "a million cells": lambda: _rss(_item("<table><tr>" + "<td>1" * 1_000_000)),
    "a million links": lambda: _rss(_item("<a href=http://a.example/>x</a>" * 300_000)),
    "tiny paragraphs": lambda: _rss(_item("<p>a" * 1_000_000)),
    "nested lists": lambda: _rss(_item("<ul><li>a" * 50_000)),
    "misnested": lambda: _rss(_item("<b><p><i><div>" * 50_000)),
    "a title of 1 MB": lambda: _rss(_item("x", title="a" * _MEGA)),
    "10 MB of text": lambda: _rss(_item("word " * 2_000_000)),
    "one word of 10 MB": lambda: _rss(_item("w" * 10 * _MEGA)),
    "odd dates": lambda: _rss(
        "".join(
            _item("x", more=f"<guid>{n}</guid><pubDate>{date}</pubDate>")
            for n, date in enumerate(("0000", "9999-99-99", "-5", "1e99", "9" * 5000, "31 Feb 1"))
        )
    ),
    "the same id 2,000 times": lambda: _rss(_item("x", more="<guid>1</guid>") * 2_000),
    "no ids, 2,000 alike": lambda: _rss(_item("") * 2_000),
    "JSON, wrong types": lambda: _json(
        items=[{"id": [1], "title": {}, "url": 7, "tags": 3}, 5, None]
    ),
    "JSON, 100,000 deep": lambda: (
        b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 100_000
    ),
    "JSON, huge numbers": lambda: (
        b'{"version":"https://jsonfeed.org/version/1","items":[{"id":'
        + b"9" * 100_000
        + b',"date_published":1e999}]}'
    ),
    "OPML of shell words": lambda: (
        b"<opml><body>"
        + b"<outline xmlUrl='exec:/bin/sh'/><outline xmlUrl='file:///etc/passwd'/>" * 500
        + b"</body></opml>"
    ),
    "OPML, 100,000 deep": lambda: b"<opml><body>" + b"<outline text='a'>" * 100_000,
    "nothing": lambda: b"",
    "zeros": lambda: bytes(5 * _MEGA),
    "16 MB of <": lambda: b"<rss>" + b"<" * 15 * _MEGA,
}


class Server:
    """Serves documents, and behaves badly at ``/bad/NAME``."""

    def __init__(self) -> None:
        server = self
        self.harmless = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.close_connection = True
                name = unquote(self.path.rpartition("/")[2])
                try:
                    if self.path == "/robots.txt":
                        self._send(404, b"")
                    elif name == "harmless":
                        server.harmless += 1
                        self._send(200, _HARMLESS)
                    elif name in _BEHAVIOUR:
                        _BEHAVIOUR[name](self, server.url)
                    else:
                        self._send(200, DOCUMENTS[name]())
                except OSError:
                    pass  # Whoever asked has had enough.

            def _send(self, status: int, data: bytes, *more: tuple[str, str]) -> None:
                self.send_response(status)
                for header in (("Content-Length", str(len(data))), *more):
                    self.send_header(*header)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self.handler = Handler
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


def _raw(handler: BaseHTTPRequestHandler, parts: Iterator[bytes], wait: float = 0.0) -> None:
    for part in parts:
        handler.wfile.write(part)
        time.sleep(wait)


def _zeros(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield bytes(_MEGA)


def _bomb(coding: str, layers: int) -> Callable[[BaseHTTPRequestHandler, str], None]:
    def behave(handler: BaseHTTPRequestHandler, url: str) -> None:
        del url
        packer = zlib.compressobj(9, wbits=31)
        data = b"".join(packer.compress(bytes(_MEGA)) for _ in range(500)) + packer.flush()
        for _ in range(layers - 1):
            data = gzip.compress(data)
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        handler.wfile.write(head.encode() + data)

    return behave


def _redirect(place: Callable[[str, str], str]) -> Callable[[BaseHTTPRequestHandler, str], None]:
    def behave(handler: BaseHTTPRequestHandler, url: str) -> None:
        where = place(url, handler.path)
        handler.wfile.write(
            f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()
        )

    return behave


_OK = b"HTTP/1.1 200 OK\r\n"
_BEHAVIOUR: dict[str, Callable[[BaseHTTPRequestHandler, str], None]] = {
    "gzip bomb": _bomb("gzip", 1),
    "gzip in gzip": _bomb("gzip, gzip", 2),
    "1 GB said": lambda h, _: _raw(
        h, iter([_OK + b"Content-Length: 1000000000\r\n\r\n", *_zeros(64)])
    ),
    "1 GB unsaid": lambda h, _: _raw(h, iter([_OK + b"\r\n", *_zeros(1000)])),
    "1 GB in chunks": lambda h, _: _raw(
        h,
        iter(
            [_OK + b"Transfer-Encoding: chunked\r\n\r\n"]
            + [b"100000\r\n" + bytes(_MEGA) + b"\r\n"] * 1000
        ),
    ),
    "a drop a second": lambda h, _: _raw(h, iter([_OK + b"\r\n"] + [b"<"] * 90), 1.0),
    "a header a second": lambda h, _: _raw(h, iter([_OK] + [b"X-Y: z\r\n"] * 90), 1.0),
    "headers without end": lambda h, _: _raw(h, iter([_OK] + [b"X: " + b"y" * 9000] * 1000)),
    "silence": lambda h, _: time.sleep(90),
    "too short": lambda h, _: _raw(h, iter([_OK + b"Content-Length: 9999\r\n\r\n<rss>"])),
    "chunks of rubbish": lambda h, _: _raw(
        h, iter([_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n"])
    ),
    "to itself": _redirect(lambda url, path: url + path),
    "ever on": _redirect(lambda url, path: f"{url}/{time.monotonic_ns()}/ever%20on"),
    "to a file": _redirect(lambda url, path: "file:///etc/passwd"),
    "to a script": _redirect(lambda url, path: "javascript:alert(1)"),
}


def one(home: Path, server: Server, name: str) -> tuple[float, float, float, str]:
    """Return (wall s, CPU s, most MB, what was said) of subscribing to ``name`` and refreshing."""
    kind = "bad" if name in _BEHAVIOUR else "doc"
    start = [sys.executable, "-m", "newsreader", "--home", str(home)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "NEWSREADER_SECRETS_IN_FILE": "1",
    }
    subprocess.run(
        [*start, "add", f"{server.url}/harmless", "--no-wait"],
        env=environment,
        capture_output=True,
        check=True,
    )
    opml = home.with_suffix(".opml")
    address = f"{server.url}/{kind}/{quote(name)}"
    opml.write_text(f"<opml version='2.0'><body><outline xmlUrl='{address}'/></body></opml>")
    subprocess.run([*start, "import", str(opml)], env=environment, capture_output=True, check=False)
    before = os.times()
    began = time.monotonic()
    asked = server.harmless
    child = subprocess.Popen(
        [*start, "refresh", "--all", "--no-wait", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    most = 0.0
    while child.poll() is None:
        most = max(most, memory_mb(child.pid))
        time.sleep(0.02)
    out, err = child.communicate()
    after = os.times()
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    said = json.loads(out)["failed"] if out else []
    words = said[0]["error"] if said else "read"
    if "Traceback" in err or server.harmless == asked:
        words = f"FAULT: {err[-300:]}"
    return time.monotonic() - began, cpu, most, words


def main() -> int:
    """Entry point; the status is 1 where a bound was broken."""
    parser = argparse.ArgumentParser(prog="bench.hostile_documents", description=__doc__)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    server = Server()
    bad = []
    names = arguments.names or [*DOCUMENTS, *_BEHAVIOUR]
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names):
            wall, cpu, most, said = one(Path(folder) / f"home{number}", server, name)
            over = wall > MOST_S or most > MOST_MB or said.startswith("FAULT") or "\n" in said
            bad += [name] * over
            said = re.sub(r"http://127.0.0.1:\d+", "", said)[:70]
            print(f"{wall:6.1f} s {cpu:6.1f} CPU-s {most:6.0f} MB  {name:24} {said}", flush=True)
    server.close()
    print(f"{len(names)} documents and servers; out of bounds: {', '.join(bad) or 'none'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
