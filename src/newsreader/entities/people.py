"""The people of one article: whom a short form, a nickname or an initial stands for.

Nothing here guesses: a form that two people of the article share stands for itself alone.
"""

import re
from collections import Counter
from collections.abc import Iterable

from newsreader.entities.gazetteer import given_names, nicknames, word_list
from newsreader.entities.names import accents, bare, fold

_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_RELATIVES = 50
"""More people of one surname than an article has; comparing all pairs would take too long."""
_MARKS = re.compile(r"[\[\](){}\"“”«»]")


def name_words(surface: str) -> list[str]:
    """Return the folded words of a name, without marks: "Jorge [Ramos]" -> jorge, ramos."""
    return fold(bare(_MARKS.sub(" ", surface)).replace(",", " ")).split()


def without_suffix(words: list[str]) -> list[str]:
    """Return the words without "Jr." and its like."""
    return [word for word in words if word not in _SUFFIXES]


def _suffix(words: list[str]) -> str:
    return next((w.rstrip(".") for w in words[1:] if w in _SUFFIXES), "")


def same_given(one: str, other: str) -> bool:
    """Return whether two given names may be one person's: Dave and David, J. and James."""
    one, other = one.rstrip("."), other.rstrip(".")
    if one == other:
        return True
    if min(len(one), len(other)) == 1:
        return one[:1] == other[:1]
    return bool(nicknames(one) & nicknames(other))


class People:
    """The full names of one article, and what their short forms mean in it.

    Two full names are one person's when their last words agree and their given names do: by
    accents ("Guaidó", "Guaido"), by a middle name ("John F. Kennedy", "John Kennedy"), by a
    nickname ("Dave", "David") or an initial ("J. Smith") that fits exactly one of them. A name
    with "Jr." is another person than the one without.

    Args:
        surfaces: names of people as the text has them; those of one word are left out.
    """

    def __init__(self, surfaces: Iterable[str]) -> None:
        counts = Counter(bare(" ".join(_MARKS.sub("", surface).split())) for surface in surfaces)
        split = {s: w for s in counts if len(w := without_suffix(name_words(s))) > 1}
        whole = {tuple(words) for words in split.values()}
        tails = {tuple(words[at:]) for words in split.values() for at in range(1, len(words) - 1)}
        groups: dict[tuple[str, str, str], list[str]] = {}
        for surface, words in split.items():
            # "Van Hollen" is short for "Chris Van Hollen"; "Actor Tom Lee" is long for "Tom Lee".
            short = tuple(words) in tails and words[0] not in given_names()
            if not short and not any(
                words[at] in given_names() and tuple(words[at:]) in whole
                for at in range(1, len(words) - 1)
            ):
                key = (words[0], words[-1], _suffix(name_words(surface)))
                groups.setdefault(key, []).append(surface)
        self._full: dict[tuple[str, str, str], str] = {}
        for key, forms in groups.items():
            self._full[key] = _best(forms, counts)
        self._join_variants()
        self._named: dict[tuple[str, str], set[str]] = {}
        for (given, last, _), name in self._full.items():
            self._named.setdefault((given, last), set()).add(name)
        self._last: dict[str, set[str]] = {}
        self._first: dict[str, set[str]] = {}
        for name in set(self._full.values()):
            self._learn(name)

    def _join_variants(self) -> None:
        """Point "Dave Lee" and "D. Lee" at "David Lee", where only one name fits."""
        family: dict[tuple[str, str], list[str]] = {}
        for given, last, suffix in self._full:
            family.setdefault((last, suffix), []).append(given)
        for key in sorted(self._full, key=lambda key: (len(key[0].rstrip(".")), key)):
            given, last, suffix = key
            if len(family[last, suffix]) > _RELATIVES:
                continue
            fits = [
                other
                for other in family[last, suffix]
                if other != given
                and len(other.rstrip(".")) >= len(given.rstrip("."))
                and same_given(given, other)
            ]
            if len(fits) == 1:
                self._full[key] = self._full[fits[0], last, suffix]

    def _learn(self, name: str) -> None:
        every = name_words(name)
        words = without_suffix(every)
        self._first.setdefault(words[0], set()).add(name)
        suffix = [word for word in every[1:] if word in _SUFFIXES]
        for at in range(1, len(words)):
            for short in {" ".join(words[at:]), words[at]}:
                if len(short) > 2 and short not in word_list("particles"):
                    self._last.setdefault(short, set()).add(name)
                    if suffix:
                        self._last.setdefault(f"{short} {suffix[0]}", set()).add(name)

    def full(self, surface: str) -> str | None:
        """Return the canonical full name when ``surface`` is one of the article's full names."""
        every = name_words(surface)
        words = without_suffix(every)
        if len(words) < 2:
            return None
        suffix = _suffix(every)
        known = self._full.get((words[0], words[-1], suffix))
        if known is None and not suffix:
            return _only(self._named.get((words[0], words[-1])))
        return known

    def surname(self, surface: str) -> str | None:
        """Return the one full name that ends in ``surface``; None when there are two, or none."""
        return _only(self._last.get(" ".join(name_words(surface))))

    def has_surname(self, surface: str) -> bool:
        """Return whether any full name ends in ``surface``."""
        return " ".join(name_words(surface)) in self._last

    def given(self, surface: str) -> str | None:
        """Return the one full name that begins with ``surface``, or with what it is short for."""
        word = " ".join(name_words(surface))
        return _only(self._first.get(word))

    def canonical(self, surface: str) -> str | None:
        """Return the full name that ``surface`` stands for in this article."""
        return self.full(surface) or self.surname(surface) or self.given(surface)

    def surnames(self) -> frozenset[str]:
        """Return the surnames as they are written; two people may share one."""
        forms: set[str] = set()
        for name in set(self._full.values()):
            words = [word for word in name.split() if fold(word) not in _SUFFIXES]
            if len(words[-1]) > 2 and self.has_surname(words[-1]):
                forms.add(words[-1])
            if len(words) > 2 and fold(words[-2]) in word_list("particles"):
                forms.add(" ".join(words[-2:]))
        return frozenset(forms)


def _best(forms: list[str], counts: Counter[str]) -> str:
    """Return the fullest form; of forms that differ in accents alone the one that has most."""
    return max(forms, key=lambda s: (len(name_words(s)), not s.isupper(), accents(s), counts[s]))


def _only(names: set[str] | None) -> str | None:
    return next(iter(names)) if names is not None and len(names) == 1 else None
