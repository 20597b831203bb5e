"""Where passwords are kept: the system's keyring, else a file that only its owner can read.

The rule: a secret is in one of these two places and nowhere else, and is never in an error, a
log or an export.
"""

import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from newsreader.errors import ConfigError
from newsreader.net._values import Login

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

FILE_ONLY = "NEWSREADER_SECRETS_IN_FILE"
"""Set in the environment to anything, the keyring is left alone."""

_PATIENCE = 5.0
"""Seconds a keyring may take; one that wants a password from nobody takes for ever."""

_Kept = TypeVar("_Kept")


class _NoKeyring(Exception):
    """There is no keyring that could be trusted with anything."""


class Credentials:
    """Logins by a key of the caller's (a feed's id, a service's address).

    Args:
        home: the directory for ``credentials.json`` where there is no keyring.
        identity: tells this home's secrets in the keyring from another's; the path by default.
        file_only: leave the keyring alone; also by the environment (``FILE_ONLY``).
    """

    def __init__(self, home: Path, *, identity: str | None = None, file_only: bool = False) -> None:
        self.path = home / "credentials.json"
        self._service = f"newsreader {identity or home.resolve()}"
        self._keyring_works = not file_only and not os.environ.get(FILE_ONLY)
        self._lock = threading.Lock()

    def get(self, key: str) -> Login | None:
        """Return the login kept under ``key``, None where there is none.

        Raises:
            ConfigError: the file cannot be read; the message says where it is broken.
        """
        with self._lock:
            try:
                kept = self._ask_keyring(lambda ring: _read(ring.get_password(self._service, key)))
            except _NoKeyring:
                kept = None
            return kept or _login(self._read_file().get(key))

    def put(self, key: str, login: Login) -> None:
        """Keep ``login`` under ``key``, in place of what was there.

        Raises:
            ConfigError: the file cannot be read or written; nothing is changed.
        """
        text = json.dumps(login._asdict())
        with self._lock:
            try:
                self._ask_keyring(lambda ring: ring.set_password(self._service, key, text))
            except _NoKeyring:
                with self._changed_file() as kept:
                    kept[key] = login._asdict()
                return
            if key in self._read_file():
                with self._changed_file() as kept:
                    del kept[key]

    def remove(self, key: str) -> None:
        """Forget the login under ``key``, wherever it is; fine where there is none.

        Raises:
            ConfigError: the file cannot be read or written.
        """
        with self._lock:
            try:
                self._ask_keyring(lambda ring: _delete(ring, self._service, key))
            except _NoKeyring:
                pass
            if key in self._read_file():
                with self._changed_file() as kept:
                    del kept[key]

    def _ask_keyring(self, ask: Callable[["KeyringBackend"], _Kept]) -> _Kept:
        """Return what ``ask`` gets from the keyring; once that failed, it is left alone."""
        if not self._keyring_works:
            raise _NoKeyring
        kept: list[_Kept] = []

        def work() -> None:
            try:
                kept.append(ask(_keyring()))
            except Exception as error:  # noqa: BLE001  # backends fail with whatever they have
                # Its text may hold what it was given, so only its kind is noted.
                logging.getLogger(__name__).info("no keyring: %s", type(error).__name__)

        worker = threading.Thread(target=work, name="keyring", daemon=True)
        worker.start()
        worker.join(_PATIENCE)
        if not kept:
            self._keyring_works = False
            raise _NoKeyring
        return kept[0]

    def _read_file(self) -> dict[str, object]:
        """Return everything in the file, by key; empty where there is none."""
        try:
            text = self.path.read_text(encoding="utf-8")
            if self.path.stat().st_mode & 0o077:
                self.path.chmod(0o600)
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.path} cannot be read; check that it is yours") from error
        try:
            kept = json.loads(text)
        except json.JSONDecodeError as error:
            # Its own text would show what stands there.
            raise ConfigError(
                f"{self.path} is broken at line {error.lineno}, column {error.colno}: "
                "mend it or delete it and enter your passwords again"
            ) from None
        except RecursionError:
            kept = None
        if not isinstance(kept, dict):
            raise ConfigError(f"{self.path} is broken: it must be one JSON object; delete it")
        return kept

    @contextmanager
    def _changed_file(self) -> Iterator[dict[str, object]]:
        """Give what is in the file to be changed, then write it whole or not at all."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock_path = self.path.parent / ".credentials.lock"
            descriptor = os.open(lock_path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # another process may write at the same time
                kept = self._read_file()
                yield kept
                _write(self.path, json.dumps(kept, indent=1))
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be written: {error.strerror}") from error


def _keyring() -> "KeyringBackend":
    import keyring  # asks the system's services; only who has secrets waits for them

    ring = keyring.get_keyring()
    if ring.priority < 1:  # what keyring itself calls "not recommended": none, or in plain text
        raise _NoKeyring
    return ring


def _delete(ring: "KeyringBackend", service: str, key: str) -> None:
    from keyring.errors import PasswordDeleteError

    try:
        ring.delete_password(service, key)
    except PasswordDeleteError:  # there was none
        pass


def _read(text: str | None) -> Login | None:
    try:
        return _login(json.loads(text)) if text else None
    except ValueError:  # not written by us
        return None


def _login(entry: object) -> Login | None:
    """Return a login as it was kept, None where it is something else."""
    if not isinstance(entry, dict):
        return None
    kind, name, secret = (entry.get(field) for field in Login._fields)
    if not (isinstance(kind, str) and isinstance(name, str) and isinstance(secret, str)):
        return None
    return Login(kind, name, secret)


def _write(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` for its owner alone; a crash leaves the old file or the new."""
    import tempfile  # loads a dozen modules, and is rarely needed

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".credentials-")  # made 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
