"""Addresses from outside: which may be kept, without what follows the reader, and which are one.

Only http, https, mailto, gemini and gopher survive: everything else can run or reveal something
when opened.
"""

import re
from functools import lru_cache
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote,
    unquote,
    urlencode,
    urljoin,
    urlsplit,
    urlunsplit,
)

from newsreader.text.clean import clean_text

_SCHEMES = ("http", "https", "mailto", "gemini", "gopher")
_LIMIT = 4096
"""Longer addresses are data, not links; browsers and servers stop between 2,048 and 8,192."""

_TRACKERS = re.compile(
    "utm_.*|(?:fb|g|dc|ms|tw|tt|y|li_fat_|ys)clid|li_fat_id|[gw]braid|gclsrc|igshid|igsh|mc_[ce]id|"
    "_hs(?:enc|mi)|mkt_tok|vero_(?:conv|id)|oly_(?:anon|enc)_id|_openstat|__twitter_impression|"
    "cmpid|smid|smtyp|ref_?src|ref_?url|xtor|at_(?:medium|campaign|custom\\d)|ncid|"
    "ns_(?:mchannel|source|campaign|linkname|fee)|s_cid|guccounter|guce_.*",
    re.IGNORECASE,
)
"""Query names that only tell the publisher where the reader came from."""

_SPACES = re.compile(r"\s+")
_UNSAFE = "%/:=&?~#+!$,;'@()*[]"


@lru_cache(maxsize=512)
def clean_link(url: str, base: str = "") -> str | None:
    """Return ``url`` made absolute, without trackers and logins; None when it must not be opened.

    Answers are remembered: a feed gives the same few addresses for each of its entries.
    """
    text, base = _in_one_piece(url), _in_one_piece(base)
    if not text or max(len(text), len(base)) > _LIMIT or text.startswith("#"):
        return None
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        if parts.scheme.lower() not in _SCHEMES:
            return None
        if parts.scheme.lower() == "mailto":
            return text if "@" in parts.path else None
        if not parts.hostname or parts.port == 0:
            return None
        query = _kept(parts.query)
        safe = [quote(part, safe=_UNSAFE) for part in (parts.path, query, parts.fragment)]
        # A name before the host is a password let out, or a host that it is not.
        return urlunsplit((parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower(), *safe))
    except ValueError:
        return None


def _in_one_piece(url: str) -> str:
    """Return an address without control characters and white space; too long, it stays too long."""
    text = clean_text(url[: _LIMIT + 1]).strip()
    return _SPACES.sub(lambda m: "" if "\n" in m[0] else "%20", text)


def link_key(url: str) -> str:
    """Return what two addresses of one page have in common; for comparison only.

    Scheme, "www.", port 80/443, case of the host, trackers, order of the query, a last slash
    and the fragment do not matter.
    """
    cleaned = clean_link(url)
    if cleaned is None:
        return url.strip()
    parts = urlsplit(cleaned)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if parts.port not in (None, 80, 443):
        host = f"{host}:{parts.port}"
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    path = unquote(parts.path).rstrip("/")
    fragment = f"#{parts.fragment}" if parts.fragment.startswith("!") else ""
    return f"{host}{path}{'?' + query if query else ''}{fragment}"


def entry_key(url: str) -> str:
    """Return what two addresses of one entry have in common; for comparison only.

    As :func:`link_key`, but a fragment that counts ("#comment-7", "#v1.2") matters: many entries
    stand on one page. One without a number ("#atom", "#rss") or with a value ("#ref=rss") only
    tells where the reader came from.
    """
    parts = _split(url)
    fragment = "" if parts is None else parts.fragment
    counts = "=" not in fragment and any(map(str.isdigit, fragment))
    key = link_key(url)
    return f"{key}#{fragment}" if counts and "#" not in key else key


def front_page(url: str) -> bool:
    """Tell whether ``url`` is a site's front page, which is no article's own address."""
    parts = _split(url)
    return (
        parts is not None and not parts.path.strip("/") and not parts.query and not (parts.fragment)
    )


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _kept(query: str) -> str:
    """Return the query without trackers, its other parts exactly as they were."""
    if not query:
        return ""
    pairs = query.split("&")
    return "&".join(p for p in pairs if not _TRACKERS.fullmatch(p.partition("=")[0]))
