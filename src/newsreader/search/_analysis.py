"""Text to terms: the one analysis that indexing, queries and highlighting share.

A token is indexed under its English stem and, where that differs, its folded surface form, both
at one position. Raise ``_schema.VERSION`` when the output of anything here changes.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from whoosh.lang.porter import stem as _porter

from newsreader.text.words import fold

_CJK = (
    "\u3040-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
"""Scripts whose words are not found by spaces alone: kana, bopomofo, Han, Hangul."""

_MARKS = re.escape(
    "".join(
        chr(code)
        for code in (*range(0x300, 0x3000), *range(0xA660, 0xABFF), 0xFE0F, 0x200C, 0x200D)
        if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me") or code in (0x200C, 0x200D)
    )
)
"""Marks and joiners continue a word; Python's ``\\w`` does not hold them."""

_LETTER = rf"[^\W_{_CJK}]"
_PLAIN = rf"[^\W\d_{_CJK}]"
_TOKEN = re.compile(
    rf"[{_CJK}]+"
    rf"|(?<![\w.])(?:{_PLAIN}\.)+{_PLAIN}(?!\w)\.?"  # U.S., J.K.
    r"|\d+(?:[.,]\d+)+"
    rf"|{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*(?:['’][sS](?!\w))?"
)
_CJK_RUN = re.compile(rf"[{_CJK}]")

_TERM_CAP = 64
"""Characters of a term: longer tokens are addresses and noise, and are found by their start."""

_MEMO_CAP = 300_000
"""Distinct tokens remembered; what comes later is worked out each time it is seen."""

Forms = tuple[str, ...]


def _surface(token: str) -> str:
    """Return the folded form of one token that is not CJK."""
    if token[-2:-1] in ("'", "’"):
        token = token[:-2]
    if "." in token and not token[0].isdigit():
        token = token.replace(".", "")
    if "," in token:
        token = token.replace(",", "")
    return fold(token.replace("\u200c", "").replace("\u200d", ""))[:_TERM_CAP]


def _forms(surface: str) -> Forms:
    """Return the stem, then the surface form if it is another."""
    if not (surface.isascii() and surface.isalpha()):
        return (surface,)
    stem = _porter(surface)
    return (stem, surface) if stem != surface else (surface,)


class _Memo(dict[str, tuple[Forms, ...]]):
    """Raw token to the forms at each of its positions (several in a run of CJK)."""

    def __missing__(self, token: str) -> tuple[Forms, ...]:
        if _CJK_RUN.match(token):
            # Pairs find words of two and more characters, the last character alone ends the run.
            pairs = [token[i : i + 2] for i in range(len(token))]
            return tuple((fold(pair),) for pair in pairs)
        surface = _surface(token)
        value = (_forms(surface),) if surface else ()
        if len(self) < _MEMO_CAP:
            self[token] = value
        return value


_memo = _Memo()


def positions(text: str, first: int = 0) -> tuple[dict[str, list[int]], int]:
    """Return each term's positions in ``text``, counted from ``first``, and the next position."""
    found: dict[str, list[int]] = {}
    memo = _memo
    position = first
    for token in _TOKEN.findall(text):
        for forms in memo[token]:
            for form in forms:
                if form in found:
                    found[form].append(position)
                else:
                    found[form] = [position]
            position += 1
    return found, position


class Token(NamedTuple):
    """``text[start:end]`` is found under each of ``forms``."""

    start: int
    end: int
    forms: Forms


def spans(text: str) -> Iterator[Token]:
    """Yield the tokens of ``text`` in order of position; neighbours overlap only in CJK."""
    for match in _TOKEN.finditer(text):
        token = match[0]
        every = _memo[token]
        start, end = match.span()
        if len(every) == 1:
            if token[-2:-1] in ("'", "’"):
                end -= 2
            yield Token(start, end, every[0])
        else:
            for i, forms in enumerate(every):
                yield Token(start + i, min(start + i + 2, end), forms)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One position of a query: a term, or with ``prefix`` every term that begins so."""

    term: str
    prefix: bool = False


def wanted(text: str, *, prefix: bool = False) -> list[Wanted]:
    """Return what a document must hold, one after the other, to hold ``text``.

    With ``prefix`` the last token may go on.
    """
    found: list[Wanted] = []
    tokens = _TOKEN.findall(text)
    for i, token in enumerate(tokens):
        open_end = prefix and i == len(tokens) - 1
        if _CJK_RUN.match(token):
            found += _wanted_run(token)
        elif surface := _surface(token):
            found.append(Wanted(surface, True) if open_end else Wanted(_forms(surface)[0]))
    return found


def _wanted_run(run: str) -> list[Wanted]:
    if len(run) == 1:
        return [Wanted(fold(run), True)]
    return [Wanted(fold(run[i : i + 2])) for i in range(len(run) - 1)]
