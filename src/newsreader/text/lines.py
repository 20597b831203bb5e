"""What one line of a pasted article is: its text, or something that stands around the text.

Rules look at the line alone. They are narrow on purpose: a line of furniture left in the body is
a blemish, a sentence of the article taken out of it is a loss.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from newsreader.text.when import parse_when
from newsreader.text.words import fold


class Role(StrEnum):
    """What a line does in a pasted article."""

    BODY = "body"
    RELATED = "related"
    OWNER = "owner"
    COPYRIGHT = "copyright"
    AUTHOR = "author"
    CONTRIBUTOR = "contributor"
    PHOTO = "photo"
    OTHER = "other"
    RULE = "rule"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Line:
    """A line's role and the part of it that matters: a title, a name, an address."""

    role: Role
    value: str = ""
    extra: str = ""


_RELATED = re.compile(
    r"^[•⦁*>\-–—\s\[(]*(?:"
    r"(?:read|see|learn|hear|view)(?:\s+(?:more|next|also|this|related|it|about|the\s+full\s+"
    r"(?:story|report|article)|full\s+(?:story|article))\b)*(?:\s+(?:on|about|from|in|at)\s+[^:.]{2,50})?"
    r"|(?:watch|listen)(?:\s+(?:now|live|next|more|also|this|below|here|the\s+video|video|to\s+this))*"
    r"|related(?:\s+(?:stor(?:y|ies)|articles?|coverage|content|videos?|links?|news|topics?|reading))?"
    r"|more(?:\s+(?:on|from|about|in)\s+[^:.]{2,50}|\s+(?:coverage|stories|news|to\s+read|like\s+this))?"
    r"|also\s+(?:read|see|watch|on\s+\w+)|must[\s-](?:read|see|watch)|don['’]t\s+miss|up\s+next"
    r"|you\s+m(?:ay|ight)\s+(?:also\s+)?like|recommended(?:\s+(?:for\s+you|reading|stories))?"
    r"|editor['’]?s['’]?\s+picks?|trending(?:\s+now)?|top\s+stories|most\s+(?:read|popular)"
    r"|full\s+coverage|in\s+case\s+you\s+missed\s+it|explore\s+more|go\s+deeper"
    r"|lea\s+(?:también|más)|leer\s+más|vea\s+también|lire\s+aussi|à\s+lire(?:\s+aussi)?|voir\s+aussi"
    r"|lesen\s+sie\s+auch|mehr\s+zum\s+thema|leia\s+(?:também|mais)|leggi\s+anche|lees\s+ook"
    r"|läs\s+(?:också|mer)|les\s+også|læs\s+også|lue\s+myös|czytaj\s+także|читайте\s+также"
    r")\s*(?P<mark>:|\||–|—|\s-\s)\s*(?P<title>.*)$",
    re.IGNORECASE,
)
_BARE_RELATED = re.compile(
    r"^(?:READ|SEE)\s+(?:MORE|NEXT|ALSO)$|^(?:related\s+(?:stories|articles|coverage|content|links)"
    r"|recommended\s+(?:stories|reading)|you\s+m(?:ay|ight)\s+also\s+like|more\s+stories)$",
    re.IGNORECASE,
)
_PIECE = r"(?:article|story|content|report|post|piece|column|essay|op-ed|commentary|item)"
_OWNER = re.compile(
    rf"^[^\w©]*(?:this\s+{_PIECE}\s+(?:is\s+owned\s+by|(?:was\s+)?(?:first\s+|originally\s+)?"
    r"(?:published|appeared|posted|produced|written)\s+(?:in|on|by|at|with|for)"
    r"|is\s+(?:re)?(?:published|produced|printed|posted)\s+(?:from|by"
    r"|with\s+(?:the\s+)?permission\s+(?:of|from)"
    rf"|courtesy\s+of))|(?:a\s+version\s+of\s+this\s+{_PIECE}\s+)?(?:first|originally)\s+"
    r"(?:published|appeared)\s+(?:in|on|by|at))\s*:?\s*(?P<owner>.+?)[\s.)\]]*$",
    re.IGNORECASE,
)
_APPEARED = re.compile(
    r"^the\s+(?:post|article|story|entry)\s+.{1,200}\s+(?:appeared\s+first|first\s+appeared)\s+"
    r"(?:on|in|at)\s+(?P<owner>.+?)[\s.]*$",
    re.IGNORECASE,
)
_REPRINTED = re.compile(
    r"\b(?i:re-?printed|re-?published|printed|published)\s+by\s+(?P<owner>[A-Z][\w.'’& ]{2,50}?)"
    r"(?:\s+(?:with|by|under)\s|[.,;]|$)",
)
_COPYRIGHT = re.compile(
    r"^[^\w©(]*(?:(?:copyright|©|\(c\)(?=.*\d{4}))\s*)+(?:\d{4}(?:\s*[-–,]\s*\d{2,4})*)?[\s,.:;|]*(?:by\s+)?"
    r"(?P<owner>[^.|]*(?:\.(?:com|org|net)\b[^.|]*|\b(?:L|U\.S|Inc)\.[^.|]*)?)",
    re.IGNORECASE,
)
_NAME = r"(?:[A-ZÀ-Þ][\w.'’\-]*\.?|de|da|del|della|van|von|der|den|bin|al|el|la|le|di|dos)"
_NAMES = (
    rf"[A-ZÀ-Þ][\w.'’\-]+(?:\s+{_NAME}){{1,4}}"
    rf"(?:\s*(?:,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)[A-ZÀ-Þ][\w.'’\-]+(?:\s+{_NAME}){{1,4}})*"
)
_AUTHOR = re.compile(
    rf"^(?:(?i:(?:written|reported|posted|story|words|text|report)\s+by|by|author)\s*[:\-]?\s+)"
    rf"(?P<names>{_NAMES}(?:\s+staff)?)(?:\s*[,|/–—-]\s*(?P<org>[^.]{{2,60}}))?[.:]?$"
)
_AGENT = re.compile(r"^(?i:written\s+by|author|byline|por|par|von|autor)\s*:\s*(?P<names>.{3,80})$")
_CONTRIBUTED = re.compile(
    rf"\b(?:contributed\s+(?:to\s+(?:this|the)\s+(?:{_PIECE}|analysis|dispatch|fact\s+check)\b|"
    r"(?:additional\s+)?(?:reporting|research)\b|from\s+\w+[^.]{0,40}\.?$)"
    rf"|(?:information|material)\s+(?:for|in)\s+this\s+{_PIECE}\s+(?:was|were)\s+(?:also\s+)?"
    r"(?:contributed|provided)\s+by)",
    re.IGNORECASE,
)
_REPORTED_BY = re.compile(
    r"^[(\[]?(?:(?:additional|with\s+additional|with)\s+)?(?:reporting|editing|compiled|research|"
    r"writing|translation|translated|produced|graphics?)(?:\s+and\s+\w+)?\s+(?:by|from)\s*:?\s+[A-ZÀ-Þ]",
    re.IGNORECASE,
)
_REPORTED_FROM = re.compile(rf"^{_NAMES}\s+reported\s+from\s+[^.]{{3,60}}(?:\.\s.*)?\.?$")
_HELPED = re.compile(
    r"^[(\[]?(?:con\s+información\s+de|avec\s+(?:l['’])?(?:afp|reuters|agences?)"
    r"|mit\s+(?:material|agenturmaterial|informationen)\s+(?:von|der|des))\b.{0,60}$",
    re.IGNORECASE,
)
_PROSE = re.compile(r"\b(?:has|have|had|was|were|are|found|finds|shows?|showed|suggests?|that)\b")
_AGENCY = (
    "(?:AP|Reuters|AFP|EPA|EFE|Getty|Bloomberg|Associated Press|USA TODAY|Politico|POLITICO|UPI"
    "|NBC|CNN|TASS|Xinhua|dpa)"
)
_PHOTO_END = re.compile(
    r"[(\[|]\s*(?:[^()\[\]|]{0,80}\b"
    r"(?:[Pp]hotos?|PHOTOS?|Getty|Shutterstock|Dreamstime|iStock|"
    r"[Ii]mages?|Unsplash|Flickr|Wikimedia|Screen(?:shot|grab)|[Cc]ourtesy\s+of|Instagram|Handout|Pool)\b[^()\[\]|]{0,80}"
    rf"|[^()\[\]|]{{3,60}}/\s*{_AGENCY}[^()\[\]|]{{0,40}}"
    rf"|[^()\[\]|]{{3,60}},\s*{_AGENCY}(?:\s+via[^()\[\]|]+)?)\s*[)\]]?\.?$"
    r"|[.!?”\"]\s+(?:Photo|Photograph|Picture|Image|Illustration|Credit|Foto|Imagen|Bild)s?(?:\s+by)?:\s+[A-Z][^.!?]{2,80}\.?$"
    r"|[.”\"]\s+(?:[A-Z][\w.'’\-]+\s+){1,4}?[A-Z][\w.'’\-]+\s*/\s*"
    r"(?:AP|AFP|Reuters|Getty)[\w ]{0,30}$"
)
_VERB = re.compile(r"\b(?:has|have|had|is|was|were|are|said|took|shows?)\b")
"""A bracket with a verb is a remark ("She has photos of it"), not a credit."""
_PHOTO_START = re.compile(
    r"^(?:\d+\s+of\s+\d+\s+)?(?:FILE\b\s*(?:PHOTO)?\s*[-–—:.]"
    r"|(?:FILE\s*[-–—]\s*)?(?:In\s+)?[Tt]his\s+(?:\w+\.?\s+){0,2}\w+\.?\s+\d{1,2},\s+\d{4},?\s+"
    r"(?:file\s+|combination\s+)?(?:photo|image|frame|picture)"
    r"|\d+\s+of\s+\d+\s+\S|Image\s+(?:copyright|caption|source)\b"
    r"|(?i:(?:photos?|images?|pictures?|video)(?:\s+credits?)?(?:\s+by)?\s*:)\s*\S"
    r"|(?:Photo|Photograph|Image|Picture|Illustration|Video)s?\s+(?:by|from|courtesy|via)\s"
    r"|(?i:fotos?|imagen|bild|crédito|crédit)\s*:\s*\S|(?i:credit|caption|pictured)\s*:\s*\S)"
)
_PHOTO_LINE = re.compile(
    rf"^\(?(?:[\w.'’ \-]{{2,40}}/\s*)?(?:{_AGENCY}(?:\s+(?:Photo|Images?))?|Getty\s+Images"
    rf"|Shutterstock|AP\s+Photo)(?:\s*/\s*[\w.'’ \-]{{2,40}})?(?:,\s*File)?\)?\.?$",
)
_OTHER = re.compile(
    r"^[^\w@]*(?:"
    r"(?:advertisement[\s:.]*)+$|sponsored(?:\s+(?:content|by\b.*))?$|promoted$"
    r"|(?:story|article)\s+continue[sd](?:\s+below)?(?:\s+(?:this\s+)?(?:ad|advertisement).*)?[.:]?$"
    r"|continue\s+reading\b.{0,60}$|(?:loading|comments?|share|print|e-?mail|tweet|menu|search)[.…]*$"
    r"|(?:share|read\s+or\s+share)\s+(?:this(?:\s+(?:story|article|post|page|video|on|via|with)\b.*|[:.]?$)"
    r"|(?:on|via)\b.{0,60}$)|listen\s+to\s+article\b.*"
    r"|(?:facebook|twitter|email|whatsapp|linkedin|pinterest|print|share|post|tweet|copy\s+link)"
    r"(?:[\s|,/]+(?:facebook|twitter|email|whatsapp|linkedin|pinterest|print|share|post|tweet|copy\s+link))+$"
    r"|(?:please\s+)?(?:sign\s+up|subscribe|register)\s+(?:to|for|now|here|today)\b.*"
    r"|(?:to\s+)?(?:get|receive)\s+(?:the\s+latest|our|more|breaking|daily|all\s+the)\b.*"
    r"(?:inbox|newsletter|email|app|updates|alerts)\b.*"
    r"|(?:please\s+)?(?:click|tap)\s+(?:here|on)\b.*|download\s+(?:our|the)\b.*\bapp\b.*"
    r"|(?:please\s+)?(?:like|follow|find|join|connect\s+with)\s+(?:us|me)\b.*"
    r"|follow\s+.{2,80}?\s+on\s+(?:twitter|facebook|instagram|x|social|telegram|youtube|google)\b.*"
    r"|follow\s+@\w+.*|(?:on\s+)?twitter\s*:?\s*@\w+.*|@\w{2,20}$"
    r"|all\s+rights\s+reserved\b.*|this\s+material\s+may\s+not\s+be\s+published\b.*"
    r"|for\s+more\s+(?:articles|stories|news)\b.*\b(?:visit|go\s+to|click)\b.*"
    r"|interested\s+in\s+.{2,60}\?\s+add\b.*|stay\s+(?:up\s+to\s+date|informed|connected)\b.*"
    r"|thank(?:s|\s+you)\s+for\s+(?:reading|subscribing)\b.*|(?:send|email)\s+(?:us\s+)?(?:your\s+)?"
    r"(?:tips?|feedback|comments?|questions?)\b.*|(?:do\s+you\s+)?have\s+a\s+(?:news\s+)?tip\b.*"
    r"|to\s+read\s+(?:this|the)\b.{0,60}\b(?:click|subscribe|visit)\b.*"
    r"|got\s+an?\s+(?:news\s+)?(?:tip|story|document|question|comment)\b.{0,60}\?.*"
    r"|enter\s+your\s+e-?mail\b.*"
    r"|(?:leave|post|add|view|show)\s+(?:a\s+)?comments?\b.*|\d+\s+comments?$"
    r"|(?:tags?|topics?|filed\s+under|categor(?:y|ies)|keywords?)\s*:.*"
    r"|read\s+more(?:\s+(?:here|of|for|from|at|on|about|in|related)\b[^.:]{0,90})?[.…»>]*$"
    r"|(?:want|want\s+to)\b.{0,120}\b(?:subscribe|sign\s+up|newsletter)\b.*"
    r"|support\s+(?:our|independent|local)\s+(?:journalism|reporting|work)\b.*"
    r"|(?:\d+\s+)?min(?:ute)?s?\s+read$|close$|skip\s+(?:to|advertisement)\b.{0,40}$"
    r"|(?:last\s+)?updated?\s+\d+\s+(?:minutes?|hours?|days?)\s+ago$|expand$|collapse$"
    r")",
    re.IGNORECASE,
)
_FOLLOW = re.compile(
    r"\bfollow\s+(?:(?:him|her|them|me|us)\s+(?:on|at|@)|@\w)|\bfollow\b.{0,60}\bon\s+(?:twitter|facebook)\b"
    r"|\bsign\s+up\s+(?:for|to)\b.{0,80}\bnewsletters?\b",
    re.IGNORECASE,
)
_CLOSE = re.compile(r"^CLOSE\s+[A-Z\"“]")
_RULE = re.compile(r"^[\s_*\-–—=~•·.⁂#]{2,}$|^[—–*⁂]$")
_ADDRESS = re.compile(r"^(?P<words>.{0,160}?)[\s<(]*(?P<url>https?://[^\s<>)]+)[>)]?\.?$")
_COMPANY = re.compile(
    r"[,\s]+(?:L\.?L\.?C|Inc|L(?:\.?P)?|Ltd|Corp|Corporation|Company|Co|PLC|GmbH|S\.?A|B\.?V)\.?(?=[\s,;]|$).*$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s.,;:|–—-]*(?:all\s+rights\b.*|and\s+its\s+licensors.*|click\s+here.*|(?:on|in)\s+\w+\s+\d+.*"
    r"|\d{4}.*|and\s+is\s+(?:re)?.*|with\s+permission.*|under\s+.*|https?:.*)$",
    re.IGNORECASE,
)
_LICENCE_WORDS = ("the author", "our partner", "permission", "content", "creators", "reserved")


