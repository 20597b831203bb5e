"""Articles to the sections of a segment: everything is gathered in flat arrays, then sorted once.

One sort of 64-bit keys (group, document, position, form) replaces all work on single postings.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from newsreader.model import EntityKind, SearchDocument
from newsreader.search._analysis import PLAIN, Form, language_of, memo, tokens
from newsreader.search._encode import Encoder, Run
from newsreader.search._file import Array, offsets
from newsreader.search._schema import (
    ENTITY,
    GAP,
    KIND_FIELDS,
    LAST_POSITION,
    MENTIONS,
    TEXT,
    TITLE,
    UNDATED,
    milliseconds,
)

DOCUMENTS = 16_000
"""Articles of one built segment at most; keys have 14 bits for them."""

POSITIONS = 2_000_000
"""Words of one built segment, about: sorting them takes 130 MB."""

_KNOWN_CAP = 250_000
"""Words remembered from one segment to the next, 50 MB."""

UNIT = 4
"""The weight of a word in the body."""
LEAD_WEIGHT = 5
TITLE_WEIGHT = 12
LEAD = 25
"""Positions of the body that are the lead: the first sentence of a report."""
NAME_WEIGHT = UNIT
"""What an entity's name adds to each of its words that stands in the text."""

_RUN = 1 << 31
"""From here on a word stands for a run of several terms."""


class _Terms:
    """The terms seen so far, numbered from 1, and the words between spaces that mean them."""

    def __init__(self) -> None:
        self.keys: list[str] = [""]
        self.surfaces: list[str] = [""]
        self._numbers: dict[tuple[str, str], int] = {}
        self.runs = array("I")
        self.run_ends = array("I")
        self._known: dict[str, _Numbers] = {}
        self.known = 0

    def of_language(self, code: str) -> "_Numbers":
        """Return the numbers of words in texts of a language."""
        if code not in self._known:
            self._known[code] = _Numbers(self, code)
        return self._known[code]

    def number(self, key: str, surface: str) -> int:
        """Return the number of a term, a new one if it is new."""
        found = self._numbers.setdefault((key, surface), len(self.keys))
        if found == len(self.keys):
            self.keys.append(key)
            self.surfaces.append(surface)
        return found

    def of(self, forms: Sequence[Form]) -> int:
        """Return what a word of these forms is written as; 0 is nothing."""
        self.known += 1
        if len(forms) > 1:
            self.runs.extend(self.number(*form) for form in forms)
            self.run_ends.append(len(self.runs))
            return _RUN + len(self.run_ends) - 1
        return self.number(*forms[0]) if forms else 0


class _Numbers(dict[str, int]):
    """What stands between spaces to its number. No token spans a space or looks beyond one."""

    def __init__(self, terms: _Terms, code: str) -> None:
        self._terms = terms
        self._memo = memo(code)

    def __missing__(self, word: str) -> int:
        forms = [form for token in tokens(word) for form in self._memo[token]]
        value = self[word] = self._terms.of(forms)
        return value


class _Names:
    """The words of one field of names, article by article."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.term = array("I")
        self.position = array("I")
        self.document = array("I")
        self._known: dict[str, list[int]] = {}

    def add(self, document: int, values: Iterable[str]) -> None:
        """Take an article's values."""
        position = 0
        for value in values:
            terms = self._known.get(value)
            if terms is None:
                terms = self._known[value] = self._numbered(value)
            after = position + len(terms)
            self.term.extend(terms)
            self.position.extend(range(position, after))
            self.document.extend([document] * len(terms))
            position = after + GAP

    def _numbered(self, value: str) -> list[int]:
        forms_of, numbers = memo(PLAIN), self.numbers
        surfaces = [form.surface for token in tokens(value) for form in forms_of[token]]
        return [numbers.setdefault(surface, len(numbers)) for surface in surfaces]


class Stream(NamedTuple):
    """Occurrences of terms: what stands where, in any order."""

    term: Array
    document: Array
    position: Array


class _Entity(NamedTuple):
    """An entity's number, and those of the groups in its name."""

    number: int
    groups: list[int]


