"""Backing up a whole library, putting a backup back, and keeping the user's marks every week."""

import contextlib
import logging
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from newsreader.config import Config, load_config, read_config
from newsreader.derive import worker_lock
from newsreader.errors import ConfigError, StoreError
from newsreader.store import FILE_NAME, Store
from newsreader.store.copies import (
    CONFIG_MOST,
    MARKS,
    Copy,
    Held,
    Told,
    config_text,
    copy_held,
    copy_whole,
    held,
    inspect,
    is_copy,
    is_sound,
    keep_marks,
    kept_copies,
    prepare,
    prepare_home,
    replace_contents,
    stamp,
)

_EVERY = timedelta(days=7)
UNFINISHED = ".unfinished"
"""Ends the name of a file that is not whole yet."""
FRESH_CONFIG = "config.unfinished"
BESIDE = "config.toml.restored"
PREPARED = "restoring.db"
"""What is to become the library, while ``restore`` makes it."""
_SPARE = 16 << 20
"""Bytes left free beside what restoring needs."""

_log = logging.getLogger("newsreader.backups")


class Restored(NamedTuple):
    """What a library was made of.

    Args:
        copy: the backup.
        articles: how many there are now.
        before: the folder where the library that was there is kept; None if there was none.
        logins: feeds whose passwords are asked for again.
        config: whether ``config.toml`` is another than before.
        beside: where the backup's settings are if they must be looked at first.
    """

    copy: Copy
    articles: int
    before: Path | None
    logins: int
    config: bool
    beside: Path | None


def back_up(home: Path, file: Path, tell: Told | None = None) -> Copy:
    """Write the whole library of ``home`` to ``file``, as it is at one instant; return its facts.

    A reader may be open. An older backup of that name is replaced once the new one is whole and
    verified; anything else of that name is left alone. Passwords are not in it.

    Raises:
        StoreError: there is no library, it is damaged, or ``file`` cannot be written.
    """
    if not (home / FILE_NAME).exists():
        raise StoreError(f"{home}: there is no library here to back up; see --home")
    if file.is_dir():
        raise StoreError(f"{file}: is a folder; name a file")
    if file.exists() and file.name == FILE_NAME:
        raise StoreError(f"{file}: is a library, it seems; name another file")
    if file.exists() and not is_copy(file):
        raise StoreError(f"{file}: exists and is not a backup; name another file")
    _remove_left(file)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}{UNFINISHED}")
    made = stamp(datetime.now(UTC))
    try:
        copy_whole(home / FILE_NAME, unfinished, made=made, config=config_text(home), tell=tell)
    except StoreError as error:
        raise StoreError(str(error).replace(str(unfinished), str(file))) from error
    try:
        facts = inspect(unfinished)
        unfinished.replace(file)
        _sync_folder(file.parent)
    except OSError as error:
        raise StoreError(f"{file}: cannot be written ({error.strerror})") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return facts


