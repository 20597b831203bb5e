"""Names that the words around them give away, whatever the engine says of them."""

import re
from calendar import month_name
from collections import defaultdict
from collections.abc import Iterator, Sequence

from newsreader.entities.gazetteer import Gazetteer, given_names, word_list
from newsreader.entities.names import fold
from newsreader.entities.rules import trim
from newsreader.entities.spans import Found, within
from newsreader.model import EntityKind

_DATELINE = re.compile(
    r"^[ \t]*([A-Z][A-Z.'’ -]{2,30}[A-Z.])(?:, ([A-Z][\w. ]{1,20}?))?"
    r"(?:,? [A-Z][a-z]{2,8}\.? \d{1,2})?\s*(?:\(([A-Z][\w -]{1,20})\)|[—–]|-{1,2} )",
    re.MULTILINE,
)


def datelines(text: str, known: Gazetteer) -> Iterator[Found]:
    """Yield the places that open a report: "CARACAS, Venezuela (AP) —", "PARIS --"; the agency too.

    A place that the tables lack is believed before an agency in brackets.
    """
    for line in _DATELINE.finditer(text):
        entry = known.get(line.group(1))
        placed = entry is not None and entry.kind is EntityKind.PLACE
        agency = line.group(3)
        if placed or (entry is None and agency):
            yield Found(*line.span(1), EntityKind.PLACE)
            if agency and known.get(agency) is None and _is_titled(agency):
                yield Found(*line.span(3), EntityKind.ORGANISATION)


def _is_titled(words: str) -> bool:
    """Tell whether each word begins with a capital, and none is a number or a month."""
    capital = all(word[:1].isupper() for word in words.split())
    return capital and not any(map(str.isdigit, words)) and words not in month_name


_SHARING = 16
"""Names with one word in common that are compared: "New ..." may begin any number."""


def recurring(text: str, found: Sequence[Found]) -> Iterator[Found]:
    """Yield the names of several words that the text has elsewhere, where a part alone was seen."""
    holding: dict[str, dict[str, EntityKind]] = defaultdict(dict)
    for name in found:
        surface = text[name.start : name.end]
        if name.kind in (EntityKind.ORGANISATION, EntityKind.PLACE) and " " in surface:
            for word in surface.split():
                if len(holding[word]) < _SHARING:
                    holding[word].setdefault(surface, name.kind)
    for name in found:
        part = text[name.start : name.end]
        for surface, kind in holding.get(part.split(maxsplit=1)[0], {}).items():
            start = name.start - surface.find(part)
            end = start + len(surface)
            if part != surface and text[max(start, 0) : end] == surface:
                edges = text[max(start - 1, 0) : start] + text[end : end + 1]
                if not any(map(str.isalnum, edges)):
                    yield Found(start, end, kind)


_LAST_FIRST = re.compile(
    r"(?:^|(?<=[\n;\"“(•]))[ \t]*([A-Z][\w'’-]+, [A-Z][\w'’-]+(?: [A-Z]\.)?)"
    r"(?=[ \t]*(?:$|[\n;\"”<(]))",
    re.MULTILINE,
)


def last_first(text: str, known: Gazetteer) -> Iterator[Found]:
    """Yield the people of lists that put the last name first: "Torres, Ana; Lee, David"."""
    for entry in _LAST_FIRST.finditer(text):
        start, end = entry.span(1)
        last, given = text[start:end].split(", ", 1)
        if fold(given.split()[0]) in given_names() and known.get(last) is None:
            yield Found(start, end, EntityKind.PERSON)


def turned(surface: str) -> str:
    """Return "Last, First" as "First Last", anything else as it is."""
    last, comma, given = surface.partition(", ")
    if comma and " " not in last and fold(given.split()[0]) in given_names():
        return f"{given} {last}"
    return surface


_GIVEN = re.compile(
    r"\b([A-Z][a-zà-öø-ÿ'’-]+)((?: [A-Z]\.?(?=\s))? )((?:de |van |von |al-|bin |el-|O['’]|Mc|Mac)?"
    r"[A-ZÀ-Þ][a-zà-öø-ÿ]+(?:[-'’][A-Z][a-zà-öø-ÿ]+)?)"
)