def read_line(line: str) -> Line:
    """Return what ``line`` (one paragraph, without line feeds) does in a pasted article."""
    if _RULE.match(line):
        return Line(Role.RULE)
    if len(line) > 900:
        return Line(Role.BODY)
    return _related(line) or _owned(line) or _named(line) or _furniture(line) or Line(Role.BODY)


def owner_name(words: str) -> str | None:
    """Return the outlet that an ownership phrase names, None unless it looks like a name."""
    name = _COMPANY.sub("", _TAIL.sub("", words.strip())).strip(" .,;:|\"'“”*")
    parts = name.split()
    if not 1 <= len(parts) <= 6 or len(name) > 60 or not name[0].isupper():
        return None
    small = {"the", "of", "and", "for", "in", "de", "la", "&", "on"}
    if any(p[0].islower() and p.lower() not in small and "." not in p for p in parts):
        return None
    folded = fold(name)
    if parse_when(name) or parse_when(f"{name}, 2000"):
        return None
    if name.isdecimal() or any(word in folded for word in _LICENCE_WORDS):
        return None
    return name


def _related(line: str) -> Line | None:
    if len(line) > 260:
        return None
    if _BARE_RELATED.match(line):
        return Line(Role.RELATED)
    if match := _RELATED.match(line):
        return Line(Role.RELATED, match["title"].strip(" []"))
    return None


