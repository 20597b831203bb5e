"""Where a query matches in a text, by the same analysis that indexed it, and the best excerpt."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from newsreader.model import Snippet
from newsreader.search import nodes
from newsreader.search._analysis import Forms, Token, Wanted, spans, wanted
from newsreader.search._compile import near
from newsreader.search._evaluate import pattern
from newsreader.search.query import Query
from newsreader.text.words import fold

_SHOWN = frozenset({None, "person", "org", "place", "entity"})
"""Fields whose words are shown in a text: an entity's name stands there."""

_SENTENCE = re.compile(r"[.!?…。！？][\"'”’)\]]*\s+|\n+|(?<=[。！？])")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Sought:
    """What the query looks for, ready to be asked of each token. Numbers tell leaves apart."""

    words: dict[str, int]
    prefixes: tuple[tuple[str, int], ...]
    tests: tuple[tuple[Callable[[str], object], int], ...]
    phrases: tuple[tuple[tuple[Wanted, ...], int, int], ...]

    def leaf(self, forms: Forms) -> int | None:
        """Return the number of the leaf that a token of ``forms`` matches."""
        for form in forms:
            if form in self.words:
                return self.words[form]
            for prefix, number in self.prefixes:
                if form.startswith(prefix):
                    return number
            for test, number in self.tests:
                if test(form):
                    return number
        return None


def _sought(query: Query, title: bool) -> _Sought:
    words: dict[str, int] = {}
    prefixes: list[tuple[str, int]] = []
    tests: list[tuple[Callable[[str], object], int]] = []
    phrases: list[tuple[tuple[Wanted, ...], int, int]] = []
    for number, (field, leaf) in enumerate(nodes.sought(query.node)):
        if field not in _SHOWN and not (title and field == "title"):
            continue
        match leaf:
            case nodes.Fuzzy():
                tests.append((_nearness(fold(leaf.text), leaf.distance), number))
            case nodes.Wildcard():
                tests.append((pattern(fold(leaf.pattern)).fullmatch, number))
            case nodes.Word() | nodes.Phrase() | nodes.Prefix():
                slots = wanted(leaf.text, prefix=isinstance(leaf, nodes.Prefix))
                if len(slots) > 1:
                    slop = leaf.slop if isinstance(leaf, nodes.Phrase) else 0
                    phrases.append((tuple(slots), slop, number))
                elif slots and slots[0].prefix:
                    prefixes.append((slots[0].term, number))
                elif slots:
                    words.setdefault(slots[0].term, number)
    return _Sought(words, tuple(prefixes), tuple(tests), tuple(phrases))


def _nearness(word: str, distance: int) -> Callable[[str], object]:
    return lambda form: near(form, word, distance)


def _fits(slot: Wanted, forms: Forms) -> bool:
    if slot.prefix:
        return any(form.startswith(slot.term) for form in forms)
    return slot.term in forms


Found = tuple[int, int, int]
"""Start, end and the leaf's number."""


def _phrase(tokens: list[Token], slots: tuple[Wanted, ...], slop: int) -> Iterable[tuple[int, int]]:
    """Yield the spans of a phrase: all of it, or its words apart where others may stand between."""
    for first, token in enumerate(tokens):
        if not _fits(slots[0], token.forms):
            continue
        # Every position that a word can stand at, not the nearest: a b x b c, "a b c"~2.
        paths: list[list[int]] = [[first]]
        for slot in slots[1:]:
            reached: dict[int, list[int]] = {}
            for path in paths:
                for at in range(path[-1] + 1, min(path[-1] + 2 + slop, len(tokens))):
                    if at not in reached and _fits(slot, tokens[at].forms):
                        reached[at] = [*path, at]
            paths = list(reached.values())
        for path in paths[:1]:
            if slop:
                yield from ((tokens[at].start, tokens[at].end) for at in path)
            else:
                yield token.start, tokens[path[-1]].end


def _find(text: str, query: Query, title: bool) -> list[Found]:
    sought = _sought(query, title)
    found: list[Found] = []
    plain = sought.words or sought.prefixes or sought.tests
    if not plain and not sought.phrases:
        return found
    tokens = list(spans(text))
    if plain:
        known: dict[Forms, int | None] = {}
        for token in tokens:
            forms = token.forms
            if forms not in known:
                known[forms] = sought.leaf(forms)
            number = known[forms]
            if number is not None:
                found.append((token.start, token.end, number))
    for slots, slop, number in sought.phrases:
        found += ((start, end, number) for start, end in _phrase(tokens, slots, slop))
    return found


def _merged(found: Iterable[Found]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end, _number in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def matches(text: str, query: Query, *, title: bool = False) -> list[tuple[int, int]]:
    """Return where ``query`` matches in ``text``: sorted, never overlapping, in code points.

    With ``title`` the text is a title, and what the query asks of titles alone counts too. Words
    after ``-`` are not shown; nor are those of fields that are not text, such as ``source:``.
    """
    return _merged(_find(text, query, title))


def snippet(text: str, query: Query, *, width: int = 160) -> Snippet:
    """Return at most ``width`` characters where most of the query's words stand together.

    It begins with a sentence if that leaves room for the words, and is cut between words with an
    ellipsis. Where nothing matches it is the beginning of the text.
    """
    found = sorted(_find(text, query, title=False))
    start = _best_start(text, found, width) if found else 0
    return _cut(text, _merged(found), start, max(width, 8))


def _best_start(text: str, found: list[Found], width: int) -> int:
    """Return where the window begins that holds most of the leaves, then most matches."""
    starts = [0, *(match.end() for match in _SENTENCE.finditer(text))]
    best = (0, 0)
    best_at = 0
    last = 0
    held: Counter[int] = Counter()
    right = 0
    for left, (begin, end, number) in enumerate(found):
        while last + 1 < len(starts) and starts[last + 1] <= begin:
            last += 1
        # From the sentence's start if the match is then well inside, else from shortly before.
        at = starts[last]
        if end - at > width * 0.7:
            at = _word_start(text, max(at, begin - width // 4), begin)
        while right < len(found) and found[right][1] <= at + width - 2:
            held[found[right][2]] += 1
            right += 1
        score = (len(+held), right - left)
        if score > best:
            best, best_at = score, at
        held[number] -= 1
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
