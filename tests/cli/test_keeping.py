"""Backing up, putting back, exporting, looking after: the commands that keep what is here."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import ROOT, run_newsreader


def lines(count, start=0):
    return "".join(
        json.dumps({"id": f"n{n}", "title": f"Ferry {n}", "body": f"The ferry {n} sailed. " * 40})
        + "\n"
        for n in range(start, start + count)
    )


@pytest.fixture
def filled(newsreader, tmp_path):
    """Twelve articles, of which two are bookmarked and one is read."""
    (tmp_path / "in.jsonl").write_text(lines(12))
    newsreader("import", tmp_path / "in.jsonl", "--no-wait")
    newsreader("bookmark", "a1", "a2")
    newsreader("read", "a3")
    return newsreader


def marked(newsreader, mark):
    """Return how many articles are marked so."""
    out = newsreader("export", "--format", "jsonl").out
    return sum(json.loads(line)[mark] for line in out.splitlines())


def test_a_backup_is_put_back_and_what_was_there_is_kept_aside(filled, home, tmp_path):
    (home / "config.toml").write_text("ascii = true\n")
    made = filled("backup", tmp_path / "b.db", "--json").json
    assert made["articles"] == 12 and made["bytes"] == (tmp_path / "b.db").stat().st_size
    filled("unbookmark", "a1")
    filled("read", "a5")
    (home / "config.toml").write_text("ascii = false\n")
    done = filled("restore", tmp_path / "b.db", "--json").json
    assert done["articles"] == 12 and done["made"] == made["made"] and done["config"]
    assert marked(filled, "bookmarked") == 2 and marked(filled, "read") == 1
    assert (home / "config.toml").read_text() == "ascii = true\n"
    before = home / Path(done["before"]).name
    assert (before / "config.toml").read_text() == "ascii = false\n"
    again = filled("restore", before / "library.db", "--json").json
    assert again["articles"] == 12 and marked(filled, "read") == 2
    assert filled("doctor", "--json").json["ok"]


def test_a_backup_makes_a_library_on_another_machine(filled, tmp_path):
    filled("backup", tmp_path / "b.db")
    other = tmp_path / "elsewhere" / "home"
    done = run_newsreader(other, "restore", tmp_path / "b.db", "--json").json
    assert done["articles"] == 12 and done["before"] is None
    assert run_newsreader(other, "search", "ferry is:bookmarked", "--json").json["total"] == 2


def test_a_backup_replaces_only_a_backup(filled, home, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    refused = filled("backup", tmp_path / "notes.txt")
    assert refused.status == 1 and "is not a backup" in refused.err
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert filled("backup", home / "library.db").status == 1
    assert filled("backup", tmp_path).status == 1
    assert filled("backup", tmp_path / "b.db").status == 0
    filled("read", "a6")
    assert filled("backup", tmp_path / "b.db").status == 0
    with closing(sqlite3.connect(tmp_path / "b.db")) as db:
        assert db.execute("SELECT count(*) FROM status WHERE read").fetchone() == (2,)
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]


@pytest.mark.parametrize(
    "words",
    [("backup",), ("export", "--format", "opml", "-o"), ("export", "--format", "jsonl", "-o")],
)
@pytest.mark.parametrize("name", ["library.db", "index", "config.toml", "backups/mine.db"])
def test_nothing_is_written_among_the_files_of_the_library(filled, home, words, name, tmp_path):
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    (tmp_path / "link").symlink_to(home / name)
    for place in (home / name, tmp_path / "link"):
        ran = filled(*words, place)
        assert ran.status == 1 and ran.err.count("\n") == 1, ran.err
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_pipe_is_no_backup_and_keeps_nobody_waiting(filled, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for command in ("backup", "restore"):
        ran = filled(command, tmp_path / "pipe")
        assert ran.status == 1 and "not a backup" in ran.err


def test_a_backup_behind_a_link_is_replaced_and_the_link_stays(filled, tmp_path):
    filled("backup", tmp_path / "b.db")
    (tmp_path / "link").symlink_to(tmp_path / "b.db")
    assert filled("backup", tmp_path / "link").status == 0
    assert (tmp_path / "link").is_symlink()


def test_a_library_with_its_last_changes_beside_it_is_no_backup(filled, home, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes((home / "library.db").read_bytes())
    assert filled("restore", copy).status == 0
    (tmp_path / "copy.db-wal").write_bytes(b"changes")
    ran = filled("restore", copy)
    assert ran.status == 1 and "last changes" in ran.err


def test_a_home_without_a_library_has_nothing_to_export(tmp_path):
    for form in ("jsonl", "markdown", "opml"):
        ran = run_newsreader(tmp_path / "typo", "export", "--format", form)
        assert ran.status == 1 and "no library" in ran.err
    assert not (tmp_path / "typo").exists()


def test_a_home_without_a_library_has_nothing_to_back_up(tmp_path):
    ran = run_newsreader(tmp_path / "none", "backup", tmp_path / "b.db")
    assert ran.status == 1 and "no library" in ran.err and not (tmp_path / "none").exists()


def test_rubbish_is_not_restored(filled, home, tmp_path):
    whole = (home / "library.db").read_bytes()
    for data in (b"", b"x" * 9999, whole[:20000]):
        (tmp_path / "bad").write_bytes(data)
        ran = filled("restore", tmp_path / "bad")
        assert ran.status == 1 and ran.err.count("\n") == 1
    assert filled("restore", tmp_path / "missing").status == 1
    assert filled("stats", "--json").json["articles"] == 12


def test_nothing_is_restored_under_an_open_reader(filled, home, tmp_path):
    filled("backup", tmp_path / "b.db")
    worker = subprocess.Popen(
        [sys.executable, "-m", "newsreader.worker", "--home", str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    try:
        assert worker.stdout.readline()  # It has the lock.
        ran = filled("restore", tmp_path / "b.db")
        assert ran.status == 1 and "close it" in ran.err
    finally:
        worker.kill()
        worker.communicate()


def test_a_damaged_library_is_replaced_and_kept(filled, home, tmp_path):
    filled("backup", tmp_path / "b.db")
    (home / "library.db").write_bytes(b"no longer a database" * 900)
    said = filled("doctor", "--json")
    assert said.status == 1 and not said.json["ok"]
    assert "restore" in next(c["detail"] for c in said.json["checks"] if c["name"] == "database")
    assert filled("doctor", "--repair").status == 1
    done = filled("restore", tmp_path / "b.db", "--json").json
    assert done["articles"] == 12
    assert (home / Path(done["before"]).name / "library.db").read_bytes()[:2] == b"no"
    assert filled("search", "ferry", "--json").json["total"] == 12


@pytest.mark.parametrize("delay", [0.2, 0.3, 0.4, 0.6])
def test_a_restore_that_is_killed_leaves_one_library_or_the_other(filled, home, tmp_path, delay):
    filled("backup", tmp_path / "b.db")
    filled("read", "a5", "a6")
    process = subprocess.Popen(
        [sys.executable, "-m", "newsreader", "--home", str(home), "restore", tmp_path / "b.db"],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    try:
        process.wait(timeout=delay)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert marked(filled, "read") in (1, 3)
    assert filled("doctor", "--repair", "--json").json["ok"]
    assert filled("stats", "--json").json["articles"] == 12


def test_what_is_exported_as_json_lines_can_be_imported(filled, tmp_path):
    filled("tag", "a4", "+boats")
    assert filled("export", "--format", "jsonl", "-o", tmp_path / "out.jsonl").status == 0
    other = tmp_path / "other"
    taken = run_newsreader(other, "import", tmp_path / "out.jsonl", "--no-wait", "--json").json
    assert taken["imported"] == 12 and not taken["failed"]
    found = run_newsreader(other, "export", "--format", "jsonl").out.splitlines()
    texts = {json.loads(line)["title"]: json.loads(line)["body"] for line in found}
    here = filled("export", "--format", "jsonl").out.splitlines()
    assert texts == {json.loads(line)["title"]: json.loads(line)["body"] for line in here}
    assert json.loads(here[3])["tags"] == ["boats"] and json.loads(here[0])["bookmarked"]


def test_a_query_narrows_an_export(filled, tmp_path):
    filled("rebuild", "index")
    found = filled("export", "--format", "markdown", "--query", "is:bookmarked")
    assert found.out.count("# Ferry") == 2
    wrong = filled("export", "--format", "jsonl", "--query", "(", "-o", tmp_path / "x")
    assert wrong.status == 2 and "column 1" in wrong.err and not (tmp_path / "x").exists()
    assert filled("export", "--format", "opml", "--query", "x").status == 2


def test_an_export_that_cannot_be_written_leaves_the_file_that_was_there(filled, tmp_path):
    target = tmp_path / "folder"
    target.mkdir()
    ran = filled("export", "--format", "jsonl", "-o", target)
    assert ran.status == 1 and ran.err.count("\n") == 1
    ran = filled("export", "--format", "opml", "-o", "/dev/stdout")
    assert ran.status == 0 and "<opml" in ran.out
    ran = filled("export", "--format", "jsonl", "-o", tmp_path / "no" / "x")
    assert ran.status == 1 and not list(tmp_path.glob("**/*unfinished*"))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    assert filled("export", "--format", "opml", "-o", tmp_path / "link").status == 0
    assert (tmp_path / "link").is_symlink() and "opml" in (tmp_path / "real").read_text()
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


def test_doctor_says_what_is_wrong_and_repairs_what_is_derived(filled, home):
    filled("rebuild")
    (home / "index" / "newsreader.json").chmod(0o644)
    (home / "restoring.db").write_text("half")
    (home / "mine.txt").write_text("mine")
    with closing(sqlite3.connect(home / "library.db")) as db:
        db.execute("UPDATE library_count SET n = 99")
        db.commit()
    said = {check["name"]: check for check in filled("doctor", "--json").json["checks"]}
    wrong = {name for name, check in said.items() if not check["ok"]}
    assert wrong == {"home", "files", "counts"}
    assert "newsreader.json" in said["home"]["detail"]
    before = filled("export", "--format", "jsonl").out
    assert filled("doctor", "--repair", "--json").json["ok"]
    assert (home / "mine.txt").read_text() == "mine" and not (home / "restoring.db").exists()
    assert filled("export", "--format", "jsonl").out == before


def test_doctor_says_what_restoring_kept_aside(filled, home, tmp_path):
    filled("backup", tmp_path / "b.db")
    said = [filled("doctor", "--json").json["checks"]]
    for _ in range(2):
        assert "12 articles, 1 source," in filled("restore", tmp_path / "b.db").out
        said.append(filled("doctor", "--json").json["checks"])
    details = [{c["name"]: c["detail"] for c in checks}["backups"] for checks in said]
    assert "before-restore" not in details[0]
    assert "1 folder before-restore" in details[1] and "2 folders before-restore" in details[2]


def test_doctor_names_a_text_that_cannot_be_read(filled, home):
    with closing(sqlite3.connect(home / "library.db")) as db:
        db.execute("UPDATE revision SET text = x'00', codec = 1 WHERE article_id = 4")
        db.execute("DELETE FROM revision WHERE article_id = 5")
        db.commit()
    said = {check["name"]: check for check in filled("doctor", "--json").json["checks"]}
    assert not said["texts"]["ok"]
    assert "a4" in said["texts"]["detail"] and "a5 has no text" in said["texts"]["detail"]


def test_doctor_mends_an_index_of_the_database(filled, home):
    with closing(sqlite3.connect(home / "library.db")) as db:
        (page,) = db.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'article_outlet'"
        ).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'tag_name'").fetchone()[
            0
        ]
    with (home / "library.db").open("r+b") as file:
        file.seek((other - 1) * size)
        empty = file.read(size)
        file.seek((page - 1) * size)
        file.write(empty)  # Every row is missing from that index.
    assert not filled("doctor", "--json").json["ok"]
    assert filled("doctor", "--repair", "--json").json["ok"]


def test_repair_removes_nothing_that_is_the_users(filled, home, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "thesis.unfinished.txt").write_text("keep")
    (home / "novel.unfinished-draft.txt").write_text("mine")
    (home / "index.html").write_text("mine")
    (home / "index.html").chmod(0o644)
    (home / "backups").rename(tmp_path / "kept") if (home / "backups").exists() else None
    (home / "backups").symlink_to(outside)
    (home / "restoring.db").write_text("left")
    assert filled("doctor", "--repair").status == 0
    assert (outside / "thesis.unfinished.txt").exists()
    assert (home / "novel.unfinished-draft.txt").exists()
    assert (home / "index.html").stat().st_mode & 0o777 == 0o644
    assert not (home / "restoring.db").exists()


def test_what_an_ended_restore_left_is_not_what_is_restored(filled, home):
    filled("backup", home.parent / "b.db")
    (home / "restoring.db").write_bytes((home.parent / "b.db").read_bytes())
    ran = filled("restore", home / "restoring.db")
    assert ran.status == 1 and "half-way" in ran.err
    assert (home / "restoring.db").exists()


def test_a_backup_that_became_a_library_is_not_replaced(filled, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    filled("backup", tmp_path / "b.db")
    (other / "library.db").write_bytes((tmp_path / "b.db").read_bytes())
    ran = filled("backup", other / "library.db")
    assert ran.status == 1 and "is a library" in ran.err
    run_newsreader(other, "note", "a5", "precious")
    (other / "library.db").rename(tmp_path / "mine.db")
    assert filled("backup", tmp_path / "mine.db").status == 1


def test_doctor_makes_no_library(tmp_path):
    (tmp_path / "plain").mkdir()
    ran = run_newsreader(tmp_path / "plain", "doctor")
    assert ran.status == 1 and "BAD  database" in ran.out
    assert list((tmp_path / "plain").iterdir()) == []


PROGRAM = 'notify = ["sh", "-c", "true"]\n'


def test_a_backup_brings_no_programs_unseen(filled, home, tmp_path):
    (home / "config.toml").write_text(PROGRAM)
    filled("backup", tmp_path / "b.db")
    assert not filled("restore", tmp_path / "b.db", "--json").json["config"], "they are its own"
    for own in ("", "ascii = true\n"):
        (home / "config.toml").write_text(own)
        done = filled("restore", tmp_path / "b.db", "--json").json
        assert not done["config"] and done["config_beside"] == str(home / "config.toml.restored")
        assert (home / "config.toml").read_text() == own
        assert (home / "config.toml.restored").read_text() == PROGRAM
    assert "name programs" in filled("restore", tmp_path / "b.db").err


def test_settings_that_cannot_be_read_are_put_beside(filled, home, tmp_path):
    filled("backup", tmp_path / "b.db")
    with closing(sqlite3.connect(tmp_path / "b.db")) as db:
        db.execute("INSERT INTO meta VALUES ('backup.config', 'no = [')")
        db.commit()
    ran = filled("restore", tmp_path / "b.db")
    assert ran.status == 0 and "config.toml.restored" in ran.err
    assert not (home / "config.toml").exists()


def test_a_name_that_is_no_text_is_a_name(filled, tmp_path):
    odd = tmp_path / os.fsdecode(b"b\xff.db")
    assert filled("backup", odd).status == 0
    assert filled("restore", odd).status == 0


def test_what_is_written_while_a_restore_runs_is_kept_or_refused(filled, home, tmp_path):
    filled("backup", tmp_path / "b.db")
    command = [
        sys.executable,
        "-m",
        "newsreader",
        "--home",
        str(home),
        "restore",
        tmp_path / "b.db",
    ]
    restoring = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    said = 0
    number = 0
    while restoring.poll() is None:
        number = number % 12 + 1
        said += filled("note", f"a{number}", f"note {number}").status == 0
    places = [home / "library.db", *home.glob("before-restore-*/library.db")]
    noted = set()
    for place in places:
        with closing(sqlite3.connect(place)) as db:
            noted |= {row[0] for row in db.execute("SELECT article_id FROM note")}
    assert len(noted) == min(said, 12)
