"""The index's fields, and what every module agrees on. Only ids, dates and lists are in the index.

Text, titles, snippets and the user's status come from the database.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from whoosh import columns, fields, formats

from newsreader.model import EntityKind
from newsreader.search._analysis import PLAIN, memo, tokens

VERSION = 3
"""Raise when the schema or the analysis changes; an index of another version is made anew."""

UNDATED = -(2**63)
"""The ``published`` column of an article without a date."""

TEXT = "text"
"""Title and body: what a bare word looks in."""

TITLE = "title"

MENTIONS = "mentions"
"""The field of the dates that a text names, in figures: "2022", "202207", "20220712"."""

NAME_FIELDS = ("source", "author", "url", "tag", "lang", "person", "org", "place", MENTIONS)
"""The fields of names, addresses and dates: found by their words, as written."""

WORD_FIELDS = (TEXT, TITLE, *NAME_FIELDS)

ENTITY = "entity"
"""The field of entity ids, each with its kind before it: "person 12"."""

KIND_FIELDS = {
    EntityKind.PERSON: "person",
    EntityKind.ORGANISATION: "org",
    EntityKind.PLACE: "place",
}

GAP = 64
"""Positions between title and body, and between two values of one field: no phrase spans them."""

LAST_POSITION = (1 << 20) - 1
"""What stands behind it is found by words but not by phrases."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Words(fields.FieldType):  # type: ignore[misc]  # Whoosh has no types
    """Text, or several texts, found by word and phrase.

    The project's own writer does not ask it; Whoosh's writers do, and get the same groups.
    """

    def __init__(self, code: str = PLAIN) -> None:
        super().__init__(format=formats.Positions(), analyzer=None, scorable=True)
        self.code = code

    def index(
        self, value: str | Iterable[str], **_: object
    ) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (group, occurrences, weight, positions) of each distinct group."""
        found: dict[str, list[int]] = {}
        position = 0
        for text in (value,) if isinstance(value, str) else value:
            for token in tokens(text):
                for form in memo(self.code)[token]:
                    key = form.surface if self.code == PLAIN else form.group
                    found.setdefault(key, []).append(position)
                    position += 1
            position += GAP
        for key, where in found.items():
            encoded = self.format.encode(where)
            yield key.encode("utf-8", "replace"), len(where), float(len(where)), encoded


def schema() -> fields.Schema:
    """Return the index's schema."""
    return fields.Schema(
        id=fields.COLUMN(columns.NumericColumn("q", default=-1)),
        published=fields.COLUMN(columns.NumericColumn("q", default=UNDATED)),
        entity=fields.KEYWORD(),
        text=Words("en"),
        title=Words("en"),
        **{name: Words() for name in NAME_FIELDS},
    )


def milliseconds(when: datetime) -> int:
    """Return ``when`` as milliseconds since 1970 in UTC."""
    return (when - _EPOCH) // timedelta(milliseconds=1)
