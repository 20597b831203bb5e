"""An older library that is killed while it is brought up to date."""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import closing
from pathlib import Path

from bench.soak_acts import body, title
from bench.soak_model import Loss

SCHEMAS = Path(__file__).parents[1] / "tests" / "store" / "schemas"
_ARTICLES = 1_500
_STRUCTURE = zlib.compress(b'{"b":[["paragraph",0,20]],"s":[],"l":[],"c":[]}')


def old_library(path: Path, version: int) -> None:
    """Write a library as that version left it, with articles, marks and names."""
    with closing(sqlite3.connect(path)) as db:
        script = (SCHEMAS / f"{version}.sql").read_text(encoding="utf-8")
        db.executescript(f"{script}\nPRAGMA user_version = {version}; PRAGMA journal_mode = WAL;")
        db.execute("INSERT INTO meta VALUES ('home_id', 'old') ON CONFLICT DO NOTHING")
        db.execute("INSERT INTO source (kind, key, title) VALUES ('import', 'import:/x', 'x')")
        db.execute("INSERT INTO subscription (source_id, added_at) VALUES (1, 0)")
        for number in range(1, _ARTICLES + 1):
            text = body(number, 0)
            db.execute(
                "INSERT INTO article (id, title, arrived, words, lead, text_hash)"
                " VALUES (?, ?, 0, 9, '', x'00')",
                (number, title(number)),
            )
            db.execute(
                "INSERT INTO revision (article_id, number, saved_at, codec, text, structure)"
                " VALUES (?, 1, 0, 0, ?, ?)",
                (number, text.encode(), _STRUCTURE),
            )
            db.execute(
                "INSERT INTO article_source (source_id, article_id, sorted_at, arrived)"
                " VALUES (1, ?, 0, 0)",
                (number,),
            )
            if number % 3 == 0:
                db.execute(
                    "INSERT INTO status (article_id, read, bookmarked) VALUES (?, 1, ?)",
                    (number, number % 2),
                )
            if number % 7 == 0:
                db.execute("INSERT INTO note VALUES (?, 'look again', 0)", (number,))
        db.commit()


def _contents(path: Path) -> tuple[list[tuple[object, ...]], ...]:
    with closing(sqlite3.connect(path)) as db:
        return tuple(
            db.execute(query).fetchall()
            for query in (
                "SELECT a.id, a.title, a.read, a.bookmarked, r.text FROM article a"
                " JOIN revision r ON r.article_id = a.id ORDER BY 1",
                "SELECT article_id, read, bookmarked FROM status ORDER BY 1",
                "SELECT article_id, text FROM note ORDER BY 1",
                "PRAGMA integrity_check",
                "PRAGMA foreign_key_check",
            )
        )


def killed_migration(folder: Path, chance: random.Random) -> int:
    """Open an older library, kill that, open it again and compare; return the kills.

    Raises:
        Loss: something is not as it was.
    """
    version = chance.randint(1, len(list(SCHEMAS.glob("*.sql"))) - 1)
    made = folder / f"old-{version}.db"
    if not made.exists():
        old_library(made, version)
    home = folder / "older"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    shutil.copyfile(made, home / "library.db")
    before = _contents(home / "library.db")
    command = [sys.executable, "-m", "newsreader", "--home", str(home), "stats"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wal = home / "library.db-wal"
    until = time.monotonic() + 10
    while process.poll() is None and not wal.exists() and time.monotonic() < until:
        pass
    time.sleep(chance.uniform(0, 0.12))
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    if _contents(home / "library.db") != before:
        raise Loss(f"version {version}: an interrupted migration changed what was there")
    for _ in range(2):
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise Loss(f"version {version}: after an interrupted migration: {ran.stderr}")
    if _contents(home / "library.db") != before:
        raise Loss(f"version {version}: the migration changed what was there")
    return int(killed)
