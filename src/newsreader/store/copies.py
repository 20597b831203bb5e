"""Copies of the library, for whoever backs up, restores and checks: see the two modules."""

from newsreader.store._backup import (
    MARKS,
    WHOLE,
    Copy,
    Told,
    copy_marks,
    copy_whole,
    inspect,
    is_copy,
    is_sound,
    prepare,
    reindex,
    replace_contents,
)
from newsreader.store._database import prepare_home
from newsreader.store._kept import FOLDER, config_text, keep_marks, kept_copies, stamp

__all__ = [
    "FOLDER",
    "MARKS",
    "WHOLE",
    "Copy",
    "Told",
    "config_text",
    "copy_marks",
    "copy_whole",
    "inspect",
    "is_copy",
    "is_sound",
    "keep_marks",
    "kept_copies",
    "prepare",
    "prepare_home",
    "reindex",
    "replace_contents",
    "stamp",
]
