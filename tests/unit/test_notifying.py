"""Notices outside the reader: what is written to a terminal, what the configuration may say."""

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.config import load_config
from newsreader.errors import ConfigError
from newsreader.tui.notifying import notify, sequence


@pytest.mark.parametrize(
    ("environment", "start"),
    [
        ({"TERM": "xterm-kitty"}, "\x1b]9;"),
        ({}, "\x1b]9;"),
        ({"TERM": "rxvt-unicode"}, "\x1b]777;notify;newsreader;"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, "\x1b]777;notify;newsreader;"),
    ],
)
def test_a_terminal_gets_the_sequence_it_knows(environment: dict[str, str], start: str) -> None:
    assert sequence("3 new in oil", environment) == f"{start}3 new in oil\x1b\\"


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_no_text_ends_the_sequence_or_begins_another(words: str) -> None:
    written = sequence(words, {})
    body = written.removeprefix("\x1b]9;").removesuffix("\x1b\\")
    assert not any(c < " " or "\x7f" <= c <= "\x9f" for c in body) and ";" not in body


def test_without_a_setting_nothing_is_written() -> None:
    written: list[str] = []
    assert asyncio.run(notify("", "3 new", written.append)) == ""
    assert asyncio.run(notify("terminal", "3 new", written.append)) == ""
    assert len(written) == 1 and "3 new" in written[0]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("", ""),
        ('notify = ""', ""),
        ('notify = "terminal"', "terminal"),
        ('notify = ["notify-send", "newsreader"]', ("notify-send", "newsreader")),
    ],
)
def test_the_configuration_names_terminal_or_program(
    tmp_path: Path, line: str, value: object
) -> None:
    (tmp_path / "config.toml").write_text(line)
    assert load_config(tmp_path).notify == value


@pytest.mark.parametrize(
    "line",
    [
        'browser = ["w3m", "{}"]',
        'browser = ["lynx"]',
        'browser = ["b", "--url={}"]',
        'browser = ["sh", "-c", \'w3m "$1"\', "sh", "{}"]',
    ],
)
def test_a_program_is_given_an_address_as_a_word(tmp_path: Path, line: str) -> None:
    (tmp_path / "config.toml").write_text(f"[open]\n{line}")
    assert load_config(tmp_path).open["browser"]


@pytest.mark.parametrize(
    "line",
    [
        'browser = ["sh", "-c", "firefox {} &"]',
        'browser = ["/bin/bash", "-c{}"]',
        'gemini = ["python3", "-c", "open({})"]',
    ],
)
def test_an_address_is_no_part_of_what_a_shell_reads(tmp_path: Path, line: str) -> None:
    (tmp_path / "config.toml").write_text(f"[open]\n{line}")
    with pytest.raises(ConfigError, match="word of its own"):
        load_config(tmp_path)


def test_a_pipe_is_no_configuration(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    with pytest.raises(ConfigError, match="pipe"):
        load_config(tmp_path)


@pytest.mark.parametrize("wrong", ['"notify-send x"', "true", "[]", '["a", 1]', '[""]', "3"])
def test_what_is_neither_is_refused_in_a_sentence(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "config.toml").write_text(f"notify = {wrong}")
    with pytest.raises(ConfigError, match="'notify' must be"):
        load_config(tmp_path)
