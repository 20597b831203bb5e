"""What stands around a date: tense, and the words that make a number or a name no date."""

import re
from datetime import date
from typing import NamedTuple

from newsreader.entities._date_patterns import MONTHS

_AHEAD_AT_ONCE = re.compile(
    r"\b(?:until|till|through|by|effective|payable|beginning|starting|"
    r"as (?:soon|early|late) as|scheduled|expected|due|planned|set (?:for|to)|ending|"
    r"postponed|extended|delayed|"
    r"(?:is|are|be|isn['’]t) (?:held |due )?(?:on|in))"
    r"(?: (?:to|for|on|until|in|late|early|the|of|held|begin|start|end))*\s$",
    re.IGNORECASE,
)
_ENDED = re.compile(r",[^.]{0,80}? had\b|,? (?:[a-z']+ ){0,2}(?:had|was|were)\b")
"""After "until Thursday" and the like: it was so until then, and now is not."""
_PAST_AT_ONCE = re.compile(
    r"\b(?<!\bbe )(?:said|told|met|held|left|came|went|began|won|lost|made|took|sent|died|fell|"
    r"rose|set|was|were|had|since|(?:waited|lasted|stayed|remained) until|[a-z]{2,}ed)"
    r"(?: (?:on|in|late|early|the|here|again|back))*\s$",
    re.IGNORECASE,
)
_SAID_IN = re.compile(
    r"\b(?:statement|interview|(?:news|press) (?:conference|release)|speech|e-?mail|filing|"
    r"briefing|tweet|according to [\w .]{1,40})(?: (?:on|in|late|early))*\s$",
    re.IGNORECASE,
)
_WAITED = re.compile(r"\b(?:waited|lasted|stayed|remained) (?:until|till) $")
_TO_COME = re.compile(
    r"(?:['’]s)? (?:[a-z]+ )?(?:elections?|midterms?|ballot|contests?|convention|summit|runoff|"
    r"primar(?:y|ies)|referendum|deadline)\b"
)
_MARK = re.compile(
    r"\b(?:(?P<past>(?<!be )(?<!be still )(?:said|says|told|did|met|held|left|came|went|"
    r"began|won|lost|made|took|sent|fell|rose|shot|hit|found|became|gave|got|brought|"
    r"built|bought|sold|spoke|wrote|ran|saw|struck|broke|grew|led|set(?! (?:to|for)\b)|"
    r"had been \w+ed|had|after [a-z]+ing|"
    r"(?:was|were|has been|have been)(?! (?:to|due|likely|set to|expected|scheduled)\b)|"
    r"(?<!\ba )(?<!\ban )(?<!\bthe )(?<!\bits )"
    r"(?!need|hundred|unit|limit|propos|indeed|speed|proceed|exceed|succeed|un|schedul|expect|plan|"
    r"slated|(?:decid|agre|ask|urg|order|requir|forc|promis|vow|pledg|threaten|want|hop|intend|"
    r"invit)e?d (?:\w+ )?to\b)[a-z]{2,}ed))"
    r"|(?:will|shall|won['’]t|would|going to|"
    r"(?:is|are|was|were|be) (?:to|due|set|expected|scheduled|slated|poised|likely|planned|"
    r"supposed)|scheduled|slated|expected|expects?|planned|planning|plans? (?:to|for)|upcoming|"
    r"hopes? (?:to|for)|intends? to|wants? to|(?:decided|agreed|asked|urged|ordered|required|"
    r"forced|promised|vowed|pledged|threatened|wanted|hoped|intended|invited) (?:\w+ )?to|"
    r"agreement to|ready to|set to|(?:could|may|might) (?:be|rise|fall|come|start|begin)|"
    r"due (?:on|in|by|for|out)|to be|"
    r"begins|starts|opens|meets|expires|takes (?:place|effect)))\b"
    r"|['’]ll\b"
)
_SENTENCE = re.compile(r"[.!?]['\"”’)]*\s+(?=['\"“‘(]?[A-Z0-9])|\n(?![a-z])|;\s|``")
_NEW_CLAUSE = re.compile(r"(?:^|[,:—–(]|\band|\bbut)\s*(?:(?:on|in|by|early|late|from)\s)?$", re.I)


