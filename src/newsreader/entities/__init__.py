"""Names and dates in text: one function in, mentions out.

Importing this is cheap, also for a user interface: nothing is loaded before it is asked for.
Making a :class:`Recogniser` loads the tagger's weights.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreader.entities.engine import EngineError, Tagged, Tagger
    from newsreader.entities.names import known_in
    from newsreader.entities.recognise import Document, Recogniser

__all__ = ["VERSION", "Document", "EngineError", "Recogniser", "Tagged", "Tagger", "known_in"]

VERSION: int = 3
"""Raise when the output changes: stored mentions of an older version are derived again."""

_HOMES = {
    "Document": "recognise",
    "EngineError": "engine",
    "Recogniser": "recognise",
    "Tagged": "engine",
    "Tagger": "engine",
    "known_in": "names",
}


def __getattr__(name: str) -> object:
    """Return one of the public names, importing its module now."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
