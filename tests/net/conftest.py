"""These tests speak to this machine only; anything else ends before it leaves."""

import ipaddress
import sys
from typing import Any

import pytest


class LeftTheMachine(Exception):
    """A test was about to speak to another machine."""


_guarding = False


def _is_here(host: object) -> bool:
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _watch(event: str, details: tuple[Any, ...]) -> None:
    if not _guarding or event not in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        return
    where = details[0] if event == "socket.getaddrinfo" else details[1]
    host = where[0] if isinstance(where, tuple) else where
    if isinstance(where, tuple | str) and not _is_here(host):
        raise LeftTheMachine(f"{event} {host}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def only_this_machine() -> Any:
    global _guarding
    _guarding = True
    yield
    _guarding = False
