"""The tagger: a small convolutional network over words, in numpy alone.

Each word is described by what it is spelt like (hashed beginning, end, shape and small-letter form)
and by a word vector; five residual convolutions of three words each see some nine words to either
side; a tag a word says where a name begins, goes on and ends. How it was trained, and on what,
stands in ``training/README.md``.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsreader.entities.engine import EngineError, Tagged

Floats = NDArray[np.float32]

WEIGHTS = "tagger.bin"
WEIGHTS_SHA256 = "dd865a8a6a4ee15625e65272e59920344b36c0719c97f0778228d3c290bb1d36"
"""The weights that all measurements were made with."""

LABELS = ("PERSON", "ORG", "LOC", "NORP", "EVENT")
TAGS = ("O", *(f"{place}-{label}" for label in LABELS for place in "BILU"))
"""EVENT stands for names of every other kind. B begins a name, I goes on, L ends it, U is one of a
single word."""

DILATIONS = (1, 1, 2, 4, 1)
"""How far from a word each convolution's neighbours stand."""

WORD_BUCKETS = 1 << 14
AFFIX_BUCKETS = 1 << 12
SHAPE_BUCKETS = 1 << 8
FLAGS = 9

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # U.S., J.R.R.
    r"|[^\W_]+(?:['’](?![sS]\b)[^\W_]+)*"  # words, figures, O'Neill
    r"|['’][sS]\b"
    r"|\n+"
    r"|[^\w\s]|_"
)
_LONGEST = 40
"""Letters of a word that matter; what is longer is no name."""
_KEPT = 20_000
"""Different words whose description is kept: 10 MB."""


class Token(NamedTuple):
    """``text[start:end]`` is a word, a sign or the end of a line."""

    start: int
    end: int
    form: str


def tokens(text: str) -> list[Token]:
    """Return the words and signs of a text; the ends of lines are tokens of a line feed."""
    found = []
    for match in _TOKEN.finditer(text):
        form = match[0]
        found.append(Token(match.start(), match.end(), "\n" if form[0] == "\n" else form))
    return found


def shape(form: str) -> str:
    """Return what a word looks like: "Maduro" is "Xxxx", "U.S." "X.X.", "F16" "Xdd"."""
    signs: list[str] = []
    for letter in form[:_LONGEST]:
        if letter.isupper():
            sign = "X"
        elif letter.islower():
            sign = "x"
        elif letter.isdigit():
            sign = "d"
        elif letter.isalpha():
            sign = "c"
        else:
            sign = letter
        if signs[-3:] != [sign] * 3:
            signs.append(sign)
    return "".join(signs)


class Described(NamedTuple):
    """A word's numbers: rows of the tables of embeddings, and its flags."""

    word: int
    prefix: int
    suffix: int
    shape: int
    flags: tuple[float, ...]


def _bucket(text: str, buckets: int) -> int:
    return 1 + zlib.crc32(text.encode("utf-8", "replace")) % (buckets - 1)


@cache
def name_lists() -> tuple[frozenset[str], ...]:
    """Return given names, surnames and words of towns, in small letters."""
    text = files(__package__).joinpath("data", "namelists.txt").read_text(encoding="utf-8")
    rows = [line.split(" ") for line in text.splitlines() if line and line[0] != "#"]
    return tuple(frozenset(row[1:]) for row in rows)


def describe(form: str) -> Described:
    """Return the numbers of a word; the same wherever it stands."""
    form = form[:_LONGEST]
    lower = form.lower()
    title = form[:1].isupper()
    flags = (
        float(title),
        float(form.isupper() and len(form) > 1),
        float(any(letter.isdigit() for letter in form)),
        float(not form[:1].isalnum()),
        float(form == "\n"),
        float("." in form and len(form) > 1),
        *(float(title and lower in names) for names in name_lists()),
    )
    return Described(
        _bucket(lower, WORD_BUCKETS),
        _bucket("<" + lower[:3], AFFIX_BUCKETS),
        _bucket(lower[-3:] + ">", AFFIX_BUCKETS),
        _bucket(shape(form), SHAPE_BUCKETS),
        flags,
    )


def spellings(form: str) -> tuple[str, ...]:
    """Return the spellings under which a word's vector is looked for, the likeliest first."""
    return (form, form.lower()) if not form.isupper() else (form, form.title(), form.lower())


def spelling_key(form: str) -> int:
    """Return the number of a spelling in the table of vectors."""
    return zlib.crc32(form.encode("utf-8", "replace"))


