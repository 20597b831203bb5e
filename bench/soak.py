"""A library that is killed and killed again, and must have lost nothing it said was done.

``python -m bench.soak [--kills 1000] [--seed 1]`` imports, fetches, marks, removes, rebuilds, backs
up, restores and migrates with the real commands and the real worker, and ends them by SIGKILL at
random instants: some at any time, some just as the library or its index is written, some with all
their processes, some one process of theirs. After each, the library is compared with a model of
what was acknowledged; every twentieth time it is brought up to date and looked at whole.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.soak_acts import MOST, WORDS, Act, Acts
from bench.soak_migration import killed_migration
from bench.soak_model import Loss, first, observe, settled
from bench.soak_reader import Sitting

_WHOLE_EVERY = 20
_ENDLESS_S = 1.5
"""How long a worker is left alive at most."""
_GONE_S = 15.0
"""What a killed process leaves running must end by itself within this."""
_STUCK_S = 120.0


class Soak:
    """One home, killed until it has had enough."""

    def __init__(self, folder: Path, seed: int, most: int = MOST) -> None:
        self.home = folder / "home"
        self.folder = folder
        self.chance = random.Random(seed)
        self.acts = Acts(self.home, folder, self.chance, most)
        self.killed = Counter[str]()
        self.outcomes = Counter[str]()
        self._took: dict[str, float] = {}
        self._since_whole = 0
        self._said, self._maimed = "", False
        self._environment = {
            **os.environ,
            "NEWSREADER_SECRETS_IN_FILE": "1",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            # Says which processes are ours, whoever their parent is by now.
            "NEWSREADER_SOAK": str(self.folder),
        }

    def close(self) -> None:
        """Serve no more."""
        self.acts.feeds.close()

    def run(self, kills: int) -> None:
        """Kill so many times.

        Raises:
            Loss: something was lost.
        """
        self._set_up()
        while self.killed.total() < kills:
            kind = self.chance.random()
            if kind < 0.03:
                self.killed["migration"] += killed_migration(self.folder, self.chance)
                continue
            if kind < 0.12:
                self._sit()
            else:
                self._one(self.acts.draw())
            self._since_whole += 1
            if self._since_whole >= _WHOLE_EVERY:
                self.look_at_all()
        self.look_at_all()

    def command(self, act: Act) -> list[str]:
        """Return the whole command line of an act."""
        if act.whole:
            return list(act.words)
        return [sys.executable, "-m", "newsreader", "--home", str(self.home), *act.words]

    def _set_up(self) -> None:
        # A worker fetches what is due by itself, which the model could not know.
        self.home.mkdir(mode=0o700)
        (self.home / "config.toml").write_text("refresh = false\n")
        for _ in range(2):
            act = self.acts._import()
            self._finish(act)
        self.look_at_all()

    def _sit(self) -> None:
        """Use the reader in a terminal and kill it."""
        before = self.acts.model
        sitting = Sitting(self.home, before, self.chance, self._environment, self._ours)
        self.acts.model = sitting.run()
        self.killed["reader"] += 1
        self.outcomes["nothing of it" if self.acts.model is before else "all or some of it"] += 1
        self.acts.undoable = None
        self._require_gone("reader")

    def _finish(self, act: Act) -> None:
        ran = self._whole(self.command(act))
        if ran.returncode:
            raise Loss(f"{act.name}: {ran.stderr.strip()}")
        self.acts.model = act.after

    def _whole(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=self._environment,
            timeout=_STUCK_S,
            check=False,
        )

    def _one(self, act: Act) -> None:
        """Do an act and kill it; the model is then what the library was left as."""
        before = self.acts.model
        status = self._killed(act)
        # Where a child was killed, the rest goes on and says what is missing.
        done = status == 0 and not self._maimed
        if status is not None and status > 0:
            if not self._maimed:
                raise Loss(f"{act.name} ended with {status} and was not killed: {self._said}")
            if "Traceback" in self._said:
                raise Loss(f"{act.name}, a child of which was killed: {self._said}")
        self.killed[act.name] += self._maimed or (status is not None and status < 0)
        seen = observe(self.home)
        if done:
            wrong = act.after.differences(seen)
            if wrong:
                raise Loss(f"{act.name} was acknowledged, but {first(wrong)}")
            self.acts.model = act.after
        else:
            model = settled(before, act.after, seen, act.parts)
            if model is None:
                raise Loss(
                    f"{act.name} was killed; beside what was before: "
                    f"{first(before.differences(seen))}; beside what was to come: "
                    f"{first(act.after.differences(seen))}"
                )
            self.outcomes["nothing of it" if model is before else "all or some of it"] += 1
            self.acts.model = model
        changes = ("mark", "tag", "note")
        changed = done and act.name in changes and act.after.differs(before)
        self.acts.undoable = before if changed else None
        if act.name == "backup" and (done or self.acts.file.exists()):
            self.acts.backup = self._in_backup(before)
        if wrong := list(act.check(done)):
            raise Loss(first(wrong))
        self._require_gone(act.name)

    def _in_backup(self, before: Any) -> Any:
        """Return the model of what the backup holds: the last one's or the library's."""
        there = self.folder / "looked-at"
        there.mkdir(exist_ok=True)
        (there / "library.db").write_bytes(self.acts.file.read_bytes())
        seen = observe(there)
        for model in (before, self.acts.backup):
            if model is not None and not model.differences(seen):
                return model.copy()
        raise Loss(f"the backup is another library: {first(before.differences(seen))}")

    # Killing

    def _killed(self, act: Act) -> int | None:
        """Start an act and kill it at an instant of chance; return its status."""
        self._said, self._maimed = "", False
        began = time.monotonic()
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                self.command(act),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
                env=self._environment,
            )
            if act.request and process.stdin is not None:
                process.stdin.write(act.request.encode() + b"\n")
                process.stdin.flush()
            self._wait(act, process)
            if process.poll() is None:
                self._kill(process)
            try:
                process.wait(_STUCK_S)
            except subprocess.TimeoutExpired:
                raise Loss(f"{act.name} goes on for ever after its child was killed") from None
            if process.stdin is not None:
                process.stdin.close()
            said.seek(0)
            self._said = said.read()[-2000:].strip()
        if process.returncode == 0:
            took = time.monotonic() - began
            self._took[act.name] = 0.7 * self._took.get(act.name, took) + 0.3 * took
        return process.returncode

    def _wait(self, act: Act, process: "subprocess.Popen[bytes]") -> None:
        usual = _ENDLESS_S if act.request is not None else self._took.get(act.name, 0.8)
        if self.chance.random() < 0.5:
            delay = self.chance.uniform(0.05, usual * 1.05)
        else:
            self._wait_for_writing(process, usual * 1.5, self.chance.randint(1, 6))
            delay = self.chance.choice((0.0, 0.0005, 0.002, 0.01, 0.05)) * self.chance.random()
        until = time.monotonic() + delay
        while process.poll() is None and time.monotonic() < until:
            time.sleep(min(0.002, max(0.0, until - time.monotonic())))

    def _wait_for_writing(
        self, process: "subprocess.Popen[bytes]", seconds: float, times: int
    ) -> None:
        """Return when files of the home have changed so many times."""
        until = time.monotonic() + seconds
        last = self._stamps()
        while times and process.poll() is None and time.monotonic() < until:
            now = self._stamps()
            times -= now != last
            last = now

    def _stamps(self) -> list[tuple[int, int]]:
        found = []
        for path in (self.home / "library.db-wal", self.home / "library.db", self.home / "index"):
            try:
                about = path.stat()
            except OSError:
                found.append((0, 0))
            else:
                found.append((about.st_size, about.st_mtime_ns))
        return found

    def _kill(self, process: "subprocess.Popen[bytes]") -> None:
        children = self._ours(without=process.pid)
        how = self.chance.random()
        if children and how < 0.2:
            # Only a child: whoever asked it must bear that, and go on or say so.
            self._maimed = True
            _end(self.chance.choice(children))
            time.sleep(0.05)
            if process.stdin is not None and self.chance.random() < 0.5:
                process.stdin.close()
                process.stdin = None
                return
            os.killpg(process.pid, signal.SIGKILL)
        elif how < 0.6:
            _end(process.pid)
        else:
            os.killpg(process.pid, signal.SIGKILL)

    def _ours(self, *, without: int = 0) -> list[int]:
        """Return the processes that an act started and that still run."""
        mark = f"NEWSREADER_SOAK={self.folder}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal() or int(entry.name) == without:
                continue
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def _require_gone(self, name: str) -> None:
        until = time.monotonic() + _GONE_S
        while left := self._ours():
            if time.monotonic() > until:
                names = [_words(process) for process in left]
                raise Loss(f"{name} left processes running: {names}")
            time.sleep(0.01)

    # Looking

    def look_at_all(self) -> None:
        """Bring everything up to date, and see that the library is whole.

        Raises:
            Loss: it is not.
        """
        self._since_whole = 0
        model = self.acts.model
        nothing = self.folder / "nothing.jsonl"
        nothing.write_text("")
        self._whole([*self._reader(), "import", str(nothing)])
        if wrong := model.differences(observe(self.home)):
            raise Loss(f"after catching up {first(wrong)}")
        report = self._json("doctor")
        bad = [c for c in report["checks"] if not c["ok"] and c["name"] != "files"]
        if bad:
            raise Loss(f"doctor: {bad}")
        if not report["ok"]:
            report = self._json("doctor", "--repair")
            if not report["ok"]:
                raise Loss(f"doctor --repair: {report}")
        stats = self._json("stats")
        if stats["pending"] or stats["index_documents"] != stats["articles"]:
            raise Loss(f"not caught up: {stats}")
        self._search()
        left = [p.name for p in self.home.rglob("*") if p.suffix in (".unfinished", ".tmp")]
        left += [p.name for p in self.home.glob("index.*")]
        if len(left) > 2:
            raise Loss(f"files are left behind: {left}")
        for before in self.home.glob("before-restore-*"):
            for path in before.iterdir():
                path.unlink()
            before.rmdir()

    def _search(self) -> None:
        model = self.acts.model
        for word in self.chance.sample(WORDS, 2):
            found = {row["title"] for row in self._json("search", word, "--limit", "9999")["hits"]}
            wanted = {
                title
                for title, text in model.texts.items()
                if not model.kept_marks(title).hidden and word in (title + " " + text).casefold()
            }
            if found != wanted:
                wrong = sorted(found ^ wanted)
                raise Loss(f"search {word}: {len(wrong)} differ, such as {wrong[:3]}")

    def _reader(self) -> list[str]:
        return [sys.executable, "-m", "newsreader", "--home", str(self.home)]

    def _json(self, *words: str) -> Any:
        ran = self._whole([*self._reader(), *words, "--json"])
        try:
            return json.loads(ran.stdout)
        except json.JSONDecodeError:
            raise Loss(f"{words}: {ran.stderr.strip()}") from None


def _words(process: int) -> str:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return "one that has ended since"
    return words.replace(b"\0", b" ").decode(errors="replace")


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def main() -> int:
    """Entry point; the status is 1 when something was lost."""
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true", help="leave the home where it is")
    arguments = parser.parse_args()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="soak"))
    soak = Soak(folder, arguments.seed)
    status = 0
    try:
        soak.run(arguments.kills)
    except (Loss, sqlite3.Error) as error:
        print(f"LOST after {soak.killed.total()} kills, seed {arguments.seed}: {error}")
        status = 1
    finally:
        soak.close()
    kinds = ", ".join(f"{kind} {count}" for kind, count in soak.killed.most_common())
    outcomes = ", ".join(f"{what} {count}" for what, count in soak.outcomes.most_common())
    print(f"seed {arguments.seed}: {soak.killed.total()} kills in {time.monotonic() - began:.0f} s")
    print(f"killed: {kinds}\nwas there afterwards: {outcomes}")
    print(f"{len(soak.acts.model.texts)} articles; {'something was lost' if status else 'no loss'}")
    if arguments.keep or status:
        print(f"the home is in {folder}")
    else:
        shutil.rmtree(folder)
    return status


if __name__ == "__main__":
    sys.exit(main())