class Place(NamedTuple):
    """One match and what its meaning depends on."""

    text: str
    match: re.Match[str]
    anchor: date | None
    english: bool

    def get(self, group: str) -> str:
        """Return a group in lower case on one line, empty when it is not there."""
        value = self.match.groupdict().get(group)
        return " ".join(value.casefold().split()) if value else ""

    def before(self, width: int) -> str:
        """Return at most ``width`` characters that stand before the match."""
        start = self.match.start()
        return self.text[max(0, start - width) : start]

    def after(self, width: int) -> str:
        """Return at most ``width`` characters that follow the match in its paragraph."""
        end = self.match.end()
        return self.text[end : end + width].split("\n\n", 1)[0]

    @property
    def told(self) -> bool:
        """Return whether a verb in the past stands right before the date."""
        return _PAST_AT_ONCE.search(self.before(30)) is not None

    @property
    def ahead(self) -> bool:
        """Return whether the clause speaks of the future."""
        return self.tense > 0

    @property
    def tense(self) -> int:
        """Return 1 for the future, -1 for the past, 0 where the verbs around the date do not say.

        The words right before it count first, then the last verb before it in the sentence (the
        first after it where the date opens a clause).
        """
        before = _SENTENCE.split(self.before(160))[-1]
        after = _SENTENCE.split(self.after(80))[0]
        if _AHEAD_AT_ONCE.search(before):
            return -1 if _ENDED.match(after) or _WAITED.search(before) else 1
        past = _PAST_AT_ONCE.search(before) or _SAID_IN.search(before)
        if past or re.match(r" (?:was|were|had)\b", after):
            return -1
        following = _MARK.search(after)
        marks = list(_MARK.finditer(before))
        owns = after.startswith(("'s ", "’s "))
        mark = following
        if marks and not owns and not (following and _NEW_CLAUSE.search(before)):
            mark = marks[-1]
        if mark is None:
            return 0
        return 1 if mark["past"] is None else -1

    @property
    def event_to_come(self) -> bool:
        """Return whether the date is that of a vote or a meeting that is named by its day."""
        return _TO_COME.match(self.after(40)) is not None and not self.told


_MONTHS_NAME = "(?:" + "|".join(name.title() for name in MONTHS) + r")\b\.?"
_YEAR_AFTER = re.compile(
    rf"(?: (?:and|or|to|through|until) |[-–]|, )({_MONTHS_NAME})(?: \d{{1,2}})?,? "
    r"(1[5-9]\d\d|20\d\d)\b"
)


def year_after(place: Place, month: int) -> int | None:
    """Return the year of the month that one without it is joined to: "September and May 2008"."""
    match = _YEAR_AFTER.match(place.after(40))
    if match is None:
        return None
    return int(match[2]) - (month > MONTHS[match[1].casefold().rstrip(".")])


_MONTH_BEFORE = re.compile(
    r"\b(?:in|since|until|till|by|during|from|of|to|through|between|before|after|and|or|for|"
    r"as|this|last|next|early|late|mid|every|each|until|[a-z]+ed|"
    r"(?:four|fif|six|seven|eigh|nin|ten|\d)th)[ \n-]$"
    r"|(?:uary|march|april|may|june|july|august|ber)-$",
    re.IGNORECASE,
)
_OWNED = re.compile(r"(?:\b(?:the|an?|its|his|her|their|our)|['’]s)[ \n]$", re.IGNORECASE)
_THING = re.compile(r"[ \n](?!(?:of|to|on|for|in|by|at|against|toward)\b)\d{0,2}[a-z]")
_LINKED = re.compile(r"\b(?:and|or) $")


def is_month(place: Place) -> bool:
    """Return whether a lone month is one, and not a name or a verb ("April Jones", "may")."""
    word = place.match.group("month")
    if place.match.start() < place.match.start("month"):
        return True
    after = place.after(2)
    name_follows = len(after) == 2 and after[0] == " " and after[1].isupper()
    before = place.before(16)
    introduced = _MONTH_BEFORE.search(before) is not None
    if name_follows and _LINKED.search(before):
        return False
    if word.endswith("."):
        return introduced
    if word.casefold() in ("march", "may") or word.isupper():
        month_of_it = _OWNED.search(before) and _THING.match(place.after(12))
        owns = word == "March" and place.after(2) in ("'s", "’s")
        return bool(introduced or month_of_it or owns) and not name_follows
    introduced = introduced or _OWNED.search(before) is not None
    return introduced or not (name_follows or (before[-2:-1].isalpha() and before[-1:] == "-"))


