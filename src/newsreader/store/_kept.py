"""The small copies that are kept by themselves: before each migration, and every week.

They lie in ``backups`` of the home as ``0007-2026-11-23-weekly.db``. The number tells which is
the latest whatever the clock says. :mod:`newsreader.store._backup` says what is in them.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from newsreader.errors import StoreError
from newsreader.store._backup import copy_marks

FOLDER = "backups"
KEPT = 4
"""How many are kept, the latest ones."""

_HALF = re.compile(r"\d{4,9}-\d{4}-\d\d-\d\d-[a-z0-9]{1,20}\.unfinished(-journal|-wal|-shm)?")
_NAME = re.compile(r"(\d{4,9})-(\d{4}-\d\d-\d\d)-([a-z0-9]{1,20})\.db")
CONFIG_MOST = 1 << 20
"""Bytes of ``config.toml`` that a copy takes along at most; real ones have some hundred."""


class Kept(NamedTuple):
    """One kept copy; ``day`` is None where the name tells no real day."""

    number: int
    day: date | None
    path: Path


def kept_copies(home: Path) -> Sequence[Kept]:
    """Return the copies of a home, the latest first."""
    try:
        paths = list((home / FOLDER).iterdir())
    except OSError:
        return ()
    found = [
        Kept(int(match[1]), _day(match[2]), path)
        for path in paths
        if (match := _NAME.fullmatch(path.name)) is not None
    ]
    return sorted(found, reverse=True, key=lambda kept: kept.number)


def unfinished(home: Path) -> Sequence[Path]:
    """Return copies of a home that were never whole; nothing beyond a link, nothing else's."""
    folder = home / FOLDER
    if folder.is_symlink():
        return ()
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return ()
    return [p for p in paths if _HALF.fullmatch(p.name) and p.is_file() and not p.is_symlink()]


def keep_marks(home: Path, label: str, *, now: datetime | None = None) -> Path:
    """Keep what the user made of the library in ``home``; return the new file.

    Only the latest four stay.

    Args:
        home: the library's home.
        label: why, as it stands in the file's name: small letters and digits.
        now: an aware time, else the clock's.

    Raises:
        StoreError: it cannot be read or written.
    """
    now = now or datetime.now(UTC)
    folder = home / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be made ({error.strerror})") from error
    copies = kept_copies(home)
    number = copies[0].number + 1 if copies else 1
    path = folder / f"{number:04}-{now:%Y-%m-%d}-{label}.db"
    half = path.with_suffix(".unfinished")
    for left in unfinished(home):
        left.unlink(missing_ok=True)
    copy_marks(home / "library.db", half, made=stamp(now), config=config_text(home))
    try:
        half.replace(path)
        for old in copies[KEPT - 1 :]:
            old.path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be kept ({error.strerror})") from error
    return path


def stamp(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def config_text(home: Path) -> str | None:
    """Return the text of ``config.toml``; None where there is none that can be read."""
    try:
        path = home / "config.toml"
        if path.is_fifo():
            return None
        with path.open(encoding="utf-8") as stream:
            text = stream.read(CONFIG_MOST + 1)
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) <= CONFIG_MOST else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
