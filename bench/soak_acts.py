"""What is done to the library while it is being killed: commands, and what each of them means."""

import json
import random
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench.soak_model import Marks, Model

WORDS = (
    *("harbour", "ferry", "council", "budget", "storm", "bridge", "school", "market", "strike"),
    *("museum", "train", "winter", "court", "island", "factory", "library", "hospital", "garden"),
)
_PEOPLE = ("Maria Lopez", "Henrik Olsen", "Anna Petrova", "David Cohen", "Fatima Hassan")
_PLACES = ("Oslo", "Madrid", "Caracas", "Nairobi", "Warsaw")
_WIRES = 4
"""Folders that are imported."""
_FEEDS = 5
_WINDOW = 15
"""Entries a feed serves."""
MOST = 1_500
"""Articles above which little is taken in, so that a round stays short."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that is done.

    Args:
        name: its kind, for the figures.
        words: the command's words after ``--home``; or a whole command where ``whole``.
        after: the model once it is done.
        parts: whether articles of it may be there without the others when it is killed.
        whole: ``words`` are a program of its own.
        request: what it is told on stdin, which then stays open: it ends by being killed.
        check: looked at afterwards; given whether it was done, returns what is wrong.
    """

    name: str
    words: Sequence[str]
    after: Model
    parts: bool = False
    whole: bool = False
    request: str | None = None
    check: Callable[[bool], Sequence[str]] = lambda done: ()


def body(number: int, version: int) -> str:
    """Return the text of a report; another one for each version."""
    chance = random.Random(number * 97 + version)
    person, place = chance.choice(_PEOPLE), chance.choice(_PLACES)
    words = " ".join(chance.choices(WORDS, k=chance.randint(20, 120)))
    return (
        f"The mayor, {person}, told reporters in {place} on Tuesday that the plan was sound. "
        f"This is number n{number}x, version v{version}x. {words.capitalize()}."
    )