class Network:
    """The trained tables and convolutions, read from one file.

    Args:
        data: an .npz archive of arrays: ``rows``, ``scale``, ``keys`` and ``of`` (word vectors),
            and the parameters by the names that ``training.train`` gives them.

    Raises:
        EngineError: the arrays are not what this version reads.
    """

    def __init__(self, data: bytes) -> None:
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as found:
                arrays = {name: found[name] for name in found.files}
            self._keys, self._of = arrays["keys"], arrays["of"]
            vectors = arrays["rows"].astype(np.float32) * arrays["scale"]
            self._vectors = np.vstack([np.zeros((1, vectors.shape[1]), np.float32), vectors])
            self._tables = [_floats(arrays, name) for name in ("word", "prefix", "suffix", "shape")]
            self._in, self._in_bias = _floats(arrays, "in"), _floats(arrays, "in.bias")
            self._layers = [
                (
                    gap,
                    _floats(arrays, f"norm{n}"),
                    _floats(arrays, f"conv{n}"),
                    _floats(arrays, f"conv{n}.bias"),
                )
                for n, gap in enumerate(DILATIONS)
            ]
            self._out, self._out_bias = _floats(arrays, "out"), _floats(arrays, "out.bias")
        except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
            raise EngineError(
                f"The tagger's weights cannot be read ({error}). Install newsreader-tui again."
            ) from error
        self._known: dict[str, int] = {}
        self._first = np.zeros((0, self._in.shape[1]), np.float32)

    def scores(self, forms: Sequence[str]) -> Floats:
        """Return the score of each tag at each word, shape (words, tags)."""
        state = self._described(forms)
        for gap, norm, weights, bias in self._layers:
            size = np.sqrt(np.einsum("ij,ij->i", state, state) / state.shape[1] + np.float32(1e-6))
            normed = state * norm
            normed /= size[:, None]
            window = np.zeros((len(state), 3 * state.shape[1]), np.float32)
            width = state.shape[1]
            window[gap:, :width] = normed[:-gap]
            window[:, width : 2 * width] = normed
            window[:-gap, 2 * width :] = normed[gap:]
            change = window @ weights
            change += bias
            np.maximum(change, 0, out=change)
            state = state + change
        return state @ self._out + self._out_bias

    def _described(self, forms: Sequence[str]) -> Floats:
        """Return what the words are before their neighbours are looked at; known ones are kept."""
        if len(self._known) > _KEPT:
            self._known.clear()
        fresh = [form for form in dict.fromkeys(forms) if form not in self._known]
        if fresh:
            begin = len(self._known)
            self._known.update(zip(fresh, range(begin, begin + len(fresh)), strict=True))
            if len(self._known) > len(self._first):
                room = np.zeros((2 * len(self._known), self._first.shape[1]), np.float32)
                room[:begin] = self._first[:begin]
                self._first = room
            self._first[begin : len(self._known)] = self._compute(fresh)
        places = np.fromiter(map(self._known.__getitem__, forms), np.intp, len(forms))
        return self._first[places]

    def _compute(self, forms: Sequence[str]) -> Floats:
        about = [describe(form) for form in forms]
        rows = np.array([described[:4] for described in about], np.intp)
        parts = [self._vectors[self._vector_rows(forms)]]
        parts += [table[rows[:, n]] for n, table in enumerate(self._tables)]
        parts.append(np.array([described.flags for described in about], np.float32))
        first: Floats = np.concatenate(parts, 1) @ self._in + self._in_bias
        return np.maximum(first, 0, out=first)

    def _vector_rows(self, forms: Sequence[str]) -> NDArray[np.intp]:
        """Return one more than the row of each word's vector, by its likeliest spelling; or 0."""
        found = np.zeros(len(forms), np.intp)
        tried = [spellings(form[:_LONGEST]) for form in forms]
        for turn in range(max(map(len, tried), default=0)):
            which = [n for n, some in enumerate(tried) if not found[n] and turn < len(some)]
            keys = np.array([spelling_key(tried[n][turn]) for n in which], np.uint32)
            places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            rows = np.where(self._keys[places] == keys, 1 + self._of[places].astype(np.intp), 0)
            found[which] = rows
        return found


def _floats(arrays: dict[str, Any], name: str) -> Floats:
    found = arrays[name]
    if found.dtype == np.int8:
        found = found.astype(np.float32) * arrays[f"{name}.scale"]
    return np.ascontiguousarray(found, np.float32)


def names_of(best: Sequence[int]) -> list[tuple[int, int, str]]:
    """Return (first word, last word, label) of the names that tags spell, in order.

    Tags that do not fit together are read as far as they go: a name begins where one may begin,
    and ends before what is not its own.
    """
    found: list[tuple[int, int, str]] = []
    start, label = -1, ""
    for at, number in enumerate([*best, 0]):
        place, _, kind = TAGS[number].partition("-")
        if start >= 0 and (place in "OBU" or kind != label):
            found.append((start, at - 1, label))
            start = -1
        if place in "BU" or (place in "IL" and start < 0):
            start, label = at, kind
        if place in "UL" and start >= 0:
            found.append((start, at, label))
            start = -1
    return found


class NetworkTagger:
    """The shipped tagger: 40 ms to load, 60 MB; it belongs to one thread.

    Raises:
        EngineError: the weights are missing, or are not the measured ones.
    """

    def __init__(self) -> None:
        self._network = Network(_weights())

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        """Return the names of each text, in order, not overlapping; each text stands alone."""
        return [self._tag(text) for text in texts]

    def _tag(self, text: str) -> list[Tagged]:
        found = tokens(text)
        if not found:
            return []
        best = self._network.scores([token.form for token in found]).argmax(1).tolist()
        return [
            Tagged(found[first].start, found[last].end, label)
            for first, last, label in names_of(best)
        ]


def _weights() -> bytes:
    try:
        data = files(__package__).joinpath("data", WEIGHTS).read_bytes()
    except OSError as error:
        raise EngineError(
            f"The tagger's weights are missing ({error}). Install newsreader-tui again."
        ) from error
    actual = hashlib.sha256(data).hexdigest()
    if actual != WEIGHTS_SHA256:
        raise EngineError(
            f"The tagger's weights are not the expected ones (sha256 {actual[:12]}…, expected "
            f"{WEIGHTS_SHA256[:12]}…). Install newsreader-tui again."
        )
    return data
