"""The commands about feeds: subscribe, refresh, look after them."""

import argparse
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import Any

from newsreader import present
from newsreader.console import Progress, document, out, say, settle
from newsreader.errors import NewsReaderError, UsageError
from newsreader.model import FeedHealth, SourceID
from newsreader.store import Store
from newsreader.text.clean import clean_text
from newsreader.text.plurals import plural

_UNITS = {"m": 60, "h": 3600, "d": 86_400}


def run(arguments: argparse.Namespace, home: Path) -> int:
    """Run the command that was asked for; return the exit status.

    Raises:
        NewsReaderError: it could not be done; the message is for the user.
    """
    return _COMMANDS[arguments.command](arguments, home)


def _add(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.config import load_config
    from newsreader.intake import decline_sample
    from newsreader.net import Client
    from newsreader.parsing import Parsers
    from newsreader.subscribing import Choice, Subscriber

    login = _asked_login(arguments)
    store = Store(home)
    client = Client(trusted=frozenset(load_config(home).trusted_hosts))
    parsers = Parsers()
    try:
        added = Subscriber(store, home, client, parsers).add(
            arguments.url, folder=arguments.folder, title=arguments.title, login=login
        )
        assert not isinstance(added, Choice)  # It was not asked to choose.
        for source in added.sources if arguments.full_text else ():
            store.feeds.set(source, full_text=True)
        decline_sample(store)
        found = [health for health in store.feeds.health() if health.source.id in added.sources]
    finally:
        parsers.close()
        client.close()
        store.close()
    if not arguments.no_wait:
        settle(home)
    first = next(health for health in found if health.source.id == added.sources[0])
    if arguments.json:
        value = {"id": f"s{first.source.id}", "url": first.source.url, "title": added.title}
        rows = {"sources": [f"s{source}" for source in added.sources], "new": added.new}
        document({**value, "articles": added.articles, **(rows if added.sources[1:] else {})})
    else:
        feeds = (
            f"{len(added.sources)} feeds, {added.new} of them new: " if added.sources[1:] else ""
        )
        there = "" if added.new else " (it was there already)"
        out(clean_text(f"{feeds}{added.title}: {plural(added.articles, 'new article')}{there}"))
    for where, why in added.problems:
        say(f"{where}: {why}")
    for url, title in added.others:
        say(f"the page names another feed: {title} {url}".rstrip())
    return 0


def _asked_login(arguments: argparse.Namespace) -> Any:
    """Return the login that options ask for; the secret never stands on the command line."""
    from newsreader.net import Login

    if arguments.header is not None:
        return Login("header", arguments.header, _secret(arguments, f"value of {arguments.header}"))
    if arguments.user is not None:
        return Login("basic", arguments.user, _secret(arguments, f"password of {arguments.user}"))
    return None


def _secret(arguments: argparse.Namespace, what: str) -> str:
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise UsageError("the password is asked for in a terminal; else use --password-stdin")
    return getpass(f"{what}: ")


def _refresh(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.config import load_config
    from newsreader.net import Client
    from newsreader.refresh import Refreshed, Refresher

    progress = Progress()

    def tell(so_far: Refreshed) -> None:
        progress("refresh", so_far.feeds, so_far.total)

    store = Store(home, durable=False)
    refresher = None
    stop = threading.Event()
    client = Client(trusted=frozenset(load_config(home).trusted_hosts))
    try:
        named = _named(store, arguments.sources)
        nothing = None if named is not None or arguments.all else _why_nothing(store)
        refresher = Refresher(store, home, client=client)
        done = refresher.refresh(named, every=arguments.all, tell=tell, stop=stop)
        _read_pages(home, store, client, stop)
    finally:
        progress.end()
        if refresher is not None:
            refresher.close()
        client.close()
        store.close()
    if not arguments.no_wait:
        settle(home, progress)
        progress.end()
    if done.offline:
        raise NewsReaderError("there is no network; nothing was lost, try again later")
    if arguments.json:
        failed = [{"url": url, "error": why} for _, _, url, why in done.failed]
        counts = {"feeds": done.feeds, "unchanged": done.unchanged, "failed": failed}
        document({**counts, "new": done.new, "updated": done.updated})
    else:
        out(
            f"{plural(done.feeds, 'feed')}, {plural(done.new, 'new article')},"
            f" {done.updated} updated, {plural(len(done.failed), 'feed')} failed"
        )
        if nothing is not None and not done.total:
            say(nothing)
    for _, title, url, why in done.failed:
        say(f"{title} ({url}): {why}")
    return 1 if done.feeds and len(done.failed) == done.feeds else 0


def _why_nothing(store: Store) -> str:
    """Return why a refresh of what is due may have nothing to do."""
    due = store.feeds.next_due(datetime.now(UTC))
    if due is None:
        return "there are no feeds to fetch; 'newsreader add URL' subscribes to one"
    local = due.astimezone()
    return f"nothing is due before {local.day} {local:%b} {local:%H:%M}; --all fetches every feed"


def _named(store: Store, names: list[str]) -> list[SourceID] | None:
    """Return the feeds that are named, None if none are."""
    if not names:
        return None
    sources = [source for name in names for source in store.find_sources(name)]
    feeds = [source.id for source in sources if source.kind == "feed"]
    if not feeds:
        raise UsageError(f"{' '.join(names)}: is an import, which is not fetched again")
    return feeds


def _read_pages(home: Path, store: Store, client: Any, stop: threading.Event) -> None:
    """Read the pages that feeds with full text wait for."""
    if not store.full_texts.wishes(datetime.now(UTC), 1):
        return
    from newsreader.full_texts import PageReader
    from newsreader.net import Robots
    from newsreader.parsing import Parsers

    parsers = Parsers()
    try:
        pages = PageReader(store, client, parsers, Robots(client))
        while pages.read_some(stop):
            pass
    finally:
        parsers.close()


def _feeds(arguments: argparse.Namespace, home: Path) -> int:
    store = Store(home)
    if arguments.command == "feed":
        source = _one(store, arguments.source)
        _set(arguments, home, store, source)
        found = [store.feeds.one(source)]
    else:
        found = sorted(store.feeds.health(), key=_worst_first)
    if arguments.json:
        rows = [present.feed_json(health) for health in found]
        document(rows[0] if arguments.command == "feed" else rows)
    else:
        for health in found:
            out(present.feed_text(health))
    return 0


def _worst_first(health: FeedHealth) -> tuple[bool, int]:
    return (not health.gone, -health.failures)


def _one(store: Store, name: str) -> SourceID:
    found = [source for source in store.find_sources(name) if source.kind == "feed"]
    if len(found) != 1:
        raise UsageError(f"'{name}': name one feed, by its id, title or address")
    return found[0].id


def _set(arguments: argparse.Namespace, home: Path, store: Store, source: SourceID) -> None:
    """Change what the options ask for."""
    given = {
        "title": arguments.rename,
        "folder": arguments.folder,
        "user_agent": arguments.user_agent,
        "paused": arguments.paused,
        "full_text": arguments.full_text,
        "insecure": arguments.insecure,
        "cookies": arguments.cookies,
    }
    settings = {name: value for name, value in given.items() if value is not None}
    if arguments.interval is not None:
        settings["interval"] = _seconds(arguments.interval)
    if settings:
        store.feeds.set(source, **settings)
    if settings.get("insecure"):
        say("from now on whoever is between you and the server can read and change this feed")
    login = _asked_login(arguments)
    if login is not None or arguments.no_login:
        from newsreader.net import Credentials

        if login is not None:
            Credentials(home).put(f"s{source}", login)
        else:
            Credentials(home).remove(f"s{source}")
        store.feeds.set(source, login=None if login is None else login.kind)


def _seconds(text: str) -> int | None:
    """Return "15m", "2h", "1d" in seconds, None for "auto".

    Raises:
        UsageError: it is neither.
    """
    if text == "auto":
        return None
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not (number.isascii() and number.isdigit() and len(number) < 6):
        raise UsageError(f"'{text}': say how often, such as 30m, 2h, 1d, or auto")
    return int(number) * _UNITS[unit]


_COMMANDS: dict[str, Callable[[argparse.Namespace, Path], int]] = {
    "add": _add,
    "refresh": _refresh,
    "feed": _feeds,
    "feeds": _feeds,
}