def _owned(line: str) -> Line | None:
    if len(line) > 300:
        return None
    if match := _OWNER.match(line) or _APPEARED.match(line):
        return Line(Role.OWNER, match["owner"])
    match = _COPYRIGHT.match(line)
    if match is None:
        return None
    # "Copyright law protects …" is prose: without a year or a sign a name must follow.
    signed = re.search(r"©|\(c\)|\d{4}", line[:40], re.IGNORECASE)
    owner = match["owner"].strip()
    if signed or (len(line) < 80 and owner[:1].isupper()):
        printed = _REPRINTED.search(line)
        return Line(Role.COPYRIGHT, owner, printed["owner"] if printed else "")
    return None


def _named(line: str) -> Line | None:
    """Return a byline or a line that names who helped."""
    if len(line) < 160 and (match := _AUTHOR.match(line)):
        return Line(Role.AUTHOR, match["names"], match["org"] or "")
    if len(line) < 120 and (match := _AGENT.match(line)):
        return Line(Role.AUTHOR, match["names"].strip(" ."))
    if len(line) < 420 and (_contributed(line) or _HELPED.match(line)):
        return Line(Role.CONTRIBUTOR, line)
    helped = len(line) < 300 and (_REPORTED_BY.match(line) or _REPORTED_FROM.match(line))
    # "Research by Pellow & Strand shows that …" is prose.
    if helped and not (line[0] not in "([" and _PROSE.search(line)):
        return Line(Role.CONTRIBUTOR, line)
    return None


