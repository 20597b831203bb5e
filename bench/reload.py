"""Fetching many feeds, beside newsboat where it is installed.

``python -m bench.reload [--feeds 200] [--items 50] [--rounds 3]`` makes feeds, serves them on 16
addresses of this machine from a process of its own, and has each reader fetch all of them, then
again with nothing changed, then with one new entry in every tenth feed. CPU seconds are those of
the command and its children; memory is the largest process of each, and the sum of all.
"""

import argparse
import asyncio
import hashlib
import multiprocessing
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench import corpus, library, measures
from newsreader.store import Store

_HOSTS = 16
_WORDS = [
    a + b for a in ("ha", "me", "tor", "li", "bra", "sun") for b in ("ver", "dan", "ko", "ris")
]


class Cost(NamedTuple):
    """What one command cost: seconds by the clock, CPU seconds, MB of its processes together."""

    wall: float
    cpu: float
    memory: float


def main() -> int:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--feeds", type=int, default=200)
    options.add_argument("--items", type=int, default=50)
    options.add_argument("--rounds", type=int, default=3)
    arguments = options.parse_args()
    ready = multiprocessing.Queue()  # type: ignore[var-annotated] # of a port
    server = multiprocessing.Process(
        target=_serve, args=(arguments.feeds, arguments.items, ready), daemon=True
    )
    server.start()
    port = ready.get()
    urls = [f"http://127.0.0.{n % _HOSTS + 1}:{port}/{n}" for n in range(arguments.feeds)]
    costs: dict[tuple[str, str], list[Cost]] = {}
    for _ in range(arguments.rounds):
        for name, make in _READERS.items():
            with tempfile.TemporaryDirectory() as folder:
                run = make(Path(folder), urls)
                if run is None:
                    continue
                for what in ("first", "unchanged", "a tenth new"):
                    if what == "a tenth new":
                        _ask(f"http://127.0.0.1:{port}/touch")
                    costs.setdefault((what, name), []).append(run())
    _print(arguments, costs)
    _echo(urls)
    server.terminate()
    return 0


def _echo(urls: list[str]) -> None:
    """Move through the list of an open reader, at rest and while it fetches; print the echo."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        library.take_in(home, corpus.articles(1000, seed=5))
        store = Store(home)
        for url in urls:
            store.feeds.subscribe(url)
        store.close()
        (home / "config.toml").write_text("recognise = false\nrefresh = false\n")
        rows = measures.Rows(home)
        for what, key in (("at rest", ""), ("fetching", "R")):
            with measures.opened(home, rows) as terminal:
                if key:
                    terminal.press(key)
                echoes = measures.moving(terminal, rows)
            p50, p95 = measures.percentile(echoes, 0.5), measures.percentile(echoes, 0.95)
            print(f"echo of j {what:10} p50 {p50:4.0f}  p95 {p95:4.0f}  max {max(echoes):4.0f} ms")


def _print(arguments: argparse.Namespace, costs: dict[tuple[str, str], list[Cost]]) -> None:
    print(f"{arguments.feeds} feeds of {arguments.items} entries, medians of {arguments.rounds}")
    print(f"{'':14}{'':12}{'wall s':>8}{'CPU s':>8}{'MB':>6}")
    for (what, name), some in costs.items():
        wall, cpu, memory = (statistics.median(values) for values in zip(*some, strict=True))
        print(f"{what:14}{name:12}{wall:8.2f}{cpu:8.2f}{memory:6.0f}")


def _newsreader(folder: Path, urls: list[str]) -> Callable[[], Cost]:
    home = folder / "home"
    store = Store(home)
    for url in urls:
        store.feeds.subscribe(url)
    store.close()
    (home / "config.toml").write_text("recognise = false\n")
    words = [sys.executable, "-m", "newsreader", "--home", str(home)]
    return lambda: _cost([*words, "refresh", "--all", "--no-wait"], folder)


def _newsboat(folder: Path, urls: list[str]) -> Callable[[], Cost] | None:
    program = shutil.which("newsboat")
    if program is None:
        return None
    (folder / "urls").write_text("\n".join(urls) + "\n")
    (folder / "config").write_text("reload-threads 16\nmax-items 0\n")
    words = [program, "-q", "-C", "config", "-u", "urls", "-c", "cache.db", "-x", "reload"]
    return lambda: _cost(words, folder)


_READERS: dict[str, Callable[[Path, list[str]], Callable[[], Cost] | None]] = {
    "newsreader": _newsreader,
    "newsboat": _newsboat,
}


def _cost(words: list[str], folder: Path) -> Cost:
    """Run a command, and look now and then how much memory it and its children hold."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen(
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    most, over = 0.0, threading.Event()

    def look() -> None:
        nonlocal most
        while not over.wait(0.1):
            most = max(most, memory_mb(child.pid))

    looking = threading.Thread(target=look)
    looking.start()
    child.wait()
    wall = time.monotonic() - begun
    over.set()
    looking.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, most)


