"""A query narrowed by one filter more, and widened again. Pure."""

import re

_OR = re.compile(r"(?:^|\s)OR(?:\s|$)")


def has(query: str, clause: str) -> bool:
    """Return whether ``clause`` stands in ``query`` as a filter of its own."""
    return _where(clause).search(query) is not None


def narrowed(query: str, clause: str) -> str:
    """Return ``query`` and ``clause``: both must match."""
    query = query.strip()
    if query.count('"') % 2:
        query += '"'
    if not query:
        return clause
    if _OR.search(query) and not _enclosed(query):
        query = f"({query})"
    return f"{query} {clause}"


def widened(query: str, clause: str) -> str:
    """Return ``query`` without ``clause``; the same if it is not there."""
    *_, last = [None, *_where(clause).finditer(query)]
    if last is None:
        return query
    rest = f"{query[: last.start()].rstrip()} {query[last.end() :].lstrip()}".strip()
    return rest[1:-1].strip() if _enclosed(rest) else rest


def _where(clause: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S){re.escape(clause)}(?!\S)")


def _enclosed(query: str) -> bool:
    """Return whether one pair of parentheses holds all of ``query``."""
    if not (query.startswith("(") and query.endswith(")")):
        return False
    depth, quoted = 0, False
    for at, sign in enumerate(query):
        quoted ^= sign == '"'
        if not quoted:
            depth += (sign == "(") - (sign == ")")
        if not depth:
            return at == len(query) - 1
    return False
