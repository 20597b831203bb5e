"""Words and sentences of a text: how it is folded for comparison, where its sentences end.

Every offset counts code points of the text that was given, so that callers can slice it.
"""

import re
import unicodedata

_MARKS = ("Mn", "Me")
_MAYBE_MARK = re.compile("[^\\w\x00-\x7f]")
_WORD = re.compile(r"\w+(?:['’.\-]\w+)*")

# Scripts written without spaces count one word a character, as word processors do.
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEVER_END = _set(
    # After these a name, a number or more of the same sentence follows.
    "mr mrs ms dr prof sen rep gov gen lt col capt cmdr sgt maj adm rev hon pres st mt ft messrs "
    "vs v e.g i.e cf al approx dept no nos vol fig pp p ch art "
    "sr sra dra srta mme mlle mgr hr fr nr bzw z.b d.h u.a ca bl geb str abs "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat "
    "ala ariz ark calif colo conn del fla ga ill ind kan ky la md mich minn miss mo mont neb "
    "nev okla ore pa tenn tex va vt wash wis wyo"
)
_MAY_END = _set("inc corp co ltd llc bros jr sr etc a.m p.m u.s u.k u.n e.u d.c ph.d")
_STARTERS = _set(
    # A capital alone does not end a sentence after "U.S." ("U.S. Senate"); these words do.
    "the a an he she it they we i you but and in on at as if so this that these those there his "
    "her its their our what when where who why how while after before since for from with "
    "although however meanwhile most many some both officials"
)
_END = re.compile(
    r"(?P<stop>[.!?…]+|[。！？｡।॥؟۔።፧፨])(?P<close>[\"'”’»)\]」』]*)(?P<gap>\s+|$|(?<=[。！？｡」』]))"
)
_LINES = re.compile(r"[^\n]+")
_TOKEN_CHARS = re.compile(r"[\w.'’&\-]+\Z")


def fold(text: str) -> str:
    """Return ``text`` as it is compared: compatibility forms, no marks, no case."""
    if text.isascii():
        return text.lower()
    folded = _bare(text).casefold()
    # Folding can give a character that decomposes again (İ), hence the second pass.
    return folded if folded.isascii() else _bare(folded)


def _bare(text: str) -> str:
    return _MAYBE_MARK.sub(
        lambda m: "" if unicodedata.category(m[0]) in _MARKS else m[0],
        unicodedata.normalize("NFKD", text),
    )


def word_count(text: str) -> int:
    """Return how many words ``text`` has; scripts without spaces count one a character."""
    if text.isascii():
        return len(_WORD.findall(text))
    unspaced = len(_UNSPACED.findall(text))
    return unspaced + len(_WORD.findall(_UNSPACED.sub(" ", text) if unspaced else text))


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of every sentence in reading order.

    They never overlap, hold no white space at their ends, and a line feed always ends one.
    """
    found: list[tuple[int, int]] = []
    for line in _LINES.finditer(text):
        start = line.start()
        for stop in _END.finditer(text, line.start(), line.end()):
            if stop.end() < line.end() and not _ends(text, start, stop, line.end()):
                continue
            _keep(found, text, start, stop.end("close"))
            start = stop.end()
        _keep(found, text, start, line.end())
    return found


def _keep(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))


def _ends(text: str, start: int, stop: re.Match[str], line_end: int) -> bool:
    """Return whether the punctuation at ``stop`` ends the sentence that began at ``start``."""
    following = _next_word(text, stop.end(), line_end)
    opening = following[:1]
    if stop["stop"] != ".":
        # "…" and "!" inside a quotation go on in lower case: '"Stop!" he said.'
        return not opening.islower()
    if opening.islower():
        return False
    if stop["close"]:
        return True
    token = _TOKEN_CHARS.search(text, max(start, stop.start() - 20), stop.start())
    word = token[0].lower().strip(".'’") if token else ""
    if len(word) == 1 and word.isalpha():
        return _after_initial(text, stop, following)
    if word in _NEVER_END:
        return False
    if word in _MAY_END or (len(word) <= 7 and "." in word and not any(map(str.isdigit, word))):
        return fold(following) in _STARTERS
    return not (word.isdigit() and stop.start() - start <= len(word))


def _after_initial(text: str, stop: re.Match[str], following: str) -> bool:
    """Return whether a single letter ends a sentence ("Plan B.") or is an initial ("J. Smith")."""
    letter = text[stop.start() - 1]
    return (letter.islower() or letter == "I") or fold(following) in _STARTERS


def _next_word(text: str, start: int, end: int) -> str:
    """Return the next word without opening quotes; the first character decides its case."""
    while start < end and (text[start].isspace() or text[start] in "\"'“‘«([„"):
        start += 1
    word = _WORD.match(text, start, end)
    return word[0] if word else text[start : start + 1]
