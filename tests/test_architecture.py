"""The arrows point down, and the process that draws stays light."""

import ast
import os
import subprocess
import sys

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "newsreader"


def test_the_import_contracts_hold():
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_modules_stay_within_the_house_limit():
    long = {p.name: n for p in SOURCE.rglob("*.py") if (n := len(p.read_text().split("\n"))) > 601}
    assert long == {}


def test_every_module_says_its_job():
    silent = [
        p.name for p in SOURCE.rglob("*.py") if not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert silent == []


def test_the_design_page_names_modules_that_exist():
    page = (SOURCE / "help" / "design.md").read_text(encoding="utf-8")
    picture = page.split("```")[1]
    named = {word for line in picture.splitlines() for word in line.split("  ")[:-1]}
    words = {word for part in named for word in part.replace("→", " ").split()}
    modules = {p.stem for p in SOURCE.iterdir() if p.name != "__pycache__"}
    known = {"cli", "arguments", "commands", "tui", "worker", "searcher", "recogniser", "doctor"}
    known |= {"intake", "derive", "library", "finder", "present", "store", "search", "feeds"}
    known |= {"config", "log", "entities", "text", "model", "errors"}
    assert known <= words and known <= modules


_NEVER = {
    *("os.system", "os.popen", "os.execvp", "os.execlp", "os.spawnlp", "subprocess.getoutput"),
    *("subprocess.getstatusoutput", "webbrowser.open", "webbrowser.get", "tempfile.mktemp"),
    *(
        "eval",
        "exec",
        "yaml.load",
        "marshal.loads",
        "shelve.open",
        "asyncio.create_subprocess_shell",
    ),
}
_PICKLES = {"parsing.py", "parser.py"}
"""Both ends of a pipe between processes of our own."""
_PROGRAMS = {"derive.py", "parsing.py", "background.py", "notifying.py", "opening.py"}
"""What starts other programs: our own processes, and those that the user named."""


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def test_no_shell_is_ever_asked_and_nothing_is_run_that_a_text_says():
    wrong = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = _called(node)
            shell = any(word.arg == "shell" for word in node.keywords)
            pickled = name.startswith("pickle.load") and path.name not in _PICKLES
            starts = name.startswith(("subprocess.", "asyncio.create_subprocess", "os.posix_spawn"))
            if name in _NEVER or shell or pickled or (starts and path.name not in _PROGRAMS):
                wrong.append(f"{path.name}:{node.lineno} {name}")
    assert wrong == []


def test_our_own_processes_take_no_module_from_the_folder_they_are_started_in(tmp_path):
    for name in ("newsreader", "logging", "json", "sqlite3"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from here')")
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        assert text.count('sys.executable, "-P", "-m"') == text.count("sys.executable"), path
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "newsreader", "--home", tmp_path / "home", "stats"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert ran.returncode == 0, ran.stderr
