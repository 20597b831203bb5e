"""Names of one article put together: short forms, acronyms, missed mentions, canonical names."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from newsreader.entities.gazetteer import Gazetteer, word_list
from newsreader.entities.names import NameIndex, accents, bare, fold, plain
from newsreader.entities.rules import (
    Found,
    begins_sentence,
    called_place,
    stands_alone,
    trim,
    within,
)
from newsreader.model import EntityKind, Recognised

_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})

_DETERMINED = re.compile(
    r"\b(?:the|an?|this|that|his|her|their|its|our|your|my|no|any|each|every|one|another)\s+$",
    re.IGNORECASE,
)
_SPEAKS = re.compile(r" (?:said|says|told|added|met|thanked|wrote|declined|has said|had said)\b")
"""What people do and stories, hopes and banks seldom do."""
_FIRM = re.compile(r",? (?:Inc|Corp|Corporation|Co|Company|Ltd|LLC|PLC|plc|L\.P)\.?$")
_BRACKETED = re.compile(r"\(([A-Z][A-Za-z&.-]{1,9})\)")
_LOCATED = re.compile(r"\b(?:in|at|near|to|outside|across)\s+$")


class People:
    """The full names of one article, and what their short forms mean in it."""

    def __init__(self, surfaces: Iterable[str]) -> None:
        self._full: dict[tuple[str, str], str] = {}
        split = [(surface, _name_words(surface)) for surface in surfaces]
        # "Van Hollen" is short for "Chris Van Hollen", not another man.
        tails = {tuple(words[at:]) for _, words in split for at in range(1, len(words) - 1)}
        for surface, words in split:
            if len(words) < 2 or tuple(words) in tails:
                continue
            known = self._full.setdefault((words[0], words[-1]), surface)
            if fold(known) == fold(surface) and accents(surface) > accents(known):
                self._full[words[0], words[-1]] = surface
        self._last: dict[str, set[str]] = {}
        self._first: dict[str, set[str]] = {}
        for name in self._full.values():
            words = _name_words(name)
            self._first.setdefault(words[0], set()).add(name)
            for at in range(1, len(words)):
                for short in {" ".join(words[at:]), words[at]}:
                    if len(short) > 2 and short not in word_list("particles"):
                        self._last.setdefault(short, set()).add(name)

    def full(self, surface: str) -> str | None:
        """Return the canonical full name when ``surface`` is one of the article's full names."""
        words = _name_words(surface)
        return self._full.get((words[0], words[-1])) if len(words) > 1 else None

    def surname(self, surface: str) -> str | None:
        """Return the one full name that ends in ``surface``; None when there are two, or none."""
        return _only(self._last.get(" ".join(_name_words(surface))))

    def has_surname(self, surface: str) -> bool:
        """Return whether any full name ends in ``surface``."""
        return " ".join(_name_words(surface)) in self._last

    def given(self, surface: str) -> str | None:
        """Return the one full name that begins with ``surface``."""
        return _only(self._first.get(" ".join(_name_words(surface))))

    def short_forms(self) -> dict[str, str]:
        """Return the surnames as they are written, each with its one full name."""
        forms: dict[str, str] = {}
        for name in self._full.values():
            words = [w for w in name.split() if fold(w) not in _SUFFIXES]
            if len(words[-1]) > 2 and self.surname(words[-1]) == name:
                forms[words[-1]] = name
            if len(words) > 2 and fold(words[-2]) in word_list("particles"):
                forms[" ".join(words[-2:])] = name
        return forms


def _only(names: set[str] | None) -> str | None:
    return next(iter(names)) if names is not None and len(names) == 1 else None


def _name_words(surface: str) -> list[str]:
    return [word for word in fold(bare(surface)).split() if word not in _SUFFIXES]


