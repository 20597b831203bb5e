"""What sites ask of programs that read their pages (RFC 9309): asked before every page.

Feeds are not asked for: they are published for programs.
"""

import re
import threading
import time
from typing import NamedTuple
from urllib.parse import quote

from newsreader.errors import FetchError
from newsreader.net._headers import USER_AGENT
from newsreader.net._url import Target, read_url
from newsreader.net._values import ANY, Get
from newsreader.net.client import Client

_LIMIT = 500_000
"""Bytes that are read: RFC 9309, 2.5 asks for 500 KiB at least; the rest is not looked at."""

_GOOD_FOR = 86_400.0
"""Seconds an answer holds (RFC 9309, 2.4)."""

_FAILURE_GOOD_FOR = 900.0
"""Seconds until a site that could not be asked is asked again."""

_PAUSE = 1.0
"""Seconds between two pages of one site where it does not ask for more."""

_LONGEST_PAUSE = 60.0

_MOST_RULES = 10_000

_ESCAPED = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


class _Rule(NamedTuple):
    pattern: str
    allow: bool


class _Rules(NamedTuple):
    """What one site asks of one reader; ``known`` is False where it could not be asked."""

    known: bool
    rules: tuple[_Rule, ...]
    pause: float
    until: float

    def allow(self, path: str) -> bool:
        """Say whether ``path`` may be read: the longest rule that fits decides, else yes."""
        if not self.known:
            return False
        path = _normal(path)
        # At the same length "allow" wins (RFC 9309, 2.2.2); True sorts after False.
        fitting = [
            (len(rule.pattern), rule.allow) for rule in self.rules if _fits(rule.pattern, path)
        ]
        return max(fitting)[1] if fitting else True


class Robots:
    """Remembers what each site asks for, a day long; fetched at the first page of the site.

    Args:
        client: fetches; its limits to a site count here, too.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[tuple[str, str], _Rules] = {}
        self._locks: dict[tuple[str, str], threading.Lock] = {}
        self._lock = threading.Lock()

    def allowed(
        self,
        url: str,
        *,
        home: str | None = None,
        user_agent: str | None = None,
        stop: threading.Event | None = None,
    ) -> bool:
        """Say whether the page at ``url`` may be read now, on behalf of the feed at ``home``.

        False, too, where the site has trouble answering: then it is not to be bothered.

        Raises:
            FetchError: of kind ``url``, ``address``, ``offline`` or ``stopped``.
        """
        target, _ = read_url(url)
        key = (f"{target.scheme}://{target.authority}", _product(user_agent))
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            rules = self._known.get(key)
            if rules is None or time.monotonic() > rules.until:
                rules = self._ask(target, key[1], home, user_agent, stop)
                self._known[key] = rules
        return rules.allow(target.path)

    def answered(self, url: str, *, user_agent: str | None = None) -> bool:
        """Say whether the site of ``url`` has told its rules, else it has trouble of its own.

        Raises:
            FetchError: of kind ``url``.
        """
        target, _ = read_url(url)
        rules = self._known.get((f"{target.scheme}://{target.authority}", _product(user_agent)))
        return rules is not None and rules.known

    def delay(self, url: str, *, user_agent: str | None = None) -> float:
        """Return the seconds to leave between two pages of the site of ``url``.

        Raises:
            FetchError: of kind ``url``.
        """
        target, _ = read_url(url)
        key = (f"{target.scheme}://{target.authority}", _product(user_agent))
        rules = self._known.get(key)
        return rules.pause if rules else _PAUSE

    def _ask(
        self,
        target: Target,
        product: str,
        home: str | None,
        user_agent: str | None,
        stop: threading.Event | None,
    ) -> _Rules:
        place = target._replace(path="/robots.txt", fragment="").url
        request = Get(place, home=home, accept=ANY, user_agent=user_agent, limit=_LIMIT, cut=True)
        now = time.monotonic()
        try:
            got = self._client.get(request, stop=stop)
        except FetchError as error:
            if error.kind in {"url", "address", "offline", "stopped"}:
                raise
            return _Rules(False, (), _PAUSE, now + _FAILURE_GOOD_FOR)
        if got.status == 429 or got.status >= 500:
            wait = max(_FAILURE_GOOD_FOR, got.retry_after or 0.0)
            return _Rules(False, (), _PAUSE, now + wait)
        if got.status >= 300:
            return _Rules(True, (), _PAUSE, now + _GOOD_FOR)
        rules, pause = read_rules(got.body, product)
        return _Rules(True, rules, pause, now + _GOOD_FOR)


def _product(user_agent: str | None) -> str:
    """Return the name a site would call us by: the first word of the User-Agent."""
    return re.split(r"[/\s]", (user_agent or USER_AGENT).strip(), maxsplit=1)[0].lower()


def read_rules(body: bytes, product: str) -> tuple[tuple[_Rule, ...], float]:
    """Return the rules for ``product`` (small letters) or else for all, and the pause in seconds.

    Lines that cannot be read are passed over; a page of HTML has no rules.
    """
    groups: dict[str, tuple[list[_Rule], list[float]]] = {}
    named: list[str] = []
    naming = False
    for line in body.decode("utf-8", errors="replace").removeprefix("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            named = [*named, value.lower()] if naming else [value.lower()]
            naming = True
        elif key in {"allow", "disallow", "crawl-delay"}:
            naming = False
            for name in named:
                _note(groups.setdefault(name, ([], [])), key, value)
        # A group of nothing but its name counts, too: it lifts the rules for all.
        for name in named:
            groups.setdefault(name, ([], []))
    rules, pauses = groups.get(product) or groups.get("*") or ([], [])
    return tuple(rules[:_MOST_RULES]), max([_PAUSE, *pauses])


def _note(group: tuple[list[_Rule], list[float]], key: str, value: str) -> None:
    rules, pauses = group
    if key == "crawl-delay":
        if re.fullmatch(r"\d{1,6}(\.\d{0,6})?", value):
            pauses.append(min(_LONGEST_PAUSE, float(value)))
    elif value:  # an empty "disallow" forbids nothing
        rules.append(_Rule(_normal(value), key == "allow"))


def _normal(path: str) -> str:
    """Return ``path`` with one spelling: what needs no escape has none (RFC 9309, 2.2.2)."""

    def plain(escape: re.Match[str]) -> str:
        letter = chr(int(escape[1], 16))
        return letter if _UNRESERVED.fullmatch(letter) else escape[0].upper()

    escaped = quote(path, safe="/%:@!$&'()*+,;=~[]|?", errors="replace")
    return _ESCAPED.sub(plain, escaped)


def _fits(pattern: str, path: str) -> bool:
    """Say whether ``pattern`` (``*`` any text, ``$`` the end) fits the beginning of ``path``.

    By finding one piece after the other: a regular expression could be made to run for years.
    """
    ends = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not pieces:
        return not ends or at == len(path)
    *middle, last = pieces
    for piece in middle:
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    if ends:
        return path.endswith(last) and len(path) - len(last) >= at
    return path.find(last, at) >= 0
