"""The log file of a home: it rotates, and only its owner can read it."""

import logging
import logging.handlers
import os
from io import TextIOWrapper
from pathlib import Path

from newsreader.text.clean import clean_text

FILE_NAME = "newsreader.log"
_SIZE = 1_000_000
_KEPT = 3


class _PrivateFile(logging.handlers.RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        return super()._open()


class _Clean(logging.Formatter):
    """What is logged may quote a feed, and is looked at in terminals."""

    def format(self, record: logging.LogRecord) -> str:
        return clean_text(super().format(record))


def unexpected(home: Path, error: BaseException) -> str:
    """Log an error that nothing foresaw; return a sentence about it for the user."""
    start_log(home)
    logging.getLogger("newsreader").error("unexpected", exc_info=error)
    return (
        f"something went wrong that should not ({type(error).__name__}); what was stored before is"
        f" safe. {home / FILE_NAME} says more, and 'newsreader doctor' whether all is well"
    )


def start_log(home: Path) -> None:
    """Write what happens to ``newsreader.log`` in ``home``; without room for it, do without."""
    try:
        handler = _PrivateFile(
            home / FILE_NAME, maxBytes=_SIZE, backupCount=_KEPT, encoding="utf-8", delay=True
        )
    except OSError:
        return
    handler.setFormatter(_Clean("%(asctime)s %(process)d %(name)s: %(message)s"))
    logger = logging.getLogger("newsreader")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logging.raiseExceptions = False