class Buffer:
    """Articles on their way into one segment."""

    def __init__(self) -> None:
        self._terms = _Terms()
        self._clear()

    def _clear(self) -> None:
        if self._terms.known > _KNOWN_CAP:
            self._terms = _Terms()
        self._ids = array("q")
        self._published = array("q")
        self._raw = array("I")
        self._ends = array("I")
        self._codes: set[str] = set()
        self._names: dict[str, _Names] = {}
        self._sources: dict[str, int] = {"": 0}
        self._source = array("I")
        self._entities: dict[str, int] = {}
        self._entity = array("I")
        self._entity_document = array("I")
        self._bonus = array("I")
        self._bonus_document = array("I")
        self._bonus_groups: dict[str, int] = {}
        self._named_entities: dict[tuple[EntityKind, str, int, str], _Entity] = {}

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def full(self) -> bool:
        """Whether a segment should be made of what is here."""
        return len(self._ids) >= DOCUMENTS or len(self._raw) >= POSITIONS

    def add(self, document: SearchDocument) -> None:
        """Take an article."""
        number = len(self._ids)
        self._ids.append(document.id)
        when = document.published
        self._published.append(UNDATED if when is None else milliseconds(when))
        code = language_of(document.language)
        self._codes.add(code)
        number_of = self._terms.of_language(code).__getitem__
        raw = self._raw
        for text in (document.title, document.text):
            raw.extend(map(number_of, text.split()))
            self._ends.append(len(raw))
        outlets = document.source.split("\n")
        self._source.append(self._sources.setdefault(outlets[0], len(self._sources)))
        for field, values in (
            ("source", outlets),
            ("author", [document.author]),
            ("url", [document.url]),
            ("lang", [document.language]),
            ("tag", document.tags),
            (MENTIONS, [date.replace("-", "") for date in document.dates]),
        ):
            if any(values):
                self._named(field).add(number, values)
        if document.entities:
            self._add_entities(number, document, code)

    def _named(self, field: str) -> _Names:
        if field not in self._names:
            self._names[field] = _Names()
        return self._names[field]

    def _add_entities(self, number: int, document: SearchDocument, code: str) -> None:
        names: dict[str, list[str]] = {}
        seen: set[int] = set()
        for kind, name, entity in document.entities:
            field = KIND_FIELDS.get(kind)
            if field is None:
                continue
            named = self._named_entities.get((kind, name, entity, code))
            if named is None:
                named = self._entity_of(field, name, entity, code)
                self._named_entities[kind, name, entity, code] = named
            seen.add(named.number)
            if named.groups:
                names.setdefault(field, []).append(name)
                self._bonus.extend(named.groups)
                self._bonus_document.extend([number] * len(named.groups))
        self._entity.extend(seen)
        self._entity_document.extend([number] * len(seen))
        for field, values in names.items():
            self._named(field).add(number, values)

    def _entity_of(self, field: str, name: str, entity: int, code: str) -> "_Entity":
        forms_of, known = memo(code), self._bonus_groups
        groups = {form.group for token in tokens(name) for form in forms_of[token]}
        number = self._entities.setdefault(f"{field} {entity}", len(self._entities))
        return _Entity(number, [known.setdefault(group, len(known)) for group in groups])

    # Sections

    def build(self) -> tuple[dict[str, Array | Sequence[Array]], dict[str, object]]:
        """Return the sections and facts of a segment, newest article first, and empty the buffer.

        There is at least one article.
        """
        ids = np.frombuffer(self._ids, np.int64)
        published = np.frombuffer(self._published, np.int64)
        order = np.lexsort((ids, published))[::-1]
        rank = np.empty(len(order), np.uint32)
        rank[order] = np.arange(len(order), dtype=np.uint32)
        found: dict[str, Array | Sequence[Array]] = {}
        lengths = self._add_texts(found, rank)
        for field, names in self._names.items():
            self._add_names(found, field, names, rank)
        self._add_keys(found, rank)
        sources = np.frombuffer(self._source, np.uint32)[order]
        found |= columns(ids[order], published[order], lengths, sources)
        facts: dict[str, object] = {
            "documents": len(ids),
            "length": int(lengths.sum()),
            "languages": sorted(self._codes),
            "sources": list(self._sources),
        }
        self._clear()
        return found, facts

    def _add_texts(self, found: dict[str, Array | Sequence[Array]], rank: Array) -> Array:
        """Add title and text; return the weighted length of each document."""
        term, ends = self._expanded()
        spans = np.diff(ends, prepend=0)
        titles, bodies = spans[0::2], spans[1::2]
        begin_of_body = np.where(titles > 0, titles + GAP, 0)
        base = np.zeros(len(spans), np.int64)
        base[1::2] = begin_of_body
        begins = (ends - spans - base).astype(np.int32)
        position = np.arange(len(term), dtype=np.int32) - np.repeat(begins, spans)
        position = np.minimum(position, np.int32(LAST_POSITION))
        document = np.repeat(rank, titles + bodies)
        every = Stream(term, document, position)
        in_title = np.repeat(np.tile((True, False), len(titles)), spans)
        by_rank = np.argsort(rank)
        zones = titles[by_rank], begin_of_body[by_rank]
        if len(term):
            found |= self._text(TEXT, every, zones, rank)
        if in_title.any():
            heads = Stream(*(part[in_title] for part in every))
            found |= self._text(TITLE, heads, None, rank)
        lead = np.minimum(bodies, LEAD)
        lengths = TITLE_WEIGHT * titles + LEAD_WEIGHT * lead + UNIT * (bodies - lead)
        in_order: Array = lengths[by_rank].astype(np.uint32)
        return in_order

    def _expanded(self) -> tuple[Array, Array]:
        """Return the terms of all texts with runs as their terms, and where each text ends."""
        raw = np.frombuffer(self._raw, np.uint32) if self._raw else np.zeros(0, np.uint32)
        ends = np.frombuffer(self._ends, np.uint32).astype(np.int64)
        runs = raw >= _RUN
        if not runs.any() and raw.all():
            return raw, ends
        run_ends = np.array(self._terms.run_ends, np.int64)
        sizes = np.diff(run_ends, prepend=0)
        counts = (raw > 0).astype(np.int32)
        which = raw[runs] - _RUN
        counts[runs] = sizes[which]
        term = np.repeat(raw, counts)
        firsts, lengths = (run_ends - sizes)[which], sizes[which]
        inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        flat = np.array(self._terms.runs, np.uint32)
        term[term >= _RUN] = flat[np.repeat(firsts, lengths) + inside]
        return term, offsets(counts)[ends]

    def _text(
        self, field: str, stream: Stream, zones: tuple[Array, Array] | None, rank: Array
    ) -> dict[str, list[Array]]:
        terms = self._terms
        used = np.flatnonzero(np.bincount(stream.term)).tolist()
        keys_used = [terms.keys[n] for n in used]
        keys = sorted(set(keys_used))
        ranks = {key: n for n, key in enumerate(keys)}
        groups_used = np.fromiter(map(ranks.__getitem__, keys_used), np.int64, len(used))
        written = [terms.surfaces[n] for n in used]
        order = sorted(range(len(used)), key=written.__getitem__)
        owners = groups_used[order]
        counts = np.bincount(owners, minlength=len(keys))
        # The place of each surface among those of its group.
        by_owner = np.argsort(owners, kind="stable")
        places = np.empty(len(used), np.int64)
        places[by_owner] = np.arange(len(used)) - np.repeat(offsets(counts)[:-1], counts)
        groups = np.zeros(len(terms.keys), np.uint32)
        forms = np.zeros(len(terms.keys), np.uint32)
        numbers = np.array(used)
        groups[numbers] = groups_used
        forms[numbers[order]] = places
        bonus = self._bonuses(ranks, rank) if zones is not None and self._bonus else None
        numbered = stream._replace(term=groups[stream.term])
        encoder = Encoder(len(rank), counts)
        encoder.add(posted(numbered, len(keys), forms[stream.term], zones, bonus))
        return _named(field, encoder.sections(keys, [written[n] for n in order], owners))

    def _bonuses(self, ranks: dict[str, int], rank: Array) -> tuple[Array, Array]:
        """Return the (group, document) of each word of an entity's name that is a group."""
        known = self._bonus_groups
        numbers = np.fromiter((ranks.get(group, -1) for group in known), np.int64, len(known))
        groups = numbers[np.frombuffer(self._bonus, np.uint32)]
        documents = rank[np.frombuffer(self._bonus_document, np.uint32)]
        there = groups >= 0
        return groups[there].astype(np.uint64), documents[there].astype(np.uint64)

    @staticmethod
    def _add_names(
        found: dict[str, Array | Sequence[Array]], field: str, names: _Names, rank: Array
    ) -> None:
        if not names.term:
            return
        terms = list(names.numbers)
        order = sorted(range(len(terms)), key=terms.__getitem__)
        places = np.empty(len(terms), np.uint64)
        places[order] = np.arange(len(terms), dtype=np.uint64)
        stream = Stream(
            places[np.frombuffer(names.term, np.uint32)],
            rank[np.frombuffer(names.document, np.uint32)],
            np.minimum(np.frombuffer(names.position, np.uint32), LAST_POSITION),
        )
        encoder = Encoder(len(rank))
        encoder.add(posted(stream, len(terms)))
        found |= _named(field, encoder.sections([terms[n] for n in order]))

    def _add_keys(self, found: dict[str, Array | Sequence[Array]], rank: Array) -> None:
        if not self._entity:
            return
        terms = list(self._entities)
        order = sorted(range(len(terms)), key=terms.__getitem__)
        places = np.empty(len(terms), np.uint64)
        places[order] = np.arange(len(terms), dtype=np.uint64)
        group = places[np.frombuffer(self._entity, np.uint32)]
        document = rank[np.frombuffer(self._entity_document, np.uint32)].astype(np.uint64)
        both = np.sort(group << np.uint64(32) | document)
        df = np.bincount((both >> np.uint64(32)).astype(np.int64), minlength=len(terms))
        encoder = Encoder(len(rank))
        encoder.add(Run(df, (both & np.uint64(0xFFFFFFFF)).astype(np.uint32)))
        keys = [terms[n] for n in order]
        found |= _named(ENTITY, encoder.sections(keys))
        found["column.entity"] = entity_ids(keys)


