"""The Google Reader API as FreshRSS, Miniflux, The Old Reader, BazQux and Inoreader speak it.

Protocol only: what is sent and what an answer means. The connection is given from outside, and
nothing is stored. Whatever a server answers, the only error is SyncError.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from newsreader.errors import SyncError
from newsreader.text.clean import clean_line

Http = Callable[[str, str, Mapping[str, str], bytes | None], tuple[int, Mapping[str, str], bytes]]
"""``http(method, url, headers, body)`` gives status, headers (lower case), body, or SyncError."""

# What a server says is untyped; this module and ``items`` are where that ends.
Fields = Any

_READING_LIST = "user/-/state/com.google/reading-list"
_STATES = {"read": "user/-/state/com.google/read", "bookmarked": "user/-/state/com.google/starred"}
_ITEM = "tag:google.com,2005:reader/item/"
_HEX = re.compile(r"[0-9a-f]{1,64}")
_STATE = re.compile(r"user/[^/]+/state/com\.google/(\S+)")
_LABEL = re.compile(r"user/[^/]+/label/(.+)", re.DOTALL)

IDS_A_PAGE = 10_000
"""Ids asked for at once; FreshRSS, Miniflux and The Old Reader give as many, others fewer."""
_PAGES = 2_000
"""Pages of one list; a server that never ends is stopped there."""
CONTENTS_A_REQUEST = 100
"""Articles asked for at once: a megabyte or two, and The Old Reader's limit is 250."""
WORDS_A_REQUEST = 250
"""Articles marked at once; FreshRSS reads at most 1 MiB of a request (52 bytes an article)."""
_LONGEST_WAIT = 24 * 3600.0


