"""Secrets in a file of the test's own, or in a keyring that lives in the test."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from newsreader.errors import ConfigError
from newsreader.net import FILE_ONLY, Credentials, Login, credentials


class InMemory(KeyringBackend):
    """A working keyring."""

    priority = 5  # type: ignore[assignment]  # keyring wants a class property

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


class Weak(InMemory):
    priority = 0.5  # type: ignore[assignment]  # keyring wants a class property


class Locked(InMemory):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("s3cret is locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(password)


class Hanging(InMemory):
    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(5)


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a keyring of the test's own be used, and put back what was there."""
    monkeypatch.delenv(FILE_ONLY)
    before = keyring.core._keyring_backend
    yield
    keyring.core._keyring_backend = before


LOGIN = Login("basic", "anna", "s3cret ü \n \ud800")


def test_without_a_keyring_a_file_of_its_owners_alone(home: Path) -> None:
    kept = Credentials(home, file_only=True)
    assert kept.get("f1") is None
    kept.put("f1", LOGIN)
    kept.put("f2", Login("header", "X-Token", "t"))
    assert Credentials(home, file_only=True).get("f1") == LOGIN
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    kept.remove("f1")
    kept.remove("f1")
    assert (kept.get("f1"), kept.get("f2")) == (None, Login("header", "X-Token", "t"))
    assert sorted(path.name for path in home.iterdir()) == [".credentials.lock", "credentials.json"]


def test_the_environment_can_keep_the_keyring_out(
    home: Path, ring: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = InMemory()
    keyring.set_keyring(memory)
    monkeypatch.setenv(FILE_ONLY, "1")
    Credentials(home).put("f1", LOGIN)
    assert not memory.kept
    assert (home / "credentials.json").exists()


def test_a_keyring_is_used_and_the_file_is_not(home: Path, ring: None) -> None:
    Credentials(home, file_only=True).put("f1", Login("basic", "old", "older"))
    memory = InMemory()
    keyring.set_keyring(memory)
    kept = Credentials(home, identity="h1")
    assert kept.get("f1") == Login("basic", "old", "older")
    kept.put("f1", LOGIN)
    assert list(memory.kept) == [("newsreader h1", "f1")]
    assert kept.get("f1") == LOGIN
    assert Credentials(home, identity="h2").get("f1") is None
    assert "old" not in (home / "credentials.json").read_text()
    kept.remove("f1")
    kept.remove("f1")
    assert (kept.get("f1"), memory.kept) == (None, {})
    memory.kept["newsreader h1", "f2"] = "not ours"
    assert kept.get("f2") is None


@pytest.mark.parametrize("kind", [Weak, Locked])
def test_a_keyring_that_does_not_work_is_none(
    home: Path, ring: None, kind: type[InMemory], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    memory = kind()
    keyring.set_keyring(memory)
    kept = Credentials(home)
    kept.put("f1", LOGIN)
    assert kept.get("f1") == LOGIN
    assert not memory.kept
    assert (home / "credentials.json").exists()
    assert "s3cret" not in caplog.text


def test_a_keyring_that_hangs_is_none(
    home: Path, ring: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_PATIENCE", 0.2)
    keyring.set_keyring(Hanging())
    kept = Credentials(home)
    began = time.monotonic()
    kept.put("f1", LOGIN)
    assert kept.get("f1") == LOGIN
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"f1": {"kind": "basic",\n "name": s3cret}}', "line 2, column 10"),
        ("[1]", "one JSON object"),
        ("", "line 1, column 1"),
        ("[" * 100_000, "broken"),
    ],
)
def test_a_broken_file_is_named_and_kept(home: Path, text: str, where: str) -> None:
    kept = Credentials(home, file_only=True)
    home.mkdir()
    kept.path.write_text(text)
    for act in (
        lambda: kept.get("f1"),
        lambda: kept.put("f1", LOGIN),
        lambda: kept.remove("f1"),
    ):
        with pytest.raises(ConfigError) as raised:
            act()
        assert where in str(raised.value)
        assert str(kept.path) in str(raised.value)
        assert "s3cret" not in str(raised.value)
    assert kept.path.read_text() == text


def test_entries_of_another_shape_are_passed_over_and_kept(home: Path) -> None:
    kept = Credentials(home, file_only=True)
    home.mkdir()
    kept.path.write_text(json.dumps({"a": 1, "b": {"kind": "basic"}, "c": None}))
    kept.path.chmod(0o644)
    assert [kept.get(key) for key in "abc"] == [None] * 3
    assert kept.path.stat().st_mode & 0o777 == 0o600
    kept.put("d", LOGIN)
    assert set(json.loads(kept.path.read_text())) == {"a", "b", "c", "d"}


def test_writers_do_not_lose_each_others_logins(home: Path) -> None:
    def write(number: int) -> None:
        Credentials(home, file_only=True).put(f"f{number}", LOGIN)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(json.loads((home / "credentials.json").read_text())) == 12


def test_a_home_that_cannot_be_written_is_said(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(ConfigError):
        Credentials(home, file_only=True).put("f1", LOGIN)


@given(st.dictionaries(st.text(max_size=20), st.tuples(st.text(), st.text()), max_size=4))
@settings(max_examples=30, deadline=None)
def test_what_is_put_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, logins: dict[str, tuple[str, str]]
) -> None:
    kept = Credentials(tmp_path_factory.mktemp("home"), file_only=True)
    for key, (name, secret) in logins.items():
        kept.put(key, Login("basic", name, secret))
    for key, (name, secret) in logins.items():
        assert kept.get(key) == Login("basic", name, secret)