def columns(ids: Array, published: Array, lengths: Array, sources: Array) -> dict[str, Array]:
    """Return the sections of what every article has one of."""
    return {
        "column.id": ids,
        "column.id.order": np.argsort(ids).astype(np.uint32),
        "column.published": published,
        "column.length": lengths,
        "column.source": sources.astype(
            np.uint16 if sources.max(initial=0) < 65_536 else np.uint32
        ),
    }


def entity_ids(keys: Sequence[str]) -> Array:
    """Return the entities of the keys of the field of entities."""
    return np.fromiter((int(key.rpartition(" ")[2]) for key in keys), np.int64, len(keys))


def _named(field: str, sections: dict[str, list[Array]]) -> dict[str, list[Array]]:
    return {f"{field}.{name}": pieces for name, pieces in sections.items()}


def _packed(stream: Stream, forms: Array | None, bits_d: int, bits_p: int, bits_f: int) -> Array:
    """Return group, document, position and form of each occurrence as one number."""
    keys = stream.term.astype(np.uint64)
    for values, bits in ((stream.document, bits_d), (stream.position, bits_p), (forms, bits_f)):
        if values is not None:
            keys <<= np.uint64(bits)
            keys |= values.astype(np.uint64)
    return keys


def _bit_length(values: Array) -> int:
    return int(values.max()).bit_length() if len(values) else 0