class Feeds:
    """Feeds on loopback that have something new each time they are told to."""

    def __init__(self) -> None:
        self.windows: list[list[tuple[int, int]]] = [[] for _ in range(_FEEDS)]
        feeds = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                data = feeds.document(self.path)
                tag = f'"{hash(data) & 0xFFFFFFFF:x}"'
                same = self.headers.get("If-None-Match") == tag
                self.send_response(404 if not data else 304 if same else 200)
                self.send_header("ETag", tag)
                self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
                self.send_header("Content-Length", "0" if same else str(len(data)))
                self.end_headers()
                if not same:
                    self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, address: object) -> None:
                """Say nothing of whoever was killed while it asked."""

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def address(self, number: int) -> str:
        """Return where a feed is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/feed{number}"

    def document(self, path: str) -> bytes:
        """Return what is at a path; empty where there is nothing."""
        number = path.removeprefix("/feed")
        if not (number.isdecimal() and int(number) < _FEEDS):
            return b""
        items = "".join(
            f"<item><guid isPermaLink='false'>{one}</guid><title>{title(one)}</title>"
            f"<description>{escape(f'<p>{body(one, version)}</p>')}</description></item>"
            for one, version in self.windows[int(number)]
        )
        return (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
            f"<title>Feed {number}</title><link>http://feed{number}.example/</link>"
            f"{items}</channel></rss>"
        ).encode()

    def texts(self, number: int) -> dict[str, str]:
        """Return what a feed serves, as it is stored."""
        return {title(one): body(one, version) for one, version in self.windows[number]}

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


def title(number: int) -> str:
    """Return the title of a report."""
    return f"Report {number} of the {WORDS[number % len(WORDS)]}"


class Acts:
    """Draws acts by chance, the same ones for the same seed and library."""

    def __init__(self, home: Path, folder: Path, chance: random.Random, most: int) -> None:
        self.home = home
        self.folder = folder
        self.chance = chance
        self.feeds = Feeds()
        self._most = most
        self.model = Model()
        self.backup: Model | None = None
        self.undoable: Model | None = None
        """The model before the last act, where that can be taken back."""
        self._wires: dict[str, dict[int, int]] = {}
        self._number = 0
        self._kinds: dict[str, Callable[[], Act | None]] = {
            "import": self._import,
            "refresh": self._refresh,
            "mark": self._mark,
            "tag": self._tag,
            "note": self._note,
            "undo": self._undo,
            "save": self._save,
            "follow": self._follow,
            "rename": self._rename,
            "remove": self._remove,
            "worker": self._worker,
            "rebuild": self._rebuild,
            "backup": self._backup,
            "restore": self._restore,
            "weekly": self._weekly,
        }
        self._weights = (14, 12, 10, 5, 5, 6, 4, 4, 3, 4, 14, 6, 5, 4, 3)

    def draw(self) -> Act:
        """Return what is done next."""
        # What can be taken back is so only until the next act, so chance alone seldom does it.
        if self.undoable is not None and self.chance.random() < 0.4 and (undo := self._undo()):
            return undo
        while True:
            (kind,) = self.chance.choices(list(self._kinds), weights=self._weights)
            act = self._kinds[kind]()
            if act is not None:
                return act

    def _titles(self, most: int = 40) -> list[str]:
        there = sorted(self.model.texts)
        return self.chance.sample(there, min(len(there), self.chance.randint(1, most)))

    def _ids(self, titles: Sequence[str]) -> list[str]:
        with closing(sqlite3.connect(self.home / "library.db")) as db:
            known = {name: f"a{n}" for n, name in db.execute("SELECT id, title FROM article")}
        return [known[each] for each in titles]

    def _import(self) -> Act:
        """Take in a folder of reports: new ones, some with another text, some that were removed."""
        wire = f"wire{self.chance.randrange(_WIRES)}"
        there = self._wires.setdefault(wire, {})
        room = max(5, (self._most - len(self.model.texts)) // 4)
        for _ in range(self.chance.randint(1, min(300, room))):
            self._number += 1
            there[self._number] = 0
        for number in self.chance.sample(sorted(there), min(len(there), 5)):
            there[number] += 1
        folder = self.folder / wire
        folder.mkdir(exist_ok=True)
        lines = [
            json.dumps({"id": f"n{number}", "title": title(number), "body": body(number, version)})
            for number, version in there.items()
        ]
        (folder / "reports.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        after = self.model.copy()
        after.take_in(wire, {title(n): body(n, version) for n, version in there.items()})
        wait = ("--no-wait",) if self.chance.random() < 0.6 else ()
        return Act("import", ["import", str(folder), *wait], after, parts=True)

    def _refresh(self) -> Act:
        """New entries in some feeds; now and then a feed is subscribed to."""
        self._publish()
        subscribed = self._subscribed()
        new = [n for n in range(_FEEDS) if n not in subscribed]
        if new and (not subscribed or self.chance.random() < 0.4):
            chosen = self.chance.choice(new)
            after = self.model.copy()
            after.take_in(f"Feed {chosen}", self.feeds.texts(chosen))
            address = self.feeds.address(chosen)
            return Act("add", ["add", address, "--no-wait"], after, parts=True)
        wait = ("--no-wait",) if self.chance.random() < 0.6 else ()
        return Act("refresh", ["refresh", "--all", *wait], self._refreshed(), parts=True)

    def _subscribed(self) -> list[int]:
        return [n for n in range(_FEEDS) if f"Feed {n}" in self.model.sources]

    def _publish(self) -> None:
        """Put new entries into the feeds, and change some that are there."""
        for number in range(_FEEDS):
            window = self.feeds.windows[number]
            for _ in range(self.chance.randint(0, 4)):
                self._number += 1
                window.insert(0, (self._number, 0))
            if window and self.chance.random() < 0.3:
                one, version = window.pop(0)
                window.insert(0, (one, version + 1))
            del window[_WINDOW:]

    def _refreshed(self) -> Model:
        after = self.model.copy()
        for number in self._subscribed():
            after.take_in(f"Feed {number}", self.feeds.texts(number))
        return after

    def _change(self, titles: Sequence[str], **fields: Any) -> Model:
        after = self.model.copy()
        for each in titles:
            after.marks[each] = replace(after.kept_marks(each), **fields)
        return after

    def _mark(self) -> Act | None:
        titles = self._titles()
        if not titles:
            return None
        words = ("read", "unread", "bookmark", "unbookmark", "hide", "unhide")
        word = self.chance.choices(words, (6, 3, 4, 2, 1, 2))[0]
        field = {"read": "read", "unread": "read", "bookmark": "bookmarked"}.get(word)
        field = field or ("bookmarked" if word == "unbookmark" else "hidden")
        after = self._change(titles, **{field: not word.startswith("un")})
        return Act("mark", [word, *self._ids(titles)], after)

    def _tag(self) -> Act | None:
        titles = self._titles(5)
        if not titles:
            return None
        tag = self.chance.choice(WORDS[:4])
        after = self.model.copy()
        for each in titles:
            marks = after.kept_marks(each)
            after.marks[each] = replace(marks, tags=marks.tags | {tag})
        return Act("tag", ["tag", *self._ids(titles), f"+{tag}"], after)

    def _note(self) -> Act | None:
        titles = self._titles(1)
        if not titles:
            return None
        note = self.chance.choice(("", "look again", "ask the mayor"))
        after = self._change(titles, note=note)
        return Act("note", ["note", *self._ids(titles), note], after)

    def _undo(self) -> Act | None:
        if self.undoable is None:
            return None
        code = (
            "import sys; from pathlib import Path; from newsreader.library import Library;"
            "Library(Path(sys.argv[1])).undo()"
        )
        words = [sys.executable, "-c", code, str(self.home)]
        return Act("undo", words, self.undoable, whole=True)

    def _save(self) -> Act:
        name = self.chance.choice(("Ships", "Money", "Weather"))
        after = self.model.copy()
        if name in after.saved and self.chance.random() < 0.5:
            del after.saved[name]
            return Act("save", ["saved", name, "--remove"], after)
        after.saved[name] = f"{self.chance.choice(WORDS)} OR {self.chance.choice(WORDS)}"
        return Act("save", ["saved", name, after.saved[name]], after)

    def _entity(self) -> tuple[str, str] | None:
        with closing(sqlite3.connect(self.home / "library.db")) as db:
            rows = db.execute(
                "SELECT e.id, e.name FROM entity e JOIN entity_count c ON c.entity_id = e.id"
                " WHERE c.articles > 0 AND e.kind <> 'organisation' ORDER BY e.id"
            ).fetchall()
        known = [(f"e{n}", name) for n, name in rows if name in (*_PEOPLE, *_PLACES)]
        return self.chance.choice(known) if known else None

    def _follow(self) -> Act | None:
        chosen = self._entity()
        if chosen is None:
            return None
        number, name = chosen
        after = self.model.copy()
        on = name not in after.followed
        (after.followed.add if on else after.followed.discard)(name)
        return Act("follow", ["follow" if on else "unfollow", number], after)

    def _rename(self) -> Act | None:
        chosen = self._entity()
        if chosen is None:
            return None
        number, name = chosen
        after = self.model.copy()
        after.names[name] = f"{name} of {self.chance.choice(_PLACES)}"
        return Act("rename", ["entity", number, "--rename", after.names[name]], after)

    def _remove(self) -> Act | None:
        if not self.model.sources or self.chance.random() < 0.5:
            return None
        source = self.chance.choice(sorted(self.model.sources))
        after = self.model.copy()
        after.remove(source)
        number = source.removeprefix("Feed ")
        # A feed has no title before it was first fetched, and that may have been killed.
        name = source if number == source else self.feeds.address(int(number))
        return Act("remove", ["remove", name, "--no-wait"], after)

    def _worker(self) -> Act:
        """The reader's background process, with all that waits, and often with more to do."""
        words = [sys.executable, "-m", "newsreader.worker", "--home", str(self.home)]
        asked = self.chance.random()
        if asked < 0.3:
            act = self._import()
            after, request = act.after, {"do": "import", "paths": [act.words[1]]}
        elif asked < 0.5:
            self._publish()
            after, request = self._refreshed(), {"do": "refresh", "all": True}
        else:
            return Act("worker", words, self.model.copy(), whole=True, request="")
        told = json.dumps(request)
        return Act("worker", words, after, parts=True, whole=True, request=told)

    def _rebuild(self) -> Act:
        words = self.chance.choice((["rebuild", "index"], ["rebuild"], ["doctor", "--repair"]))
        return Act("rebuild", words, self.model.copy())

    @property
    def file(self) -> Path:
        """Where backups are written."""
        return self.folder / "library.backup"

    def _backup(self) -> Act:
        before = self.backup

        def check(done: bool) -> Iterator[str]:
            from newsreader.errors import StoreError
            from newsreader.store.copies import inspect

            if not self.file.exists():
                if done or before is not None:
                    yield "the backup is gone"
                return
            try:
                inspect(self.file)
            except StoreError as error:
                yield f"the backup cannot be used: {error}"

        return Act("backup", ["backup", str(self.file)], self.model.copy(), check=check)

    def _restore(self) -> Act | None:
        if self.backup is None or not self.file.exists():
            return None
        words = ["restore", str(self.file), "--no-wait"]
        return Act("restore", words, self.backup.copy())

    def _weekly(self) -> Act:
        code = (
            "import sys; from pathlib import Path; from newsreader.store.copies import keep_marks;"
            "keep_marks(Path(sys.argv[1]), 'weekly')"
        )

        def check(done: bool) -> Iterator[str]:
            from newsreader.errors import StoreError
            from newsreader.store.copies import inspect, kept_copies

            del done
            for kept in kept_copies(self.home):
                try:
                    inspect(kept.path)
                except StoreError as error:
                    yield f"a kept copy cannot be used: {error}"

        words = [sys.executable, "-c", code, str(self.home)]
        return Act("weekly", words, self.model.copy(), whole=True, check=check)


__all__ = ["MOST", "WORDS", "Act", "Acts", "Marks", "body", "title"]
