"""Every command, setting and key is in the pages a user reads."""

import re
from dataclasses import fields

from newsreader.arguments import NOT_YET, parser
from newsreader.config import Config
from newsreader.search import FIELDS
from newsreader.tui.commands import COMMANDS, key_table
from tests.conftest import ROOT

HELP = ROOT / "src" / "newsreader" / "help"


def test_every_setting_is_in_the_guide():
    guide = (HELP / "guide.md").read_text(encoding="utf-8")
    assert all(field.name in guide for field in fields(Config))


def test_every_query_field_is_in_its_page():
    page = (HELP / "query.md").read_text(encoding="utf-8")
    assert [field for field in FIELDS if f"{field}:" not in page] == []


def test_every_key_is_in_the_table():
    table = key_table()
    assert [command.name for command in COMMANDS if command.help not in table] == []


def test_the_readme_names_the_two_commands_and_every_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme and "make test" in readme
    actions = parser()._subparsers._group_actions[0].choices
    assert [name for name in actions if name not in NOT_YET and name not in readme] == []


def test_the_changelog_gives_a_reason_for_every_dependency():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    names = [re.split(r"[\[><=]", wanted)[0] for wanted in project["dependencies"]]
    assert [name for name in names if f"`{name}`" not in changelog] == []
    assert all(any(sign in wanted for sign in "<=") for wanted in project["dependencies"])
