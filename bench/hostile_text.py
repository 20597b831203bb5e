"""Text that attacks terminals, in every field of everything that is read, on every screen.

``python -m bench.hostile_text [--payloads N]`` fetches feeds and imports files whose every field
holds a payload, has the user write the payloads himself, and walks through the reader in a
pseudo-terminal, all commands and all exports. Whatever reaches the terminal, a pipe, a file, the
log or the database must be free of it; the reader must go on, and no markup may act.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from bench.leaks import Own, leaks
from bench.terminal import Terminal

PAYLOADS: dict[str, str] = {
    "colour": "\x1b[31mred\x1b[0m",
    "blink": "\x1b[5;7mblink",
    "clear": "\x1b[2J\x1b[H",
    "scroll": "\x1b[9999;1r\x1b[?1049l",
    "report": "\x1b[6n\x1b[c\x1b[>c\x1b[21t",
    "title": "\x1b]0;owned\x07\x1b]2;owned\x1b\\",
    "link": "\x1b]8;;https://evil.example/\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "notice": "\x1b]9;owned\x07\x1b]777;notify;owned;now\x1b\\",
    "palette": "\x1b]4;1;rgb:00/00/00\x07\x1b]1337;File=:AAAA\x07",
    "device": "\x1bP$qm\x1b\\\x1bP+q544e\x1b\\",
    "application": "\x1b_Gf=32,s=1,v=1;AAAA\x1b\\",
    "privacy": "\x1b^pm\x1b\\\x1bXsos\x1b\\",
    "reset": "\x1bc\x1b(0",
    "open": "\x1b]0;unfinished",
    "split": "\x1b\x1b[[31m31m",
    "eight": "\x9b31m\x9d0;owned\x9c\x90x\x9c",
    "controls": "a\x00b\x01c\x07d\x08e\x0bf\x0cg\x0eh\x7fi\x85j",
    "return": "safe\rowned\x1b[K",
    "bidi": "\u202eevil\u202c \u2066x\u2069 \u200f\u200e\u061c",
    "zero": "a\u200bb\ufeffc\u2060d\u00ade\u180ef",
    "tags": "x\U000e0041\U000e0042\U000e007f",
    "combining": "z" + "\u0301\u0489\u20dd" * 40,
    "surrogate": "\ud83d lone \udca9",
    "fillers": "\u3164\u115f\uffa0\u2800\ue000\uffff\U000f0000",
    "variants": "v" + "\ufe0f\U000e0101\ufe01" * 40,
    "joiners": "\u200dpay\u200dpal\u200c \u200d",
    "spacing": "\u0915" + "\u0903" * 60,
    "prepended": "\u0301\u0489 \u0301x",
    "lines": "one\u2028two\u2029three",
    "markup": "[bold]b[/bold] [/] [red]r[/] [link=x]l[/link]",
    "click": '[@click=app.quit]press[/] [@click="app.bell"]x[/]',
    "broken": "[/] [[ ]] [/nothing] [on",
    "format": "%s %d {0} {x!r} $HOME ${x}",
    "shell": "; reboot & `id` $(id) | cat > x '\"",
    "wide": "日本語の見出し 👩‍👩‍👧 ｗｉｄｅ 🇳🇴",
    "right": "שלום עולם مرحبا بالعالم",
    "long": "W" * 5000,
}
_ODD_FILES = ("colour", "title", "markup", "click", "bidi", "shell", "eight")


def field(name: str, where: str) -> str:
    """Return a field's text: a payload between two words that tell where it stood."""
    return f"Aa{where} {PAYLOADS[name]} Zz{where}"


def _xml(text: str) -> str:
    """Escape, and leave out what no XML may have; that stands as character references."""
    kept = "".join(c if c >= " " or c in "\t\n\r" else f"&#{ord(c)};" for c in escape(text))
    return kept.encode("utf-8", "xmlcharrefreplace").decode()


