"""What newsboat keeps, as values: its list of feeds, its rules, its filters as our queries. Pure.

Its file formats are those of its manual (newsboat 2.21 to 2.38). Lines that run a program are
told, never run.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from newsreader.errors import ParseError, UsageError
from newsreader.feeds.discover import normalised
from newsreader.text.clean import clean_line

_MOST = 50_000
_NAME = 100
_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<op>=~|==|!=|!~|!#|<=|>=|=|<|>|#|\(|\))'
    r"|(?P<word>[^\s()=!<>#\"]+))"
)
_DEEPEST = 40
_PLAIN = re.compile(r"[\w\s'’.,&/+-]+\Z")


class Feed(NamedTuple):
    """A line of ``urls``: an address, its tags, and the title the user gave."""

    url: str
    title: str | None = None
    tags: tuple[str, ...] = ()


class Rule(NamedTuple):
    """A filter with a name: a query feed, or a rule that ignores articles."""

    name: str
    filter: str
    feed: str | None = None


class Subscriptions(NamedTuple):
    """What a ``urls`` file says; ``problems`` are (where, why) of lines that are not taken."""

    feeds: tuple[Feed, ...]
    queries: tuple[Rule, ...]
    problems: tuple[tuple[str, str], ...]


def looks_like_urls(text: str) -> bool:
    """Tell whether a text is a list of feeds as newsboat keeps it: addresses at line starts."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")][:200]
    starts = ("http://", "https://", '"query:', "query:", '"exec:', "exec:", '"filter:', "filter:")
    good = [line for line in lines if line.startswith(starts)]
    # An address with a sentence after it is a note, not a subscription.
    return bool(lines) and len(good) == len(lines) and all(_few_words(line) for line in good)


def _few_words(line: str) -> bool:
    try:
        return len(shlex.split(line)) <= 12
    except ValueError:
        return False


def read_urls(text: str) -> Subscriptions:
    """Return what a ``urls`` file subscribes to."""
    feeds: dict[str, Feed] = {}
    queries: list[Rule] = []
    problems: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#") or len(feeds) >= _MOST:
            continue
        where = f"line {number}"
        try:
            address, *tags = shlex.split(line, comments=False)
        except ValueError:
            problems.append((where, "has a quotation mark without its other half"))
            continue
        if address.startswith("query:"):
            rule = _query(address)
            if rule is None:
                problems.append((where, f"'{clean_line(address, 60)}' is no query feed"))
            else:
                queries.append(rule)
            continue
        if not address.startswith(("http://", "https://", "feed://")):
            what = address.partition(":")[0]
            problems.append((where, f"'{clean_line(what, 20)}:' feeds run programs; not taken"))
            continue
        try:
            feed = _feed(address, tags)
        except UsageError as error:
            problems.append((where, str(error)))
            continue
        feeds.setdefault(feed.url, feed)
    return Subscriptions(tuple(feeds.values()), tuple(queries), tuple(problems))


def _feed(address: str, tags: Sequence[str]) -> Feed:
    titles = [clean_line(tag[1:], 200) for tag in tags if tag.startswith("~") and len(tag) > 1]
    kept = [clean_line(tag, _NAME) for tag in tags if tag[:1] not in ("~", "!")]
    return Feed(
        normalised(address),
        next(iter(titles), None),
        tuple(dict.fromkeys(tag for tag in kept if tag)),
    )


def _query(address: str) -> Rule | None:
    # "query:Name:filter"; a colon in the name is written "\\:".
    parts = re.split(r"(?<!\\):", address, maxsplit=2)
    if len(parts) < 3 or not parts[2].strip():
        return None
    name = clean_line(parts[1].replace("\\:", ":"), _NAME)
    return Rule(name or "newsboat", parts[2].strip())


def read_ignored(config: str) -> list[Rule]:
    """Return the ``ignore-article`` rules of a configuration, each with its feed ("*": all)."""
    rules = []
    for line in config.splitlines():
        if not line.strip().startswith("ignore-article"):
            continue
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue
        if len(words) == 3:
            feed = None if words[1] == "*" else words[1]
            rules.append(Rule(f"Ignored: {clean_line(words[2], 60)}", words[2], feed))
    return rules


def as_query(expression: str, sources: Callable[[str, str], Sequence[str]]) -> str:
    """Return a newsboat filter in our query language.

    A regular expression is taken where it is plain words or a choice of them.

    Args:
        expression: the filter.
        sources: given ("tag" or "url", value), the titles of the feeds that are meant.

    Raises:
        ParseError: it cannot be said in our language, or is no filter.
    """
    tokens = _tokens(expression)
    reader = _Filter(tokens, sources)
    query = reader.either(0)
    if reader.left():
        raise ParseError(f"'{clean_line(reader.left(), 40)}' was not expected there")
    return query


