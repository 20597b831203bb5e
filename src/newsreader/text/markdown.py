"""Markdown to an article: front matter, blocks and inline marks. Linear in the size of the text.

The common core only: what is not understood stays as the words that were written.
"""

import re
from dataclasses import dataclass, field

from newsreader.model import BlockKind, Link, ParsedEntry, Precision, SpanKind
from newsreader.text.body import Draft, assemble
from newsreader.text.boilerplate import without_boilerplate
from newsreader.text.clean import clean_line, clean_text
from newsreader.text.html import plain_line
from newsreader.text.language import detect, direction
from newsreader.text.links import clean_link
from newsreader.text.pasted import lead_title
from newsreader.text.when import parse_when

_FRONT = re.compile(
    r"\A\s*(?P<mark>---|\+\+\+)[ \t]*\n(?P<lines>.*?)\n(?P=mark)[ \t]*(?:\n|\Z)", re.DOTALL
)
_PAIR = re.compile(r"^(?P<key>[A-Za-z_][\w-]*)\s*[:=]\s*(?P<value>.*)$")
_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})")
_ATX = re.compile(r"^ {0,3}(?P<marks>#{1,6})(?:\s+(?P<text>.*?))?(?:\s+#+)?\s*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$")
_SETEXT = re.compile(r"^ {0,3}(?P<mark>=+|-{2,})\s*$")
_ITEM = re.compile(r"^(?P<indent>\s*)(?:(?P<dot>[-*+•])|(?P<number>\d{1,9})[.)])\s+(?P<text>\S.*)$")
_QUOTE = re.compile(r"^ {0,3}(?P<marks>>(?:\s?>)*)\s?(?P<text>.*)$")
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_ROW_LINE = re.compile(r"^[\s|:\-]+$")
_IMAGE_LINE = re.compile(r"^\s*!\[(?P<alt>[^\]]*)\]\((?P<url>[^)\s]+)[^)]*\)\s*$")
_REFERENCE = re.compile(r"^ {0,3}\[(?P<name>[^\]^]{1,80})\]:\s*<?(?P<url>[^\s>]+)>?")
_INLINE = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]()#+.!|>~-])"
    r"|(?P<ticks>`+)(?P<code>[^`]+)(?P=ticks)"
    r"|!\[(?P<alt>[^\[\]]{0,500})\]\([^()\s]{0,2000}(?:\s[^()]{0,300})?\)"
    r"|\[(?P<words>[^\[\]]{1,500})\]"
    r"(?:\((?P<url>[^()\s]{1,2000}(?:\([^()\s]*\)[^()\s]*)?)(?:\s[^()]{0,300})?\)|\[(?P<ref>[^\[\]]{0,80})\])"
    r"|<(?P<auto>(?:https?://|mailto:)[^\s<>]{1,2000})>"
    r"|(?P<bare>https?://[^\s<>\"”’)\]]{1,2000}[^\s<>\"”’)\].,;:!?*_])"
    r"|(?P<mark>\*\*|__|[*_])"
    r"|(?P<tag></?(?:[a-zA-Z][a-zA-Z0-9]{0,10})(?:\s[^<>]{0,1000})?/?>|<!--.{0,1000}?-->)",
    re.DOTALL,
)
_OPEN = 8
"""Marks that may be open at once; deeper ones are somebody's stars."""
_SIGNS = (
    # What plain news text does not hold; each counts once.
    re.compile(r"^#{1,6} \S", re.MULTILINE),
    re.compile(r"\[[^\[\]\n]{1,200}\]\((?:https?://|mailto:|/|#)[^)\s]{0,500}[^)\n]{0,200}\)"),
    re.compile(r"(?:^|\s)\*\*\S[^*\n]{0,200}\S\*\*", re.MULTILINE),
    re.compile(r"^(?:```|~~~)", re.MULTILINE),
    re.compile(r"^!\[[^\]\n]{0,200}\]\(", re.MULTILINE),
    re.compile(r"^\|.{1,500}\|\s*\n\|[\s:|-]{3,500}\|", re.MULTILINE),
    re.compile(r"^\S.{0,200}\n={3,}\s*$", re.MULTILINE),
)


def is_markdown(text: str) -> bool:
    """Return whether ``text`` is marked up: front matter, a heading, or two other signs."""
    head = text[:50_000]
    front = _FRONT.match(head)
    if front and any(_PAIR.match(line) for line in front["lines"].split("\n")):
        return True
    signs = [bool(sign.search(head)) for sign in _SIGNS]
    return signs[0] or signs[3] or sum(signs) >= 2