def rss(name: str, url: str) -> bytes:
    """Return an RSS feed with the payload in every field."""
    f = lambda where: _xml(field(name, where))  # noqa: E731 - read as a template
    link = quoteattr(_xml(f"{url}/{PAYLOADS[name]}"))
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:dc='http://purl.org/dc/"
        "elements/1.1/' xmlns:content='http://purl.org/rss/1.0/modules/content/'"
        " xmlns:media='http://search.yahoo.com/mrss/'><channel>"
        f"<title>{f('feed')}</title><description>{f('about')}</description>"
        f"<link>{url}/</link><language>{f('language')}</language>"
        f"<item><guid>{f('guid')}</guid><title>{f('title')}</title><link>{link[1:-1]}</link>"
        f"<dc:creator>{f('creator')}</dc:creator><category>{f('category')}</category>"
        f"<pubDate>{f('date')}</pubDate><comments>{link[1:-1]}</comments>"
        f"<enclosure url={link} type={quoteattr(f('type'))} length='5'/>"
        f"<media:description>{f('media')}</media:description>"
        f"<content:encoded>{escape(html(name, url))}</content:encoded></item></channel></rss>"
    ).encode("utf-8", "xmlcharrefreplace")


def atom(name: str, url: str) -> bytes:
    """Return an Atom feed with the payload in every field."""
    f = lambda where: _xml(field(name, where))  # noqa: E731 - read as a template
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title type='html'>{f('feed')}</title>"
        f"<id>{f('id')}</id><subtitle>{f('about')}</subtitle><rights>{f('rights')}</rights>"
        f"<entry><id>{f('entry')}</id><title type='html'>{_xml(escape(field(name, 'title')))}"
        f"</title><updated>{f('date')}</updated><author><name>{f('author')}</name></author>"
        f"<category term={quoteattr(f('term'))} label={quoteattr(f('label'))}/>"
        f"<link href='/1' title={quoteattr(f('link'))}/><summary>{f('summary')}</summary>"
        f"<content type='html'>{escape(html(name, url))}</content></entry></feed>"
    ).encode("utf-8", "xmlcharrefreplace")


def json_feed(name: str, url: str) -> bytes:
    """Return a JSON Feed with the payload in every field."""
    f = lambda where: field(name, where)  # noqa: E731 - read as a template
    value = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f("feed"),
        "description": f("about"),
        "authors": [{"name": f("feedauthor")}],
        "items": [
            {
                "id": f("id"),
                "title": f("title"),
                "url": f"{url}/{PAYLOADS[name]}",
                "external_url": f("external"),
                "content_html": html(name, url),
                "summary": f("summary"),
                "date_published": f("date"),
                "language": f("language"),
                "tags": [f("tag")],
                "authors": [{"name": f("author")}],
                "attachments": [{"url": f"{url}/x", "mime_type": f("type"), "title": f("file")}],
            }
        ],
    }
    return json.dumps(value).encode()


def html(name: str, url: str) -> str:
    """Return HTML with the payload in texts, attributes and addresses."""
    f = lambda where: escape(field(name, where))  # noqa: E731 - read as a template
    said = quoteattr(field(name, "alt"))
    return (
        f"<h2>{f('heading')}</h2><p>{f('paragraph')} <a href={said}>{f('anchor')}</a>"
        f" <a href='{url}/ok' title={said}>{f('link')}</a> <code>{f('code')}</code></p>"
        f"<ul><li>{f('item')}</li></ul><pre>{f('pre')}</pre><blockquote>{f('quote')}</blockquote>"
        f"<table><tr><th>{f('cell')}</th><td>1</td></tr><tr><td>2</td><td>3</td></tr></table>"
        f"<img src='{url}/p.png' alt={said}><p>The mayor, Maria Lopez{PAYLOADS[name]}, spoke in"
        f" Oslo{PAYLOADS[name]} on Tuesday, June 28, 2022, for the United Nations.</p>"
    )


