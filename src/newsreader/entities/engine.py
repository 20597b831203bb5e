"""What finds names in plain text: the agreement between a tagger and the rules after it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from newsreader.errors import NewsReaderError


class EngineError(NewsReaderError):
    """The tagger's weights are missing, or are not those this program was measured with."""


class Tagged(NamedTuple):
    """``text[start:end]`` has the tagger's own ``label``.

    PERSON, ORG, LOC (GPE and FAC are the same to the rules), NORP for peoples, religions and
    parties, and EVENT, WORK_OF_ART, LAW and LANGUAGE for names of other kinds.
    """

    start: int
    end: int
    label: str


class Tagger(Protocol):
    """Anything that finds names in plain text."""

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        """Return the spans of each text in order, not overlapping; labels as in :class:`Tagged`."""
        ...
