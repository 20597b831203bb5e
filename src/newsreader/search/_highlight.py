"""Where a query matches in a text, by the same analysis that indexed it, and the best excerpt."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from newsreader.model import Snippet
from newsreader.search import nodes
from newsreader.search._analysis import (
    Form,
    Wanted,
    language_of,
    memo,
    spans_of,
    token_pattern,
    wanted,
)
from newsreader.search._fit import near, pattern
from newsreader.search.query import Query
from newsreader.text.words import fold

_SHOWN = frozenset({None, "person", "org", "place", "entity"})
"""Fields whose words are shown in a text: an entity's name stands there."""

_SENTENCE = re.compile(r"[.!?…。！？][\"'”’)\]]*\s+|\n+|(?<=[。！？])")
_SPACES = re.compile(r"\s+")

_KNOWN_CAP = 50_000

_Test = Callable[[Form], object]

Found = tuple[int, int, int]
"""Start, end and the leaf's number."""


class _Phrase(NamedTuple):
    """Slots that are to stand in order, by their numbers, and the leaf's number."""

    slots: Sequence[int]
    slop: int
    leaf: int


class _Fit(NamedTuple):
    """What one token is to a query: the leaf that it matches, the slots of phrases it fits."""

    leaf: int | None
    slots: frozenset[int]


class _Known(NamedTuple):
    """How many positions a raw token has, and what it is to the query at each; () is nothing."""

    positions: int
    fits: tuple[_Fit, ...]


