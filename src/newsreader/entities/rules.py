"""Rules about one span: what belongs to a name, what kind it is, whether to believe it.

Each rule repairs one habit of the tagger; none of them looks at the rest of the article.
"""

import re
from collections.abc import Sequence

from newsreader.entities.engine import Tagged
from newsreader.entities.gazetteer import Gazetteer, word_list
from newsreader.entities.names import fold
from newsreader.entities.spans import Found
from newsreader.entities.splitting import split
from newsreader.model import EntityKind

LABELS = {
    "PERSON": EntityKind.PERSON,
    "ORG": EntityKind.ORGANISATION,
    "GPE": EntityKind.PLACE,
    "LOC": EntityKind.PLACE,
    "FAC": EntityKind.PLACE,
    "NORP": EntityKind.DEMONYM,
}
"""The tagger's labels that are kinds of ours. NORP also means religions and parties: those that
are no demonym in the tables are dropped."""

_EDGE = " \t\n\xa0\"“”'‘’`()[]{}<>«»,;:*_/\\|•-–—"
_ARTICLE = re.compile(r"(?:the|an?|(?<=['’])s)\s+(?!Hague)(?=\S)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’](?:s|S)?$")
_STOP = re.compile(r"(?<![.\s][A-Za-z])(?<!Corp)(?<!Inc)(?<!Ltd)(?<!Co)(?<!Jr)(?<!Sr)(?<!Bros)\.$")
_TAIL = re.compile(
    r"(?:\s+(?:of|and|the|for|in|to|on|at|by|with|from|under|over|after|as|is|was|his|her|its|their))+$"
)
_END = re.compile(r"[\n/]|https?:")
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out quotes, spaces, a leading the/a/an, a closing possessive or "of".

    The span ends at the first line break or slash: no name runs over two paragraphs.
    """
    while start < end and (text[start] in _EDGE or text[start].isspace()):
        start += 1
    stop = _END.search(text, start, end)
    end = stop.start() if stop is not None else end
    article = _ARTICLE.match(text, start, end)
    if article is not None:
        start = article.end()
    end = _rstrip(text, start, end)
    tail = _TAIL.search(text, start, end)
    if tail is not None:
        end = tail.start()
    possessive = _POSSESSIVE.search(text[start:end])
    if possessive is not None and possessive.start() > 0:
        end = start + possessive.start()
    return start, _rstrip(text, start, end)


def _rstrip(text: str, start: int, end: int) -> int:
    """Return where the span ends without spaces, marks and a sentence's full stop."""
    while end > start:
        last = text[end - 1]
        stop = last == "." and end - start > 3 and _STOP.search(text[start:end])
        if not (stop or last in _EDGE or last.isspace()):
            break
        end -= 1
    return end


def strip_titles(text: str, start: int, end: int, titles: Sequence[str]) -> int:
    """Return where the name proper starts: "President", "Sen.", "Mr." belong to the office.

    A name that is nothing but a title keeps its last word.
    """
    while True:
        surface = fold(text[start:end])
        title = next((t for t in titles if surface.startswith(t + " ")), None)
        if title is None:
            return start
        for _ in title.split():
            gap = re.compile(r"\S+\s+").match(text, start, end)
            if gap is None:
                return start
            start = gap.end()


def headings(text: str) -> list[tuple[int, int]]:
    """Return the lines in title case or capitals; the tagger reads all of their words as names.

    A line counts when it has four words or more, does not end like a sentence, and three quarters
    of its longer words are capitalised.
    """
    found = []
    for line in re.finditer(r"[^\n]+", text):
        if line.end() - line.start() > 300 or line.group().rstrip().endswith((".", '"', "”", "?")):
            continue
        words = _WORD.findall(line.group())
        longer = [word for word in words if len(word) > 3]
        if len(words) >= 4 and longer and sum(w[0].isupper() for w in longer) >= 0.75 * len(longer):
            found.append(line.span())
    return found


_PLACE_BEFORE = re.compile(
    r"\b(?:state|province|city|town|village|region|district|county|island|port|capital)"
    r"(?: of|,)\s+(?:the\s+)?$",
    re.IGNORECASE,
)


def called_place(text: str, start: int) -> bool:
    """Return whether the words before say so: "the state of Tachira"."""
    return _PLACE_BEFORE.search(text, max(0, start - 30), start) is not None


_PEOPLES = re.compile(r"\b(?:African|Asian|Native)[- ]Americans?\b")


def of_a_people(text: str, start: int, end: int) -> bool:
    """Return whether a demonym is half of "African American": it speaks of no two countries."""
    around = _PEOPLES.search(text, max(0, start - 10), end + 12)
    return around is not None and around.start() <= start and end <= around.end()


_ADDRESS = re.compile(
    r"@|_|https?:|www\.|\w\.(?:com|org|net|gov|edu|doc|docx|pdf|xls|jpg|html?|ly|co\.uk)\b",
    re.IGNORECASE,
)
_DESIGNATION = re.compile(r"[A-Z]{1,6}-?\d[\w-]*$")


def no_name(surface: str) -> bool:
    """Return whether the words cannot be a name: "www.example.com", "STS-134", "et cetera".

    A name has a capital letter somewhere, and not the same word twice; engines trained on news
    believe others too easily.
    """
    return (
        _ADDRESS.search(surface) is not None
        or _DESIGNATION.match(surface) is not None
        or not any(character.isupper() for character in surface)
        or fold(surface) in word_list("furniture") | word_list("letters")
        or len({*fold(surface).split()}) < len(surface.split()) == 2
    )


_HEAD_ENDS = re.compile(r" (?:of|for) ")


