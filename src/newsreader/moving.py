"""Moving in from other readers: subscriptions, articles, what was read and kept.

Nothing is fetched. Doing it again changes nothing; what cannot be taken is told, the rest goes on.
"""

import json
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsreader.errors import ParseError, QueryError, UsageError
from newsreader.feeds import newsboat
from newsreader.feeds.discover import normalised
from newsreader.feeds.documents import decode
from newsreader.feeds.opml import Opml, Outline, read_opml, write_opml
from newsreader.feeds.parse import entry_of
from newsreader.intake import Progress, Taken
from newsreader.intake import import_paths as import_files
from newsreader.search import parse
from newsreader.store import Arrival, Kept, Origin, Store
from newsreader.store.foreign import NewsboatCache, NewsboatItem, is_database
from newsreader.text.clean import clean_line

_LARGEST = 64 * 2**20
"""Bytes of one list or JSON file; FreshRSS writes one for all that is starred."""
_ARCHIVE = 512 * 2**20
"""Bytes of all files of an archive together, unpacked."""
_MEMBERS = 5_000
_BATCH = 20
_HEAD = 4096


def import_paths(
    store: Store,
    paths: Sequence[Path],
    *,
    outlet: str | None = None,
    folder: str | None = None,
    progress: Progress | None = None,
) -> Taken:
    """Take in whatever is at ``paths``: articles, feed lists, other readers' homes and exports.

    As :func:`newsreader.intake.import_paths`, which takes in what is none of the latter.
    """
    taken = Taken()
    for path in paths:
        move = None if store.owns(path) else _mover(path)
        try:
            if move is not None:
                move(_Moving(store, taken, folder, progress), path)
                continue
        except ParseError as error:
            taken.failed.append((str(path), str(error)))
            continue
        except OSError as error:
            taken.failed.append((str(path), error.strerror or "cannot be read"))
            continue
        found = import_files(
            store,
            [path],
            outlet=outlet,
            folder=folder,
            progress=progress,
            on_list=lambda file, so_far: _Moving(store, so_far, folder, None).opml(file),
        )
        _add(taken, found)
    return taken


def _add(taken: Taken, more: Taken) -> None:
    taken.imported += more.imported
    taken.updated += more.updated
    taken.unchanged += more.unchanged
    taken.subscribed += more.subscribed
    taken.saved += more.saved
    taken.failed += more.failed
    taken.articles += more.articles
    taken.notes += more.notes


Move = Callable[["_Moving", Path], None]


def _mover(path: Path) -> Move | None:
    """Return how what is at ``path`` is moved in, None where it is not another reader's."""
    if path.is_dir():
        return _Moving.newsboat_home if _is_newsboat_home(path) else None
    if not path.is_file():
        return None
    if is_database(path):
        return _Moving.newsboat_cache
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return None  # The import of files says why.
    if head.startswith(b"PK\x03\x04"):
        return _Moving.archive if zipfile.is_zipfile(path) else None
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b"com.google/" in head:
        return _Moving.json_export
    whole_lines = head.rpartition(b"\n")[0] if len(head) == _HEAD else head
    if newsboat.looks_like_urls(whole_lines.decode("utf-8", "replace")):
        return _Moving.newsboat_urls
    return None


def _is_newsboat_home(path: Path) -> bool:
    urls = path / "urls"
    if (path / "cache.db").is_file() and is_database(path / "cache.db"):
        return True
    if not urls.is_file():
        return False
    try:
        text = urls.read_bytes()[:_HEAD].decode("utf-8", "replace")
    except OSError:
        return False
    return newsboat.looks_like_urls(text.rpartition("\n")[0] or text)