def files(folder: Path, names: Sequence[str]) -> None:
    """Write files of every kind, with odd names, too."""
    for name in names:
        here = folder / name
        here.mkdir(parents=True, exist_ok=True)
        lines = {
            "id": field(name, "id"),
            "title": field(name, "title"),
            "body": field(name, "body") + " and more words that make it a text.\n\nAnother one.",
            "source": field(name, "source"),
            "author": field(name, "author"),
            "tags": [field(name, "tag")],
            "language": field(name, "language"),
        }
        (here / "lines.jsonl").write_text(json.dumps(lines) + "\n")
        _write(here / "page.html", f"<title>{escape(field(name, 'title'))}</title>{html(name, '')}")
        _write(
            here / "text.txt",
            f"{field(name, 'title')}\n\nBy {field(name, 'by')}\n\n{field(name, 'text')} "
            "and enough words to be a paragraph of an article.\n\n"
            f"READ NEXT: {field(name, 'next')}",
        )
        _write(
            here / "mark.md",
            f"---\ntitle: {field(name, 'front')}\nauthor: {field(name, 'author')}\n---\n\n"
            f"# {field(name, 'title')}\n\n- {field(name, 'item')}\n\n[{field(name, 'link')}]"
            f"(https://a.example/)\n",
        )
        _write(
            here / "list.opml",
            "<opml version='2.0'><head><title>x</title></head><body>"
            f"<outline text={quoteattr(_xml(field(name, 'folder')))}><outline type='rss'"
            f" text={quoteattr(_xml(field(name, 'outline')))} xmlUrl='http://127.0.0.1:1/{name}'/>"
            "</outline></body></opml>",
        )
    for name in names:
        if name in _ODD_FILES:
            odd = PAYLOADS[name].replace("/", "_").replace("\0", "_").encode("utf-8", "replace")
            with suppress(OSError):
                path = os.fsencode(folder) + b"/" + odd[:80] + b"\xff.txt"
                with open(path, "wb") as stream:  # noqa: PTH123 - the name is no text
                    stream.write(f"A file with an odd name ({name})\n\nAnd its text.\n".encode())


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="replace")


