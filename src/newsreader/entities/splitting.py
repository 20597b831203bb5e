"""Two names that the engine took for one: what stands in a span besides its first name."""

import re
from collections.abc import Iterator

from newsreader.entities.gazetteer import Entry, Gazetteer, given_names, word_list
from newsreader.entities.names import fold
from newsreader.entities.spans import Found
from newsreader.model import EntityKind

_JOIN = re.compile(r"\s*[-–—/]\s*|\s+")


def split_origin(text: str, found: Found, known: Gazetteer) -> Iterator[Found]:
    """Split "U.S.-Venezuelan" and "Venezuelan President Maduro" into their names.

    A hyphen after a country or demonym always splits. A space splits only where the rest is a
    person, or no name of its own: "U.S. Navy" and "American Airlines" stay whole.
    """
    start, end, kind = found
    surface = text[start:end]
    if known.get(surface) is not None:
        yield found
        return
    for gap in _JOIN.finditer(surface):
        entry = known.get(surface[: gap.start()])
        if entry is None or not entry.sure or entry.kind is EntityKind.ORGANISATION:
            continue
        hyphen = not gap.group().isspace()
        if not hyphen and not _may_split(surface, gap.start(), entry, kind):
            continue
        yield Found(start, start + gap.start(), entry.kind)
        rest = start + gap.end()
        other = known.get(text[rest:end])
        if other is not None:
            yield Found(rest, end, other.kind)
        elif not hyphen and text[rest : rest + 1].isupper():
            yield Found(rest, end, EntityKind.PERSON)
        return
    yield found


def _may_split(surface: str, cut: int, entry: Entry, kind: EntityKind) -> bool:
    """Return whether a country or demonym before a space is no part of the name."""
    rest = surface[cut:].split()
    if rest and fold(rest[0]) in word_list("organised"):
        return False
    if len(rest) == 2 and fold(rest[0]) in given_names() - word_list("doubtful_given"):
        return True
    origin = surface[:cut]
    nation = entry.kind is EntityKind.DEMONYM or "." in origin or origin.isupper()
    return nation and kind in (EntityKind.PERSON, EntityKind.DEMONYM)


_PAIR = re.compile(r"(?<=\w)[-–—/](?=[A-Z])")


def split_people(text: str, found: Found) -> Iterator[Found]:
    """Split "Vladimir Putin-Donald Trump" where both sides are full names."""
    if found.kind is EntityKind.PERSON:
        for mark in _PAIR.finditer(text, found.start, found.end):
            left, right = text[found.start : mark.start()], text[mark.end() : found.end]
            if " " in left and " " in right:
                yield found._replace(end=mark.start())
                yield found._replace(start=mark.end())
                return
    yield found


_OWNER = re.compile(r"(?<=\w)(?<!People)(?<!Children)(?<!Women)(?<!Men)['’]s (?=[A-Z])")
"""Whose something is; the Korean People's Army and a Children's Fund are nobody's."""


def split_owner(text: str, found: Found, known: Gazetteer) -> Iterator[Found]:
    """Split "Fox Business's Ana Torres", where the owner is known or has two words.

    "Lloyd's of London" and "Moody's Investors Service" stay whole.
    """
    owner = _OWNER.search(text, found.start, found.end)
    left = text[found.start : owner.start()] if owner is not None else ""
    if owner is None or (" " not in left and known.get(left) is None):
        yield found
        return
    entry = known.get(left)
    yield found._replace(end=owner.start(), kind=entry.kind if entry is not None else found.kind)
    right = text[owner.end() : found.end].split()
    if len(right) == 2 and fold(right[0]) in given_names():
        yield found._replace(start=owner.end(), kind=EntityKind.PERSON)
    elif known.get(" ".join(right)) or fold(right[-1]) in word_list("organised_last"):
        yield found._replace(start=owner.end())


_COMMA = re.compile(r",\s+")


def split_places(text: str, found: Found, known: Gazetteer) -> Iterator[Found]:
    """Split "Abuja, Nigeria" into the town and what it lies in."""
    comma = _COMMA.search(text, found.start, found.end)
    if found.kind is not EntityKind.PLACE or comma is None:
        yield found
        return
    outer = known.get(text[comma.end() : found.end])
    if outer is None or outer.kind is not EntityKind.PLACE:
        yield found
        return
    yield found._replace(end=comma.start())
    yield found._replace(start=comma.end())


def split(text: str, found: Found, known: Gazetteer) -> Iterator[Found]:
    """Yield the names of one span, in order, by all rules of this module."""
    for origin in split_origin(text, found, known):
        for owned in split_owner(text, origin, known):
            for pair in split_people(text, owned):
                yield from split_places(text, pair, known)