def acronyms(text: str, found: Sequence[Found]) -> dict[str, str]:
    """Return what the article's acronyms stand for.

    Those in brackets right after an organisation's name, and the initials of its longer names.
    """
    short: dict[str, str] = {}
    ends: dict[int, str] = {}
    for name in found:
        if name.kind is not EntityKind.ORGANISATION:
            continue
        surface = bare(text[name.start : name.end])
        ends[name.end] = surface
        initials = "".join(word[0] for word in surface.split() if word[0].isupper())
        if len(initials) >= 3 and len(surface.split()) >= 3:
            short.setdefault(initials, surface)
    for bracket in _BRACKETED.finditer(text):
        long = ends.get(len(text[: bracket.start()].rstrip()))
        letters = bracket.group(1)
        if long is not None and letters != long and letters[0].casefold() == long[0].casefold():
            short[letters] = long
    return short


class Resolver:
    """One article's names while they are being put together."""

    def __init__(self, text: str, known: Gazetteer) -> None:
        self._text = text
        self._plain = plain(text)
        self._known = known
        self._words: frozenset[str] | None = None

    def resolve(
        self,
        found: Sequence[Found],
        lines: Sequence[tuple[int, int]],
        *,
        others: Sequence[tuple[int, int]] = (),
        people: Iterable[str] = (),
    ) -> list[Recognised]:
        """Return all names of the text in order, never overlapping.

        Args:
            found: what the tagger saw, after the rules of one span.
            lines: the headings.
            others: names of other kinds, in order; the tables find nothing in them.
            people: full names that the title gives.
        """
        found = self._without_noise(found, lines)
        persons = (n for n in found if n.kind is EntityKind.PERSON)
        self._people = People([*(self._surface(n) for n in persons), *people])
        found = self._agree([self._as_person(name) for name in found])
        self._acronyms = acronyms(self._text, found)
        found = self._add_known(found, lines, others)
        found = self._add_missed(found, lines)
        return [self._named(name) for name in sorted(found)]

    def _surface(self, name: Found) -> str:
        return bare(self._text[name.start : name.end])

    def _without_noise(
        self, found: Sequence[Found], lines: Sequence[tuple[int, int]]
    ) -> list[Found]:
        """Drop what headings alone call a name: "Resume Relations With Venezuela"."""
        body = {fold(self._surface(n)) for n in found if not within(lines, n.start)}
        kept: list[Found] = []
        for name in found:
            if kept and name.start < kept[-1].end:
                continue
            surface = self._surface(name)
            long = len(surface.split())
            if (
                not within(lines, name.start)
                or fold(surface) in body
                or self._known.get(surface) is not None
                or (long in (2, 3) and name.kind is EntityKind.PERSON)
            ):
                kept.append(name)
        return kept

    def _as_person(self, name: Found) -> Found:
        """Take a name for a person when the article has a person of that name.

        A place stays one where the word before says so ("in Lincoln").
        """
        surface = self._surface(name)
        entry = self._known.get(surface)
        if name.kind is EntityKind.PERSON or (entry is not None and entry.sure):
            return name
        if self._people.full(surface) or self._people.has_surname(surface):
            located = _LOCATED.search(self._text, max(0, name.start - 12), name.start)
            if name.kind is not EntityKind.PLACE or located is None:
                return name._replace(kind=EntityKind.PERSON)
        return name

    def _agree(self, found: list[Found]) -> list[Found]:
        """Give one spelling one kind in the whole article: the most frequent, then the first.

        Words like "the city of" before it count three times.
        """
        votes: dict[str, Counter[EntityKind]] = {}
        for name in found:
            weight = 3 if called_place(self._text, name.start) else 1
            votes.setdefault(fold(self._surface(name)), Counter())[name.kind] += weight
        return [
            name
            if name.kind is EntityKind.DEMONYM
            else name._replace(kind=votes[fold(self._surface(name))].most_common(1)[0][0])
            for name in found
        ]

    def _lower_words(self) -> frozenset[str]:
        if self._words is None:
            self._words = frozenset(re.findall(r"\b[a-z]{2,}\b", self._plain))
        return self._words

    def _add_known(
        self,
        found: list[Found],
        lines: Sequence[tuple[int, int]],
        others: Sequence[tuple[int, int]],
    ) -> list[Found]:
        """Add countries, demonyms, cities and agencies that the tagger passed over."""
        added: list[Found] = []
        for start, end in self._known.sure.find(self._plain):
            start, end = trim(self._text, start, end)
            surface = self._text[start:end]
            entry = self._known.get(surface)
            if entry is None or (surface.isupper() and surface.isalpha() and within(lines, start)):
                continue
            if within(others, start) and not within(lines, start):
                continue
            if (
                entry.kind is not EntityKind.DEMONYM
                and not within(lines, start)
                and not stands_alone(self._text, start, end, self._known)
            ):
                continue
            added.append(Found(start, end, entry.kind))
        return _merged(found, added)

    def _add_missed(self, found: list[Found], lines: Sequence[tuple[int, int]]) -> list[Found]:
        """Add further mentions of the article's own names that the tagger passed over."""
        forms: dict[str, EntityKind] = {}
        for name in found:
            surface = self._surface(name)
            if name.kind is not EntityKind.DEMONYM and len(surface) > 2:
                forms.setdefault(plain(surface), name.kind)
                if name.kind is EntityKind.ORGANISATION:
                    forms.setdefault(plain(_FIRM.sub("", surface)), name.kind)
        for short in self._people.short_forms():
            forms[plain(short)] = EntityKind.PERSON
        for letters in self._acronyms:
            forms.setdefault(letters, EntityKind.ORGANISATION)
        added = [
            Found(start, end, forms[self._plain[start:end]])
            for start, end in NameIndex(forms).find(self._plain)
            if self._believable(start, end, within(lines, start))
        ]
        return _merged(found, added)

    def _believable(self, start: int, end: int, heading: bool) -> bool:
        """Return whether a known form at this place is a mention and not an ordinary word."""
        word = self._plain[start:end]
        if " " in word:
            return True
        if not word[0].isupper() or not stands_alone(self._text, start, end, self._known):
            return False
        lower = word.casefold()
        if lower not in word_list("common") and lower not in self._lower_words():
            return True
        if heading:
            return False
        if begins_sentence(self._text, start):
            return _SPEAKS.match(self._text, end) is not None
        return _DETERMINED.search(self._text, max(0, start - 10), start) is None

    def _named(self, name: Found) -> Recognised:
        surface = self._surface(name)
        return Recognised(
            start=name.start, end=name.end, kind=name.kind, name=self._name(surface, name.kind)
        )

    def _name(self, surface: str, kind: EntityKind) -> str:
        """Return the canonical form: the full name, the table's name, what the letters mean."""
        if kind is EntityKind.PERSON:
            people = self._people
            known = people.full(surface) or people.surname(surface) or people.given(surface)
            return _calm(known or surface)
        entry = self._known.get(surface)
        if entry is not None and entry.kind is kind:
            return entry.name
        if kind is EntityKind.ORGANISATION:
            firm = _FIRM.sub("", surface)
            entry = self._known.get(firm)
            if entry is not None and entry.kind is kind:
                return entry.name
            return self._acronyms.get(firm, firm)
        return _calm(surface)


def _calm(name: str) -> str:
    """Return a name in capitals, as datelines have it, in title case: "DELRAY BEACH"."""
    return name.title() if name.isupper() and len(name) > 4 and "." not in name else name


def _merged(found: list[Found], added: list[Found]) -> list[Found]:
    """Return both in order, ``added`` only where ``found`` has nothing."""
    merged: list[Found] = []
    taken = sorted(found)
    at = 0
    for name in added:
        while at < len(taken) and taken[at].end <= name.start:
            merged.append(taken[at])
            at += 1
        if at == len(taken) or name.end <= taken[at].start:
            merged.append(name)
    return merged + taken[at:]
