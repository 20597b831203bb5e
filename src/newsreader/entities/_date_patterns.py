"""What dates look like. Every repetition is bounded: no text makes a pattern slow.

A pattern's kind says which rule in ``_date_values`` gives it a meaning; the order is that in which
they take their part of the text, the longer and surer forms first.
"""

import re

MONTHS = {
    name: n
    for n, names in enumerate(
        (
            *("january jan", "february feb", "march mar", "april apr", "may", "june jun"),
            *("july jul", "august aug", "september sept sep", "october oct"),
            *("november nov", "december dec"),
        ),
        start=1,
    )
    for name in names.split()
}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
COUNTED_WORDS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    "fifteen|sixteen|seventeen|eighteen|nineteen|twenty"
)

# A gap is a space or a few, or one line break in a wrapped text.
_G = r"(?:[ \xa0\u202f]{1,3}|\n)"
_LONG = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
)
_SHORT = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
_MONTH = rf"(?P<month>{_LONG}|{_SHORT})"
_WEEKDAY = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_PART = rf"(?:{_G}(?:morning|afternoon|evening|night))?"
_CLOCK = (
    rf"(?:(?:(?:[01]?\d|2[0-3])(?:[:.][0-5]\d)?{_G}?(?:[ap]\.m\.|[ap]m\b|[AP]\.M\.|[AP]M\b)"
    rf"|[Nn]oon|[Mm]idnight)(?:{_G}(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T|local{_G}time))?"
    rf",?{_G}(?:on{_G})?)?"
)
_PREFIX = (
    rf"{_CLOCK}(?:(?:{_WEEKDAY}|(?:Mon|Tues?|Wed|Thur?s?|Fri|(?<![a-z] )(?:Sat|Sun))\.?){_PART}"
    rf",?{_G}(?:the{_G})?)?"
)
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)"
_NUMBER_OF_DAY = r"[0-3]?\d(?:st|nd|rd|th)?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_DASH = rf"(?:{_G}?[-–—]{_G}?|{_G}(?:to|through|until){_G}(?:the{_G})?)"
_TO_DAY = rf"(?:{_DASH}{_NUMBER_OF_DAY}(?!\w|[:.,]\d))?"
_FROM_DAY = rf"(?:{_DAY}{_DASH}{_NUMBER_OF_DAY}|(?P<only>[0-3]?\d)(?:st|nd|rd|th)?)"
_OF_YEAR = rf"(?:,?{_G}(?:of{_G})?(?P<when>last|this|next){_G}year\b)"
_AMOUNT = rf"(?!%|{_G}(?:percent|per{_G}cent|people|million|billion|points)\b)"
_PHASE = (
    rf"(?:(?:[Ee]arly|[Ll]ate|[Mm]id|[Ee]arlier|[Ll]ater)(?:-|{_G})(?:in{_G})?"
    rf"|(?:[Tt]he{_G})?(?:[Ee]nd|[Bb]eginning|[Ss]tart|[Mm]iddle){_G}of{_G})?"
)
_REL = (
    rf"(?P<rel>[Tt]his{_G}(?:past|coming)|[Ll]ast|[Tt]his|[Nn]ext"
    rf"|[Tt]he{_G}(?:previous|following))"
)
_COUNT = (
    rf"(?P<count>\d{{1,3}}|(?i:a{_G}couple(?:{_G}of)?|a{_G}few|several|many|some|an?|"
    rf"{COUNTED_WORDS}|thirty|forty|fifty))"
)
_UNITS = r"(?P<unit>day|week|month|year)"
_ABOUT = (
    rf"(?:(?:[Mm]ore{_G}than|[Ll]ess{_G}than|[Oo]ver|[Aa]bout|[Nn]early|[Aa]lmost|[Rr]oughly"
    rf"|[Aa]round|[Jj]ust|[Aa]t{_G}least){_G})?"
)
_COUNTED = (
    r"(?!-?\d|,\d|\.\d|%|[ \n-](?:people|men|women|children|troops|soldiers|votes|cases|deaths|"
    r"miles|kilomet|km|met(?:er|re)s?|feet|foot|acres|dollars|euros|pounds|percent|per\b(?!-)|tons|"
    r"tonnes|jobs|homes|houses|workers|students|migrants|refugees|residents|times|hours|minutes|"
    r"units|seats|victims|others|animals|barrels|a\.?m\b|p\.?m\b|GMT|UTC|[ECMP][SD]T\b|kg\b|mg\b|"
    r"points|members|megawatts|MW\b|GB\b|calories|square\b|strong\b|page\b|local\b))"
)
TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
ONES = "one|two|three|four|five|six|seven|eight|nine"
_BELOW_HUNDRED = rf"(?:(?:{TENS})(?:(?:-|{_G})(?:{ONES})\b)?|{TEENS})"
_YEAR_SAID = (
    # As transcripts of broadcasts have it: "nineteen ninety-six", "the year two thousand".
    rf"(?P<said>(?:nineteen|twenty(?={_G}twenty)){_G}{_BELOW_HUNDRED}"
    rf"|(?<=year )two{_G}thousand(?:{_G}(?:and{_G})?(?:{ONES}|{_BELOW_HUNDRED}))?)(?![\w-])"
)
_SEASON = "(?:[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter)"
_FISCAL = rf"(?:(?:[Ff]iscal(?:-|{_G})(?:year{_G})?|FY{_G}?))"
_JOIN = rf"(?:-{_G}?|{_G})"
_ORDINAL = "(?i:first|second|third|fourth|final|last|latest|1st|2nd|3rd|4th)"
_HOLIDAY = (
    rf"(?P<holiday>Christmas{_G}(?:Day|Eve)|New{_G}Year['’]s{_G}(?:Day|Eve)|Boxing{_G}Day"
    rf"|Valentine['’]s{_G}Day|Halloween|Juneteenth|Veterans{_G}Day"
    rf"|(?:[Tt]he{_G})?Fourth{_G}of{_G}July|July{_G}Fourth)"
)