def memory_mb(pid: int) -> float:
    """Return the MB (PSS) of a process and its children."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    pids, total = [pid], 0
    for one in pids:
        pids += [child for child, parent in parents.items() if parent == one]
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _ask(url: str) -> None:
    import httpx2

    httpx2.get(url, trust_env=False).raise_for_status()


def _document(feed: int, items: int, extra: int) -> bytes:
    chance = random.Random(feed)
    entries = []
    for n in range(items + extra):
        number = n if n < items else items + extra - 1 - (n - items)
        text = " ".join(chance.choices(_WORDS, k=300))
        entries.append(
            f"<item><title>{' '.join(chance.choices(_WORDS, k=8))}</title>"
            f"<guid isPermaLink='false'>{feed}-{number}</guid>"
            f"<link>http://paper{feed}.example/{number}</link>"
            f"<pubDate>{1 + number % 28:02} Jan {2000 + number % 25} 10:00:00 GMT</pubDate>"
            f"<description>&lt;p&gt;{text[:900]}&lt;/p&gt;&lt;p&gt;{text[900:]}&lt;/p&gt;</description>"
            "</item>"
        )
    body = "".join(entries)
    return f"<rss version='2.0'><channel><title>Paper {feed}</title>{body}</channel></rss>".encode()


def _serve(feeds: int, items: int, ready: "multiprocessing.Queue[int]") -> None:
    """Serve until ended; ``/touch`` gives every tenth feed one more entry."""
    asyncio.run(_serving(feeds, items, ready))


async def _serving(feeds: int, items: int, ready: "multiprocessing.Queue[int]") -> None:
    documents = {f"/{n}": _document(n, items, 0) for n in range(feeds)}
    touched = 0

    def answer(path: str, tag: str) -> tuple[str, str, bytes]:
        nonlocal touched
        if path == "/touch":
            touched += 1
            for n in range(0, feeds, 10):
                documents[f"/{n}"] = _document(n, items, touched)
            return "200 OK", "", b""
        body = documents.get(path)
        if body is None:
            return "404 Not Found", "", b""
        now = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        return ("304 Not Modified", now, b"") if now == tag else ("200 OK", now, body)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                headers = {}
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode().partition(":")
                    headers[name.lower()] = value.strip()
                status, tag, body = answer(
                    line.decode().split()[1], headers.get("if-none-match", "")
                )
                etag = f"ETag: {tag}\r\n" if tag else ""
                head = f"HTTP/1.1 {status}\r\n{etag}Content-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    addresses = [f"127.0.0.{n + 1}" for n in range(_HOSTS)]
    first = await asyncio.start_server(handle, addresses[0], 0, backlog=256)
    port = first.sockets[0].getsockname()[1]
    for address in addresses[1:]:
        await asyncio.start_server(handle, address, port, backlog=256)
    ready.put(port)
    await first.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
