"""Entries of one feed whose ids or addresses do not tell them apart.

A guid that is the same for every entry, or one address for all of them, would make one article of
a whole feed: such names are worth nothing, and what else an entry has must do.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

from newsreader.model import ParsedEntry
from newsreader.text.links import entry_key


def tell_apart(entries: Sequence[ParsedEntry]) -> list[ParsedEntry]:
    """Return entries in the same order, without guids that stand for several of them.

    Where several without a guid share an address, address and title together become their guid.
    """
    found = list(entries)
    for same in _groups(found, lambda entry: entry.guid):
        links = {entry_key(found[at].link or "") for at in same}
        if len(links) > 1 or (links == {""} and len({found[at].title for at in same}) > 1):
            for at in same:
                found[at] = found[at]._replace(guid=None)
    for same in _groups(
        found, lambda entry: None if entry.guid else entry.link and entry_key(entry.link)
    ):
        if len({found[at].title for at in same}) > 1:
            for at in same:
                found[at] = found[at]._replace(guid=f"{found[at].link} {found[at].title}"[:1000])
    return found


def _groups(
    entries: Sequence[ParsedEntry], name: Callable[[ParsedEntry], str | None]
) -> list[list[int]]:
    """Return the places of entries that share a name, for each name that several have."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, entry in enumerate(entries):
        if key := name(entry):
            places[key].append(at)
    return [same for same in places.values() if len(same) > 1]
