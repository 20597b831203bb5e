"""Names of one article put together: short forms, acronyms, missed mentions, canonical names."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from newsreader.entities.gazetteer import Gazetteer, given_names, word_list
from newsreader.entities.known import KnownNames
from newsreader.entities.names import NameIndex, bare, fold, plain
from newsreader.entities.people import People
from newsreader.entities.rules import (
    begins_sentence,
    called_place,
    of_a_people,
    stands_alone,
    trim,
)
from newsreader.entities.shorts import Organisations, acronyms, firm
from newsreader.entities.spans import Found, grown, merged, over, within
from newsreader.entities.spotting import (
    credited,
    datelines,
    given_and_surname,
    last_first,
    recurring,
    titled,
    turned,
    whole_of,
)
from newsreader.model import EntityKind, Recognised

_DETERMINED = re.compile(
    r"\b(?:the|an?|this|that|his|her|their|its|our|your|my|no|any|each|every|one|another)\s+$",
    re.IGNORECASE,
)
_SPEAKS = re.compile(r" (?:said|says|told|added|met|thanked|wrote|declined|has said|had said)\b")
"""What people do and stories, hopes and banks seldom do."""
_PICTURES = {"EPA": "European Pressphoto Agency", "PA": "Press Association"}
"""Agencies whose letters mean something else outside of a picture's credit."""
_LOCATED = re.compile(r"\b(?:in|at|near|to|outside|across)\s+$")


