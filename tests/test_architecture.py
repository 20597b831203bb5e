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
