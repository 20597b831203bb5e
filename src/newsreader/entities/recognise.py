"""Text in, mentions out: the engine, the rules and the dates in their order."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from newsreader.entities.dates import Dated, dates
from newsreader.entities.engine import Tagged, Tagger
from newsreader.entities.gazetteer import gazetteer, given_names
from newsreader.entities.known import KnownNames
from newsreader.entities.names import fold
from newsreader.entities.resolve import Resolver
from newsreader.entities.rules import from_tags, headings, other_names, strip_titles, trim
from newsreader.entities.tagger import NetworkTagger
from newsreader.model import EntityKind, Recognised

CHUNK = 2_500
"""Characters the tagger gets at once: about 500 words, so that memory does not grow with the
text (it needs some 4 kB a word)."""

_RUN = re.compile(r"\S{80,}")
"""No name is that long without a space."""
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_ENGLISH = re.compile(r"\b(?:the|of|and|to|in|is|was|for|that|on|with|said|by|at|from|has)\b", re.I)
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What :meth:`Recogniser.recognise_batch` is given of one article."""

    text: str
    published: date | None = None
    title: str = ""
    language: str | None = "en"


class Recogniser:
    """Finds people, organisations, places, demonyms and dates.

    Making one loads the tagger (0.3 CPU-s, 60 MB); it belongs to one thread.

    Args:
        tagger: another engine than the built-in one.

    Raises:
        EngineError: the weights are missing or not the expected ones.
    """

    def __init__(self, tagger: Tagger | None = None) -> None:
        self.tagger = tagger if tagger is not None else NetworkTagger()
        self._known = gazetteer()
        self._library = KnownNames()

    def know(self, names: Iterable[tuple[str, EntityKind]]) -> None:
        """Take names that the library knows, the most trusted first, in place of earlier ones.

        They are found again in texts that no engine reads, and where it missed one in English.
        """
        self._library = KnownNames(names)

    def recognise(
        self,
        text: str,
        *,
        published: date | None = None,
        title: str = "",
        language: str | None = "en",
    ) -> list[Recognised]:
        """Return the mentions of ``text`` in reading order; they never overlap.

        A paragraph appended to the text changes nothing before it, unless it shares a word with
        the text or spells out one of its acronyms: then it may explain short forms, settle kinds,
        and find or drop mentions that stood alone.

        Offsets count code points; a span is not empty and neither begins nor ends with a space.
        Never raises. Text that is not English gets names from the tables and dates in figures.

        Args:
            text: the body of an article.
            published: the day that relative dates count from.
            title: its full names explain short ones in the text; it has no mentions itself.
            language: a language tag; None when unknown.
        """
        document = Document(text=text, published=published, title=title, language=language)
        return self.recognise_batch([document])[0]

    def recognise_batch(self, documents: Sequence[Document]) -> list[list[Recognised]]:
        """Return what :meth:`recognise` would, for many at once; faster for short texts."""
        pieces: list[tuple[int, int, str]] = []
        english = [_english(document) for document in documents]
        for number, document in enumerate(documents):
            if not english[number]:
                continue
            if document.title:
                pieces.append((number, -1, _readable(document.title[:500])))
            pieces += [(number, start, piece) for start, piece in _chunks(document.text)]
        tagged = self.tagger.tag([piece for _, _, piece in pieces])
        tags: list[list[Tagged]] = [[] for _ in documents]
        people: list[list[str]] = [[] for _ in documents]
        for (number, offset, piece), spans in zip(pieces, tagged, strict=True):
            if offset < 0:
                people[number] = _people(piece, spans)
            else:
                tags[number] += [Tagged(s + offset, e + offset, label) for s, e, label in spans]
        return [
            self._assemble(document, tags[n], people[n], english=english[n])
            for n, document in enumerate(documents)
        ]

    def _assemble(
        self, document: Document, tags: list[Tagged], people: list[str], *, english: bool
    ) -> list[Recognised]:
        text = document.text
        lines = headings(text)
        language = "en" if english else (document.language or "und")
        resolver = Resolver(text, self._known, self._library, language=language)
        names = resolver.resolve(
            from_tags(text, tags, self._known),
            lines,
            others=other_names(text, tags),
            people=people,
        )
        return _merge(names, dates(text, published=document.published, english=english))


def _english(document: Document) -> bool:
    """Return whether the engine can read the text: English by its tag, or by its small words.

    A text without a tag counts as English when one word in twelve is one of sixteen small ones
    (in English about one in four is); a text mostly in another script never does.
    """
    head = document.text[:4_000]
    letters = len(_LETTER.findall(head))
    if len(_LATIN.findall(head)) * 2 < letters:
        return False
    if document.language:
        return fold(document.language).split("-")[0] in ("en", "eng", "english", "en_us", "en_gb")
    words = len(_WORDS.findall(head))
    return words < 8 or len(_ENGLISH.findall(head)) * 12 >= words


def _readable(piece: str) -> str:
    """Return ``piece``, of the same length, without what the engine chokes on."""
    whole = piece.encode("utf-8", "replace").decode("utf-8")  # lone surrogates become "?"
    return _RUN.sub(lambda run: " " * len(run.group()), whole)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, piece) of at most ``CHUNK`` characters, cut between paragraphs or words."""
    start = 0
    while start < len(text):
        end = start + CHUNK
        if end < len(text):
            for mark in ("\n", ". ", " "):
                cut = text.rfind(mark, start + CHUNK // 4, end)
                if cut > 0:
                    end = cut + len(mark)
                    break
        piece = text[start:end]
        if not piece.isspace():
            yield start, _readable(piece)
        start = end


def _people(title: str, spans: Sequence[Tagged]) -> list[str]:
    """Return the full names of people in a title; in title case a given name must prove them."""
    proved = not headings(title)
    people = []
    for start, end, label in spans:
        start, end = trim(title, start, end)
        name = title[strip_titles(title, start, end, gazetteer().titles) : end]
        words = name.split()
        whole = 2 <= len(words) <= 3 and all(word[0].isupper() for word in words)
        if label == "PERSON" and whole and (proved or fold(words[0]) in given_names()):
            people.append(name)
    return people


def _merge(names: Sequence[Recognised], found: Sequence[Dated]) -> list[Recognised]:
    """Return both in order; where a name and a date overlap the longer stays, the date in a tie."""
    every = list(names) + [
        Recognised(
            start=d.start,
            end=d.end,
            kind=EntityKind.DATE,
            name="",
            date=d.value,
            precision=d.precision,
        )
        for d in found
    ]
    every.sort(key=lambda m: (m.start, m.start - m.end, m.kind is not EntityKind.DATE))
    kept: list[Recognised] = []
    for mention in every:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
        elif mention.end - mention.start > kept[-1].end - kept[-1].start:
            kept[-1] = mention
    return kept
