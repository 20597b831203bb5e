"""The commands that keep what is here: back up, restore, export, look after it."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from newsreader.asking import matching
from newsreader.config import expanded
from newsreader.console import Progress, document, out, say, settle
from newsreader.errors import NewsReaderError, NotFoundError, StoreError, UsageError
from newsreader.model import Article
from newsreader.store import FILE_NAME, Store
from newsreader.text.clean import clean_text
from newsreader.text.plurals import plural

if TYPE_CHECKING:
    from newsreader.backups import Restored
    from newsreader.doctor import Check


def run(arguments: argparse.Namespace, home: Path) -> int:
    """Run the command that was asked for; return the exit status.

    Raises:
        NewsReaderError: it could not be done; the message is for the user.
    """
    return _COMMANDS[arguments.command](arguments, home)


def _backup(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.backups import back_up

    file = _target(arguments.file, home)
    progress = Progress()
    try:
        made = back_up(home, file, lambda done, total: progress("backup", done, total))
    finally:
        progress.end()
    size = file.stat().st_size
    if arguments.json:
        facts = {"articles": made.articles, "sources": made.sources, "made": made.made}
        document({"file": clean_text(str(file)), "bytes": size, **facts})
        return 0
    out(clean_text(f"{file}: {plural(made.articles, 'article')}, {size / 1e6:,.1f} MB"))
    if made.logins:
        logins = plural(made.logins, "feed or account", "feeds and accounts")
        say(f"the passwords of {logins} are not in it")
    return 0


def _restore(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.backups import restore

    progress = Progress()
    try:
        done = restore(
            home,
            expanded(Path(arguments.file)),
            lambda part, total: progress("backup", part, total),
        )
        progress.end()
        if not arguments.json:
            _tell_restored(done)
        if not arguments.no_wait:
            settle(home, progress)
    finally:
        progress.end()
    if arguments.json:
        before = None if done.before is None else str(done.before)
        beside = None if done.beside is None else str(done.beside)
        facts = {"made": done.copy.made or None, "kind": done.copy.kind, "before": before}
        settings = {"config": done.config, "config_beside": beside}
        counts = {"articles": done.articles, "logins": done.logins}
        document({**counts, **facts, **settings})
    return 0


def _tell_restored(done: "Restored") -> None:
    of = f", as of {done.copy.made}" if done.copy.made else ""
    articles, sources = plural(done.articles, "article"), plural(done.copy.sources, "source")
    out(clean_text(f"restored: {articles}, {sources}{of}"))
    if done.before is not None:
        say(f"what was here before is in {done.before}")
    if done.config:
        say("config.toml is the backup's; it may name programs to run, so look at it")
    if done.beside is not None:
        say(f"the backup's settings are in {done.beside}: they name programs, or cannot be read")
    if done.logins:
        say(f"enter the passwords of {plural(done.logins, 'feed')} again")


def _export(arguments: argparse.Namespace, home: Path) -> int:
    form = arguments.format
    if form not in ("opml", "markdown", "jsonl"):
        raise UsageError(f"export --format {form}: not in this version")
    if form == "opml" and arguments.query is not None:
        raise UsageError("export --format opml: is a list of feeds, which no query narrows")
    if not (home / FILE_NAME).exists():
        raise StoreError(f"{home}: there is no library here to export; see --home")
    with closing(Store(home)) as store:
        if form == "opml":
            from newsreader.moving import opml_of

            parts: Iterable[bytes] = [opml_of(store)]
        else:
            from newsreader.writing import article_lines

            chosen = _chosen(store, home, arguments.query)
            parts = (line.encode() for line in article_lines(chosen, form))
        if arguments.output is None:
            sys.stdout.flush()
            for part in parts:
                sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
            return 0
        path = _target(arguments.output, home)
        _write(path, parts)
    say(f"{path}: written")
    return 0


def _chosen(store: Store, home: Path, query: str | None) -> Iterator[Article]:
    """Yield the articles that ``query`` finds, newest first, or every one, by its id."""
    if query is None:
        ids = store.articles.all_ids()
    else:
        ids = matching(home, query, "nothing was written")
    for number in ids:
        try:
            yield store.lists.article(number)
        except NotFoundError:
            continue  # It was removed since.


def _target(name: str, home: Path) -> Path:
    """Return the file that ``name`` stands for, so that a link stays one when it is written.

    Raises:
        NewsReaderError: it is in the library's own folder.
    """
    path = expanded(Path(name))
    if path.exists() and not path.is_file():
        return path  # What /dev/stdout leads to has no name of its own.
    path = Path(os.path.realpath(path))
    if path.is_relative_to(os.path.realpath(home)):
        raise NewsReaderError(f"{path}: is in the library's own folder; name a file elsewhere")
    return path


def _write(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file that is there whole or not at all; a pipe or device is written to as it is.

    Raises:
        NewsReaderError: it cannot be written.
    """
    plain = path.is_file() or not path.exists()
    place = path.with_name(f".{path.name}.{os.getpid()}.unfinished") if plain else path
    try:
        try:
            with _opened(place, anew=plain) as stream:
                stream.writelines(parts)
                stream.flush()
                if plain:
                    os.fsync(stream.fileno())
            if plain:
                place.chmod(path.stat().st_mode & 0o777 if path.exists() else _usual_mode())
                place.replace(path)
        finally:
            if plain:
                place.unlink(missing_ok=True)
    except OSError as error:
        raise NewsReaderError(f"{path}: {error.strerror or 'cannot be written'}") from error


def _opened(path: Path, *, anew: bool) -> BinaryIO:
    """Open a file to write, one that is made anew for its owner alone until it is whole."""
    if not anew:
        return path.open("wb")
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _usual_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _doctor(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.doctor import examine

    checks = examine(home)
    if arguments.repair and not all(check.ok for check in checks):
        checks = _repaired(home, checks)
    ok = all(check.ok for check in checks)
    if arguments.json:
        rows = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
        document({"ok": ok, "checks": rows})
    else:
        for check in checks:
            out(clean_text(f"{'ok ' if check.ok else 'BAD'}  {check.name}: {check.detail}"))
    if not ok and not arguments.json:
        say("'newsreader doctor --repair' rebuilds what can be derived again")
    return 0 if ok else 1


def _repaired(home: Path, before: "Sequence[Check]") -> "Sequence[Check]":
    from newsreader.doctor import examine, repair

    try:
        for failed in repair(home):
            say(failed)
        settle(home)
    except StoreError:
        return before  # It says what is wrong with the database, and what can be done.
    return examine(home)


_COMMANDS: dict[str, Callable[[argparse.Namespace, Path], int]] = {
    "backup": _backup,
    "restore": _restore,
    "export": _export,
    "doctor": _doctor,
}