def _remove_left(file: Path) -> None:
    """Remove what a backup that was killed left beside ``file``."""
    for left in file.parent.glob(f".{_escaped(file.name)}.*{UNFINISHED}"):
        number = left.name.removesuffix(UNFINISHED).rpartition(".")[2]
        if number.isdecimal() and not _runs(int(number)):
            with contextlib.suppress(OSError):
                left.unlink()


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def restore(home: Path, file: Path, tell: Told | None = None) -> Restored:
    """Make the library of ``home`` what the backup ``file`` holds.

    The backup is verified first. The library that was there, and its ``config.toml``, are kept in
    a folder of the home. The library changes in one step: killed before it, nothing is changed,
    and nobody else writes to it meanwhile. A backup of marks (as they are kept every week) put
    back into the library it was made of leaves its articles there. What is derived is made anew
    by whoever works next.

    Raises:
        StoreError: the backup is none, a reader is open, another program writes, or the disk is
            full; nothing is changed.
    """
    copy = inspect(file)
    prepare_home(home)
    library, prepared = home / FILE_NAME, home / PREPARED
    if library.exists() and library.samefile(file):
        raise StoreError(f"{file}: is the library itself; name a backup of it")
    if prepared.exists() and prepared.samefile(file):
        raise StoreError(
            f"{file}: is what a restore left that was ended half-way; name the backup itself"
        )
    with _alone(home):
        _remove(prepared)
        _require_room(home, file, library)
        sound = library.exists() and is_sound(library)
        adopt = sound and copy.kind == MARKS and _same(home, copy)
        with held(library) if sound else contextlib.nullcontext() as db:
            before = _keep_before(home, db) if library.exists() else None
            try:
                kept = before / FILE_NAME if sound and before is not None else None
                lost = prepare(file, prepared, before=kept, adopt=adopt, tell=tell)
            except BaseException:
                _remove(prepared)
                if before is not None:
                    shutil.rmtree(before, ignore_errors=True)
                raise
            with _uninterrupted():
                try:
                    # Before the library changes: an index of others must not outlive it.
                    shutil.rmtree(home / "index", ignore_errors=True)
                    if db is not None:
                        replace_contents(db, prepared)
                    else:
                        _put(prepared, library, before)
                finally:
                    _remove(prepared)
                changed, beside = _put_config(home, copy.config)
    with closing(Store(home)) as store:
        articles = store.stats()["articles"]
    return Restored(copy, articles, before, lost, changed, beside)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let an interrupt wait: what is said of it must be so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nobody derives or fetches meanwhile.

    Raises:
        StoreError: somebody does.
    """
    from newsreader.refresh import fetch_lock

    stop = threading.Event()
    timer = threading.Timer(1.0, stop.set)
    timer.start()
    try:
        with worker_lock(home) as first, fetch_lock(home, stop) as second:
            if not (first and second):
                raise StoreError(
                    f"{home}: a reader or a refresh is open here; close it, then restore again"
                )
            yield
    finally:
        timer.cancel()


def _require_room(home: Path, file: Path, library: Path) -> None:
    """See that there is room for the prepared library, the one before, and the step between."""
    wanted = 2 * file.stat().st_size + _SPARE
    if library.exists():
        wanted += library.stat().st_size
    free = shutil.disk_usage(home).free
    if free < wanted:
        raise StoreError(
            f"{home}: restoring needs {wanted >> 20:,} MB of free disk, there are {free >> 20:,};"
            " nothing was changed"
        )


def _keep_before(home: Path, db: Held | None) -> Path:
    """Keep the library that is there; a damaged one (None) is only moved when the new is ready."""
    now = datetime.now(UTC)
    folder = home / f"before-restore-{now:%Y-%m-%d-%H%M%S}"
    number = 1
    while folder.exists():
        number += 1
        folder = folder.with_name(f"before-restore-{now:%Y-%m-%d-%H%M%S}-{number}")
    config = home / "config.toml"
    try:
        folder.mkdir(mode=0o700)
        if config.is_file():
            shutil.copyfile(config, folder / config.name)
            (folder / config.name).chmod(0o600)
        if db is not None:
            copy_held(db, folder / FILE_NAME, made=stamp(now), config=config_text(home))
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written ({error.strerror})") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _same(home: Path, copy: Copy) -> bool:
    with closing(Store(home)) as store:
        return store.setting("home_id") == copy.home_id


def _put(prepared: Path, library: Path, before: Path | None) -> None:
    """Put the new library in the place of a damaged one, or of none."""
    try:
        if before is not None:
            # The journal first: it must never be read into another database.
            for end in ("-wal", "-shm", "-journal"):
                part = library.with_name(library.name + end)
                if part.exists():
                    part.replace(before / part.name)
            # At each instant there is a library.
            try:
                os.link(library, before / library.name)
            except OSError:
                shutil.copyfile(library, before / library.name)
        prepared.replace(library)
        _sync_folder(library.parent)
    except OSError as error:
        kept = "" if before is None else f"; what was there is in {before}"
        raise StoreError(f"{library}: cannot be replaced ({error.strerror}){kept}") from error


def _put_config(home: Path, config: str | None) -> tuple[bool, Path | None]:
    """Make a backup's settings those of the home; return whether they changed, and where they are.

    Settings that name programs the home does not run already, that cannot be read or are larger
    than any are written beside, for the user to look at: a backup may be anyone's.
    """
    if config is None or config == config_text(home):
        return False, None
    path = home / "config.toml"
    place = path if _harmless(home, config) else path.with_name(BESIDE)
    target = Path(os.path.realpath(place))
    fresh = target.with_name(FRESH_CONFIG)
    try:
        descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(config)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StoreError(
            f"the library is restored, but {place} cannot be written ({error.strerror})"
        ) from error
    return place == path, None if place == path else place


def _harmless(home: Path, config: str) -> bool:
    """Tell whether settings can be read and name no program that the home's own do not."""
    if len(config) > CONFIG_MOST:
        return False
    try:
        given = read_config(config, "the backup's config.toml")
    except ConfigError:
        return False
    try:
        own = load_config(home)
    except ConfigError:
        own = Config()
    known = {own.notify, *own.open.values()}
    return {given.notify, *given.open.values()} <= known | {"", "terminal"}


def _remove(path: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def keep_weekly(home: Path, *, now: datetime | None = None) -> bool:
    """Keep the user's marks if that was last done a week ago; return whether it was done now.

    A clock that was set back does not stop it. Failing is logged, and said by ``doctor``.
    """
    today = (now or datetime.now(UTC)).date()
    copies = kept_copies(home)
    day = copies[0].day if copies else None
    if day is not None and day <= today and today - day < _EVERY:
        return False
    try:
        if _nothing_yet(home):
            return False  # Copies of nothing would push out those of something.
        keep_marks(home, "weekly", now=now)
    except (StoreError, OSError) as error:
        _log.warning("the weekly copy of the marks was not made: %s", error)
        return False
    return True


def _nothing_yet(home: Path) -> bool:
    with closing(Store(home, create=False)) as store:
        return not store.stats()["sources"]