def read_markdown(text: str) -> ParsedEntry:
    """Return the article that ``text`` is; front matter, else heading, gives the title."""
    text = clean_text(text).replace("\t", "    ")
    front: dict[str, str] = {}
    if match := _FRONT.match(text):
        front = _front_matter(match["lines"])
        text = text[match.end() :]
    reader = _Reader(text.split("\n"))
    drafts = reader.read()
    title = plain_line(front.get("title") or front.get("headline") or "")
    first = next((i for i, d in enumerate(drafts) if d.kind is not BlockKind.IMAGE), None)
    if first is not None and drafts[first].kind is BlockKind.HEADING and drafts[first].level <= 2:
        heading = clean_line(drafts[first].text)
        if not title or heading == title:
            title = heading
            del drafts[first]
    body = assemble(drafts)
    when = parse_when(front.get("date") or front.get("published") or "")
    given = front.get("language") or front.get("lang") or ""
    language = given[:2].lower() if re.fullmatch(r"[A-Za-z]{2}([-_].*)?", given) else None
    language = language or detect(body.text)
    entry = ParsedEntry(
        title=title or lead_title(body),
        title_derived=not title,
        body=body,
        link=clean_link(front.get("url") or front.get("link") or front.get("canonical") or ""),
        author=plain_line(front.get("author") or front.get("authors") or front.get("by") or "")
        or None,
        outlet=plain_line(front.get("source") or front.get("outlet") or front.get("site") or "")
        or None,
        published=when[0] if when else None,
        published_precision=when[1] if when else Precision.SECOND,
        language=language,
        direction=direction(language) if language else direction(body.text),
        links=tuple(
            dict.fromkeys(
                Link(clean_line(body.text[s.start : s.end]), s.url)
                for s in body.spans
                if s.kind is SpanKind.LINK
            )
        ),
        tags=tuple(
            tag for part in front.get("tags", "").split(",") if (tag := clean_line(part, 80))
        ),
    )
    return without_boilerplate(entry)


def _front_matter(lines: str) -> dict[str, str]:
    """Return the simple pairs of YAML or TOML front matter; lists come joined by commas."""
    pairs: dict[str, str] = {}
    key = ""
    for line in lines.split("\n")[:200]:
        item = re.match(r"^\s*-\s+(.*)$", line)
        if item and key:
            value = item[1].strip().strip("\"'")
            pairs[key] = f"{pairs[key]}, {value}" if pairs[key] else value
        elif match := _PAIR.match(line):
            key = match["key"].lower()
            value = match["value"].strip()
            if value[:1] == "[" and value[-1:] == "]":
                value = ", ".join(v.strip().strip("\"'") for v in value[1:-1].split(","))
            pairs[key] = value.strip("\"'")
    return pairs