TRIGGERS: dict[str, tuple[str, ...]] = {
    "month": (
        *("jan", "feb", "mar", "apr", "may", "jun"),
        *("jul", "aug", "sep", "oct", "nov", "dec"),
    ),
    "figure": tuple("0123456789"),
    "year": ("15", "16", "17", "18", "19", "20"),
    "slash": ("/", "."),
    "eleven": ("9/11", "11", "6", "7"),
    "holiday": ("day", "eve", "fourth", "halloween", "juneteenth"),
    "quarter": ("quarter", "half", "q1", "q2", "q3", "q4"),
    "fiscal": ("fiscal", "fy"),
    "hundred": ("nineteen", "twenty twenty", "two thousand"),
    "year_word": ("year",),
    "year-": ("year-",),
    "ago": ("ago",),
    "later": ("earlier", "later", "before"),
    "unit": ("week", "month", "year", "spring", "summer", "autumn", "fall", "winter"),
    "the": ("the",),
    "weekday": DAYS,
    "near": ("today", "yesterday", "tomorrow", "tonight", "night", "this"),
    "then": ("the next", "following", "previous", "same", "that", "very"),
    "decade": ("0s",),
}
"""In lower case: a paragraph with none of the words of a pattern's triggers is passed over."""

_PATTERNS: tuple[tuple[str, str, str], ...] = (
    (
        "full",
        "year",
        rf"(?<![\w/-]){_YEAR}-(?P<number>0\d|1[0-2])-(?P<day>[0-3]\d)"
        r"(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z\b|[+-]\d\d:?\d\d)?)?(?!\d|-\d)",
    ),
    ("full", "month year", rf"\b{_PREFIX}{_FROM_DAY}{_G}(?:of{_G})?{_MONTH},?{_G}{_YEAR}\b"),
    (
        "pair",
        "month figure",
        rf"\b{_PREFIX}{_MONTH}{_G}{_DAY}(?P<gap>{_G}(?:and|or|&){_G}(?:on{_G})?)"
        rf"(?P<second>[0-3]?\d)(?:st|nd|rd|th)?(?!\w|[:.,/]\d|-\w)(?:,?{_G}{_YEAR}\b)?"
        rf"(?!{_G}[a-z]+s\b)" + _AMOUNT,
    ),
    ("full", "month year", rf"\b{_PREFIX}{_MONTH}{_G}{_DAY}{_TO_DAY},?{_G}{_YEAR}\b"),
    (
        "slashed",
        "slash",
        r"(?<![\d/.])(?P<a>[0-3]?\d)(?P<sep>[/.])(?P<b>[0-3]?\d)(?P=sep)"
        r"(?P<year>(?:19|20)\d\d)(?![\d/]|\.\d)",
    ),
    (
        "slashed",
        "slash",
        r"(?<![\d/.])(?P<a>\d\d?)(?P<sep>/)(?P<b>\d\d?)/(?P<year>\d\d)(?![\d/]|\.\d)",
    ),
    (
        "event",
        "eleven",
        r"(?:(?<![\d/])(?P<nine>9/11)(?![\d/])"
        rf"|\b(?P<event>(?:Sept\.|September){_G}11|Jan(?:uary|\.){_G}6|Oct(?:ober|\.){_G}7)"
        rf"(?:th\b)?(?={_G}(?:terror|attack|hijack|assault|massacre|insurrection|riot|"
        rf"select{_G}committee|committee|panel)))",
    ),
    (
        "month_day",
        "month figure",
        rf"\b{_PREFIX}{_MONTH}{_G}{_DAY}(?!\w|[:.,]\d){_TO_DAY}{_OF_YEAR}?{_AMOUNT}",
    ),
    (
        "month_day",
        "month figure",
        rf"\b{_PREFIX}(?:the{_G})?{_FROM_DAY}{_G}(?:of{_G})?{_MONTH}(?!\w){_OF_YEAR}?",
    ),
    (
        "holiday",
        "holiday",
        rf"\b{_HOLIDAY}(?:,?{_G}(?:of{_G}|in{_G})?{_YEAR}|{_OF_YEAR})?(?!\w|{_G}(?:costume|part(?:y|ies)"
        r"|cand(?:y|ies)|decoration|gift|dinner|card|sale|shopp|movie|film|special|display))",
    ),
    (
        "part",
        "quarter",
        rf"\b(?:(?P<quarter>{_ORDINAL}){_JOIN}quarter|{_ORDINAL}{_G}half){_G}of{_G}"
        rf"(?:{_FISCAL}?{_YEAR}|(?P<when>(?:last|this|next|the){_G}year))\b",
    ),
    (
        "part",
        "quarter year",
        rf"\b{_FISCAL}?{_YEAR}(?:['’]s)?{_G}(?:fiscal{_G})?"
        rf"(?:{_ORDINAL}{_JOIN}(?:quarter|half)|Q[1-4])\b",
    ),
    (
        "part",
        "quarter",
        rf"\b(?P<when>(?:last|this|next){_G}year)['’]s{_G}{_ORDINAL}{_JOIN}(?:quarter|half)\b",
    ),
    ("part", "quarter year", rf"\bQ[1-4](?:{_G}(?:of{_G})?|['’]s{_G})?{_FISCAL}?{_YEAR}\b"),
    ("part", "fiscal year", rf"\b{_FISCAL}{_YEAR}(?:[-–/](?:20)?\d\d)?\b"),
    ("quarter", "quarter", rf"\b(?i:(?P<quarter>first|second|third|fourth)){_JOIN}quarter\b"),
    ("month", "month year", rf"\b{_PHASE}{_MONTH},?{_G}(?:of{_G})?{_YEAR}\b(?!\d|-\d)"),
    ("month", "month hundred", rf"\b{_PHASE}{_MONTH},?{_G}(?:of{_G})?{_YEAR_SAID}"),
    ("month", "month year_word", rf"\b{_PHASE}{_MONTH}{_OF_YEAR}"),
    (
        "month",
        "month",
        rf"\b{_PHASE}(?:{_REL}{_G})?(?P<month>{_LONG}|(?:Jan|Feb|Aug|Sept?|Oct|Nov|Dec)\.)"
        rf"(?!\w|{_G}\d)",
    ),
    (
        "ago",
        "ago",
        rf"\b{_ABOUT}{_COUNT}(?P<half>{_G}and{_G}a{_G}half)?{_G}{_UNITS}s?"
        rf"(?P<too>{_G}and{_G}a{_G}half)?{_G}ago\b",
    ),
    (
        "counted",
        "later",
        rf"\b{_ABOUT}{_COUNT}{_G}{_UNITS}s?{_G}(?P<way>earlier|later|before(?=[.,;]))"
        rf"(?!\w|{_G}than\b)",
    ),
    (
        "compared",
        "year-",
        rf"\b(?:[Tt]he{_G})?[Yy]ear-(?:ago|earlier)(?:{_G}(?:period|quarter))?\b",
    ),
    (
        "weekday",
        "weekday",
        rf"\b{_CLOCK}(?:(?:[Ee]arly|[Ll]ate|[Ee]arlier|[Ll]ater){_G}(?:on{_G})?)?"
        rf"(?:{_REL}{_G})?(?P<weekday>{_WEEKDAY}){_PART}\b"
        rf"(?:{_G}(?:of{_G})?(?P<when>(?:last|this|next){_G}week)\b)?",
    ),
    (
        "unit",
        "unit",
        rf"\b{_PHASE}{_REL}{_G}"
        r"(?P<unit>week|weekend|[Mm]onth|[Yy]ear|spring|summer|autumn|fall|winter)"
        rf"\b(?!['’]s{_G}old|-old|-long)",
    ),
    ("unit", "unit", rf"\b(?P<rel>[Oo]ver{_G}the){_G}(?P<unit>weekend)\b"),
    (
        "inside",
        "the unit",
        rf"\b(?:(?:[Tt]he{_G})?[Ee]nd{_G}of|(?:[Ee]arlier|[Ll]ater){_G}in){_G}the{_G}"
        r"(?P<unit>month|year)\b(?!['’-])",
    ),
    (
        "inside",
        "year_word",
        r"(?:(?<=\bby )|(?<=\bsince )|(?<=\buntil )|(?<=\bbefore )|(?<=\bat )|(?<=\bof ))"
        r"(?P<unit>year)(?:[- ]end|['’]s end)\b(?!-)",
    ),
    (
        "near",
        "near",
        rf"\b{_CLOCK}(?:(?:[Ee]arlier|[Ll]ater|[Ll]ate|[Ee]arly){_G})?"
        rf"(?P<near>[Tt]he{_G}day{_G}(?:before{_G}yesterday|after{_G}tomorrow)|[Tt]oday"
        rf"|[Yy]esterday|[Tt]omorrow|[Tt]onight|[Ll]ast{_G}night"
        rf"|[Tt]his{_G}(?:morning|afternoon|evening)){_PART}\b",
    ),
    (
        "then",
        "then",
        rf"\b(?:(?:[Ee]arlier|[Ll]ater|[Ll]ate|[Ee]arly){_G})?"
        rf"(?P<step>[Tt]he{_G}(?:very{_G})?(?:next|following|previous|same)|[Tt]hat{_G}same|[Tt]hat)"
        rf"{_G}(?P<unit>day|week|month|year|morning|afternoon|evening|night)\b(?!['’-])",
    ),
    (
        "decade",
        "decade",
        r"(?<![\w$€£.,#/–-])(?:(?:[Ee]arly|[Ll]ate|[Mm]id)[- ])?(?:1[5-9]|20)\d0s\b",
    ),
    (
        "year",
        "hundred",
        rf"\b{_PHASE}(?:{_SEASON}{_G}(?:of{_G})?|(?:the{_G})?year{_G})?{_YEAR_SAID}" + _COUNTED,
    ),
    (
        "year",
        "year",
        rf"(?<![\w$€£.,#/–-]){_PHASE}(?P<season>{_SEASON}{_G}(?:of{_G})?|(?:the{_G})?year{_G})?{_YEAR}"
        rf"(?:[-–/](?:1[5-9]|20)?\d\d)?(?![\w/]|-[a-z])" + _COUNTED,
    ),
)

