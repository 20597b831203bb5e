"""``python -m bench.fuzz [TARGET ...] --seconds 300``: look for inputs that break something.

Each target runs in a process of its own, guided by which branches an input reaches (atheris, in
the extra ``fuzz``). Executions and findings are printed; what was found lies in ``--found``.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.fuzz.targets import CORPUS, TARGETS

_RUN = "--run"
_TIMEOUT_S = 20
"""One input may take no longer."""
_MEMORY_MB = 2048
_LONGEST = 4096
"""Bytes of an input."""


def main() -> int:
    """Entry point; the status is 1 when something was found."""
    if sys.argv[1:2] == [_RUN]:
        _fuzz(sys.argv[2], sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(prog="bench.fuzz")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=300, help="for each target")
    parser.add_argument("--found", type=Path, default=Path("findings"))
    arguments = parser.parse_args()
    arguments.found.mkdir(parents=True, exist_ok=True)
    if strangers := set(arguments.targets) - set(TARGETS):
        parser.error(f"there are no such targets: {', '.join(sorted(strangers))}")
    total = failed = 0
    for name in arguments.targets or TARGETS:
        runs, finding = _one(name, arguments.seconds, arguments.found)
        total += runs
        failed += bool(finding)
        print(f"{name:10} {runs:>10,} executions  {finding or 'nothing found'}", flush=True)
    print(f"{'all':10} {total:>10,} executions, {failed} targets with findings")
    return 1 if failed else 0


def _one(name: str, seconds: int, found: Path) -> tuple[int, str]:
    """Fuzz one target; return its executions and what was found."""
    with tempfile.TemporaryDirectory() as grown:
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "bench.fuzz", _RUN, name),
                *(grown, str(CORPUS / name)),
                *(f"-max_total_time={seconds}", f"-timeout={_TIMEOUT_S}", f"-max_len={_LONGEST}"),
                *(f"-rss_limit_mb={_MEMORY_MB}", f"-artifact_prefix={found}/{name}-"),
                "-print_final_stats=1",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    counts = re.findall(r"number_of_executed_units: (\d+)", ran.stderr)
    finding = ""
    if ran.returncode:
        (found / f"{name}.log").write_text(ran.stderr[-20_000:])
        error = re.findall(r"^ === .*\n?(.*)|^(\w*(?:Error|Fault|Exception).*)$", ran.stderr, re.M)
        finding = " ".join(part for pair in error for part in pair if part)[:300] or "see the log"
    return int(counts[-1]) if counts else 0, finding


def _fuzz(name: str, rest: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["newsreader"]):
        import importlib

        for module in [m for m in sys.modules if m.startswith("newsreader")]:
            del sys.modules[module]
        targets = importlib.reload(sys.modules["bench.fuzz.targets"])
    atheris.Setup([f"fuzz-{name}", *rest], targets.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
