"""Names that other articles of the library gave, found again where no engine looks."""

from collections.abc import Iterable

from newsreader.entities.gazetteer import word_list
from newsreader.entities.names import NameIndex, bare, plain
from newsreader.entities.rules import begins_sentence
from newsreader.entities.spans import Found
from newsreader.model import EntityKind

_KINDS = (EntityKind.PERSON, EntityKind.ORGANISATION, EntityKind.PLACE)
_LONGER = 4
"""A name of one word needs more letters than this; shorter ones are words in some language."""


class KnownNames:
    """The names a library knows, ready to be found in any language.

    A name of two words or more is believed wherever it stands. One of a single word is believed
    in texts that are not English, when it has more than four letters, is no common word, stands
    within a sentence and is not written small elsewhere in the text; never in German, which
    capitalises every noun.

    Args:
        names: names with their kinds, the most trusted first; the first kind of a name counts.
    """

    def __init__(self, names: Iterable[tuple[str, EntityKind]] = ()) -> None:
        self._forms: dict[str, tuple[str, EntityKind]] = {}
        for name, kind in names:
            name = bare(name)
            if kind in _KINDS and name[:1].isupper() and (" " in name or len(name) > _LONGER):
                self._forms.setdefault(plain(name), (name, kind))
        self._index = NameIndex(self._forms)

    def find(self, text: str, lower: frozenset[str], *, language: str | None) -> list[Found]:
        """Return the known names of ``text`` in order, never overlapping.

        Args:
            text: has passed :func:`plain`.
            lower: the words that it has in small letters.
            language: a language tag; English texts get names of two words or more only.
        """
        if not self._forms:
            return []
        lone = (language or "").casefold()[:2] not in ("en", "de")
        return [
            Found(start, end, self._forms[text[start:end]][1])
            for start, end in self._index.find(text)
            if " " in text[start:end] or (lone and _distinct(text, start, end, lower))
        ]

    def name(self, surface: str, kind: EntityKind) -> str | None:
        """Return the library's spelling of ``surface``, where it knows one of that kind."""
        name, same = self._forms.get(plain(surface), (None, None))
        return name if same is kind else None


def _distinct(text: str, start: int, end: int, lower: frozenset[str]) -> bool:
    word = text[start:end].casefold()
    return (
        word not in lower and word not in word_list("common") and not begins_sentence(text, start)
    )
