"""A searcher that does everything the slow way: what a query means, over lists of tokens.

``help query`` says it for users; ranking is that of ``newsreader.search._evaluate`` and
``_snapshot``.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from newsreader.model import EntityKind, SearchDocument
from newsreader.search import _build, nodes
from newsreader.search._analysis import Form, Wanted, language_of, memo, tokens, wanted
from newsreader.search._dates import days, period
from newsreader.search._fit import near, pattern
from newsreader.search._rank import RECENCY_GAIN
from newsreader.search._snapshot import FEW, K1, B
from newsreader.text.words import fold

Place = tuple[int, Form, int]
"""A position, what stands there, and what it weighs."""

Scores = dict[int, float]

NAMES = {"person": EntityKind.PERSON, "org": EntityKind.ORGANISATION, "place": EntityKind.PLACE}


def forms(text: str, code: str) -> list[Form]:
    return [form for token in tokens(text) for form in memo(code)[token]]


@lru_cache(maxsize=4000)
def places(document: SearchDocument, field: str) -> tuple[Place, ...]:
    """Return everything that stands in a field of a document."""
    code = language_of(document.language)
    unit = _build.UNIT
    if field in ("text", "title"):
        title = forms(document.title, code)
        if field == "title":
            return tuple((n, form, unit) for n, form in enumerate(title))
        begin = len(title) + _build.GAP if title else 0
        found = [(n, form, _build.TITLE_WEIGHT) for n, form in enumerate(title)]
        for n, form in enumerate(forms(document.text, code)):
            found.append((begin + n, form, _build.LEAD_WEIGHT if n < _build.LEAD else unit))
        return tuple(found)
    values: Iterable[str] = {
        "source": document.source.split("\n"),
        "author": [document.author],
        "url": [document.url],
        "lang": [document.language],
        "tag": document.tags,
        "mentions": [date.replace("-", "") for date in document.dates],
        **{name: [n for k, n, _ in document.entities if k is kind] for name, kind in NAMES.items()},
    }[field]
    listed: list[Place] = []
    at = 0
    for value in values:
        for form in forms(value, ""):
            listed.append((at, form, unit))
            at += 1
        at += _build.GAP
    return tuple(listed)


def fitting(slot: Wanted, field: str, code: str) -> Callable[[Form], bool]:
    if slot.prefix:
        return lambda form: form.surface.startswith(slot.surface)
    if field not in ("text", "title"):
        return lambda form: form.surface == slot.surface
    group = slot.group(code)
    return lambda form: form.surface == slot.surface or form.group == group


class Reference:
    """Answers over ``live`` documents; ``ghosts`` are gone but still counted."""

    def __init__(
        self,
        live: Sequence[SearchDocument],
        ghosts: Sequence[SearchDocument],
        now: datetime,
        lookup: Callable[[str], Iterable[int]],
    ) -> None:
        self.live = {int(document.id): document for document in live}
        self.everyone = [*live, *ghosts]
        self.now = now
        self.lookup = lookup
        self.codes = {language_of(document.language) for document in self.everyone}
        lengths = [self.length(document) for document in self.everyone]
        self.mean = sum(lengths) / len(lengths) if sum(lengths) else 1.0

    @staticmethod
    def length(document: SearchDocument) -> int:
        return sum(weight for _, _, weight in places(document, "text"))

    # Leaves

    def key(self, form: Form, field: str) -> str:
        return form.group if field in ("text", "title") else form.surface

    def weight(self, document: SearchDocument, field: str, groups: set[str]) -> int:
        found = places(document, field)
        held = {self.key(form, field) for _, form, _ in found} & groups
        total = sum(weight for _, form, weight in found if self.key(form, field) in groups)
        if field == "text":
            code = language_of(document.language)
            for kind, name, _ in document.entities:
                if kind in NAMES.values():
                    named = {form.group for form in forms(name, code)} & held
                    total += _build.NAME_WEIGHT * len(named)
        return total

    def factor(self, field: str, groups: set[str]) -> float:
        everyone = len(self.everyone)
        df = 0
        for document in self.everyone:
            held = {self.key(form, field) for _, form, _ in places(document, field)}
            df += len(held & groups)
        df = min(df, everyone)
        return math.log(1 + (everyone - df + 0.5) / (df + 0.5)) * (K1 + 1)

    def bm25(self, document: SearchDocument, field: str, factor: float, weight: int) -> float:
        norm = K1 * _build.UNIT
        if field == "text":
            norm *= 1 - B + B * self.length(document) / self.mean
        return factor * weight / (weight + norm)

    def word(self, slot: Wanted, field: str) -> Scores:
        """Score the documents that hold a word; it stands for its group in each language."""
        stems = {slot.surface}
        if field in ("text", "title"):
            stems = {slot.group(code) for code in self.codes}
        written = {
            self.key(form, field)
            for document in self.everyone
            for _, form, _ in places(document, field)
            if form.surface == slot.surface
        }
        factor = self.factor(field, stems | written)
        scores: Scores = {}
        for number, document in self.live.items():
            here = places(document, field)
            held = {
                self.key(form, field) for _, form, _ in here if form.surface == slot.surface
            } | ({self.key(form, field) for _, form, _ in here} & stems)
            if held:
                weight = self.weight(document, field, held)
                scores[number] = self.bm25(document, field, factor, weight)
        return scores

    def expanded(self, field: str, fits: Callable[[str], object]) -> Scores:
        """Score the documents that hold a surface that fits."""
        groups = {
            self.key(form, field)
            for document in self.everyone
            for _, form, _ in places(document, field)
            if fits(form.surface)
        }
        factor = self.factor(field, groups) if len(groups) <= FEW else 0.0
        scores: Scores = {}
        for number, document in self.live.items():
            held = {
                self.key(form, field)
                for _, form, _ in places(document, field)
                if fits(form.surface)
            }
            if held:
                weight = self.weight(document, field, held)
                scores[number] = self.bm25(document, field, factor, weight)
        return scores

    def slot(self, slot: Wanted, field: str) -> Scores:
        if slot.prefix:
            return self.expanded(field, lambda surface: surface.startswith(slot.surface))
        return self.word(slot, field)

    def slots(self, slots: Sequence[Wanted], field: str, slop: int) -> Scores | None:
        if not slots:
            return None
        each = [self.slot(slot, field) for slot in slots]
        if len(each) == 1:
            return each[0]
        scores: Scores = {}
        for number, document in self.live.items():
            if all(number in some for some in each) and stands(document, field, slots, slop):
                scores[number] = sum(some[number] for some in each)
        return scores

    def leaf(self, leaf: nodes.Leaf, field: str) -> Scores | None:
        match leaf:
            case nodes.Word():
                return self.slots(wanted(leaf.text), field, 0)
            case nodes.Phrase():
                return self.slots(wanted(leaf.text), field, leaf.slop)
            case nodes.Prefix():
                return self.slots(wanted(leaf.text, prefix=True), field, 0)
            case nodes.Fuzzy():
                text = fold(leaf.text)
                return self.expanded(field, lambda s: near(s, text, leaf.distance))
            case nodes.Wildcard():
                return self.expanded(field, pattern(fold(leaf.pattern)).fullmatch)

    # Trees

    def match(self, node: nodes.Node, field: str | None = None) -> Scores | None:
        """Return the scores without recency; None for what says nothing."""
        match node:
            case nodes.Everything():
                return dict.fromkeys(self.live, 0.0)
            case nodes.And() | nodes.Or():
                return self.joined(node, field)
            case nodes.Not():
                inner = self.match(node.node, field)
                return None if inner is None else dict.fromkeys(self.live.keys() - inner, 0.0)
            case nodes.Within():
                return self.match(node.node, node.field)
            case nodes.Period() if node.field == "mentions":
                return self.mentioned(node.text)
            case nodes.Period():
                begin, end = period(node.field, node.text, self.now, UTC)
                return {
                    number: 0.0
                    for number, document in self.live.items()
                    if (when := document.published)
                    and (not begin or begin <= when)
                    and (not end or when < end)
                }
            case nodes.Status():
                return dict.fromkeys(self.live.keys() & set(self.lookup(node.name)), 0.0)
            case _ if field == "entity":
                every = nodes.Or(tuple(nodes.Within(name, node) for name in NAMES))
                named = self.joined(every, None)
                numbered = self.numbered(node)
                return named if numbered is None else {**numbered, **(named or {})}
            case _:
                return self.leaf(node, field or "text")

    def numbered(self, leaf: nodes.Leaf) -> Scores | None:
        """Return the articles of an entity that is asked for by its id."""
        match leaf:
            case nodes.Word(text) | nodes.Prefix(text) if re.fullmatch(r"e\d+", text):
                return {
                    number: 0.0
                    for number, document in self.live.items()
                    if int(text[1:]) in {n for _, _, n in document.entities}
                }
            case _:
                return None

    def mentioned(self, text: str) -> Scores:
        low, high = days(text, self.now.date())
        found: Scores = {}
        for number, document in self.live.items():
            for named in document.dates:
                first, after = days(named, self.now.date())
                assert first and after
                if (not low or low <= first) and (not high or after <= high):
                    found[number] = 0.0
        return found

    def joined(self, node: nodes.And | nodes.Or, field: str | None) -> Scores | None:
        parts = [some for child in node.nodes if (some := self.match(child, field)) is not None]
        if not parts:
            return None
        every = set(parts[0])
        for some in parts[1:]:
            every = every & some.keys() if isinstance(node, nodes.And) else every | some.keys()
        return {n: sum(some.get(n, 0.0) for some in parts) for n in every}

    def search(self, node: nodes.Node) -> Scores:
        """Return the articles that match and their scores, recency in them."""
        scores = self.match(node) or {}
        found: Scores = {}
        for number, score in scores.items():
            when = self.live[number].published
            gain = 0.0
            if when is not None:
                age = max(0.0, (self.now - when).total_seconds() / 86_400)
                gain = RECENCY_GAIN * 2 ** (-age / 30)
            found[number] = score * (1 + gain)
        return found


def stands(document: SearchDocument, field: str, slots: Sequence[Wanted], slop: int) -> bool:
    """Tell whether slots stand in order with at most ``slop`` other positions in between."""
    code = language_of(document.language)
    every = [
        {at for at, form, _ in places(document, field) if fitting(slot, field, code)(form)}
        for slot in slots
    ]
    ends = every[0]
    for here in every[1:]:
        ends = {at for at in here if any(0 < at - end <= slop + 1 for end in ends)}
    return bool(ends)
