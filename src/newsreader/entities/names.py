"""Names as strings: folding, and finding many known names in a text in one pass.

The folding here keeps the length of a text, so that every offset stays right.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

_KEPT = 20_000
"""Short strings whose folding is remembered: an article asks for the same ones many times."""
_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"['’]s?$")


def _base(character: str) -> str:
    """Return the letter under an accent, when that is exactly one character."""
    base = [c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c)]
    return base[0] if len(base) == 1 else character


class _Plain(dict[int, str]):
    """A translation table that learns each character once."""

    def __missing__(self, code: int) -> str:
        character = _base(chr(code))
        self[code] = character
        return character


_PLAIN = _Plain({0x2019: "'"})


def plain(text: str) -> str:
    """Return ``text`` without accents and curly apostrophes, of the same length."""
    return text if text.isascii() else text.translate(_PLAIN)


@lru_cache(maxsize=_KEPT)
def fold(name: str) -> str:
    """Return the form under which two spellings of one name are equal."""
    return " ".join(plain(name).casefold().split())


def accents(name: str) -> int:
    """Count the characters that :func:`plain` changes."""
    return sum(a != b for a, b in zip(name, plain(name), strict=True))


@lru_cache(maxsize=_KEPT)
def bare(surface: str) -> str:
    """Return ``surface`` on one line, without a closing possessive."""
    return _POSSESSIVE.sub("", " ".join(surface.split()))


class NameIndex:
    """Known names, found by their first word.

    Matching is by exact case and without accents; a name must begin and end at a word's edge.
    Finding costs one dictionary look-up a word, however many names there are.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {plain(name) for name in names}
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            first = _WORD.search(name)
            if first is not None and first.start() == 0:
                lengths.setdefault(first.group(), set()).add(len(name))
        # However many names begin alike, each length is tried once.
        self._lengths = {word: sorted(some, reverse=True) for word, some in lengths.items()}

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield (start, end) of the longest known name at each place, in order, never overlapping.

        ``text`` has passed :func:`plain`.
        """
        done = 0
        for word in _WORD.finditer(text):
            start = word.start()
            if start < done:
                continue
            for length in self._lengths.get(word.group(), ()):
                end = start + length
                if end > len(text) or text[end : end + 1].isalnum():
                    continue
                if text[start:end] in self._names:
                    yield start, end
                    done = end
                    break


def known_in(text: str, names: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return (start, end, index into ``names``) where they stand in ``text``.

    In order, never overlapping, the longest at each place; exact case, accents aside, whole words.
    For lines beside an article, such as credits: it costs a look-up a word and needs no engine.
    """
    places: dict[str, int] = {}
    for at, name in enumerate(names):
        places.setdefault(plain(name), at)
    line = plain(text)
    return [(start, end, places[line[start:end]]) for start, end in NameIndex(places).find(line)]
