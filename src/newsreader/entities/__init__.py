"""Names and dates in text: one function in, mentions out.

Importing this is cheap; making a :class:`Recogniser` loads the language model.
"""

from newsreader.entities.engine import EngineError, Tagged, Tagger
from newsreader.entities.recognise import Document, Recogniser

__all__ = ["VERSION", "Document", "EngineError", "Recogniser", "Tagged", "Tagger"]

VERSION: int = 1
"""Raise when the output changes: stored mentions of an older version are derived again."""