class Server:
    """Feeds on loopback; each host says something hostile of itself, too."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, _, name = self.path.strip("/").partition("/")
                make = {"rss": rss, "atom": atom, "json": json_feed}.get(kind)
                if make is not None and name in server.names:
                    self._send(200, "OK", make(name, server.url))
                elif kind == "fails" and name in server.names:
                    said = PAYLOADS[name].replace("\r", "").replace("\n", "")
                    self._send(503, said, b"", ("Retry-After", said), ("X-Said", said))
                elif kind == "moves" and name in server.names:
                    said = PAYLOADS[name].replace("\r", "").replace("\n", "")
                    self._send(302, "Found", b"", ("Location", f"http://{said}/"))
                else:
                    self._send(404, "no", b"")

            def _send(self, status: int, words: str, data: bytes, *more: tuple[str, str]) -> None:
                # By hand: the library would not write such headers.
                head = f"HTTP/1.0 {status} {words}\r\nContent-Length: {len(data)}\r\n"
                head += "".join(f"{name}: {value}\r\n" for name, value in more)
                self.wfile.write(head.encode("utf-8", "replace") + b"\r\n" + data)

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


class Probe:
    """One home with everything hostile in it."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.home = folder / "home"
        self.folder = folder
        self.names = names
        self.found: list[str] = []
        self.commands = self.screens = 0
        self.environment = {
            **os.environ,
            "NEWSREADER_SECRETS_IN_FILE": "1",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }

    def note(self, where: str, wrong: Sequence[str]) -> None:
        """Keep what was found."""
        self.found += [f"{where}: {each}" for each in wrong]

    def run(self, *words: str, expect: Sequence[int] = (0, 1, 2)) -> str:
        """Run a command and look at every byte it writes; return its stdout."""
        self.commands += 1
        clean = [word.replace("\0", "").encode("utf-8", "replace") for word in words]
        start = [sys.executable, "-m", "newsreader", "--home", str(self.home)]
        ran = subprocess.run(
            [*map(os.fsencode, start), *clean],
            capture_output=True,
            env=self.environment,
            timeout=300,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        where = " ".join(words[:2])[:40]
        self.note(f"{where!r} stdout", leaks(ran.stdout))
        self.note(f"{where!r} stderr", leaks(ran.stderr))
        if ran.returncode not in expect or b"Traceback" in ran.stderr:
            self.note(f"{where!r}", [f"ended with {ran.returncode}: {ran.stderr[-300:]!r}"])
        if "--json" in words and ran.returncode != 2 and ran.stdout:
            try:
                json.loads(ran.stdout)
            except ValueError as error:
                self.note(f"{where!r}", [f"no JSON: {error}"])
        return ran.stdout.decode("utf-8", "replace")

    def fill(self, url: str) -> None:
        """Take everything in, and write everything that a user can write."""
        files(self.folder / "files", self.names)
        self.run("import", str(self.folder / "files"), "--json")
        for name in self.names:
            for kind in ("rss", "atom", "json", "fails", "moves"):
                self.run("add", f"{url}/{kind}/{name}", "--folder", PAYLOADS[name], "--no-wait")
        self.run("refresh", "--all", "--json")
        self.run("refresh", "--all")
        for number, name in enumerate(self.names, start=1):
            said = PAYLOADS[name]
            self.run("tag", f"a{number}", f"+{said}")
            self.run("note", f"a{number}", said)
            self.run("saved", said, "is:unread")
            self.run("saved", f"by {name}", said)
            self.run("entity", "Oslo", "--rename", said)
            self.run("feed", f"{url}/rss/{name}", "--rename", said, "--user-agent", said)

    def walk_commands(self) -> None:
        """Run everything that shows something, as text and as JSON, and with hostile words."""
        for words in (
            *(["sources"], ["feeds"], ["entities"], ["saved"], ["follow"], ["stats"], ["doctor"]),
            *(["search", "the", "--limit", "500"], ["search", "is:unread", "--limit", "500"]),
            *(["export", "--format", form] for form in ("opml", "markdown", "jsonl")),
            *(["account"], ["help", "query"], ["entity", "Oslo"], ["entity", "United Nations"]),
        ):
            self.run(*words)
            if words[0] not in ("export", "help"):
                self.run(*words, "--json")
        with closing(sqlite3.connect(self.home / "library.db")) as db:
            ids = [f"a{row[0]}" for row in db.execute("SELECT id FROM article ORDER BY id")]
        for article in ids[:: max(1, len(ids) // 60)]:
            for form in ("text", "markdown", "html"):
                self.run("show", article, "--format", form)
            self.run("show", article, "--json")
        for name in self.names:
            said = PAYLOADS[name]
            for words in (
                *(["search", said], ["search", f"source:{said}"], ["show", said], ["remove", said]),
                *(["import", said], ["import", f"/nowhere/{said}"], ["add", said], ["feed", said]),
                *(["entity", said], ["follow", said], ["saved", said, "("], ["help", said]),
                *([said], ["read", said], ["export", "--format", said], ["tag", "a1", said]),
                *(["backup", f"/nowhere/{said}"], ["restore", said], ["refresh", said]),
                *(["account", "add", said, said], ["sync", said], ["search", "x", "--sort", said]),
            ):
                self.run(*words)

    def look_at_files(self) -> None:
        """Look at the log and at every text of the database."""
        for path in self.home.glob("*.log*"):
            self.note(path.name, leaks(path.read_bytes()))
        with closing(sqlite3.connect(self.home / "library.db")) as db:
            db.text_factory = bytes
            tables = [row[0].decode() for row in db.execute(_TABLES)]
            for table in tables:
                for column in [
                    row[1].decode() for row in db.execute(f"PRAGMA table_info({table})")
                ]:
                    rows = db.execute(
                        f"SELECT DISTINCT {column} FROM {table} WHERE typeof({column}) = 'text'"  # noqa: S608 - names of the database's own
                    )
                    wrong = {bad for (text,) in rows for bad in leaks(text)}
                    self.note(f"{table}.{column}", sorted(wrong)[:3])

    def walk_screens(self, own: Own, columns: int, rows: int, url: str) -> None:
        """Walk through the reader with every article opened and every page shown."""
        command = [sys.executable, "-m", "newsreader", "--home", str(self.home)]
        with closing(sqlite3.connect(self.home / "library.db")) as db:
            count = db.execute("SELECT count(*) FROM article").fetchone()[0]
        variables = {k: self.environment[k] for k in ("PYTHONPATH", "NEWSREADER_SECRETS_IN_FILE")}
        with Terminal(command, columns=columns, rows=rows, **variables) as terminal:
            try:
                terminal.wait(lambda text: len(text) > 200)
                terminal.rest()
                for keys in self._script(count, url):
                    terminal.press(keys)
                    terminal.watch(0.03)
                    self.screens += 1
                terminal.rest()
            except EOFError as error:
                self.note(f"{columns}x{rows}", [f"the reader ended: {error}"[:400], self._log()])
                return
            finally:
                data = bytes(terminal.raw)
                self.note(f"{columns}x{rows}", sorted(set(leaks(data, own)))[:20])
                if b"Traceback" in data:
                    self.note(f"{columns}x{rows}", ["a traceback was drawn"])

    def _log(self) -> str:
        """Return the end of the log: why the reader ended."""
        path = self.home / "newsreader.log"
        return path.read_text()[-3000:] if path.exists() else ""

    def _script(self, count: int, url: str) -> Iterator[str]:
        """Yield keys: every source, every article with its pages, every panel, every prompt."""
        yield from ("1", *("j",) * 60, "g", "\r", "2")
        for _ in range(count):
            yield from ("\r", "e", "\x1b", "o", "\r", "\x1b", "\x1b", "C", "\x1b", "]", " ")
            yield from ("2", "j")
        yield from ("2", "g", "\r", "]", "\r", "j", "j", "m", "\x1b", "\x1b", "2")
        yield from ("W", "j", "\r", "\x1b", "j", "j", "\x1b", "?", "\x1b", "\x10", "\x1b")
        yield from ("1", "i", "\x1b", "1", "e", "\x1b", "2", "F", "j", "\x1b")
        for name in self.names:
            said = PAYLOADS[name]
            pasted = f"\x1b[200~{said.replace(chr(27), '')}\x1b[201~"
            yield from ("/", pasted, "\r", "F", "\x1b", "S", "\x1b", "\x1b", "\x1b", "2")
            yield from ("a", pasted, "\r", "\x1b", "\x1b", "2")
        yield from ("a", f"{url}/rss/{self.names[0]}", "\r", "\x1b", "R", "X", ".", "u", "2")


_TABLES = (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
    " AND name <> 'meta'"
)


def learned(folder: Path) -> Own:
    """Return the control sequences that the reader writes of its own."""
    harmless = {"plain": "plain words", "more": "a little more"}
    kept = dict(PAYLOADS)
    PAYLOADS.clear()
    PAYLOADS.update(harmless)
    own = Own()
    server = Server(list(harmless))
    try:
        probe = Probe(folder, list(harmless))
        probe.fill(server.url)
        everything = Own()
        for columns, rows in ((80, 24), (120, 40)):
            command = [sys.executable, "-m", "newsreader", "--home", str(probe.home)]
            with Terminal(command, columns=columns, rows=rows, **_variables(probe)) as terminal:
                terminal.wait(lambda text: len(text) > 200)
                terminal.rest()
                try:
                    for keys in probe._script(14, server.url):
                        terminal.press(keys)
                        terminal.watch(0.03)
                    terminal.rest()
                except EOFError:
                    print(probe._log())
                    raise
                everything.learn(bytes(terminal.raw))
        own = everything
        # Organisations, underlined twice, of which the harmless library may have none.
        own.styles.add("21")
    finally:
        server.close()
        PAYLOADS.clear()
        PAYLOADS.update(kept)
    return own


def _variables(probe: Probe) -> dict[str, str]:
    return {k: probe.environment[k] for k in ("PYTHONPATH", "NEWSREADER_SECRETS_IN_FILE")}


def main() -> int:
    """Entry point; the status is 1 when something leaked."""
    parser = argparse.ArgumentParser(prog="bench.hostile_text", description=__doc__)
    parser.add_argument("--payloads", nargs="*", default=list(PAYLOADS), choices=list(PAYLOADS))
    parser.add_argument("--sizes", nargs="*", default=["80x24", "120x40", "200x50"])
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        own = learned(Path(name) / "harmless")
        server = Server(arguments.payloads)
        probe = Probe(Path(name) / "hostile", arguments.payloads)
        try:
            probe.fill(server.url)
            probe.walk_commands()
            for size in arguments.sizes:
                columns, rows = map(int, size.split("x"))
                probe.walk_screens(own, columns, rows, server.url)
            probe.look_at_files()
        finally:
            server.close()
    for wrong in probe.found:
        print(wrong.encode("unicode_escape").decode())
    fields = sum(part.count(b"Aa") for part in (rss("markup", ""), atom("markup", "")))
    fields += json_feed("markup", "").count(b"Aa")
    print(
        f"{len(arguments.payloads)} payloads in {fields} fields of feeds and every kind of file;"
        f" {probe.commands} commands, {probe.screens} keys on {len(arguments.sizes)} sizes,"
        f" {time.monotonic() - began:.0f} s: {len(probe.found)} leaks"
    )
    return 1 if probe.found else 0


if __name__ == "__main__":
    sys.exit(main())
