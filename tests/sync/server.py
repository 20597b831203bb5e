"""A server that speaks the Google Reader API in two dialects, and misbehaves when told to.

Its rows are the model that tests compare with. "freshrss": text login, ids by time, body in
``summary``, continuation by id. "miniflux": JSON login, small ids, body in ``content``, user 1,
null for an empty list, continuation by offset, newest published first.
"""

import json
import threading
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from newsreader.errors import SyncError

USER, PASSWORD = "alice", "correct horse"
READ, STARRED = "state/com.google/read", "state/com.google/starred"
ITEM = "tag:google.com,2005:reader/item/"
SAID = {
    "token": (400, {}, b"Error: Bad token"),
    "html": (200, {}, b"<!doctype html><h1>Maintenance</h1>"),
    "types": (200, {}, b'{"subscriptions": 7, "itemRefs": "x", "items": {"a": 1}}'),
    "redirect": (302, {"Location": "http://localhost:1/elsewhere"}, b""),
}
"""What a request is answered with whatever it asked; other faults are "down" (nothing), "lost"
(done, but not answered), "expired", "cut", a status, and "none"."""


@dataclass
class Feed:
    stream: str
    url: str
    title: str
    folder: str | None = None


@dataclass
class Item:
    id: int
    stream: str
    title: str
    html: str
    link: str
    published: int = 1_656_408_600
    read: bool = False
    starred: bool = False