@dataclass(slots=True)
class _Reader:
    """Reads lines into drafts, one line at a time."""

    lines: list[str]
    drafts: list[Draft] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)
    buffer: list[str] = field(default_factory=list)
    shape: Draft | None = None
    fence: str = ""
    group: int = 0

    def read(self) -> list[Draft]:
        for line in self.lines:
            if match := _REFERENCE.match(line):
                self.references[match["name"].lower()] = match["url"]
        for line in self.lines:
            self._line(line)
        self._end()
        return self.drafts

    def _line(self, line: str) -> None:
        if self.fence:
            if line.strip().startswith(self.fence) and not line.strip().strip(self.fence[0]):
                self.fence = ""
                self._end()
            else:
                self.buffer.append(line)
        elif match := _FENCE.match(line):
            self._begin(Draft(kind=BlockKind.CODE))
            self.fence = match["mark"]
        elif not line.strip():
            self._end()
        elif not self._single(line) and not self._starts(line):
            self.buffer.append(line.strip())

    def _single(self, line: str) -> bool:
        """Read what one line alone makes; return whether it did."""
        if (match := _SETEXT.match(line)) and self.buffer and self.shape is None:
            self.shape = Draft(kind=BlockKind.HEADING, level=1 if match["mark"][0] == "=" else 2)
            self._end()
        elif _RULE.match(line):
            self._end()
            self.drafts.append(Draft(kind=BlockKind.RULE))
        elif match := _ATX.match(line):
            self._begin(Draft(kind=BlockKind.HEADING, level=len(match["marks"])))
            self.buffer.append(match["text"] or "")
            self._end()
        elif match := _IMAGE_LINE.match(line):
            self._end()
            if url := clean_link(match["url"]):
                self.drafts.append(Draft(kind=BlockKind.IMAGE, label=match["alt"], url=url))
        elif _ROW.match(line):
            self._row(line)
        else:
            return _REFERENCE.match(line) is not None
        return True

    def _starts(self, line: str) -> bool:
        """Begin a list item, a quote or indented code; return whether the line did."""
        if match := _ITEM.match(line):
            level = min(len(match["indent"]) // 2 + 1, 8)
            label = f"{match['number']}." if match["number"] else "•"
            last = self.shape or (self.drafts[-1] if self.drafts else None)
            if last is None or last.kind is not BlockKind.ITEM:
                self.group += 1
            draft = Draft(kind=BlockKind.ITEM, level=level, label=label, group=self.group)
            self._begin(draft)
            self.buffer.append(match["text"])
        elif match := _QUOTE.match(line):
            level = min(match["marks"].count(">"), 8)
            same = self.shape is not None and self.shape.kind is BlockKind.QUOTE
            if not match["text"].strip():
                self._end()
                return True
            if not (same and self.shape is not None and self.shape.level == level):
                self._begin(Draft(kind=BlockKind.QUOTE, level=level))
            self.buffer.append(match["text"].strip())
        elif line.startswith("    ") and (not self.buffer or self._in_code()):
            if not self._in_code():
                self._begin(Draft(kind=BlockKind.CODE))
            self.buffer.append(line[4:])
        else:
            return False
        return True

    def _in_code(self) -> bool:
        return self.shape is not None and self.shape.kind is BlockKind.CODE

    def _row(self, line: str) -> None:
        self._end()
        last = self.drafts[-1] if self.drafts else None
        if _ROW_LINE.match(line):
            return
        if last is None or last.kind is not BlockKind.ROW:
            self.group += 1
        row = Draft(kind=BlockKind.ROW, group=self.group)
        for cell in line.strip().strip("|").split("|"):
            row.text += " " if row.text else ""
            start = len(row.text)
            self._inline(row, cell.strip())
            row.cells.append((start, len(row.text)))
        self.drafts.append(row)

    def _begin(self, draft: Draft) -> None:
        self._end()
        self.shape = draft

    def _end(self) -> None:
        """Close the block that is being read."""
        draft = self.shape or Draft(kind=BlockKind.PARAGRAPH)
        lines, self.buffer, self.shape = self.buffer, [], None
        if not lines:
            return
        if draft.kind is BlockKind.CODE:
            draft.text = "\n".join(lines)
        else:
            self._inline(draft, " ".join(lines))
        self.drafts.append(draft)

    def _inline(self, draft: Draft, text: str) -> None:
        """Add ``text`` to the draft, its marks turned into spans."""
        matches = list(_INLINE.finditer(text))
        pairs = _pairs(text, matches)
        starts: dict[int, int] = {}
        position = 0
        for index, match in enumerate(matches):
            draft.text += text[position : match.start()]
            position = match.end()
            if not match["mark"]:
                self._piece(draft, match)
            elif index not in pairs:
                draft.text += match["mark"]
            elif pairs[index] > index:
                starts[index] = len(draft.text)
            elif starts[pairs[index]] < len(draft.text):
                kind = SpanKind.STRONG if len(match["mark"]) == 2 else SpanKind.EMPHASIS
                draft.spans.append((kind, starts[pairs[index]], len(draft.text), None))
        draft.text += text[position:]

    def _piece(self, draft: Draft, match: re.Match[str]) -> None:
        start = len(draft.text)
        if match["escaped"]:
            draft.text += match["escaped"]
        elif match["code"]:
            draft.text += match["code"].strip()
            draft.spans.append((SpanKind.CODE, start, len(draft.text), None))
        elif match["words"] or match["auto"] or match["bare"]:
            reference = (match["ref"] or match["words"] or "").lower()
            address = match["url"] or match["auto"] or match["bare"]
            address = address or self.references.get(reference, "")
            draft.text += _unmarked(match["words"]) if match["words"] else address
            if url := clean_link(address):
                draft.spans.append((SpanKind.LINK, start, len(draft.text), url))
        elif match["alt"]:
            draft.text += match["alt"]


def _unmarked(words: str) -> str:
    return re.sub(r"(\*\*|__|`)(?=\S)(.*?\S)\1", r"\2", words)


def _pairs(text: str, matches: list[re.Match[str]]) -> dict[int, int]:
    """Return which marks of emphasis belong together, both ways; they nest, never cross."""
    pairs: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    for index, match in enumerate(matches):
        mark = match["mark"]
        if not mark:
            continue
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        inside = mark[0] == "_" and before.isalnum() and after.isalnum()
        place = next((i for i, (m, _) in enumerate(opened[-_OPEN:]) if m == mark), None)
        if place is not None and before.strip() and not inside:
            place += max(0, len(opened) - _OPEN)
            pairs[index], pairs[opened[place][1]] = opened[place][1], index
            del opened[place:]
        elif after.strip() and not inside and not (before.isalnum() and after.isdigit()):
            opened.append((mark, index))
    return pairs