class _Moving:
    """One move into one library."""

    def __init__(
        self, store: Store, taken: Taken, folder: str | None, progress: Progress | None
    ) -> None:
        self._store = store
        self._taken = taken
        self._folder = folder
        self._progress = progress
        self._titles: dict[str, str] = {}
        self._tags: dict[str, list[str]] = {}

    # Lists of feeds

    def opml(self, path: Path) -> None:
        """Subscribe to an OPML list."""
        try:
            self._subscribe_all(read_opml(_bytes(path)), str(path))
        except ParseError as error:
            self._taken.failed.append((str(path), str(error)))

    def _subscribe_all(self, found: Opml, where: str) -> None:
        for outline in found.outlines:
            self._subscribe(outline)
        self._note(where, found.problems)

    def _subscribe(self, outline: Outline) -> None:
        folder = " / ".join(part for part in (self._folder, outline.folder) if part) or None
        address, at, rest = outline.url.partition("@")
        if at and "/" not in address.partition("://")[2]:
            self._taken.notes.append(
                (outline.title or rest, "its user and password are not taken; set them with 'feed'")
            )
        _, new = self._store.feeds.subscribe(
            _bare(outline.url), title=outline.title, folder=folder, home_page=outline.home_page
        )
        self._taken.subscribed += new

    def _note(self, where: str, problems: Iterable[tuple[str, str]]) -> None:
        self._taken.notes += [(f"{where}: {part}", why) for part, why in problems]

    # newsboat

    def newsboat_home(self, path: Path) -> None:
        """Take over a folder of newsboat's: feeds, rules, articles and what was read."""
        cache = next((place for place in _caches(path) if is_database(place)), None)
        damage = None
        if cache is not None:
            try:
                self._read_titles(cache)
            except ParseError as error:
                damage, cache = (str(cache), str(error)), None
        if (path / "urls").is_file():
            self.newsboat_urls(path / "urls")
        if (path / "config").is_file():
            self._newsboat_rules(path / "config")
        if cache is not None:
            self.newsboat_cache(cache)
        elif damage is not None:
            self._taken.failed.append(damage)

    def newsboat_urls(self, path: Path) -> None:
        """Subscribe to a ``urls`` file; its query feeds become saved searches."""
        found = newsboat.read_urls(decode(_bytes(path)))
        several = 0
        for feed in found.feeds:
            for tag in feed.tags:
                self._tags.setdefault(tag, []).append(feed.url)
            several += len(feed.tags) > 1
            self._subscribe(Outline(feed.url, feed.title, next(iter(feed.tags), None)))
        if several:
            words = "the first tag became the folder, the others are not taken"
            self._taken.notes.append((f"{path}: {several} feeds with several tags", words))
        self._note(str(path), found.problems)
        for query in found.queries:
            self._save_search(str(path), query, ())

    def _newsboat_rules(self, path: Path) -> None:
        for rule in newsboat.read_ignored(decode(_bytes(path))):
            self._save_search(str(path), rule, ("hide",))

    def _save_search(self, where: str, rule: newsboat.Rule, actions: tuple[str, ...]) -> None:
        try:
            query = newsboat.as_query(rule.filter, self._sources)
            if rule.feed is not None:
                titles = self._sources("url", rule.feed)
                if not titles:
                    raise ParseError(f"its feed {clean_line(rule.feed, 60)} is not known by name")
                query = f'source:"{titles[0]}" {query}'
            parse(query)
        except (ParseError, QueryError) as error:
            self._taken.notes.append((f"{where}: {rule.name}", f"not taken: {error}"))
            return
        known = {search.name.casefold(): search for search in self._store.saved.all()}
        if rule.name.casefold() not in known:
            self._store.saved.keep(rule.name, query, actions)
            self._taken.saved += 1

    def _sources(self, kind: str, value: str) -> Sequence[str]:
        """Return the titles of the feeds that a filter names by tag or address."""
        urls = self._tags.get(value, []) if kind == "tag" else [value]
        shown = {source.url: source.title for source in self._store.lists.sources()}
        found = (self._titles.get(url) or shown.get(_address(url) or url) for url in urls)
        return list(dict.fromkeys(title for title in found if title))

    def _read_titles(self, path: Path) -> None:
        cache = NewsboatCache(path)
        try:
            titles = cache.titles()
        finally:
            cache.close()
        self._titles = {url: clean_line(title, 200) for url, title in titles.items() if title}

    def newsboat_cache(self, path: Path) -> None:
        """Take over the articles of a ``cache.db``, with what was read and flagged."""
        if not self._titles:
            self._read_titles(path)
        cache = NewsboatCache(path)
        try:
            total = cache.count()
            batch: list[Arrival] = []
            origin: Origin | None = None
            last = ""
            for number, item in enumerate(cache.items(), 1):
                if item.feed != last or len(batch) >= _BATCH:
                    self._save(origin, batch)
                    batch = []
                if item.feed != last or origin is None:
                    origin, last = self._origin(item.feed), item.feed
                batch.append(Arrival(_entry(item), scope=origin.key, kept=_kept(item)))
                if self._progress is not None:
                    self._progress(number, total)
            self._save(origin, batch)
        finally:
            cache.close()

    def _origin(self, url: str) -> Origin:
        """Return where articles of a feed belong: the subscription, or an import of that name."""
        title = self._titles.get(url) or clean_line(url, 200) or "newsboat"
        address = _address(url)
        subscribed = {source.url for source in self._store.lists.sources()}
        if address is not None and address in subscribed:
            return Origin(kind="feed", key=address, url=address, title=title)
        # A feed that is no longer subscribed to, or that a program made.
        return Origin(kind="import", key=f"moved:{url}", title=title, folder="Moved in")

    def _save(self, origin: Origin | None, batch: Sequence[Arrival]) -> None:
        if origin is None or not batch:
            return
        saved = self._store.articles.save(origin, batch)
        self._taken.imported += len(saved.imported)
        self._taken.updated += len(saved.updated)
        self._taken.unchanged += len(saved.unchanged)
        self._taken.articles += [*saved.imported, *saved.updated]

    # FreshRSS and others

    def archive(self, path: Path) -> None:
        """Take over a ZIP of OPML lists and JSON exports, such as FreshRSS writes."""
        try:
            with zipfile.ZipFile(path) as archive:
                members = [info for info in archive.infolist() if not info.is_dir()]
                if len(members) > _MEMBERS or sum(i.file_size for i in members) > _ARCHIVE:
                    raise ParseError("is too large an archive to be taken in")
                members.sort(key=lambda info: not info.filename.lower().endswith(("opml", "xml")))
                known = [self._member(path, archive, info) for info in members]
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise ParseError(f"is an archive that cannot be read ({error})") from error
        if not any(known):
            raise ParseError("is an archive without a feed list or an export of another reader")

    def _member(self, path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
        """Take over one file of an archive; return whether it was one that is known."""
        where = f"{path}: {clean_line(info.filename, 100)}"
        with archive.open(info) as stream:
            # What the archive says of its sizes is its own word.
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            self._taken.notes.append((where, f"is larger than {_LARGEST // 2**20} MB"))
            return False
        try:
            if b"<opml" in data[:_HEAD].lower():
                self._subscribe_all(read_opml(data), where)
                return True
            if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
                self._json(data, where)
                return True
        except ParseError as error:
            self._taken.notes.append((where, str(error)))
        return False

    def json_export(self, path: Path) -> None:
        """Take over articles in the JSON of Google Reader, which FreshRSS and others write."""
        self._json(_bytes(path), str(path))

    def _json(self, data: bytes, where: str) -> None:
        try:
            document = json.loads(decode(data))
        except (ValueError, RecursionError) as error:
            raise ParseError("is not valid JSON") from error
        items = document.get("items") if isinstance(document, dict) else None
        if not isinstance(items, list):
            raise ParseError("is JSON, but no export with articles")
        groups: dict[str, list[Arrival]] = {}
        for number, item in enumerate(items, 1):
            if not isinstance(item, dict):
                self._taken.notes.append((f"{where}: item {number}", "is no article"))
                continue
            url, title = _feed_of(item)
            self._titles.setdefault(url, title)
            groups.setdefault(url, []).append(_google_arrival(item, url))
        done = 0
        for url, arrivals in groups.items():
            origin = self._origin(url)
            scoped = [Arrival(a.entry, scope=origin.key, kept=a.kept) for a in arrivals]
            for at in range(0, len(scoped), _BATCH):
                self._save(origin, scoped[at : at + _BATCH])
                done += len(scoped[at : at + _BATCH])
                if self._progress is not None:
                    self._progress(done, len(items))


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ParseError(f"is larger than {_LARGEST // 2**20} MB")
    return data


def _caches(path: Path) -> list[Path]:
    """Return where the cache of a newsboat folder may be: in it, or where XDG has data."""
    places = [path / "cache.db"]
    if path.parent.name == ".config":
        data = os.environ.get("XDG_DATA_HOME") or str(path.parent.parent / ".local" / "share")
        places.append(Path(data, path.name, "cache.db"))
    return places


def _address(url: str) -> str | None:
    try:
        return _bare(normalised(url)) if url.startswith(("http://", "https://", "feed:")) else None
    except UsageError:
        return None


def _bare(url: str) -> str:
    """Return an address without user and password."""
    scheme, mark, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return scheme + mark + place.rpartition("@")[2] + slash + path


def _entry(item: NewsboatItem) -> Any:
    return entry_of(
        title=item.title,
        html=item.content,
        link=item.url,
        guid=item.guid,
        author=item.author,
        published=_moment(item.published),
        enclosures=[(item.enclosure_url, item.enclosure_type)] if item.enclosure_url else [],
        base=item.base or item.url,
    )


def _kept(item: NewsboatItem) -> Kept:
    flags = [flag for flag in item.flags if flag.isalpha()]
    return Kept(
        read=not item.unread,
        bookmarked=bool(flags),
        tags=tuple(dict.fromkeys(f"flag-{flag}" for flag in flags)),
    )


def _moment(seconds: object) -> datetime | None:
    """Return a time, None for what is none: zero, the far future, anything but a number."""
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) < 12:
        seconds = int(seconds)
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 10**10 else None
    except (ValueError, OverflowError, OSError):
        return None


