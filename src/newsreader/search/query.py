"""The query language: text to a tree of nodes. ``help/query.md`` describes it for users.

Operators are read only in capitals. ``name:`` is a field where it is a known name; one that looks
like a misspelt name is an error; anything else (``http://…``, ``10:30``) is a word.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from newsreader.errors import QueryError
from newsreader.search import nodes
from newsreader.search._analysis import wanted
from newsreader.search._dates import days, period
from newsreader.search.nodes import Node

WORDS_IN = ("title", "source", "author", "tag", "url", "lang", "person", "org", "place", "entity")
"""Fields that hold words."""

TIMES = ("date", "newer", "older", "mentions")
"""Fields that hold a time."""

STATUS = {
    "is": ("read", "unread", "bookmarked", "noted", "hidden"),
    "has": ("note", "tag", "link", "enclosure"),
}
"""Fields of what the user did and the article brought, and what may stand after them."""

LATER = ("cites", "story")
"""Fields that a later version will have."""

FIELDS = (*WORDS_IN, *TIMES, *STATUS)
"""Every field that a query may use."""

MAX_LENGTH = 10_000
"""Code points of a query."""

MAX_CLAUSES = 200
"""Words, phrases and filters of a query: 200 common words cost about a second."""

MAX_DEPTH = 40
"""Parentheses and negations inside one another."""

_FIELD = re.compile(r"([^\W\d_]+):")
_SLOP = re.compile(r"~(\d{1,3})")
_QUOTES = '"“”'
_PATTERN_START = re.compile(r"[^\W_]{3}")
_CJK_START = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; ``str`` of it parses to the same."""

    node: Node

    def __str__(self) -> str:
        return str(self.node)