COMPILED = tuple(
    (kind, frozenset(needs.split()), re.compile(pattern)) for kind, needs, pattern in _PATTERNS
)
"""Kind, triggers (all of them must be there) and pattern."""

_MONTHS_ABROAD = (
    # es, fr, de, pt, it, nl, sv, ru: the month as it stands in a date.
    "enero|janvier|januar|jänner|janeiro|gennaio|januari|января",
    "febrero|février|februar|fevereiro|febbraio|februari|февраля",
    "marzo|mars|märz|março|maart|марта",
    "abril|avril|april|aprile|апреля",
    "mayo|mai|maio|maggio|mei|maj|мая",
    "junio|juin|juni|junho|giugno|июня",
    "julio|juillet|juli|julho|luglio|июля",
    "agosto|août|august|augustus|augusti|августа",
    "septiembre|septembre|september|setembro|settembre|сентября",
    "octubre|octobre|oktober|outubro|ottobre|октября",
    "noviembre|novembre|november|novembro|ноября",
    "diciembre|décembre|dezember|dezembro|dicembre|december|декабря",
)
MONTHS_ABROAD = {name: n for n, line in enumerate(_MONTHS_ABROAD, 1) for name in line.split("|")}
_ABROAD_MONTH = "(?P<month>" + "|".join(sorted(MONTHS_ABROAD, key=len, reverse=True)) + ")"
_ABROAD_YEAR = rf"{_G}(?:del?{_G})?(?P<year>1[5-9]\d\d|20\d\d)(?!\w)"

ABROAD = (
    COMPILED[0],
    *(entry for entry in COMPILED if entry[0] == "slashed"),
    (
        "full",
        frozenset({"figure"}),
        re.compile(
            r"(?<!\d)(?P<year>1[5-9]\d\d|20\d\d) ?[年년] ?"
            r"(?P<number>1[0-2]|0?[1-9]) ?[月월] ?(?P<day>[0-3]?\d) ?[日일]"
        ),
    ),
    (
        "full",
        frozenset({"figure"}),
        re.compile(
            rf"\b(?P<day>[0-3]?\d)(?:\.|er|º|°)?{_G}(?:de{_G})?{_ABROAD_MONTH}{_ABROAD_YEAR}",
            re.IGNORECASE,
        ),
    ),
    (
        "month",
        frozenset({"figure"}),
        re.compile(rf"\b{_ABROAD_MONTH}{_ABROAD_YEAR}", re.IGNORECASE),
    ),
)
"""The patterns of texts in other languages: only dates with their year."""