class Reader:
    """One account at one server; log in, then ask.

    Args:
        http: how to reach it.
        url: the address of the API, without ``/accounts/…`` and ``/reader/…``.
        user: the name there.
        password: for the API; FreshRSS and Miniflux have one apart from that of their pages.
        headers: sent with every request, such as Inoreader's AppId and AppKey.
    """

    def __init__(
        self,
        http: Http,
        url: str,
        user: str,
        password: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._host = urlsplit(url).netloc
        self._user = user
        self._password = password
        self._headers = dict(headers or {})
        self._auth: str | None = None
        self._token: str | None = None

    # Logging in

    def log_in(self) -> None:
        """Get a session for user and password.

        Raises:
            SyncError: "login" where they are refused, "broken" where no such API is there.
        """
        words = {
            "Email": self._user,
            "Passwd": self._password,
            "client": "newsreader",
            "accountType": "HOSTED_OR_GOOGLE",
            "service": "reader",
            "output": "json",
        }
        self._auth = self._token = None
        status, headers, body = self._send("POST", "/accounts/ClientLogin", _form(words.items()))
        if status in (401, 403):
            raise SyncError(
                f"{self._host}: the user or the password is not right; FreshRSS and Miniflux want"
                " the password that is set for their API",
                "login",
            )
        self._check(status, headers)
        auth = _auth(body)
        if auth is None:
            raise SyncError(
                f"{self._url}: is not the address of a Google Reader API; for FreshRSS it ends in"
                " /api/greader.php",
                "broken",
            )
        self._auth = auth

    def _renew_token(self) -> str:
        status, headers, body = self._send("GET", "/reader/api/0/token", None)
        if self._refuses(status, headers, body):
            self.log_in()
            status, headers, body = self._send("GET", "/reader/api/0/token", None)
        self._check(status, headers)
        token = clean_line(body[:500].decode("utf-8", "replace"), 200)
        if not token or token.startswith("<"):
            raise self._broken("it gave no token")
        return token

    # Asking

    def subscriptions(self) -> list["Subscription"]:
        """Return the feeds of the account, in the server's order."""
        answer = self._get("subscription/list")
        found = answer.get("subscriptions")
        if not isinstance(found, list):
            # An empty answer here would be read as: the user left all feeds.
            raise self._broken("it gave no list of feeds")
        return [feed for piece in found if (feed := _subscription(piece)) is not None]

    def folders(self) -> list[str]:
        """Return the names of folders and labels."""
        pieces = self._get("tag/list").get("tags")
        names = (
            [_label(text_of(piece, "id")) for piece in pieces] if isinstance(pieces, list) else []
        )
        return [name for name in names if name]

    def unread(self) -> list[str]:
        """Return the ids of all unread articles."""
        return self._ids([("s", _READING_LIST), ("xt", _STATES["read"])])

    def starred(self) -> list[str]:
        """Return the ids of all starred articles."""
        return self._ids([("s", _STATES["bookmarked"])])

    def newest(self) -> Iterator[list[str]]:
        """Yield the ids of all articles, read ones too, newest first, a page at a time."""
        return self._pages([("s", _READING_LIST)], 1000)

    def _ids(self, query: Sequence[tuple[str, str]]) -> list[str]:
        found: dict[str, None] = {}
        for page in self._pages(query, IDS_A_PAGE):
            before = len(found)
            found.update(dict.fromkeys(page))
            if len(found) == before:
                break
        return list(found)

    def _pages(self, query: Sequence[tuple[str, str]], size: int) -> Iterator[list[str]]:
        after = ""
        for _ in range(_PAGES):
            more = [("c", after)] if after else []
            answer = self._get("stream/items/ids", [*query, ("n", str(size)), *more])
            refs = answer.get("itemRefs")
            if refs is not None and not isinstance(refs, list):
                raise self._broken("its list of articles is none")
            yield [item for ref in refs or [] if (item := item_id(text_of(ref, "id"))) is not None]
            following = text_of(answer, "continuation")
            if not following or following == after or not refs:
                return
            after = following

    def contents(self, items: Sequence[str]) -> Iterator[Fields]:
        """Yield the articles that the server still has of ``items``, as it gives them.

        A batch whose answer would be too large is asked for in halves.
        """
        for at in range(0, len(items), CONTENTS_A_REQUEST):
            yield from self._contents(items[at : at + CONTENTS_A_REQUEST])

    def _contents(self, items: Sequence[str]) -> Iterator[Fields]:
        try:
            answer = self._post("stream/items/contents", [("i", _ITEM + item) for item in items])
        except SyncError as error:
            if error.kind != "large" or len(items) == 1:
                raise
            half = len(items) // 2
            yield from self._contents(items[:half])
            yield from self._contents(items[half:])
            return
        pieces = self._json(answer).get("items")
        if not isinstance(pieces, list):
            raise self._broken("it gave no articles")
        yield from (piece for piece in pieces if isinstance(piece, dict))

    # Telling

    def mark(self, items: Sequence[str], flag: str, *, on: bool) -> None:
        """Set one flag ("read" or "bookmarked") of up to ``WORDS_A_REQUEST`` articles.

        Doing it again changes nothing.
        """
        state = ("a" if on else "r", _STATES[flag])
        self._ok(self._post("edit-tag", [*(("i", _ITEM + item) for item in items), state]))

    def subscribe(self, url: str, title: str | None = None, folder: str | None = None) -> str:
        """Subscribe to a feed; return the server's id of it.

        Raises:
            SyncError: "refused" where the server will not, as when it finds no feed there.
        """
        answer = self._post("subscription/quickadd", [("quickadd", url)])
        found = self._json(answer)
        if found.get("numResults") == 0:
            why = clean_line(text_of(found, "error"), 200)
            raise SyncError(f"{url}: {self._host} finds no feed there ({why})", "refused")
        stream = text_of(found, "streamId") or url
        stream = stream if stream.startswith("feed/") else f"feed/{stream}"
        if title or folder:
            self.edit(stream, title=title, folder=folder)
        return stream

    def unsubscribe(self, stream: str) -> None:
        """Unsubscribe from a feed."""
        self._ok(self._post("subscription/edit", [("ac", "unsubscribe"), ("s", stream)]))

    def edit(
        self,
        stream: str,
        *,
        title: str | None = None,
        folder: str | None = None,
        old_folder: str | None = None,
    ) -> None:
        """Rename a feed, or move it from ``old_folder`` to ``folder``."""
        words = [("ac", "edit"), ("s", stream)]
        if title:
            words.append(("t", title))
        if old_folder and old_folder != folder:
            words.append(("r", f"user/-/label/{old_folder}"))
        if folder and folder != old_folder:
            words.append(("a", f"user/-/label/{folder}"))
        self._ok(self._post("subscription/edit", words))

    # Carrying

    def _get(self, path: str, query: Iterable[tuple[str, str]] = ()) -> Fields:
        words = urlencode([*query, ("output", "json")], quote_via=quote)
        return self._json(self._with_login("GET", f"/reader/api/0/{path}?{words}", None))

    def _post(self, path: str, words: Sequence[tuple[str, str]]) -> bytes:
        return self._with_login("POST", f"/reader/api/0/{path}?output=json", words)

    def _with_login(self, method: str, path: str, words: Sequence[tuple[str, str]] | None) -> bytes:
        """Ask, renewing first the token and then the session when the server takes neither."""
        if self._auth is None:
            self.log_in()
        status, headers, answer = self._ask(method, path, words)
        if words is not None and self._refuses(status, headers, answer):
            self._token = None
            status, headers, answer = self._ask(method, path, words)
        if self._refuses(status, headers, answer):
            self.log_in()
            status, headers, answer = self._ask(method, path, words)
        self._check(status, headers)
        return answer

    def _ask(
        self, method: str, path: str, words: Sequence[tuple[str, str]] | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        if words is None:
            return self._send(method, path, None)
        if self._token is None:
            self._token = self._renew_token()
        return self._send(method, path, _form([*words, ("T", self._token)]))

    def _refuses(self, status: int, headers: Mapping[str, str], answer: bytes) -> bool:
        if status in (401, 403):
            return True
        told = any("bad-token" in name for name in headers) or b"bad token" in answer[:200].lower()
        return status == 400 and told

    def _send(
        self, method: str, path: str, body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        headers = dict(self._headers)
        if self._auth is not None:
            headers["Authorization"] = f"GoogleLogin auth={self._auth}"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._http(method, self._url + path, headers, body)

    def _check(self, status: int, headers: Mapping[str, str]) -> None:
        if status == 200:
            return
        if status in (401, 403):
            raise SyncError(f"{self._host}: does not take the session it just gave", "login")
        if status in (429, 502, 503, 504):
            wait = _seconds(headers.get("retry-after", ""))
            raise SyncError(
                f"{self._host}: is busy and asks to wait (status {status})", "busy", wait
            )
        if status >= 500:
            raise SyncError(f"{self._host}: has an error of its own (status {status})", "broken")
        raise SyncError(f"{self._host}: refuses this (status {status})", "refused")

    def _ok(self, answer: bytes) -> None:
        if answer.strip().lower()[:20].strip(b'"') not in (b"ok", b""):
            raise self._broken("it did not say OK to a change")

    def _json(self, answer: bytes) -> Fields:
        try:
            found = json.loads(answer)
        except (ValueError, RecursionError) as error:
            page = answer.lstrip()[:1] == b"<"
            why = "it sent a web page where data should be" if page else "its answer is cut short"
            raise self._broken(why) from error
        if not isinstance(found, dict):
            raise self._broken("its answer is not what was asked for")
        return found

    def _broken(self, why: str) -> SyncError:
        return SyncError(f"{self._host}: cannot be understood: {why}; try again later", "broken")


class Subscription(NamedTuple):
    """A feed of the account; ``folder`` is its first one, ``url`` as the server fetches it."""

    stream: str
    url: str
    title: str
    folder: str | None
    home_page: str


def item_id(text: str) -> str | None:
    """Return an article's id as at least 16 hexadecimal digits, None where it is none.

    A short id is a decimal number, as Google's were with a sign, the long one is hexadecimal after
    ``tag:google.com,2005:reader/item/``; The Old Reader's short ones are hexadecimal too.
    """
    text = text.strip().lower()
    if text.startswith(_ITEM):
        text = text.removeprefix(_ITEM)
    elif re.fullmatch(r"-?[1-9][0-9]{0,19}|0", text):
        return f"{int(text) % 2**64:016x}"
    return text.rjust(16, "0") if _HEX.fullmatch(text) else None


def states(item: Fields) -> set[str] | None:
    """Return "read", "starred" and the other states of an article, None if it names none."""
    found = item.get("categories")
    if not isinstance(found, list):
        return None
    matches = (_STATE.fullmatch(name) for name in found if isinstance(name, str))
    return {match[1] for match in matches if match}


def _subscription(piece: Fields) -> Subscription | None:
    stream = text_of(piece, "id")
    if not stream or len(stream) > 5000:
        return None
    pieces = piece.get("categories")
    labels = [
        text_of(label, "label") or _label(text_of(label, "id"))
        for label in (pieces if isinstance(pieces, list) else [])
    ]
    return Subscription(
        stream=stream,
        url=text_of(piece, "url") or stream.removeprefix("feed/"),
        title=text_of(piece, "title"),
        folder=next((label for label in labels if label), None),
        home_page=text_of(piece, "htmlUrl"),
    )


def _label(text: str) -> str:
    match = _LABEL.fullmatch(text)
    return match[1] if match else ""


def text_of(fields: Fields, key: str) -> str:
    """Return a field as text; a server may give anything anywhere."""
    value = fields.get(key) if isinstance(fields, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def _auth(body: bytes) -> str | None:
    """Return the session of an answer to ClientLogin: JSON, or lines such as ``Auth=…``."""
    text = body[:10_000].decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        lines = (line.partition("=") for line in text.splitlines())
        auth = next((value for name, _, value in lines if name == "Auth"), "")
    else:
        auth = text_of(found, "Auth")
    # It goes into a header: what could end one is no session.
    return auth.strip() if re.fullmatch(r"[!-~]{1,2000}", auth.strip()) else None


def _form(words: Iterable[tuple[str, str]]) -> bytes:
    return urlencode(list(words), quote_via=quote).encode()


def _seconds(text: str) -> float | None:
    """Return Retry-After (RFC 9110, 10.2.3) in seconds, at most a day."""
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    if re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        return min(float(text), _LONGEST_WAIT)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max(0.0, (when - datetime.now(UTC)).total_seconds()), _LONGEST_WAIT)