class Resolver:
    """One article's names while they are being put together."""

    def __init__(
        self,
        text: str,
        known: Gazetteer,
        library: KnownNames | None = None,
        *,
        language: str | None = "en",
    ) -> None:
        self._text = text
        self._plain = plain(text)
        self._known = known
        self._library = library if library is not None else KnownNames()
        self._language = language
        self._words: frozenset[str] | None = None
        self._behaving: dict[str, bool] = {}

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
        if self._language == "en":
            found = self._spotted(found, lines, others)
        persons = (n for n in found if n.kind is EntityKind.PERSON)
        self._people = People([*(self._surface(n) for n in persons), *people])
        within_sentences = {
            self._surface(n) for n in found if not begins_sentence(self._text, n.start)
        }
        found = [
            self._as_person(name)
            for name in found
            if self._surface(name) in within_sentences or not self._ordinary(name)
        ]
        self._acronyms = acronyms(self._text, found)
        found = self._agree(found)
        organisations = (n for n in found if n.kind is EntityKind.ORGANISATION)
        self._organisations = Organisations((self._surface(n) for n in organisations), self._known)
        found = self._add_known(found, lines, others)
        found = self._add_missed(found, lines)
        found = self._add_library(found)
        return [
            self._named(name)
            for name in sorted(found)
            if name.kind is not EntityKind.DEMONYM
            or not of_a_people(self._text, name.start, name.end)
        ]

    def _surface(self, name: Found) -> str:
        surface = bare(self._text[name.start : name.end])
        return turned(surface) if name.kind is EntityKind.PERSON else surface

    def _spotted(
        self,
        found: list[Found],
        lines: Sequence[tuple[int, int]],
        others: Sequence[tuple[int, int]],
    ) -> list[Found]:
        """Add the names that the words around them give away; English texts only."""
        found = over(list(last_first(self._text, self._known)), found)
        found = over(list(datelines(self._text, self._known)), found)
        found = grown(credited(self._text, self._known), found)
        found = self._add_given(found, lines, others)
        found = self._add_whole(self._without_callers(found), lines)
        return grown(sorted(set(recurring(self._text, found))), found)

    def _add_given(
        self,
        found: list[Found],
        lines: Sequence[tuple[int, int]],
        others: Sequence[tuple[int, int]],
    ) -> list[Found]:
        """Add people whom their given names give away, where nothing else saw a name.

        One that the engine cut in two ("Maya" + "Torres") or took for something else of one word
        becomes whole.
        """
        spotted = given_and_surname(self._text, self._known, lines)
        return grown([n for n in spotted if not within(others, n.start)], found)

    def _add_whole(self, found: list[Found], lines: Sequence[tuple[int, int]]) -> list[Found]:
        """Add the full names of people whom the engine saw by their surnames alone."""
        surfaces = {self._surface(n) for n in found if n.kind is EntityKind.PERSON}
        ends = {fold(surface).split()[-1] for surface in surfaces if " " in surface}
        lone = {plain(s) for s in surfaces if " " not in s and len(s) > 3 and fold(s) not in ends}
        whole = whole_of(self._plain, frozenset(lone), self._known, self._lower_words())
        return grown([name for name in whole if not within(lines, name.start)], found)

    def _without_callers(self, found: list[Found]) -> list[Found]:
        """Leave out a word that only calls or describes: "CLOSE Ana Torres", "Actor Ana Torres".

        The first word goes when it alone is in capitals, or when the rest is named without it.
        """
        names = {self._surface(name) for name in found if name.kind is EntityKind.PERSON}
        shorter = []
        for name in found:
            first, _, rest = self._surface(name).partition(" ")
            loud = first.isupper() and len(first) > 3 and not rest.isupper()
            person = name.kind is EntityKind.PERSON and " " in rest
            calls = loud or (rest in names and fold(first) not in given_names())
            if (person and calls) or (loud and self._known.get(rest) is not None):
                gap = re.compile(r"\S+\s+").match(self._text, name.start, name.end)
                if gap is not None:
                    name = name._replace(start=gap.end())
            shorter.append(name)
        return shorter

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

    def _ordinary(self, name: Found) -> bool:
        """Return whether it is a word that a sentence begins with: "Started in 1990, the fair".

        The text has the word in small letters too, and no person of that name.
        """
        surface = self._surface(name)
        if not surface.isalpha() or surface.isupper() or self._known.get(surface) is not None:
            return False
        return (
            begins_sentence(self._text, name.start)
            and surface.casefold() in self._lower_words()
            and not self._people.has_surname(surface)
            and _SPEAKS.match(self._text, name.end) is None
        )

    def _as_person(self, name: Found) -> Found:
        """Take a name for a person when the article has a person of that name.

        A place stays one where the word before says so ("in Lincoln").
        """
        surface = self._surface(name)
        entry = self._known.get(surface)
        if name.kind in (EntityKind.PERSON, EntityKind.DEMONYM):
            return name
        if not (self._people.full(surface) or self._people.has_surname(surface)):
            return name
        if entry is not None and entry.sure and not self._behaves(surface):
            return name
        located = _LOCATED.search(self._text, max(0, name.start - 12), name.start)
        if name.kind is not EntityKind.PLACE or located is None:
            return name._replace(kind=EntityKind.PERSON)
        return name

    def _behaves(self, surface: str) -> bool:
        """Return whether the text has a city's name do what only people do: "Paris said"."""
        entry = self._known.get(surface)
        if entry is None or entry.kind is not EntityKind.PLACE:
            return False
        place = plain(surface)
        if place not in self._behaving:
            word = re.escape(place)
            person = rf"\b{word}(?:{_SPEAKS.pattern}|, \d\d,|, who )|\b(?:Mr|Mrs|Ms)\.? {word}\b"
            self._behaving[place] = re.search(person, self._plain) is not None
        return self._behaving[place]

    def _agree(self, found: list[Found]) -> list[Found]:
        """Give one spelling one kind in the whole article: the most frequent, then the first.

        Words like "the city of" or "Mr." before it count three times; what an acronym was said to
        stand for decides alone.
        """
        votes: dict[str, Counter[EntityKind]] = {}
        for name in found:
            vote = votes.setdefault(fold(self._surface(name)), Counter())
            vote[name.kind] += 3 if called_place(self._text, name.start) else 1
            if name.kind is not EntityKind.DEMONYM and titled(self._text, name.start, self._known):
                vote[EntityKind.PERSON] += 3
        return [
            name
            if name.kind is EntityKind.DEMONYM
            else name._replace(kind=self._voted(name, votes[fold(self._surface(name))]))
            for name in found
        ]

    def _voted(self, name: Found, votes: Counter[EntityKind]) -> EntityKind:
        surface = self._surface(name)
        if surface in self._acronyms and self._known.get(surface) is None:
            return self._acronyms[surface][1]
        return votes.most_common(1)[0][0]

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
        return merged(found, added)

    def _add_missed(self, found: list[Found], lines: Sequence[tuple[int, int]]) -> list[Found]:
        """Add further mentions of the article's own names that the tagger passed over."""
        forms: dict[str, EntityKind] = {}
        for name in found:
            surface = self._surface(name)
            if name.kind is not EntityKind.DEMONYM and len(surface) > 2:
                forms.setdefault(plain(surface), name.kind)
                if name.kind is EntityKind.ORGANISATION:
                    forms.setdefault(plain(firm(surface)), name.kind)
        for short in self._people.surnames():
            forms[plain(short)] = EntityKind.PERSON
        for letters, (_, kind) in self._acronyms.items():
            forms.setdefault(letters, kind)
        for paper in self._organisations.papers():
            forms.setdefault(paper, EntityKind.ORGANISATION)
        added = [
            Found(start, end, forms[self._plain[start:end]])
            for start, end in NameIndex(forms).find(self._plain)
            if self._believable(start, end, within(lines, start))
        ]
        return merged(found, added)

    def _add_library(self, found: list[Found]) -> list[Found]:
        """Add names that other articles of the library gave."""
        known = self._library.find(self._plain, self._lower_words(), language=self._language)
        return merged(sorted(found), known)

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
            start=name.start,
            end=name.end,
            kind=name.kind,
            name=self._credited(name) or self._name(surface, name.kind),
        )

    def _credited(self, name: Found) -> str | None:
        """Return the agency of a picture's credit: "Ana Torres/EPA" is not the environment's."""
        credit = self._text[max(0, name.start - 1) : name.start] in ("/", "©")
        return _PICTURES.get(self._surface(name)) if credit else None

    def _name(self, surface: str, kind: EntityKind) -> str:
        """Return the canonical form: the full name, the table's name, what the letters mean."""
        if kind is EntityKind.PERSON:
            whole = self._people.canonical(surface) or self._library.name(surface, kind)
            return _calm(whole or surface)
        entry = self._known.get(surface)
        if entry is not None and entry.kind is kind:
            return entry.name
        if surface in self._acronyms:
            return self._acronyms[surface][0]
        if kind is EntityKind.ORGANISATION:
            short = firm(surface)
            entry = self._known.get(short)
            if entry is not None and entry.kind is kind and (entry.sure or short == surface):
                return entry.name
            long = self._acronyms.get(short, (None, kind))[0]
            return long or self._organisations.long(short) or short
        return _calm(surface)


def _calm(name: str) -> str:
    """Return a name in capitals, as datelines have it, in title case: "DELRAY BEACH"."""
    return name.title() if name.isupper() and len(name) > 4 and "." not in name else name