def parse(text: str, *, typing: bool = False) -> Query:
    """Return what ``text`` asks for; only spaces ask for every article.

    Args:
        text: what the user wrote.
        typing: they are still writing: an unfinished query means its finished part, and the last
            bare word is the beginning of a word.

    Raises:
        QueryError: it cannot be read; says where. With ``typing``, only what going on
            writing cannot mend.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query is longer than {MAX_LENGTH:,} characters", MAX_LENGTH + 1)
    return Query(_Parser(text, typing).whole())


def _blank(character: str) -> bool:
    # Joiners shape words of Persian and Hindi; every other invisible character is a gap.
    return character.isspace() or (
        not character.isprintable() and character not in ("\u200c", "\u200d")
    )


def _distance(left: str, right: str, bound: int) -> int:
    """Return the edit distance with swaps, or more than ``bound`` once it is above."""
    if abs(len(left) - len(right)) > bound:
        return bound + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _meant(name: str) -> str | None:
    """Return the field that ``name`` is probably a slip for."""
    bound = 1 if len(name) < 5 else 2
    if len(name) < 3:
        return None
    near = [(_distance(name, field, bound), field) for field in FIELDS if len(field) > 2]
    distance, field = min(near)
    return field if distance <= bound else None


class _Parser:
    """Recursive descent over the text; ``at`` is the next character."""

    def __init__(self, text: str, typing: bool) -> None:
        self.text = text
        self.typing = typing
        self.at = 0
        self.clauses = 0

    # Characters

    def skip(self) -> None:
        while self.at < len(self.text) and _blank(self.text[self.at]):
            self.at += 1

    def peek(self) -> str:
        """Return the next character, "" at the end."""
        return self.text[self.at] if self.at < len(self.text) else ""

    def bare(self) -> str:
        """Return the characters up to a gap, quote or parenthesis, without taking them."""
        end = self.at
        while end < len(self.text):
            character = self.text[end]
            if character in _QUOTES or character in "()" or _blank(character):
                break
            end += 1
        return self.text[self.at : end]

    def operator(self, word: str) -> bool:
        """Take ``word`` if it is next."""
        self.skip()
        if self.bare() != word:
            return False
        self.at += len(word)
        return True

    def error(self, message: str, at: int) -> QueryError:
        return QueryError(message, at + 1)

    # Grammar

    def whole(self) -> Node:
        node = self.either(0)
        self.skip()
        if self.peek() == ")":
            raise self.error("this ')' closes nothing", self.at)
        return nodes.Everything() if node is None else node

    def either(self, depth: int) -> Node | None:
        """Read alternatives; None where there is nothing."""
        found: list[Node] = []
        start = self.at
        node = self.all(depth)
        while True:
            at = self.at
            if not self.operator("OR"):
                break
            if node is None and not self.typing:
                raise self.error("OR needs a word before it", max(at, start))
            if node is not None:
                found.append(node)
            node = self.all(depth)
            if node is None and not self.typing:
                raise self.error("OR needs a word after it", self.at)
        if node is not None:
            found.append(node)
        return nodes.every(nodes.Or, found) if found else None

    def all(self, depth: int) -> Node | None:
        """Read what must all match; None where there is nothing."""
        found: list[Node] = []
        while True:
            self.skip()
            if self.peek() in ("", ")") or self.bare() == "OR":
                break
            at = self.at
            if self.operator("AND"):
                if not self.typing and (not found or self.dangling()):
                    raise self.error("AND needs a word on both sides", at)
                continue
            node = self.one(depth)
            if node is not None:
                found.append(node)
        return nodes.every(nodes.And, found) if found else None

    def dangling(self) -> bool:
        self.skip()
        return self.peek() in ("", ")") or self.bare() in ("OR", "AND")

    def one(self, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} levels of parentheses", self.at)
        at = self.at
        if self.peek() == "(":
            return self.group(depth)
        if self.peek() in _QUOTES:
            return self.phrase()
        if self.minus() or self.operator("NOT"):
            if self.dangling():
                if self.typing:
                    return None
                raise self.error("what must not match is missing", at)
            node = self.one(depth + 1)
            return None if node is None else nodes.negated(node)
        match = _FIELD.match(self.bare())
        if match:
            name = self.field_name(match[1], self.bare()[match.end() :])
            if name:
                self.at += match.end()
                return self.field(name, at, depth)
        return self.word(self.take())

    def minus(self) -> bool:
        after = self.text[self.at + 1 : self.at + 2]
        if self.peek() != "-" or after in ("", ")") or _blank(after):
            return False
        self.at += 1
        return True

    def take(self) -> str:
        word = self.bare()
        self.at += len(word)
        return word

    def group(self, depth: int) -> Node | None:
        start = self.at
        self.at += 1
        node = self.either(depth + 1)
        self.skip()
        if self.peek() == ")":
            self.at += 1
        elif not self.typing:
            raise self.error("this '(' is not closed", start)
        if node is None and not self.typing:
            raise self.error("nothing between the parentheses", start)
        return node

    def quoted(self) -> tuple[str, int]:
        """Take a quotation; return its words, one space between them, and where it began."""
        start = self.at
        end = start + 1
        while end < len(self.text) and self.text[end] not in _QUOTES:
            end += 1
        if end == len(self.text) and not self.typing:
            raise self.error("this quotation mark is not closed", start)
        inside = "".join(" " if _blank(c) else c for c in self.text[start + 1 : end])
        self.at = end + 1
        return " ".join(inside.split()), start

    def phrase(self) -> Node | None:
        text, start = self.quoted()
        slop = 0
        if match := _SLOP.match(self.text, self.at):
            slop = int(match[1])
            self.at = match.end()
            if slop > 50:
                raise self.error("at most 50 words may stand between (~50)", match.start())
        self.count(start, text)
        if not text:
            if self.typing:
                return None
            raise self.error("nothing between the quotation marks", start)
        return nodes.Phrase(text, slop)

    def count(self, at: int, text: str = "") -> None:
        # "the.the.the" is written as one word and sought as three.
        self.clauses += max(1, len(wanted(text)))
        if self.clauses > MAX_CLAUSES:
            raise self.error(f"more than {MAX_CLAUSES} words", at)

    # Fields

    def field_name(self, name: str, rest: str) -> str | None:
        """Return the field, None if this is an ordinary word."""
        if name in FIELDS:
            return name
        if rest.startswith("//"):
            return None
        low = name.lower()
        if low in LATER:
            raise self.error(f"'{low}:' is not in this version", self.at)
        meant = low if low in FIELDS else _meant(low)
        if meant:
            raise self.error(f"no field '{name}:'; did you mean '{meant}:'?", self.at)
        return None

    def field(self, name: str, start: int, depth: int) -> Node | None:
        following = self.peek()
        if following in ("", ")") or _blank(following):
            if self.typing:
                return None
            raise self.error(f"'{name}:' needs a word after it", self.at)
        if name in TIMES:
            return self.time(name)
        if name in STATUS:
            return self.status(name)
        if following == "(":
            node = self.group(depth + 1)
        elif following in _QUOTES:
            node = self.phrase()
        else:
            node = self.word(self.take())
        return None if node is None else nodes.within(name, node)

    def time(self, name: str) -> Node | None:
        at = self.at
        self.count(at)
        text = self.quoted()[0] if self.peek() in _QUOTES else self.take()
        try:
            if name == "mentions":
                days(text, datetime(2020, 1, 1, tzinfo=UTC).date())
            else:
                period(name, text, datetime(2020, 1, 1, tzinfo=UTC), UTC)
        except ValueError:
            if self.typing and self.at >= len(self.text):
                return None
            dated = name in ("date", "mentions")
            example = '2022-06, 2021..2023 or "last week"' if dated else "7d or 2022-06"
            raise self.error(f"'{name}:' needs a time such as {example}", at) from None
        return nodes.Period(name, text)

    def status(self, name: str) -> Node | None:
        at = self.at
        self.count(at)
        text = self.take()
        if text in STATUS[name]:
            return nodes.Status(name, text)
        if self.typing and self.at >= len(self.text):
            return None
        raise self.error(f"'{name}:' knows {', '.join(STATUS[name])}", at)

    # Words

    def word(self, text: str) -> Node:
        """Return the node of one bare word that has been taken."""
        at = self.at - len(text)
        self.count(at, text)
        start, tilde, distance = text.rpartition("~")
        if tilde and not distance.strip("0123456789") and any(map(str.isalnum, start)):
            return self.fuzzy(start, distance, at)
        if text.endswith("*") and not set("*?") & set(text[:-1]):
            return self.prefix(text[:-1], at)
        if "*" in text or ("?" in text.rstrip("?")) or (text.endswith("?") and len(text) > 3):
            return self.wildcard(text, at)
        last = self.typing and self.at == len(self.text)
        return nodes.Prefix(text) if last and _may_go_on(text) else nodes.Word(text)

    def fuzzy(self, text: str, distance: str, at: int) -> Node:
        if distance not in ("", "1", "2"):
            raise self.error("a word may differ in 1 or 2 letters (~1, ~2)", at + len(text))
        if len(wanted(text)) != 1 or set("*?") & set(text):
            raise self.error("'~' goes with one plain word", at + len(text))
        return nodes.Fuzzy(text, int(distance or 1))

    def prefix(self, text: str, at: int) -> Node:
        if _may_go_on(text):
            return nodes.Prefix(text)
        raise self.error("two letters are needed before '*'", at + len(text))

    def wildcard(self, text: str, at: int) -> Node:
        if not _PATTERN_START.match(text):
            raise self.error("three letters are needed before '*' or '?'", at)
        if len(text) > 64:
            raise self.error("a pattern has at most 64 characters", at)
        return nodes.Wildcard(text)


def _may_go_on(text: str) -> bool:
    """Tell whether the last token of ``text`` is long enough to be a beginning."""
    if not text or not (text[-1].isalnum() or text[-1] in "'’."):
        return False
    last = wanted(text, prefix=True)[-1:]
    return bool(last) and (len(last[0].surface) > 1 or bool(_CJK_START.match(last[0].word)))
