"""Copies of the library, for whoever backs up, restores and checks: see the two modules."""

from newsreader.store._backup import (
    Held,
    copy_held,
    copy_marks,
    copy_whole,
    held,
    is_sound,
    prepare,
    reindex,
    replace_contents,
)
from newsreader.store._database import prepare_home
from newsreader.store._inspect import MARKS, WHOLE, Copy, Told, inspect, is_copy
from newsreader.store._kept import (
    CONFIG_MOST,
    FOLDER,
    config_text,
    keep_marks,
    kept_copies,
    stamp,
    unfinished,
)

__all__ = [
    "CONFIG_MOST",
    "FOLDER",
    "MARKS",
    "WHOLE",
    "Copy",
    "Held",
    "Told",
    "config_text",
    "copy_held",
    "copy_marks",
    "copy_whole",
    "held",
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
    "unfinished",
]
