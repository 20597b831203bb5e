"""Cookies of feeds that ask for them: in memory, each for the server that set it."""

import re
import threading

from newsreader.net._url import Target

_MOST = 30
_LONGEST = 4_096
"""Bytes and number a server may ask us to keep (RFC 6265, 6.1 names 4,096 bytes, 50 a host)."""

_PAIR = re.compile(r"[!-:<>-~]{1,100}=[ -:<-~]*")
_GONE = re.compile(r";\s*max-age\s*=\s*\"?(?:0|-\d+)\"?\s*(?:;|$)", re.IGNORECASE)
_SECURE = re.compile(r";\s*secure\s*(?:;|$)", re.IGNORECASE)


class Cookies:
    """What servers asked us to say again; never sent to another server, whatever they asked.

    Domains and paths are left out: a feed's login needs neither.
    """

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, tuple[str, bool]]] = {}
        self._lock = threading.Lock()

    def for_target(self, target: Target) -> str:
        """Return the Cookie header for ``target``, empty where there is none."""
        with self._lock:
            kept = self._kept.get(target.place, {})
            return "; ".join(
                f"{name}={value}"
                for name, (value, secure) in kept.items()
                if target.scheme == "https" or not secure
            )

    def take(self, target: Target, headers: list[str]) -> None:
        """Keep what Set-Cookie ``headers`` of ``target`` say."""
        with self._lock:
            kept = self._kept.setdefault(target.place, {})
            for header in headers:
                pair = header.partition(";")[0].strip()
                name, _, value = pair.partition("=")
                if len(pair) > _LONGEST or not _PAIR.fullmatch(pair):
                    continue
                kept.pop(name, None)
                if not _GONE.search(header) and len(kept) < _MOST:
                    kept[name] = (value, bool(_SECURE.search(header)))
