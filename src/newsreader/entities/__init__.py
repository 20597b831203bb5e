"""Names and dates in text: one function in, mentions out.

Making a :class:`Recogniser` loads the tagger's weights.
"""

from newsreader.entities.engine import EngineError, Tagged, Tagger
from newsreader.entities.recognise import Document, Recogniser

__all__ = ["VERSION", "Document", "EngineError", "Recogniser", "Tagged", "Tagger"]

VERSION: int = 2
"""Raise when the output changes: stored mentions of an older version are derived again."""
