"""What each command does. Data goes to stdout, everything said to the user to stderr."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from newsreader import present
from newsreader.asking import Located, matching
from newsreader.config import expanded
from newsreader.console import Progress, article_id, document, out, say, settle, settle_saved
from newsreader.errors import NewsReaderError, NotFoundError, QueryError, UsageError
from newsreader.model import ArticleID, Snippet
from newsreader.store import Store
from newsreader.text.clean import clean_line, clean_text
from newsreader.text.plurals import plural


def run(arguments: argparse.Namespace, home: Path) -> int:
    """Run the command that was asked for; return the exit status.

    Raises:
        NewsReaderError: it could not be done; the message is for the user.
    """
    return _COMMANDS[arguments.command](arguments, home)


def _import(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.intake import decline_sample
    from newsreader.moving import import_paths

    progress = Progress()
    store = Store(home)
    try:
        taken = import_paths(
            store,
            [expanded(Path(path)) for path in arguments.paths],
            outlet=arguments.source,
            progress=lambda done, total: progress("import", done, total),
        )
        decline_sample(store)
        if taken.imported + taken.updated > 1000:
            store.refresh_statistics()
    finally:
        progress.end()
        store.close()
    if not arguments.no_wait:
        settle(home, progress)
        progress.end()
    failed = [{"path": clean_text(path), "reason": reason} for path, reason in taken.failed]
    if arguments.json:
        counts = {"imported": taken.imported, "updated": taken.updated}
        document({**counts, "unchanged": taken.unchanged, "failed": failed, **_moved_in(taken)})
    else:
        lists = f", {plural(taken.subscribed, 'feed')} subscribed" if taken.subscribed else ""
        lists += f", {plural(taken.saved, 'search', 'searches')} saved" if taken.saved else ""
        articles = (taken.imported, taken.updated, taken.unchanged)
        out("{} imported, {} updated, {} unchanged".format(*articles) + lists)
    for where, reason in taken.notes:
        say(f"{where}: {reason}")
    for path, reason in taken.failed:
        say(f"{path}: {reason}")
    return 1 if failed else 0


def _moved_in(taken: Any) -> dict[str, Any]:
    """Return what only an import of lists or from another reader has to say."""
    notes = [{"where": clean_text(where), "reason": why} for where, why in taken.notes]
    more = {"subscribed": taken.subscribed, "saved": taken.saved, "notes": notes}
    return more if any(more.values()) else {}


def _sources(arguments: argparse.Namespace, home: Path) -> int:
    sources = Store(home).lists.sources()
    if arguments.json:
        document([present.source_json(source) for source in sources])
    else:
        for source in sources:
            out(present.source_text(source))
    return 0


def _remove(arguments: argparse.Namespace, home: Path) -> int:
    store = Store(home)
    sources = store.find_sources(arguments.source)
    removed, kept = store.remove_sources([source.id for source in sources])
    if not arguments.no_wait:
        settle(home)
    if arguments.json:
        document({"removed": removed, "kept": kept, "sources": [f"s{s.id}" for s in sources]})
    else:
        names = ", ".join(source.title for source in sources)
        stays = f"; {kept} stay, because you kept them or they came elsewhere too" if kept else ""
        out(clean_text(f"{names}: removed with {plural(removed, 'article')}{stays}"))
    return 0


def _search(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.finder import Finder

    finder = Finder(home)
    if arguments.query != ["-"]:
        _answer(finder, home, " ".join(arguments.query), arguments)
        return 0
    status = 0
    for line in sys.stdin:
        query = line.rstrip("\n")
        try:
            _answer(finder, home, query, argparse.Namespace(**{**vars(arguments), "json": True}))
        except QueryError as error:
            status = 2
            document({"query": query, "error": str(error), "column": error.column})
        sys.stdout.flush()
    return status


def _answer(finder: Any, home: Path, query: str, arguments: argparse.Namespace) -> None:
    try:
        found = finder.find(
            query, limit=arguments.limit, offset=arguments.offset, sort=arguments.sort
        )
        ids = [hit.article for hit in found.hits]
        snippets = finder.snippets(ids, query)
    except QueryError as error:
        raise Located(error, query) from error
    headlines = {row.id: row for row in finder.headlines(ids)}
    shown = [
        (hit, headlines[hit.article], snippets.get(hit.article, Snippet(text="")))
        for hit in found.hits
        if hit.article in headlines
    ]
    if arguments.json:
        document(
            {
                "query": query,
                "total": found.total,
                "took_ms": round(found.took_ms, 1),
                "complete": found.complete,
                "hits": [present.hit_json(*row) for row in shown],
            }
        )
        return
    for _, headline, words in shown:
        out(present.hit_text(headline, words))
    say(f"{len(shown)} of {found.total:,} · {found.took_ms:.0f} ms")
    if not found.complete:
        say("the search was stopped because it took too long; there may be more")
    if not found.total and (meant := finder.suggest(query)):
        say(f"did you mean: {meant}")


def _show(arguments: argparse.Namespace, home: Path) -> int:
    store = Store(home)
    article = store.lists.article(article_id(arguments.id))
    if arguments.json:
        document(present.article_json(article, store.entities.mentions(article.id)))
        return 0
    if arguments.format == "text":
        out(present.article_text(article))
        return 0
    from newsreader import writing

    html = arguments.format == "html"
    out(writing.article_html(article) if html else writing.article_markdown(article))
    return 0


def _entity_command(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader import entity_commands

    return entity_commands.run(arguments, home)


def _feed_command(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader import feed_commands

    return feed_commands.run(arguments, home)


def _sync_command(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader import sync_commands

    return sync_commands.run(arguments, home)


def _chosen(arguments: argparse.Namespace, home: Path, store: Store) -> list[ArticleID]:
    """Return the articles named by id or by ``--query``."""
    if arguments.query is None:
        ids = [article_id(text) for text in arguments.ids]
        for article in ids:
            store.lists.article(article)
        return ids
    if arguments.ids:
        raise UsageError("name articles by id or by --query, not both")
    return matching(home, arguments.query, "nothing was changed")


def _changed(arguments: argparse.Namespace, count: int, words: str) -> int:
    if arguments.json:
        document({"changed": count})
    else:
        out(f"{count} {words}")
    return 0


def _status(arguments: argparse.Namespace, home: Path) -> int:
    if not arguments.ids and arguments.query is None:
        raise UsageError(f"{arguments.command}: name articles by id, or by --query")
    store = Store(home)
    articles = _chosen(arguments, home, store)
    match arguments.command:
        case "read":
            return _changed(arguments, store.acts.mark_read(articles, read=True), "marked read")
        case "unread":
            return _changed(arguments, store.acts.mark_read(articles, read=False), "marked unread")
        case "bookmark":
            return _changed(arguments, store.acts.bookmark(articles, on=True), "bookmarked")
        case "hide":
            return _changed(arguments, store.acts.hide(articles, on=True), "hidden")
        case "unhide":
            return _changed(arguments, store.acts.hide(articles, on=False), "shown again")
        case _:
            count = store.acts.bookmark(articles, on=False)
            return _changed(arguments, count, "taken out of the bookmarks")


def _tag(arguments: argparse.Namespace, home: Path) -> int:
    if {"-h", "--help"} & set(arguments.words):
        out("usage: newsreader tag [--json] ID... +TAG... -TAG...")
        return 0
    arguments.json = "--json" in arguments.words
    words = [word for word in arguments.words if word != "--json"]
    ids = [word for word in words if word[:1] not in "+-"]
    add = [clean_line(word[1:], 100) for word in words if word.startswith("+")]
    drop = [clean_line(word[1:], 100) for word in words if word.startswith("-")]
    if not ids or not any([*add, *drop]):
        raise UsageError("tag: say which articles and which tags, such as: tag a12 +oil -later")
    store = Store(home)
    articles = [article_id(text) for text in ids]
    for article in articles:
        store.lists.article(article)
    count = store.acts.tag(articles, add=[t for t in add if t], drop=drop)
    settle(home)
    return _changed(arguments, count, "tagged")


def _note(arguments: argparse.Namespace, home: Path) -> int:
    store = Store(home)
    article = store.lists.article(article_id(arguments.id))
    count = store.acts.annotate(article.id, clean_text(" ".join(arguments.text)).strip())
    return _changed(arguments, count, "noted")


def _saved(arguments: argparse.Namespace, home: Path) -> int:
    store = Store(home)
    changes = arguments.query or arguments.do or arguments.remove or arguments.rename
    if (changes or arguments.existing) and arguments.name is None:
        raise UsageError("saved: say which saved search, such as: saved Ferries 'ferry OR boat'")
    if (arguments.remove or arguments.rename) and (arguments.query or arguments.do):
        raise UsageError("saved: change, rename or remove it, one at a time")
    if arguments.remove:
        store.saved.remove(arguments.name)
        shown = []
    elif arguments.rename is not None:
        shown = [store.saved.rename(arguments.name, arguments.rename).name]
    elif changes:
        shown = [_keep_search(store, arguments)]
    elif arguments.name is not None:
        shown = [store.saved.find(arguments.name).name]
    else:
        shown = [search.name for search in store.saved.all()]
    settle_saved(home)
    if arguments.existing and shown:
        count = store.saved.act_now(shown[0])
        settle(home)
        say(f"{shown[0]}: {plural(count, 'article')} changed")
    searches = [store.saved.find(name) for name in shown]
    if arguments.json:
        document([present.saved_json(search) for search in searches])
    else:
        for search in searches:
            out(present.saved_text(search))
    return 0


def _keep_search(store: Store, arguments: argparse.Namespace) -> str:
    """Add or change a saved search; return its name. What is not said stays as it is."""
    from newsreader.search import parse

    query = " ".join(arguments.query)
    actions: tuple[str, ...] = ()
    try:
        known = store.saved.find(arguments.name)
    except NotFoundError:
        if not query:
            raise
    else:
        query, actions = query or known.query, known.actions
    try:
        parse(query)
    except QueryError as error:
        raise Located(error, query) from error
    if arguments.do is not None:
        actions = tuple(action for action in arguments.do if action != "nothing")
    return store.saved.keep(arguments.name, query, actions).name


def _stats(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.search import Index

    store = Store(home)
    stats: dict[str, Any] = store.stats()
    stats["pending"] = store.todo.pending().total
    try:
        stats["index_documents"] = Index(home / "index", store.home_id()).document_count()
    except NewsReaderError:
        stats["index_documents"] = 0
    stats["bytes"] = {
        "database": _size(home.glob("library.db*")),
        "index": _size((home / "index").glob("*")),
        "log": _size(home.glob("*.log*")),
    }
    stats["home"] = str(home)
    if arguments.json:
        document(stats)
    else:
        for name, value in stats.items():
            shown = value if isinstance(value, (int, str)) else json.dumps(value)
            out(f"{name.replace('_', ' '):<16} {shown}")
    return 0


def _size(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file())


def _keeping_command(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader import keeping_commands

    return keeping_commands.run(arguments, home)


def _rebuild(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.derive import request_rebuild

    if arguments.what == "stories":
        raise UsageError("rebuild stories: not in this version")
    store = Store(home)
    if arguments.what in (None, "index"):
        request_rebuild(store)
    if arguments.what in (None, "entities"):
        store.todo.queue_all("entities")
    store.close()
    progress = Progress()
    if not arguments.no_wait:
        settle(home, progress)
        progress.end()
    if arguments.json:
        document({"pending": Store(home).todo.pending().total})
    else:
        out("done" if not arguments.no_wait else "queued")
    return 0


def _help(arguments: argparse.Namespace, home: Path) -> int:
    del home
    pages = resources.files("newsreader") / "help"
    names = sorted(page.name[:-3] for page in pages.iterdir() if page.name.endswith(".md"))
    if arguments.topic is None:
        out("Pages: " + ", ".join([*names, "keys"]) + ". Read one with 'newsreader help PAGE'.")
        return 0
    if arguments.topic == "keys":
        from newsreader.tui.commands import key_table

        out(key_table())
        return 0
    if arguments.topic not in names:
        raise UsageError(
            f"help: there is no page '{arguments.topic}'; there are {', '.join(names)}, keys"
        )
    out((pages / f"{arguments.topic}.md").read_text(encoding="utf-8"))
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace, Path], int]] = {
    "import": _import,
    "add": _feed_command,
    "refresh": _feed_command,
    "feed": _feed_command,
    "feeds": _feed_command,
    "export": _keeping_command,
    "sources": _sources,
    "remove": _remove,
    "search": _search,
    "show": _show,
    "entities": _entity_command,
    "entity": _entity_command,
    "follow": _entity_command,
    "unfollow": _entity_command,
    "read": _status,
    "unread": _status,
    "bookmark": _status,
    "unbookmark": _status,
    "hide": _status,
    "unhide": _status,
    "tag": _tag,
    "note": _note,
    "saved": _saved,
    "account": _sync_command,
    "sync": _sync_command,
    "stats": _stats,
    "backup": _keeping_command,
    "restore": _keeping_command,
    "doctor": _keeping_command,
    "rebuild": _rebuild,
    "help": _help,
}