# Most lines have none of the words without which these cannot match, and to look for a word is
# thirty times cheaper.
def _contributed(line: str) -> bool:
    lowered = line.lower()
    return ("contributed" in lowered or "provided" in lowered) and bool(_CONTRIBUTED.search(line))


def _follow(line: str) -> bool:
    lowered = line.lower()
    return ("follow" in lowered or "newsletter" in lowered) and bool(_FOLLOW.search(line))


def _furniture(line: str) -> Line | None:
    """Return captions, prompts and bare addresses."""
    short = len(line) < 700 and line[0] != "“" and any(map(line.__contains__, "([|:/"))
    caption = _PHOTO_END.search(line) if short else None
    if caption and not _VERB.search(caption[0]):
        return Line(Role.PHOTO)
    if _PHOTO_START.match(line) or (len(line) < 80 and _PHOTO_LINE.match(line)):
        return Line(Role.PHOTO)
    if len(line) < 300 and _OTHER.match(line):
        return Line(Role.OTHER)
    if len(line) < 450 and (_follow(line) or _CLOSE.match(line)):
        return Line(Role.OTHER)
    if len(line) < 200 and (match := _ADDRESS.match(line)):
        return Line(Role.ADDRESS, match["words"].strip(" :–—-"), match["url"])
    return None