def posted(
    stream: Stream,
    groups: int,
    forms: Array | None = None,
    zones: tuple[Array, Array] | None = None,
    bonus: tuple[Array, Array] | None = None,
) -> Run:
    """Return the posting lists of a stream, whose terms are the numbers of their groups.

    Args:
        stream: at least one occurrence; every group occurs.
        groups: how many there are.
        forms: the form of each occurrence.
        zones: for each document the words of its title and where its body begins; without them
            every occurrence weighs a unit.
        bonus: groups and documents whose posting, if there is one, weighs more.
    """
    bits_p, bits_d = _bit_length(stream.position), _bit_length(stream.document)
    bits_f = 0
    if forms is not None:
        bits_f = min(_bit_length(forms), 64 - bits_p - bits_d - groups.bit_length())
        forms = np.minimum(forms, (1 << bits_f) - 1)
    keys = _packed(stream, forms, bits_d, bits_p, bits_f)
    keys.sort()
    if forms is not None:
        forms = (keys & np.uint64((1 << bits_f) - 1)).astype(np.uint16)
        keys >>= np.uint64(bits_f)
    position = (keys & np.uint64((1 << bits_p) - 1)).astype(np.uint32)
    keys >>= np.uint64(bits_p)
    begins = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    tf = np.diff(begins, append=len(keys))
    document = (keys & np.uint64((1 << bits_d) - 1)).astype(np.uint32)
    posting = keys[begins]
    del keys
    gaps = position.copy()
    gaps[1:] -= position[:-1]
    gaps[begins] = position[begins]
    if zones is None:
        weight = tf * UNIT
    else:
        titles, bodies = zones
        each = np.full(len(position), UNIT, np.uint8)
        each[position < (bodies + LEAD).astype(np.uint32)[document]] = LEAD_WEIGHT
        each[position < titles.astype(np.uint32)[document]] = TITLE_WEIGHT
        weight = np.add.reduceat(each, begins, dtype=np.int64)
    if bonus is not None and len(bonus[0]):
        wanted = bonus[0] << np.uint64(bits_d) | bonus[1]
        at = np.minimum(np.searchsorted(posting, wanted), len(posting) - 1)
        there = posting[at] == wanted
        np.add.at(weight, at[there], NAME_WEIGHT)
    return Run(
        df=np.bincount((posting >> np.uint64(bits_d)).astype(np.int64), minlength=groups),
        ids=document[begins].astype(np.uint32),
        tf=tf,
        weight=weight,
        gaps=gaps,
        forms=forms,
    )
