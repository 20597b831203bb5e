"""Text to terms: the one analysis that indexing, queries and highlighting share.

Every token stands for itself (its *surface*: folded, without a possessive) and for a *group*, the
words of one stem in the article's language. Queries for words look for groups; beginnings,
patterns and near spellings look for surfaces. Raise ``_schema.VERSION`` when the output of
anything here changes.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import Stemmer

from newsreader.text.words import fold

CJK = (
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

_LETTER = rf"[^\W_{CJK}]"
_PLAIN = rf"[^\W\d_{CJK}]"
_POSSESSIVE = r"(?:['’][sS](?!\w))?"
_TOKEN = re.compile(
    # Most words first, for speed: nothing below can begin with two of these letters.
    rf"[A-Za-z]{{2,}}+(?![\w{_MARKS}]){_POSSESSIVE}"
    rf"|[{CJK}]+"
    rf"|(?<![\w.])(?:{_PLAIN}\.)+{_PLAIN}(?!\w)\.?"  # U.S., J.K.
    r"|\d+(?:[.,]\d+)+"
    rf"|{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*{_POSSESSIVE}"
)
_CJK_RUN = re.compile(rf"[{CJK}]")

_TERM_CAP = 60
"""Characters of a term: longer tokens are addresses and noise, and are found by their start."""

_MEMO_CAP = 100_000
"""Distinct tokens of a language remembered; what comes later is worked out anew."""

DEFAULT = "en"
"""The language of a text whose language is not known."""

PLAIN = ""
"""The language of texts that are not stemmed: names, addresses, and languages without a stemmer."""

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque",
    "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "nb": "norwegian", "nn": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Language codes (ISO 639-1) and the Snowball algorithms for them."""

_MARK = "\x1f"
"""Between a stem and its language: no stem of one language is found by a word of another."""


class Form(NamedTuple):
    """What one token is found under: the words of its stem, and itself."""

    group: str
    surface: str


Forms = tuple[Form, ...]


def language_of(language: str | None) -> str:
    """Return which stemmer ``language`` ("pt-BR", "", None) has: a code, PLAIN if none."""
    if not language:
        return DEFAULT
    code = language.replace("_", "-").partition("-")[0].lower()
    return code if code in _STEMMERS and _known(code) else PLAIN


def _known(code: str) -> bool:
    return _STEMMERS[code] in Stemmer.algorithms()


_loaded: dict[str, Callable[[str], str]] = {}


def _stemmer(code: str) -> Callable[[str], str]:
    if code not in _loaded:
        # Without its own cache: every token is remembered here.
        _loaded[code] = Stemmer.Stemmer(_STEMMERS[code], 0).stemWord
    return _loaded[code]


def _bare(token: str) -> str:
    """Return ``token`` without a possessive, dots of initials, separators and joiners."""
    if token[-2:-1] in ("'", "’"):
        token = token[:-2]
    if "." in token and not token[0].isdigit():
        token = token.replace(".", "")
    if "," in token:
        token = token.replace(",", "")
    return token.replace("\u200c", "").replace("\u200d", "")


def group(word: str, code: str) -> str:
    """Return the group of one bare token in a language: its folded stem, and which language.

    The stem is taken before accents go, for many stemmers need them. What is not all letters is
    its own group in every language.
    """
    return _group(word, fold(word)[:_TERM_CAP], code)


def _group(word: str, surface: str, code: str) -> str:
    if (not surface.isascii() and _CJK_RUN.match(surface)) or not surface.isalpha():
        return surface
    if code == PLAIN:
        return surface + _MARK
    stem = _stemmer(code)(surface if word.isascii() else word.lower())
    if not stem.isascii():
        stem = fold(stem)[:_TERM_CAP]
    return stem or surface if code == DEFAULT else f"{stem or surface}{_MARK}{code}"


def _forms(token: str, code: str) -> Forms:
    """Return what each position of one raw token is found under, several in a run of CJK."""
    if token.isascii() and token.isalpha():
        surface = token.lower()[:_TERM_CAP]
        return (Form(_group(surface, surface, code), surface),)
    if _CJK_RUN.match(token):
        # Pairs find words of two and more characters, the last character alone ends the run.
        pairs = [fold(token[i : i + 2]) for i in range(len(token))]
        return tuple(Form(pair, pair) for pair in pairs)
    word = _bare(token)[:_TERM_CAP]
    if not word.isascii():
        # A lone surrogate cannot be written down.
        word = word.encode("utf-8", "replace").decode()
    surface = fold(word)[:_TERM_CAP]
    return (Form(_group(word, surface, code), surface),) if surface else ()


class _Memo(dict[str, Forms]):
    """Raw token to its forms in one language."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __missing__(self, token: str) -> Forms:
        value = _forms(token, self.code)
        if len(self) >= _MEMO_CAP:
            self.clear()
        self[token] = value
        return value


_memos: dict[str, _Memo] = {}


def memo(code: str) -> _Memo:
    """Return the forms of raw tokens in the language ``code``; it fills itself when asked."""
    if code not in _memos:
        _memos[code] = _Memo(code)
    return _memos[code]


tokens = _TOKEN.findall
"""Text to its raw tokens."""


token_pattern = _TOKEN
"""What a raw token is."""


def spans_of(token: str, start: int) -> list[tuple[int, int]]:
    """Return where each position of a raw token that begins at ``start`` stands in the text.

    Neighbours overlap only in CJK. A possessive is left out.
    """
    end = start + len(token)
    if _CJK_RUN.match(token):
        return [(at, min(at + 2, end)) for at in range(start, end)]
    if token[-2:-1] in ("'", "’"):
        end -= 2
    return [(start, end)] if memo(PLAIN)[token] else []


class Wanted(NamedTuple):
    """One position of a query: a word as written, or with ``prefix`` every word that begins so.

    A character of CJK alone is a beginning too: of the pairs that begin with it.
    """

    word: str
    surface: str
    prefix: bool = False

    def group(self, code: str) -> str:
        """Return the group that the word stands for in a language."""
        return group(self.word, code)


def wanted(text: str, *, prefix: bool = False) -> list[Wanted]:
    """Return what a document must hold, one after the other, to hold ``text``.

    With ``prefix`` the last token may go on.
    """
    found: list[Wanted] = []
    every = _TOKEN.findall(text)
    for i, token in enumerate(every):
        if _CJK_RUN.match(token):
            found += _wanted_run(token)
        else:
            word = _bare(token)[:_TERM_CAP]
            if surface := fold(word)[:_TERM_CAP]:
                found.append(Wanted(word, surface, prefix and i == len(every) - 1))
    return found


def _wanted_run(run: str) -> list[Wanted]:
    if len(run) == 1:
        return [Wanted(run, fold(run), True)]
    pairs = [run[i : i + 2] for i in range(len(run) - 1)]
    return [Wanted(pair, fold(pair)) for pair in pairs]