def _tokens(expression: str) -> list[str]:
    tokens, at = [], 0
    text = expression.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ParseError(f"'{clean_line(text[at:], 40)}' cannot be read")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


class _Filter:
    """Reads a filter: ``or`` binds less than ``and``, parentheses group."""

    def __init__(self, tokens: Sequence[str], sources: Callable[[str, str], Sequence[str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._sources = sources

    def left(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self.left()
        self._at += 1
        return token

    def either(self, depth: int) -> str:
        parts = [self._both(depth)]
        while self.left().lower() in ("or", "||"):
            self._next()
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def _both(self, depth: int) -> str:
        parts = [self._one(depth)]
        while self.left().lower() in ("and", "&&"):
            self._next()
            parts.append(self._one(depth))
        return " ".join(parts)

    def _one(self, depth: int) -> str:
        if depth > _DEEPEST:
            raise ParseError("has too many parentheses")
        if self.left() == "(":
            self._next()
            inner = self.either(depth + 1)
            if self._next() != ")":
                raise ParseError("has a parenthesis without its other half")
            return f"({inner})" if " " in inner and not inner.startswith("(") else inner
        name, operator, value = self._next().lower(), self._next(), self._next()
        if not value:
            raise ParseError("ends in the middle")
        if value.startswith('"'):
            value = value[1:-1]
            if operator not in ("=~", "!~"):
                value = re.sub(r"\\(.)", r"\1", value)
        denied = operator.startswith("!")
        query = self._said(name, operator.lstrip("!") or "=", value)
        return f"-{_grouped(query)}" if denied else query

    def _said(self, name: str, operator: str, value: str) -> str:
        match name:
            case "title" | "author" | "content" | "link":
                field = {"title": "title:", "author": "author:", "link": "url:", "content": ""}
                return _words(field[name], value, pattern=operator == "=~")
            case "feedtitle":
                return _words("source:", value, pattern=operator == "=~")
            case "unread":
                return "is:unread" if value == "yes" else "is:read"
            case "flags":
                return _any(f"tag:flag-{flag}" for flag in value if flag.isalpha())
            case "enclosure_url":
                return "has:enclosure"
            case "age":
                return _age(operator, value)
            case "tags" | "rssurl":
                titles = self._sources("tag" if name == "tags" else "url", value)
                return _any(f'source:"{_quoted(title)}"' for title in titles)
            case _:
                raise ParseError(
                    f"'{clean_line(name, 30)}' is nothing that can be searched for here"
                )


def _grouped(query: str) -> str:
    return f"({query})" if " " in query and not query.startswith("(") else query


def _any(parts: Iterable[str]) -> str:
    some = list(parts)
    if not some:
        raise ParseError("names nothing that is here")
    return some[0] if len(some) == 1 else f"({' OR '.join(some)})"


def _quoted(text: str) -> str:
    words = clean_line(text, 200).replace('"', " ")
    if not any(character.isalnum() for character in words):
        raise ParseError(f"'{clean_line(text, 60)}' has no word to search for")
    return words


def _words(field: str, value: str, *, pattern: bool) -> str:
    """Return a search for words, or for a choice of them where ``value`` is a pattern."""
    if not pattern:
        return f'{field}"{_quoted(value)}"'
    bare = value.strip()
    bare = bare[1:-1] if bare.startswith("(") and bare.endswith(")") else bare
    choices = []
    for choice in bare.split("|"):
        plain = re.sub(r"\\b|\\<|\\>|^\^|\$$|^\.\*|\.\*$", "", choice.strip())
        parts = [part for part in plain.split(".*") if part.strip()]
        if not parts or not all(_PLAIN.match(part) and "." not in part for part in parts):
            raise ParseError(f"the pattern '{clean_line(value, 60)}' is more than words")
        choices.append(" ".join(f'{field}"{_quoted(part.strip())}"' for part in parts))
    return _any([_grouped(choice) if len(choices) > 1 else choice for choice in choices])


def _age(operator: str, value: str) -> str:
    between = re.fullmatch(r"(\d{1,5}):(\d{1,5})", value)
    if operator.lower() == "between" and between is not None:
        first, last = sorted(map(int, between.groups()))
        newer = f"newer:{last + 1}d"
        return newer if first == 0 else f"{newer} older:{first}d"
    if not re.fullmatch(r"\d{1,5}", value):
        raise ParseError(f"'{clean_line(value, 30)}' is no number of days")
    if operator in ("<", "<="):
        return f"newer:{int(value) + (operator == '<=')}d"
    if operator in (">", ">="):
        return f"older:{int(value)}d"
    raise ParseError("an age can be less or greater, not equal")
