"""Where in an unfinished query the cursor is, and what may be written there. Pure."""

import re
from typing import NamedTuple

FIELDS = (
    *("title", "source", "author", "tag", "url", "lang", "person", "org", "place", "entity"),
    *("date", "newer", "older", "mentions", "is", "has"),
)
"""The fields of the query language, repeated: the process that draws must not load it."""
VALUED = frozenset(FIELDS) - {"title", "author", "url"}
"""Fields whose values can be told."""

_LEAST = 2
"""Letters of a field's name before it is offered: one letter begins too many words."""
_WORD = re.compile(r'[^\s()"“”]*$')
_OPEN = re.compile(r'(?:^|[\s(-])([^\W\d_]+):["“]([^"“”]*)$')
_NAME = re.compile(r"[^\W\d_]*")
_QUOTES = '"“”'

TIMES = ("today", "yesterday", "this week", "last week", "this month", "last month")
"""What ``date:`` may be followed by besides years."""
AGES = ("24h", "7d", "30d", "1y")
"""What ``newer:`` and ``older:`` may be followed by."""


class Token(NamedTuple):
    """``text[start:end]`` is to be completed: a value of ``field``, or a field's name if None."""

    start: int
    end: int
    field: str | None
    prefix: str


def token(text: str, at: int) -> Token | None:
    """Return what stands before the cursor and may be completed; None inside a word or phrase."""
    before, after = text[:at], text[at:]
    if sum(before.count(sign) for sign in _QUOTES) % 2:
        opened = _OPEN.search(before)
        if opened is None or opened[1].lower() not in FIELDS:
            return None
        if after.strip() and after[0] not in _QUOTES:
            return None
        end = at + (after[:1] != "" and after[0] in _QUOTES)
        return Token(opened.start(1), end, opened[1].lower(), opened[2])
    if after and not (after[0].isspace() or after[0] == ")"):
        return None
    found = _WORD.search(before)
    word = found[0] if found else ""
    start = at - len(word)
    if word.startswith("-"):
        start, word = start + 1, word[1:]
    name, colon, value = word.partition(":")
    if colon and name.lower() in FIELDS:
        return Token(start, at, name.lower(), value)
    if word and not colon and _NAME.fullmatch(word):
        return Token(start, at, None, word.lower())
    return None


def fields(prefix: str) -> list[str]:
    """Return the names of fields that begin with ``prefix``, each with its colon."""
    if len(prefix) < _LEAST:
        return []
    return [f"{name}:" for name in FIELDS if name.startswith(prefix)]


def written(field: str, value: str) -> str:
    """Return the filter for ``value`` as a query has it: ``person:"Roger Carstens"``."""
    bare = re.sub(r'[\s"“”]+', " ", value).strip()
    plain = re.fullmatch(r"[\w.+-]+", bare) and not bare.startswith("-")
    return f"{field}:{bare}" if plain else f'{field}:"{bare}"'