def _string(fields: Any, *names: str) -> str:
    for name in names:
        value = fields.get(name) if isinstance(fields, dict) else None
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _feed_of(item: dict[str, Any]) -> tuple[str, str]:
    """Return the address and title of the feed an item came by."""
    origin = item.get("origin")
    url = _string(origin, "feedUrl", "streamId").removeprefix("feed/")
    return _address(url) or url, clean_line(_string(origin, "title"), 200)


def _google_arrival(item: dict[str, Any], url: str) -> Arrival:
    links = [
        _string(link, "href") for key in ("canonical", "alternate") for link in _list(item, key)
    ]
    body = _string(item.get("content"), "content") or _string(item.get("summary"), "content")
    labels = [label for label in _list(item, "categories") if isinstance(label, str)]
    states = {label.rpartition("/")[2] for label in labels if "/state/com.google/" in label}
    tags = [
        clean_line(label.partition("/label/")[2], 100) for label in labels if "/label/" in label
    ]
    tags += [clean_line(tag, 100) for tag in _list(item, "tags") if isinstance(tag, str)]
    entry = entry_of(
        title=_string(item, "title"),
        html=body or _string(item, "content", "summary"),
        link=next((link for link in links if link), ""),
        guid=_string(item, "guid", "id"),
        author=_string(item, "author"),
        published=_moment(item.get("published")),
        enclosures=[(_string(e, "href"), _string(e, "type")) for e in _list(item, "enclosure")],
        base=next((link for link in links if link), url),
    )
    kept = Kept(
        read="read" in states,
        bookmarked="starred" in states,
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
    )
    return Arrival(entry, kept=kept)


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    return value[:1000] if isinstance(value, list) else []


def opml_of(store: Store) -> bytes:
    """Return the subscribed feeds as an OPML list that other readers take."""
    pages = {state.source: state.home_page for state in store.feeds.states(None, every=True)}
    return write_opml(
        Outline(source.url, source.title, source.folder, pages.get(source.id))
        for source in store.lists.sources()
        if source.kind == "feed" and source.url
    )
