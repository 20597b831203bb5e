"""Which proxy an address is fetched through, as the environment says.

``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, in capitals or small letters.
"""

import ipaddress
from collections.abc import Mapping

from newsreader.errors import FetchError
from newsreader.net._url import Target

_SCHEMES = ("http://", "socks5://", "socks5h://")


def from_environment() -> dict[str, str]:
    """Return the proxies by scheme (``http``, ``https``, ``all``) and ``no``, the exceptions."""
    from urllib.request import getproxies  # loads http.client; only a process that fetches pays

    return {
        key: value for key, value in getproxies().items() if key in {"http", "https", "all", "no"}
    }


def proxy_for(target: Target, proxies: Mapping[str, str]) -> str | None:
    """Return the address of the proxy to use for ``target``, None to go there directly.

    Raises:
        FetchError: of kind ``url``; the proxy is of a kind that cannot be used.
    """
    written = proxies.get(target.scheme) or proxies.get("all")
    if not written or any(
        _excepts(entry.strip().lower(), target) for entry in proxies.get("no", "").split(",")
    ):
        return None
    address = written if "://" in written else f"http://{written}"
    if not address.lower().startswith(_SCHEMES):
        raise FetchError(
            "the proxy in the environment must be http, socks5 or socks5h; change *_PROXY", "url"
        )
    return address


def _excepts(entry: str, target: Target) -> bool:
    """Say whether an entry of NO_PROXY covers ``target``: ``*``, a name, a number, a block."""
    if not entry or entry == "*":
        return entry == "*"
    if "/" in entry:
        try:
            return ipaddress.ip_address(target.host) in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    host, _, port = entry.rpartition(":")
    if host and port.isdigit() and (host.endswith("]") or ":" not in host):
        if int(port) != target.port:
            return False
        entry = host
    name = entry.strip("[]").removeprefix("*").removeprefix(".")
    return target.host == name or target.host.endswith(f".{name}")
