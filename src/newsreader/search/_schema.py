"""The index's fields. Nothing is stored in it but ids and times: text lives in the database."""

from array import array
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from whoosh import columns, fields, formats

from newsreader.model import EntityKind, SearchDocument
from newsreader.search._analysis import positions

VERSION = 1
"""Raise when the schema or the analysis changes; an index of another version is made anew."""

UNDATED = -(2**63)
"""The ``published`` column of an article without a date."""

WORD_FIELDS = ("title", "body", "source", "author", "url", "tag", "lang", "person", "org", "place")
"""The fields that are found by words."""

_KINDS = {
    EntityKind.PERSON: "person",
    EntityKind.ORGANISATION: "org",
    EntityKind.PLACE: "place",
}

_GAP = 64
"""Positions between two values of one field, so that no phrase spans them."""

_LAST_POSITION = 0xFFFF
"""Positions are 16 bits; what stands behind is found by words but not by phrases."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WordPositions(formats.Positions):  # type: ignore[misc]  # Whoosh has no types
    """A posting's value: its positions as 16-bit integers rather than a pickle."""

    def encode(self, poslist: Sequence[int]) -> bytes:
        """Return ``poslist`` as bytes."""
        try:
            return array("H", poslist).tobytes()
        except OverflowError:
            # Never empty: Whoosh leaves empty values out, and the others would shift.
            kept = [p for p in poslist if p <= _LAST_POSITION] or [_LAST_POSITION]
            return array("H", kept).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """Return the positions in ascending order."""
        return array("H", valuestring).tolist()

    def decode_frequency(self, valuestring: bytes) -> int:
        """Return how many positions there are."""
        return len(valuestring) // 2


class Words(fields.FieldType):  # type: ignore[misc]  # Whoosh has no types
    """Text, or several texts, found by word and phrase."""

    def __init__(self) -> None:
        super().__init__(format=WordPositions(), analyzer=None, scorable=True)

    def index(
        self, value: str | Iterable[str], **_: object
    ) -> list[tuple[bytes, int, float, bytes]]:
        """Return (term, tokens it counts for, weight, positions) of each distinct term.

        A field's length is its number of positions, whatever number of forms each has: all of
        them are counted with the first term.
        """
        found: dict[str, list[int]] = {}
        length = 0
        position = 0
        for text in (value,) if isinstance(value, str) else value:
            more, after = positions(text, position)
            length += after - position
            position = after + _GAP
            if not found:
                found = more
                continue
            for term, where in more.items():
                found.setdefault(term, []).extend(where)
        encode = self.format.encode
        items = [
            (term.encode("utf-8", "replace"), 0, float(len(where)), encode(where))
            for term, where in found.items()
        ]
        if items:
            first, _none, weight, payload = items[0]
            items[0] = (first, length, weight, payload)
        return items


def schema() -> fields.Schema:
    """Return the index's schema."""
    return fields.Schema(
        id=fields.COLUMN(columns.NumericColumn("q", default=-1)),
        published=fields.COLUMN(columns.NumericColumn("q", default=UNDATED)),
        **{name: Words() for name in WORD_FIELDS},
    )


def milliseconds(when: datetime) -> int:
    """Return ``when`` as milliseconds since 1970 in UTC."""
    return (when - _EPOCH) // timedelta(milliseconds=1)


def values(document: SearchDocument) -> dict[str, object]:
    """Return the fields of one article for Whoosh's writer; empty ones are left out."""
    found: dict[str, object] = {
        "title": document.title,
        "body": document.text,
        "source": document.source,
        "author": document.author,
        "url": document.url,
        "lang": document.language,
        "tag": document.tags,
    }
    for kind, name in document.entities:
        if kind in _KINDS:
            names = found.setdefault(_KINDS[kind], [])
            if isinstance(names, list):
                names.append(name)
    kept = {name: value for name, value in found.items() if value}
    if document.published is not None:
        kept["published"] = milliseconds(document.published)
    return kept | {"id": int(document.id)}