_NAMED_DAY = re.compile(
    r"\b(?:Black|Good|Bloody|Ash|Super|Cyber|Fat|Palm|Easter|Giving|Maundy|Shrove|Whit|Holy)\s$"
)
_REPEATED_DAY = re.compile(
    r"\b(?:every|each|any|most|some|per|another|alternate|consecutive|other|first|second|third|"
    r"fourth|fifth|on a)\s$",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(
    r"[ ](?:the 13th|Times|Mail|Telegraph|Mirror|Express|Herald|Post|Sun|Night (?:Live|Football))\b"
)


def is_weekday(place: Place) -> bool:
    """Return whether a day of the week is a certain one, and not a name or a habit."""
    before = place.before(16)
    return not (
        _NAMED_DAY.search(before)
        or _REPEATED_DAY.search(before)
        or _NAMED_AFTER.match(place.after(16))
    )


_AGE = re.compile(
    r"['’]s (?:world|society|youth|young|children|kids|generation|economy|market|environment|"
    r"technology|standards|culture|climate|age|terms|money|dollars|consumers|personal|modern)\b"
)


def is_today(place: Place) -> bool:
    """Return whether "today" is a day, and not an age ("today's world") or a name (USA Today)."""
    word = place.match.group("near")
    before = place.before(20)
    if word in ("Today", "Tomorrow", "Tonight") and re.search(r"[A-Z][\w.'’]*\s$", before):
        return False
    if word == "tomorrow" and before.endswith("of "):
        return False
    if word == "today" and before.endswith(("known ", "what is ")):
        return False
    return word != "today" or not _AGE.match(place.after(20))


_YEAR_CUE = re.compile(
    r"(?:\b(?:in|since|by|from|of|until|till|through|during|after|before|between|circa|for|"
    r"early|late|mid|year|on|and|or|to|the|its|his|her|their|this|that|our|an?)|[,(;:–-])[ \n]?$",
    re.IGNORECASE,
)
_SURE_YEAR = re.compile(
    r"(?:\b(?:in|since|by|until|till|of|from|before|after|during|between|circa|year|and|or|to)"
    r"|[(–-])[ \n]?$",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"\b(?:about|some|around|nearly|almost|over|more than|less than|fewer than|up to|at least|"
    r"at most|approximately|roughly|only|another|at|an estimated)[ \n]$",
    re.IGNORECASE,
)
_CARRIES_NUMBER = re.compile(
    r"\b(?:Resolution|Flight|Route|Highway|Interstate|Article|Section|Room|No\.|Number|Unit|"
    r"Boeing|Airbus|Windows|Channel|Chapter|[Pp]age|pp?\.|Protocol|Rule|Order|Bill|Gate|Form|"
    r"Level|Model|Building|Platform|Tower|Apollo|Office|Python|Galaxy|[Vv]ersion)[ \n]$"
)
_PLURAL = re.compile(
    r"[ \n](?!was\b|is\b|has\b|as\b|this\b|does\b|his\b|its\b|elections?\b|sales\b|results\b|"
    r"earnings\b|revenues?\b|games\b|olympics\b|figures\b|levels\b|estimates\b|protests\b|"
    r"playoffs\b|finals\b|awards\b|presidential\b)[a-z]+s\b"
)
_OF = re.compile(r"[ \n]of\b(?! (?:the|this|that|his|her|its|their)\b)")
_USUAL = 2040
"""From 1900 to here four figures without a comma are a year, whatever they stand before."""
_SMALL_WORD = re.compile(
    r"[ \n](?:to|and|or|in|the|when|until|through|as|he|she|they|it|we|a|an|but|with|by|at|on|"
    r"levels|prices|rates)\b"
)


def is_year(place: Place) -> bool:
    """Return whether four figures are a year, and not a quantity, a time or a number of something.

    Old and round ones need a word that years follow ("in 1600", not "1600 megawatts").
    """
    before = place.before(24)
    if _CARRIES_NUMBER.search(before):
        return False
    if place.match.start() < place.match.start("year"):
        return True
    after = place.after(24)
    if _QUANTITY.search(before) and re.match(r"[ \n][a-z]", after):
        return _SMALL_WORD.match(after) is not None
    year = int(place.get("year"))
    if year < 1700 or year in (1700, 1800):
        return _SURE_YEAR.search(before) is not None
    if _OF.match(after) and not _SURE_YEAR.search(before):
        return False
    usual = 1900 <= year <= _USUAL
    return usual or bool(_YEAR_CUE.search(before)) or not _PLURAL.match(after)


_MONEY = re.compile(
    r"\b(?:net|profits?|earnings|revenues?|sales|loss(?:es)?|income|results|growth|GDP|GNP|"
    r"dividend|margins?|shares?|cents|operating|fiscal|company['’]s|economy|quarterly|"
    r"forecast|guidance|shipments|million|billion|percent)\b|%"
)
_PLAY = re.compile(
    r"\b(?:touchdown|quarterback|yards?|goals?|scored?|coach|rebounds?|points? guard|lead of|"
    r"game|halftime|interception|field goal|basket|turnovers?|team|season|fouls?)\b"
)


def speaks_of_money(place: Place) -> bool:
    """Return whether the words near a date are of figures in a company's report."""
    return _MONEY.search(place.before(160)) is not None


def is_quarter(place: Place) -> bool:
    """Return whether the words near a quarter are a company's, and not a game's."""
    near = place.before(200) + place.after(120)
    return _MONEY.search(near) is not None and _PLAY.search(near) is None


def sentences_between(between: str) -> int | None:
    """Return how many sentences end in ``between``; None where it is too long to count from."""
    if len(between) > 250 or "\n\n" in between:
        return None
    return len(_SENTENCE.findall(between))


_OPENING = re.compile(r"(?:\n|[.!?]['\"”’)]*\s)[\"“‘(]?(?:\w+ ){0,3}$")


def opens_sentence(text: str, start: int) -> bool:
    """Return whether at most three words stand between a sentence's beginning and ``start``."""
    before = text[start - 40 : start] if start > 40 else "\n" + text[:start]
    return _OPENING.search(before) is not None
