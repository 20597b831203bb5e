"""Short forms of the organisations and places of one article: acronyms, first words, papers."""

import re
from collections.abc import Iterable, Mapping, Sequence

from newsreader.entities.gazetteer import Gazetteer, given_names, word_list
from newsreader.entities.names import bare, fold
from newsreader.entities.spans import Found
from newsreader.model import EntityKind

_AFTER = re.compile(r"\s*\(\s*(?:the\s+|or\s+)?[\"“]?([A-Z][A-Za-z&.-]{1,9})[\"”]?\s*[),;]")
_BEFORE = re.compile(r"\b([A-Z][A-Z&.]{1,8})\s*\(\s*(?:the\s+)?$")
_FIRM = re.compile(
    r",? (?:Inc|Corp|Corporation|Co|Company|Ltd|Limited|LLC|LLP|LP|PLC|Plc|plc|L\.P|AG|SA|S\.A"
    r"|NV|SE|GmbH|SpA|Pty|KK|& Co)\.?$"
)
"""The legal form at the end of a firm's name; it is no part of the canonical name."""


def firm(surface: str) -> str:
    """Return a firm's name without its legal form: "Chevron Corp." -> "Chevron"."""
    short = surface
    while (cut := _FIRM.sub("", short)) != short and cut:
        short = cut
    return short


def initials(name: str) -> str:
    """Return the capital letters that begin a name's words: "Financial Action Task Force"."""
    return "".join(word[0] for word in re.split(r"[\s-]+", name) if word[:1].isupper())


def acronyms(text: str, found: Sequence[Found]) -> dict[str, tuple[str, EntityKind]]:
    """Return what the article's acronyms stand for, and the kind of that.

    Those in brackets after an organisation's or place's name ("World Food Programme (WFP)") or
    before it ("WFP (the World Food Programme)"), and the initials of organisations' longer names.
    """
    short: dict[str, tuple[str, EntityKind]] = {}
    defined: dict[str, tuple[str, EntityKind]] = {}
    for name in found:
        if name.kind not in (EntityKind.ORGANISATION, EntityKind.PLACE):
            continue
        surface = bare(text[name.start : name.end])
        if len(surface.split()) < 2:
            continue
        letters = initials(surface)
        if name.kind is EntityKind.ORGANISATION and len(letters) >= 3:
            short.setdefault(letters, (surface, name.kind))
        after = _AFTER.match(text, name.end)
        before = _BEFORE.search(text, max(0, name.start - 16), name.start)
        for bracket in (after, before):
            if bracket is not None and _stands_for(bracket.group(1), surface):
                defined.setdefault(bracket.group(1), (surface, name.kind))
    return short | defined


def _stands_for(letters: str, name: str) -> bool:
    """Return whether ``letters`` may shorten ``name``: the same first letter, not itself."""
    return letters != name and letters[0].casefold() == name[0].casefold()


class Organisations:
    """The organisations of one article, and what a part of a name means in it.

    "SoftBank" is SoftBank Group, "the Times" the New York Times, where the article names one
    such organisation in full; with two such names the short one stands for itself.
    """

    def __init__(self, surfaces: Iterable[str], known: Gazetteer) -> None:
        self._known = known
        self._first: dict[str, set[str]] = {}
        self._paper: dict[str, set[str]] = {}
        for surface in surfaces:
            words = firm(surface).split()
            if len(words) < 2 or (known.get(surface) is None and known.get(words[0]) is not None):
                continue
            first = fold(words[0])
            if first in word_list("of_whom") | word_list("organised") | given_names():
                continue
            entry = known.get(firm(surface))
            name = entry.name if entry is not None else firm(surface)
            self._first.setdefault(first, set()).add(name)
            if fold(words[-1]) in word_list("paper"):
                self._paper.setdefault(words[-1], set()).add(name)

    def long(self, surface: str) -> str | None:
        """Return the one full name that ``surface`` is the first word, or the paper, of."""
        paper = self._paper.get(surface)
        if paper is not None:
            return next(iter(paper)) if len(paper) == 1 else None
        if len(surface) < 4 or " " in surface or self._known.get(surface) is not None:
            return None
        names = self._first.get(fold(surface), set())
        return next(iter(names)) if len(names) == 1 else None

    def papers(self) -> Mapping[str, str]:
        """Return the last words of the article's papers, each with its one full name."""
        return {word: next(iter(full)) for word, full in self._paper.items() if len(full) == 1}