class _Table:
    """What forms fit, as numbers: words are looked up, for there may be hundreds."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._surfaces: defaultdict[str, list[int]] = defaultdict(list)
        self._groups: defaultdict[str, list[int]] = defaultdict(list)
        self._tests: list[tuple[_Test, int]] = []

    def add_test(self, test: _Test, number: int) -> None:
        """Take what only a test tells."""
        self._tests.append((test, number))

    def add(self, slot: Wanted, number: int) -> None:
        """Take a position of a query."""
        if slot.prefix:
            self._tests.append((lambda form: form.surface.startswith(slot.surface), number))
        else:
            self._surfaces[slot.surface].append(number)
            self._groups[slot.group(self._code)].append(number)

    def __bool__(self) -> bool:
        return bool(self._surfaces or self._tests)

    def of(self, form: Form) -> frozenset[int]:
        """Return the numbers of what a form fits."""
        found = {*self._surfaces.get(form.surface, ()), *self._groups.get(form.group, ())}
        found.update(number for test, number in self._tests if test(form))
        return frozenset(found)


class _Sought:
    """What a query looks for in texts of one language; remembers what each token is to it."""

    def __init__(self, query: Query, code: str, title: bool) -> None:
        self._memo = memo(code)
        self._words = _Table(code)
        self._slots = _Table(code)
        self._numbers: dict[Wanted, int] = {}
        self.phrases: list[_Phrase] = []
        self.known: dict[str, _Known] = {}
        self.in_words: dict[str, tuple[Found, ...]] = {}
        for number, (field, leaf) in enumerate(dict.fromkeys(nodes.sought(query.node))):
            if field in _SHOWN or (title and field == "title"):
                self._add(leaf, number)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self._words and not self.phrases

    def _add(self, leaf: nodes.Leaf, number: int) -> None:
        match leaf:
            case nodes.Fuzzy():
                text, distance = fold(leaf.text), leaf.distance
                self._words.add_test(lambda form: near(form.surface, text, distance), number)
            case nodes.Wildcard():
                fits = pattern(fold(leaf.pattern)).fullmatch
                self._words.add_test(lambda form: fits(form.surface), number)
            case nodes.Word() | nodes.Phrase() | nodes.Prefix():
                slots = wanted(leaf.text, prefix=isinstance(leaf, nodes.Prefix))
                if len(slots) == 1:
                    self._words.add(slots[0], number)
                elif slots:
                    slop = leaf.slop if isinstance(leaf, nodes.Phrase) else 0
                    self.phrases.append(_Phrase([self._number(s) for s in slots], slop, number))

    def _number(self, slot: Wanted) -> int:
        """Return the number of a slot, the same for what many phrases say."""
        if slot not in self._numbers:
            self._numbers[slot] = len(self._numbers)
            self._slots.add(slot, self._numbers[slot])
        return self._numbers[slot]

    def learn(self, token: str) -> _Known:
        """Return what a raw token is to the query, and remember it in ``known``."""
        if len(self.known) >= _KNOWN_CAP:
            self.known.clear()
        forms = self._memo[token]
        fits = tuple(map(self._fit, forms))
        if not any(fit.slots or fit.leaf is not None for fit in fits):
            fits = ()
        found = self.known[token] = _Known(len(forms), fits)
        return found

    def learn_word(self, word: str) -> tuple[Found, ...]:
        """Return what matches in a word between spaces, and remember it in ``in_words``."""
        if len(self.in_words) >= _KNOWN_CAP:
            self.in_words.clear()
        found = tuple(self._in_word(word))
        self.in_words[word] = found
        return found

    def _in_word(self, word: str) -> Iterable[Found]:
        for match in token_pattern.finditer(word):
            _count, fits = self.known.get(match[0]) or self.learn(match[0])
            if fits:
                spans = spans_of(match[0], match.start())
                for (start, end), fit in zip(spans, fits, strict=True):
                    if fit.leaf is not None:
                        yield start, end, fit.leaf

    def _fit(self, form: Form) -> _Fit:
        return _Fit(min(self._words.of(form), default=None), self._slots.of(form))


@lru_cache(maxsize=64)
def _sought(query: Query, code: str, title: bool) -> _Sought:
    return _Sought(query, code, title)


class _Places:
    """Where the tokens stand that fit any slot of a phrase."""

    def __init__(self) -> None:
        self.spans: dict[int, tuple[int, int]] = {}
        self.of_slot: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, position: int, span: tuple[int, int], slots: Iterable[int]) -> None:
        """Take a token; their positions ascend."""
        self.spans[position] = span
        for slot in slots:
            self.of_slot[slot].append(position)


def _phrase(places: _Places, phrase: _Phrase) -> Iterable[tuple[int, int]]:
    """Yield the spans of a phrase: all of it, or its words apart where others may stand between."""
    stand = [places.of_slot[slot] for slot in phrase.slots]
    if not all(stand):
        return
    for first in stand[0]:
        # Every position that a word can stand at, not the nearest: a b x b c, "a b c"~2.
        paths: dict[int, tuple[int, ...]] = {first: (first,)}
        for following in stand[1:]:
            reached: dict[int, tuple[int, ...]] = {}
            for last, path in paths.items():
                begin = bisect_right(following, last)
                end = bisect_right(following, last + 1 + phrase.slop, begin)
                for at in following[begin:end]:
                    reached.setdefault(at, (*path, at))
            paths = reached
        path = next(iter(paths.values()), ())
        if path and phrase.slop:
            yield from (places.spans[at] for at in path)
        elif path:
            yield places.spans[first][0], places.spans[path[-1]][1]


def _find_words(text: str, sought: _Sought) -> list[Found]:
    """Return what matches where no phrase is looked for: only words that match are located.

    No token spans a space or depends on what is beyond one.
    """
    found: list[Found] = []
    for word in set(text.split()):
        inside = sought.in_words.get(word)
        if inside is None:
            inside = sought.learn_word(word)
        at = text.find(word) if inside else -1
        while at >= 0:
            after = at + len(word)
            whole = not text[at - 1 : at].strip() and not text[after : after + 1].strip()
            if whole:
                found += ((at + start, at + end, leaf) for start, end, leaf in inside)
            at = text.find(word, after if whole else at + 1)
    return found


def _find(text: str, query: Query, language: str, title: bool) -> list[Found]:
    sought = _sought(query, language_of(language), title)
    found: list[Found] = []
    if sought.empty:
        return found
    if not sought.phrases:
        return _find_words(text, sought)
    places = _Places()
    position = 0
    for match in token_pattern.finditer(text):
        token = match[0]
        count, fits = sought.known.get(token) or sought.learn(token)
        if fits:
            spans = spans_of(token, match.start())
            for n, ((start, end), fit) in enumerate(zip(spans, fits, strict=True)):
                if fit.leaf is not None:
                    found.append((start, end, fit.leaf))
                if fit.slots:
                    places.add(position + n, (start, end), fit.slots)
        position += count
    for phrase in sought.phrases:
        found += ((start, end, phrase.leaf) for start, end in _phrase(places, phrase))
    return found


def _merged(found: Iterable[Found]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end, _number in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def matches(
    text: str, query: Query, *, language: str = "", title: bool = False
) -> list[tuple[int, int]]:
    """Return where ``query`` matches in ``text``: sorted, never overlapping, in code points.

    ``language`` is the article's, "" if unknown. With ``title`` the text is a title, and what the
    query asks of titles alone counts too. Words after ``-`` are not shown; nor are those of fields
    that are not text, such as ``source:``.
    """
    return _merged(_find(text, query, language, title))


def snippet(text: str, query: Query, *, language: str = "", width: int = 160) -> Snippet:
    """Return at most ``width`` characters where most of the query's words stand together.

    It begins with a sentence if that leaves room for the words, and is cut between words with an
    ellipsis. Where nothing matches it is the beginning of the text.
    """
    found = sorted(_find(text, query, language, title=False))
    start = _best_start(text, found, width) if found else 0
    return _cut(text, _merged(found), start, max(width, 8))


def _best_start(text: str, found: list[Found], width: int) -> int:
    """Return where the window begins that holds most of the leaves, then most matches."""
    starts = [0, *(match.end() for match in _SENTENCE.finditer(text))]
    best = (0, 0)
    best_at = 0
    last = 0
    held: defaultdict[int, int] = defaultdict(int)
    leaves = right = 0
    for left, (begin, end, number) in enumerate(found):
        while last + 1 < len(starts) and starts[last + 1] <= begin:
            last += 1
        # From the sentence's start if the match is then well inside, else from shortly before.
        at = starts[last]
        if end - at > width * 0.7:
            at = _word_start(text, max(at, begin - width // 4), begin)
        while right < len(found) and found[right][1] <= at + width - 2:
            leaves += not held[found[right][2]]
            held[found[right][2]] += 1
            right += 1
        score = (leaves, right - left)
        if score > best:
            best, best_at = score, at
        held[number] -= 1
        leaves -= not held[number]
    return best_at


def _word_start(text: str, low: int, high: int) -> int:
    """Return the first beginning of a word from ``low`` on, at the latest ``high``."""
    if low == 0 or text[low - 1].isspace():
        return low
    gap = _SPACES.search(text, low, high)
    return gap.end() if gap else high


def _cut(text: str, found: list[tuple[int, int]], start: int, width: int) -> Snippet:
    while start < len(text) and text[start].isspace():
        start += 1
    before = start > 0 and not _SENTENCE.search(text, max(0, start - 3), start)
    lead = "…" if before else ""
    room = width - len(lead)
    end = len(text)
    if end - start > room:
        room -= 1
        end = start + room
        gap = text.rfind(" ", start + room * 2 // 3, end + 1)
        end = gap if gap > start else end
    pieces: list[str] = [lead]
    shown: list[tuple[int, int]] = []
    length = len(lead)
    place: dict[int, int] = {}
    edges = {edge for span in found for edge in span}
    for at in range(start, end):
        # Runs of white space become one space; offsets are noted as they move.
        if at in edges:
            place[at] = length
        character = text[at]
        if character.isspace():
            if pieces[-1] == " ":
                continue
            character = " "
        pieces.append(character)
        length += 1
    place[end] = length
    for left, right in found:
        if left in place and start <= left < end:
            shown.append((place[left], place.get(min(right, end), length)))
    body = "".join(pieces)
    kept = body.rstrip()
    tail = "…" if text[end:].strip() else ""
    return Snippet(
        text=kept + tail,
        matches=tuple((a, min(b, len(kept))) for a, b in shown if a < min(b, len(kept))),
    )