class Server:
    """The account of one user at one server."""

    def __init__(self, dialect):
        self.dialect = dialect
        self.fresh = dialect == "freshrss"
        self.base = "/api/greader.php" if self.fresh else ""
        self.feeds: dict[str, Feed] = {}
        self.items: dict[int, Item] = {}
        self.faults: deque[tuple[str, str]] = deque()
        self.requests: list[tuple[str, str]] = []
        self.logins = self.tokens = 0
        self.page = 10_000
        self.moved: dict[str, str] = {}
        self.dead = {"http://127.0.0.1/none"}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.app = self
        self.lock = threading.Lock()
        self._http.daemon_threads = True
        self.host = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.url = self.host + self.base
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    # What the test does at the server

    def subscribe(self, url, title=None, folder=None):
        number = 1 + max((int(s.removeprefix("feed/")) for s in self.feeds), default=0)
        stream = f"feed/{number}"
        self.feeds[stream] = Feed(stream, url, title or url, folder)
        return stream

    def publish(self, stream, title, **fields):
        last = max(self.items, default=1_700_000_000_000_000 if self.fresh else 0)
        words = f"<p>{title} and {'more words of the report ' * 12}</p>"
        values = {"html": words, "link": f"https://a.example/{last + 1}", **fields}
        self.items[last + 1] = Item(id=last + 1, stream=stream, title=title, **values)
        return self.items[last + 1]

    def fail(self, path, *kinds):
        """Misbehave in this way at the next requests whose path holds ``path``."""
        self.faults.extend((path, kind) for kind in kinds)

    def asked(self, path):
        return sum(path in asked for _, asked in self.requests)

    # What it answers

    def ask(self, method, url, headers, body):
        """Answer as over the network, without one: what a test of many syncs gives the reader."""
        found = self.handle(method, url.removeprefix(self.host), headers, body or b"")
        if found is None:
            raise SyncError("broke off", "offline")
        status, names, answer = found
        return status, {name.lower(): value for name, value in names.items()}, answer

    def handle(self, method, target, headers, body):
        """Return status, headers, body; None where the connection ends without an answer."""
        parts = urlsplit(target)
        path = parts.path.removeprefix(self.base)
        asked = (method, path, parse_qs(parts.query), parse_qs(body.decode()))
        with self.lock:
            self.requests.append((method, parts.path))
            self.headers = dict(headers.items())
            if self.base and path == parts.path:
                return 404, {}, b"<!doctype html><title>Not found</title>"
            if self.faults and self.faults[0][0] in path:
                fault = self.faults.popleft()[1]
                return self._misbehave(fault, *asked, headers.get("Authorization"))
            return self.answer(*asked, headers.get("Authorization"))

    def _misbehave(self, fault, *asked):
        if fault in SAID:
            return SAID[fault]
        if fault == "down":
            return None
        if fault == "expired":
            self.logins += 1
            self.tokens += 1
        elif fault[0].isdigit():
            status, _, wait = fault.partition(" ")
            return int(status), {"Retry-After": wait} if wait else {}, b"later"
        status, headers, body = self.answer(*asked)
        if fault == "cut":
            body = body[: len(body) // 2]
        return None if fault == "lost" else (status, headers, body)

    def answer(self, method, path, query, form, auth):
        if path == "/accounts/ClientLogin":
            return self._log_in(form)
        if auth != f"GoogleLogin auth={self._session()}":
            return 401, {"Google-Bad-Token": "true"}, b"Unauthorized!"
        name = path.removeprefix("/reader/api/0/")
        if name == "token":
            return 200, {}, self._token().encode()
        if method == "POST" and form.get("T") != [self._token()]:
            return 401, {"X-Reader-Google-Bad-Token": "true"}, b"Unauthorized!"
        act = {
            "subscription/list": self._subscriptions,
            "tag/list": self._tags,
            "stream/items/ids": self._ids,
            "stream/items/contents": self._contents,
            "edit-tag": self._edit_tag,
            "subscription/quickadd": self._quickadd,
            "subscription/edit": self._edit,
        }.get(name)
        if act is None:
            return 404, {}, b"<html>not here"
        found = act(form if method == "POST" else query)
        if isinstance(found, tuple):
            return found
        if isinstance(found, bytes):
            return 200 if found == b"OK" else 400, {}, found
        return 200, {"Content-Type": "application/json"}, json.dumps(found).encode()

    def _log_in(self, form):
        if form.get("Email") != [USER] or form.get("Passwd") != [PASSWORD]:
            return 401, {}, b"Unauthorized!"
        self.logins += 1
        auth = self._session()
        if self.fresh or form.get("output") != ["json"]:
            return 200, {}, f"SID={auth}\nLSID=null\nAuth={auth}\n".encode()
        return 200, {}, json.dumps({"SID": auth, "LSID": auth, "Auth": auth}).encode()

    def _session(self):
        return f"{USER}/session{self.logins}"

    def _token(self):
        return f"token{self.tokens}"

    def _name(self, what):
        return f"user/{'-' if self.fresh else '1'}/{what}"

    def _subscriptions(self, _):
        return {
            "subscriptions": [
                {
                    "id": feed.stream,
                    "title": self._written(feed.title),
                    "categories": [{"id": self._name(f"label/{feed.folder}"), "label": feed.folder}]
                    if feed.folder
                    else [],
                    "url": feed.url,
                    "htmlUrl": "https://a.example/",
                }
                for feed in self.feeds.values()
            ]
        }

    def _written(self, text):
        return text.translate(str.maketrans("&<>", "＆＜＞")) if self.fresh else text

    def _tags(self, _):
        folders = sorted({feed.folder for feed in self.feeds.values() if feed.folder})
        tags = [{"id": self._name(STARRED)}]
        return {
            "tags": tags + [{"id": self._name(f"label/{f}"), "type": "folder"} for f in folders]
        }

    def _ids(self, query):
        wanted = query["s"][0].split("/", 2)[-1]
        rows = [
            item
            for item in self.items.values()
            if (wanted == "state/com.google/reading-list" or item.starred)
            and not (item.read and "xt" in query)
        ]
        # Miniflux leaves out everything when asked for what is newer (FEEDS, 2026-11).
        if "ot" in query and not self.fresh:
            rows = []
        rows.sort(key=lambda item: item.id if self.fresh else (item.published, item.id))
        rows.reverse()
        count = int(query.get("n", ["20"])[0])
        count = min(count, self.page) if count > 1000 else count
        after = query.get("c", [None])[0]
        if self.fresh:
            rows = [item for item in rows if after is None or item.id < int(after)]
            following = str(rows[count - 1].id) if len(rows) >= count else None
        else:
            rows = rows[int(after or 0) :]
            following = str(int(after or 0) + count) if len(rows) > count else None
        refs = [{"id": str(item.id)} for item in rows[:count]]
        answer = {"itemRefs": refs or ([] if self.fresh else None)}
        return answer | ({"continuation": following} if following else {})

    def _contents(self, form):
        wanted = [int(text.removeprefix(ITEM), 16) for text in form["i"]]
        return {"items": [self._item(self.items[n]) for n in wanted if n in self.items]}

    def _item(self, item):
        states = ["state/com.google/reading-list"]
        states += [READ] * item.read + [STARRED] * item.starred
        feed = self.feeds.get(item.stream)
        return {
            "id": f"{ITEM}{item.id:016x}",
            "title": self._written(item.title),
            "published": item.published,
            "alternate": [{"href": item.link, "type": "text/html"}],
            "canonical": [{"href": item.link}],
            "author": "Ann Author",
            "categories": [self._name(state) for state in states] + ["weather"],
            "origin": {
                "streamId": item.stream,
                "title": feed.title if feed else "",
                "htmlUrl": "https://a.example/",
            },
            "summary" if self.fresh else "content": {"content": item.html},
            "enclosure": [
                {"href" if self.fresh else "url": f"{item.link}.mp3", "type": "audio/mpeg"}
            ],
        }

    def _edit_tag(self, form):
        for text in form["i"]:
            item = self.items.get(int(text.removeprefix(ITEM), 16))
            for act, on in (("a", True), ("r", False)):
                for state in form.get(act, []):
                    if item is not None:
                        setattr(item, "read" if state.endswith("/read") else "starred", on)
        return b"OK"

    def _quickadd(self, form):
        url = form["quickadd"][0]
        if url in self.dead:
            if not self.fresh:
                return 500, {}, b'{"error_message": "unable to fetch this resource"}'
            return {"numResults": 0, "error": "no feed <b>there</b>\x1b[31m"}
        stream = self.subscribe(self.moved.get(url, url))
        return {"numResults": 1, "streamId": stream.removeprefix("feed/") if self.fresh else stream}

    def _edit(self, form):
        stream = form["s"][0]
        if stream not in self.feeds:
            return b"Bad Request!"
        if form["ac"] == ["unsubscribe"]:
            del self.feeds[stream]
            self.items = {n: item for n, item in self.items.items() if item.stream != stream}
            return b"OK"
        feed = self.feeds[stream]
        feed.title = form.get("t", [feed.title])[0]
        if "a" in form:
            feed.folder = form["a"][0].split("/label/")[1]
        elif "r" in form:
            feed.folder = None
        return b"OK"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: else each answer waits 40 ms for the other side.
    wbufsize = -1

    def do_GET(self):
        self.do("GET")

    def do_POST(self):
        self.do("POST")

    def do(self, method):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = self.server.app.handle(method, self.path, self.headers, body)
        if found is None:
            self.close_connection = True
            return
        status, headers, answer = found
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass
