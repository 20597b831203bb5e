"""What lines around an article say of it: its writers, its outlet, its day.

A line that is taken out of a body ends here, as a link or a credit; nothing is thrown away.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from newsreader.model import Credit, CreditKind, Link
from newsreader.text.clean import clean_line
from newsreader.text.lines import Line, Role, owner_name
from newsreader.text.links import clean_link
from newsreader.text.when import find_day
from newsreader.text.words import fold

AGENCIES = {
    "ap": "Associated Press",
    "the associated press": "Associated Press",
    "associated press": "Associated Press",
    "reuters": "Reuters",
    "afp": "AFP",
    "bloomberg": "Bloomberg",
    "cnn": "CNN",
    "upi": "UPI",
    "efe": "EFE",
    "dpa": "dpa",
    "xinhua": "Xinhua",
    "tass": "TASS",
    "ani": "ANI",
    "pti": "PTI",
}
"""Folded names under which agencies sign, and what a person calls them."""
_PICTURE_HOUSES = ("getty", "shutterstock", "istock", "dreamstime", "alamy")
_OUTLET = re.compile(
    r"^the\s|\b(?:ledger|record|wire|markets|post|times|news|press|journal|review|desk|herald|"
    r"tribune|gazette|guardian|observer|daily|weekly|radio|tv|television|agency|magazine|today|"
    r"chronicle|examiner|inquirer|telegraph|independent|globe|courier|register|sentinel|dispatch|"
    r"bulletin|monitor|network|media|digest|broadcasting|mail|express|courant|newspapers?|"
    r"service|newsroom)(?:\s+(?:staff|service|group|report))?$|^(?:el|la|le|die|der)\s+[a-z]+$",
    re.IGNORECASE,
)
"""How newspapers are called; the names of people hardly ever end so."""
_STAFF = re.compile(
    r"\s+(?:staff|staff\s+(?:and\s+)?(?:wire\s+)?reports?|wire\s+reports?)$", re.IGNORECASE
)
_BARE_BYLINE = re.compile(
    r"^(?P<names>[A-ZÀ-Þ][\w.'’\-]+(?:\s+[\w.'’\-]+){1,4}(?:\s+and\s+[A-ZÀ-Þ][\w.'’\- ]+)?)"
    r"\s*[,|/–—]\s*(?P<org>[A-ZÀ-Þ][\w.'’&\- ]{2,50})$"
)
_SMALL = frozenset({"and", "of", "de", "da", "del", "van", "von", "der", "den", "bin", "al", "la"})
_DATE_WORDS = re.compile(
    r"\b(?:published|posted|updated|last|first|modified|on|at|date|[ap]\.?m\.?|e[sd]?t|p[sd]?t|gmt|utc|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|\d{1,2}[:.]\d{2}|hrs?)\b|\W",
    re.IGNORECASE,
)
_DATE_SAID = re.compile(r"\b(?:published|posted|updated|date)\b", re.IGNORECASE)
URL = re.compile(r"https?://[^\s<>\"”’)\]]+[^\s<>\"”’)\].,;:!?]")
"""An address in running text, without the punctuation after it."""


@dataclass(slots=True)
class Hints:
    """What the lines have told so far.

    ``owners``, ``mastheads``, ``holders`` and ``outlets`` are publications as ownership lines,
    the head of the page, copyright lines and bylines name them.
    """

    authors: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    mastheads: list[str] = field(default_factory=list)
    holders: list[str] = field(default_factory=list)
    outlets: list[str] = field(default_factory=list)
    agency: str | None = None
    published: datetime | None = None
    links: list[Link] = field(default_factory=list)
    credits: dict[Credit, None] = field(default_factory=dict)

    def author(self) -> str | None:
        """Return the writers that bylines name, None if there are none."""
        return clean_line(", ".join(dict.fromkeys(self.authors))) or None

    def outlet(self) -> str | None:
        """Return the publication that the text says it is of, if nothing speaks against it."""
        holders = [h for h in self.holders if not any(p in fold(h) for p in _PICTURE_HOUSES)]
        named = self.owners or self.mastheads
        named = named or [h for h in holders if fold(h) not in AGENCIES] or holders
        named = named or self.outlets
        if named:
            return clean_line(AGENCIES.get(fold(named[0]), named[0]))
        if self.agency is None:
            return None
        # "The Associated Press contributed to this report" is what others write under its text.
        agency = fold(self.agency)
        helped = (fold(c.text) for c in self.credits if c.kind is CreditKind.CONTRIBUTOR)
        foreign = any(re.search(rf"\b{agency} (?:also )?contributed", words) for words in helped)
        return None if foreign else self.agency

    def credit(self, kind: CreditKind, words: str) -> None:
        """Keep a line that was taken out, once."""
        self.credits[Credit(kind, clean_line(words, 1000))] = None

    def take(self, line: str, read: Line) -> None:
        """Put a line that is not text where it belongs."""
        if read.role is Role.RELATED:
            self._take_link(line, read.value)
        elif read.role is Role.ADDRESS:
            self.links.append(Link(clean_line(read.value or read.extra), clean_link(read.extra)))
        elif read.role is Role.AUTHOR:
            self._take_byline(line, read)
        else:
            owned = read.role in (Role.OWNER, Role.COPYRIGHT)
            if owned and (name := owner_name(read.value)):
                (self.owners if read.role is Role.OWNER else self.holders).append(name)
            if owned and (name := owner_name(read.extra)):
                self.owners.append(name)
            self.credit(CreditKind(read.role.value), line)

    def take_date(self, line: str, *, below: bool) -> bool:
        """Read a line that is nothing but when the article came out; return whether it was.

        ``below`` the text it must say so: a list of events ends in dates too.
        """
        if len(line) > 90 or not (day := find_day(line)):
            return False
        if below and not _DATE_SAID.search(line):
            return False
        rest = line[: day[1]] + " " + line[day[2] :]
        if second := find_day(rest):
            rest = rest[: second[1]] + " " + rest[second[2] :]
        if len(_DATE_WORDS.sub(" ", rest).split()) > 2:
            return False
        if self.published is None:
            self.published = day[0]
        self.credit(CreditKind.OTHER, line)
        return True

    def _take_byline(self, line: str, read: Line) -> None:
        people, outlets = byline(read.value)
        if read.extra:
            outlets.append(read.extra)
        self.authors.extend(people)
        for name in outlets:
            if agency := AGENCIES.get(fold(name)):
                self.agency = agency
            elif is_outlet(name):
                self.outlets.append(_STAFF.sub("", name))
        if outlets or not line.casefold().startswith("by "):
            self.credit(CreditKind.CONTRIBUTOR if outlets else CreditKind.OTHER, line)

    def _take_link(self, line: str, title: str) -> None:
        address = URL.search(title)
        words = title.replace(address[0], "").strip(" :–—-") if address else title
        if words or address:
            url = clean_link(address[0]) if address else None
            self.links.append(Link(clean_line(words or (address[0] if address else "")), url))
        else:
            self.credit(CreditKind.OTHER, line)


def is_outlet(name: str) -> bool:
    """Return whether a name of two words and more is one that newspapers bear."""
    return fold(name) in AGENCIES or (" " in name and _OUTLET.search(name) is not None)


def byline(words: str) -> tuple[list[str], list[str]]:
    """Return the people and the outlets that a byline names.

    Names in capitals are written as names. A desk that signs as staff counts as the writer.
    """
    parts = [part for part in _NAME_ENDS.split(words.strip()) if part]
    people: list[str] = []
    outlets: list[str] = []
    if _STAFF.search(words):
        return [clean_line(words, 80)], [clean_line(parts[-1], 80)]
    for index, part in enumerate(parts):
        if index and is_outlet(part):
            outlets.append(clean_line(part, 80))
        else:
            people.append(clean_line(part.title() if part.isupper() else part, 80))
    return people, outlets


_NAME_ENDS = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*")


def bare_byline(line: str) -> Line | None:
    """Return a byline such as "Ines Okafor, The Harbour Ledger"; above the text only."""
    match = _BARE_BYLINE.match(line) if len(line) < 90 else None
    if match is None or not is_outlet(match["org"]) or is_outlet(match["names"]):
        return None
    words = match["names"].split()
    if any(word[0].islower() and word not in _SMALL for word in words):
        return None
    return Line(Role.AUTHOR, match["names"], match["org"])