def given_and_surname(
    text: str, known: Gazetteer, lines: Sequence[tuple[int, int]]
) -> Iterator[Found]:
    """Yield people by their given names: "Maya Torres", though no engine saw her.

    Not in headings, where every word is capitalised, and not where more capitals follow: "Nelson
    Mandela Bay" is no person.
    """
    for match in _GIVEN.finditer(text):
        given, surname = fold(match.group(1)), match.group(3)
        if (
            given not in given_names()
            or given in word_list("doubtful_given")
            or within(lines, match.start())
        ):
            continue
        last = fold(surname)
        if last in word_list("landmark") | word_list("organised_last") | word_list("starters"):
            continue
        end = match.end()
        more = re.match(r"[\w-]|[’'](?!s\b)\w| (?!(?:I|And|Or)\b)[A-Z]| (?:of|&) [A-Z]", text[end:])
        if more is None and _free_before(text, match.start(), known):
            yield Found(match.start(), end, EntityKind.PERSON)


_BEFORE = re.compile(r"(?:[A-Z][\w.'’-]*[ -]|[\w@#])$")


def _free_before(text: str, start: int, known: Gazetteer) -> bool:
    """Return whether the word before is no part of a name: none, small, a title or a country."""
    before = _BEFORE.search(text, max(0, start - 25), start)
    if before is None:
        return True
    word = before.group().strip()
    return (
        fold(word) in known.titles
        or fold(word) in word_list("starters")
        or known.get(word) is not None
    )


_PAIR = re.compile(r"\b(?=([A-Z][a-z]{2,}) (?:[A-Z]\. )?([A-Z][\w'-]*[\w]))")


def whole_of(
    text: str, surnames: frozenset[str], known: Gazetteer, lower: frozenset[str]
) -> list[Found]:
    """Return where lone surnames of the article have one and the same word before them.

    "Pencille said" beside "in Wendi Pencille's freezer": the word is taken for the given name when
    it is capitalised within a sentence, and no title, place or ordinary word of the text.

    Args:
        text: without accents.
        surnames: without accents; the engine believes that they are people.
        known: the tables.
        lower: the words that the text has in small letters.
    """
    pairs: dict[str, list[tuple[str, Found]]] = {}
    for pair in _PAIR.finditer(text):
        given, last = pair.groups()
        last = last.removesuffix("'s")
        word = fold(given)
        ordinary = word in lower or word in known.titles or word in word_list("starters")
        if last in surnames and not ordinary and known.get(given) is None:
            end = pair.start(2) + len(last)
            pairs.setdefault(last, []).append((given, Found(pair.start(), end, EntityKind.PERSON)))
    return sorted(
        found
        for same in pairs.values()
        if len({given for given, _ in same}) == 1
        for _, found in same
        if _free_before(text, found.start, known)
    )


_NAME = r"[A-ZÀ-Þ][\w'’.-]{0,30}(?: (?:de |van |von |al-|bin )?[A-ZÀ-Þ][\w'’.-]{0,30}){1,2}"
_CREDITED = re.compile(
    rf"\b(?:(?:Photo|Photograph|Graphic|Illustration)s?(?: by|: ?)"
    rf"|(?:Reporting|Writing|Editing|Written|Additional reporting)(?: by|:)) +({_NAME})"
    r"(?=[,;./)\n]| in | for )"
)
_BEFORE_SLASH = re.compile(
    rf"(?<![\w/])({_NAME}) ?/ ?(?=(?:AFP|AP|Getty|Reuters|REUTERS|EPA|Bloomberg|[Pp]ool|POOL)\b)"
)


def credited(text: str, known: Gazetteer) -> list[Found]:
    """Return the people of picture credits and closing lines: "(Photo: Ana Torres, EPA)"."""
    found = {}
    for pattern in (_CREDITED, _BEFORE_SLASH):
        for match in pattern.finditer(text):
            start, end = trim(text, *match.span(1))
            first = re.compile(r"\S+ ").match(text, start, end)
            if first is not None and fold(first.group()) in word_list("starters"):
                start = first.end()
            if " " in text[start:end] and not any(
                known.get(word) or fold(word) in word_list("organised_last")
                for word in (text[start:end], *text[start:end].split())
            ):
                found[start] = Found(start, end, EntityKind.PERSON)
    return [found[start] for start in sorted(found)]


_TITLED = re.compile(r"([A-Z][\w.-]*\.?) $")


def titled(text: str, start: int, known: Gazetteer) -> bool:
    """Return whether a title stands right before ``start``: "Sen. ", "President "."""
    before = _TITLED.search(text, max(0, start - 16), start)
    return before is not None and fold(before.group(1)) in known.titles