def is_no_kind(surface: str) -> bool:
    """Return whether its head says that it is an event, a prize, a law: "Pulitzer Prize".

    The head is the last word, or the one before "of" and "for": a Treaty of Paris, but no Institute
    of Technology.
    """
    head = _HEAD_ENDS.split(surface, maxsplit=1)[0].split()
    return " " in surface and bool(head) and fold(head[-1]) in word_list("no_kind")


def kind_by_head(surface: str, kind: EntityKind) -> EntityKind:
    """Return the kind that the last word says: "Sunset Boulevard", "Texas State University"."""
    words = surface.split()
    if len(words) > 1 and words[0][:1].isupper():
        last = fold(words[-1])
        landmark = "landmark_sure" if kind is EntityKind.PERSON else "landmark"
        if last in word_list(landmark):
            return EntityKind.PLACE
        if last in word_list("organised_last") and kind is not EntityKind.DEMONYM:
            return EntityKind.ORGANISATION
    return kind


_LEGAL = re.compile(r" & (?:Co|Company|Sons|Partners)\b\.?")
_OF = re.compile(r" of (?:the )?[A-Z][\w’'-]+(?: (?:of )?[A-Z][\w’'-]+){0,5}")
_OF_AND = re.compile(rf"{_OF.pattern}(?:,? and [A-Z][\w’'-]+(?: [A-Z][\w’'-]+){0, 3})?")
_OFFICES = frozenset({"ministry", "department", "secretariat", "office"})
"""What is named after two things: "Ministry of Trade and Industry"."""


def extend(text: str, found: Found) -> Found:
    """Give an organisation the rest of its name: "Bank" + "of England", "Morgan" + "& Co."."""
    if found.kind is not EntityKind.ORGANISATION:
        return found
    rest = _LEGAL.match(text, found.end)
    last = text[found.start : found.end].split()[-1:]
    if rest is None and last and fold(last[0]) in word_list("of_whom"):
        rest = (_OF_AND if fold(last[0]) in _OFFICES else _OF).match(text, found.end)
    if rest is None:
        return found
    _, end = trim(text, found.start, rest.end())
    return found._replace(end=max(end, found.end))


_ROLES = frozenset(
    ["Marine", "Marines", "Republican", "Republicans", "Democrat", "Democrats", "Democratic", "LLC"]
)
"""What someone or something is, not its name: the tagger calls them organisations."""


def correct_kind(text: str, found: Found, known: Gazetteer) -> Found | None:
    """Let the tables and the words before overrule the tagger; None when it is no name of ours."""
    entry = known.get(text[found.start : found.end])
    kind = found.kind
    if entry is not None and (entry.sure or kind is not EntityKind.PERSON):
        kind = entry.kind
    elif called_place(text, found.start):
        kind = EntityKind.PLACE
    elif (
        kind is EntityKind.DEMONYM
        or text[found.start : found.end] in _ROLES
        or (kind is EntityKind.ORGANISATION and is_no_kind(text[found.start : found.end]))
    ):
        return None
    else:
        kind = kind_by_head(text[found.start : found.end], kind)
    return found._replace(kind=kind)


def from_tags(text: str, tags: Sequence[Tagged], known: Gazetteer) -> list[Found]:
    """Return the tagger's names, trimmed, without titles, split and of the right kind."""
    kept: list[Found] = []
    for tag in tags:
        kind = LABELS.get(tag.label)
        if kind is None:
            continue
        start, end = trim(text, tag.start, tag.end)
        if text[end : end + 1] == "." and known.get(text[start : end + 1]) is not None:
            end += 1  # "Fla." at the end of a sentence too
        whole = extend(text, Found(start, end, kind))
        for part in split(text, whole, known):
            start, end = part.start, part.end
            if part.kind is EntityKind.PERSON:
                start = strip_titles(text, start, end, known.titles)
            if not _WORD.search(text, start, end) or text[max(0, start - 1)] in "@#":
                continue
            if no_name(text[start:end]) and known.get(text[start:end]) is None:
                continue
            name = correct_kind(text, Found(start, end, part.kind), known)
            if name is not None:
                kept.append(name)
    return kept


def other_names(text: str, tags: Sequence[Tagged]) -> list[tuple[int, int]]:
    """Return the names that are no kind of ours: the "French" of the French Open is in one."""
    return [
        (tag.start, tag.end)
        for tag in tags
        if tag.label == "LANGUAGE"
        or (tag.label in ("EVENT", "WORK_OF_ART", "LAW") and " " in text[tag.start : tag.end])
    ]


_TOKEN_BEFORE = re.compile(r"([\w'’.&-]+) $")
_TOKEN_AFTER = re.compile(r" ([\w'’.&-]+)")


def begins_sentence(text: str, start: int) -> bool:
    """Return whether a capital letter at ``start`` may be there for the sentence's sake."""
    before = text[max(0, start - 3) : start].rstrip(" \"“'‘(")
    return start == 0 or before == "" or before[-1] in "\n.!?:•-–—"


def stands_alone(text: str, start: int, end: int, known: Gazetteer) -> bool:
    """Return whether no capitalised neighbour makes ``text[start:end]`` part of another name.

    "Maria Heath" and "Heath Ledger" are not Matthew Heath; "President Heath" and "But Heath" are.
    """
    before = _TOKEN_BEFORE.search(text, max(0, start - 40), start)
    if before is not None:
        word = before.group(1)
        ordinary = (
            fold(word) in word_list("starters")
            or fold(word) in known.titles
            or known.get(word) is not None
            or word.endswith(("'s", "’s"))
            or (word.endswith(".") and len(word) > 2)
        )
        if word[:1].isupper() and not ordinary:
            return False
    after = _TOKEN_AFTER.match(text, end, end + 40)
    return after is None or not after.group(1)[0].isupper() or text[end : end + 1] != " "
