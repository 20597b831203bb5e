"""Articles as documents of their own: Markdown, HTML, a line of JSON.

Words of an article are only ever words in them: what means something in the format is escaped,
links are those that may be opened, nothing is loaded from elsewhere.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any

from newsreader.model import Article, Block, BlockKind, Body, Precision, Span, SpanKind
from newsreader.present import after_text, byline, time_json
from newsreader.text.clean import clean_text
from newsreader.text.links import clean_link

JSONL_VERSION = 1
"""Value of ``newsreader`` in an exported line; the import then takes ``html`` before ``body``."""

_Inline = Callable[[str, int, int], str]
"""Renders words (text, start, end) that have no span in them."""


def _inline(body: Body, start: int, end: int, words: _Inline, wrap: Callable[..., str]) -> str:
    """Return ``text[start:end]`` with its spans; one that crosses another ends where that does."""
    inside = sorted(
        (span for span in body.spans if span.start < end and span.end > start),
        key=lambda span: (span.start, -span.end),
    )
    return _nested(body.text, start, end, inside, words, wrap)


def _nested(
    text: str,
    start: int,
    end: int,
    spans: Sequence[Span],
    words: _Inline,
    wrap: Callable[..., str],
    outer: frozenset[SpanKind] = frozenset(),
) -> str:
    parts: list[str] = []
    at = start
    number = 0
    while number < len(spans):
        span = spans[number]
        first, last = max(span.start, at), min(span.end, end)
        number += 1
        if last <= first:
            continue
        children = []
        while number < len(spans) and spans[number].start < last:
            children.append(spans[number])
            number += 1
        parts.append(words(text, at, first))
        if span.kind in outer:
            parts.append(_nested(text, first, last, children, words, wrap, outer))
        else:
            within = outer | {span.kind}
            inner = _nested(text, first, last, children, words, wrap, within)
            parts.append(wrap(span, inner, text[first:last]))
        at = last
    parts.append(words(text, at, end))
    return "".join(parts)


# Markdown

_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&]")
_OPENS = re.compile(r"(?m)^(\s*)(?:([-+=])|(\d{1,9})([.)]))")
"""What would begin a list or underline a heading, at the beginning of a line."""


def article_markdown(article: Article) -> str:
    """Return the article as CommonMark, with tables as GitHub writes them."""
    parts = [f"# {_mark(article.title)}", "", f"*{_mark(byline(article))}*", ""]
    for kind, blocks in groupby(article.body.blocks, key=lambda block: block.kind):
        if kind is BlockKind.ROW:
            parts.append(_markdown_table(article.body, list(blocks)))
        elif kind is BlockKind.ITEM:
            parts.append("\n".join(_markdown_item(article.body, block) for block in blocks) + "\n")
        else:
            parts += [_markdown(article.body, block) for block in blocks]
    parts += [f"{_mark(line)}  " if line else "" for line in after_text(article)]
    return clean_text("\n".join(parts)).rstrip() + "\n"


def _mark(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))


def _marked(body: Body, start: int, end: int) -> str:
    def words(text: str, first: int, last: int) -> str:
        return _SPECIAL.sub(lambda found: f"\\{found[0]}", text[first:last])

    def wrap(span: Span, inner: str, plain: str) -> str:
        match span.kind:
            case SpanKind.CODE:
                ticks = "`" * (1 + max((len(run) for run in re.findall("`+", plain)), default=0))
                return f"{ticks} {plain} {ticks}" if len(ticks) > 1 else f"`{plain}`"
            case SpanKind.LINK:
                url = clean_link(span.url or "")
                return f"[{inner}](<{_address(url)}>)" if url else inner
            case _:
                sign = "**" if span.kind is SpanKind.STRONG else "*"
                core = inner.strip()
                lead = inner[: len(inner) - len(inner.lstrip())]
                return f"{lead}{sign}{core}{sign}{inner[len(inner.rstrip()) :]}" if core else inner

    text = _OPENS.sub(_harmless, _inline(body, start, end, words, wrap))
    return text.replace("\n", "\\\n")


def _harmless(found: re.Match[str]) -> str:
    space, sign, number, stop = found.groups("")
    return f"{space}\\{sign}" if sign else f"{space}{number}\\{stop}"


def _address(url: str) -> str:
    return "".join(f"%{ord(c):02X}" if c in '<>"\\ \n' else c for c in url)


def _markdown(body: Body, block: Block) -> str:
    words = "" if block.kind is BlockKind.CODE else _marked(body, block.start, block.end)
    match block.kind:
        case BlockKind.HEADING:
            return f"{'#' * max(2, block.level)} {words.replace(chr(10), ' ')}\n"
        case BlockKind.QUOTE:
            sign = "> " * max(1, block.level)
            return "\n".join(f"{sign}{line}" for line in words.split("\n")) + "\n"
        case BlockKind.CODE:
            plain = body.text[block.start : block.end]
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", plain)), default=0))
            return f"{fence}\n{plain}\n{fence}\n"
        case BlockKind.IMAGE:
            url = clean_link(block.url or "")
            # As a link: what is opened later must not fetch anything by itself.
            label = _mark(block.label)
            return f"[{label}](<{_address(url)}>)\n" if url and label else f"{label}\n"
        case BlockKind.RULE:
            return "---\n"
        case _:
            return f"{words}\n"


def _markdown_item(body: Body, block: Block) -> str:
    number = block.label.rstrip(".)")
    marker = f"{number}." if number.isdecimal() and len(number) < 10 else "-"
    depth = "    " * (max(1, block.level) - 1)
    words = _marked(body, block.start, block.end).replace("\n", f"\n{depth}    ")
    return f"{depth}{marker} {words}" if block.label else f"{depth}    {words}"


def _markdown_table(body: Body, rows: Sequence[Block]) -> str:
    wide = max(len(row.cells) for row in rows)
    lines = []
    for row in rows:
        cells = [_marked(body, *cell).replace("\\\n", " ") for cell in row.cells]
        lines.append(f"| {' | '.join(cells + [''] * (wide - len(cells)))} |")
        if len(lines) == 1:
            lines.append("|" + " --- |" * wide)
    return "\n".join(lines) + "\n"


# HTML

_TAGS = {SpanKind.EMPHASIS: "em", SpanKind.STRONG: "strong", SpanKind.CODE: "code"}


def article_html(article: Article) -> str:
    """Return the article as a whole HTML page without scripts, styles or remote loads."""
    title = escape(article.title)
    facts = [f"<p>{escape(line)}</p>" for line in after_text(article) if line]
    parts = [f"<h1>{title}</h1>", f"<p>{escape(byline(article))}</p>"]
    head = f'<meta charset="utf-8"><title>{title}</title>'
    opening = f'<html lang="{escape(article.language or "")}" dir="{article.direction}">'
    content = "\n".join([*parts, body_html(article.body), *facts])
    return clean_text(f"<!doctype html>\n{opening}{head}\n{content}\n</html>\n")


def body_html(body: Body) -> str:
    """Return a body's blocks as HTML; reading it again gives the same text."""
    parts: list[str] = []
    for kind, blocks in groupby(body.blocks, key=lambda block: block.kind):
        match kind:
            case BlockKind.ITEM:
                parts += _html_list(body, list(blocks))
            case BlockKind.ROW:
                rows = ["".join(_html_cells(body, row)) for row in blocks]
                parts.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
            case _:
                parts += [_html(body, block) for block in blocks]
    return "\n".join(part for part in parts if part)


def _html_cells(body: Body, row: Block) -> Iterator[str]:
    for first, last in row.cells:
        yield f"<td>{_html_words(body, first, last)}</td>"


def _html_words(body: Body, start: int, end: int) -> str:
    def words(text: str, first: int, last: int) -> str:
        return escape(text[first:last]).replace("\n", "<br>\n")

    def wrap(span: Span, inner: str, plain: str) -> str:
        del plain
        if span.kind is not SpanKind.LINK:
            return f"<{_TAGS[span.kind]}>{inner}</{_TAGS[span.kind]}>"
        url = clean_link(span.url or "")
        return f'<a href="{escape(url)}">{inner}</a>' if url else inner

    return _inline(body, start, end, words, wrap)


def _html(body: Body, block: Block) -> str:
    words = _html_words(body, block.start, block.end)
    match block.kind:
        case BlockKind.HEADING:
            tag = f"h{min(6, max(2, block.level))}"
            return f"<{tag}>{words}</{tag}>"
        case BlockKind.QUOTE:
            depth = max(1, block.level)
            return "<blockquote>" * depth + f"<p>{words}</p>" + "</blockquote>" * depth
        case BlockKind.CODE:
            return f"<pre>{escape(body.text[block.start : block.end])}</pre>"
        case BlockKind.IMAGE:
            url = clean_link(block.url or "")
            label = escape(block.label)
            return f'<p><a href="{escape(url)}">{label}</a></p>' if url and label else ""
        case BlockKind.RULE:
            return "<hr>"
        case _:
            return f"<p>{words}</p>"


def _html_list(body: Body, items: Sequence[Block]) -> list[str]:
    parts: list[str] = []
    open_tags: list[str] = []
    for item in items:
        number = item.label.rstrip(".)")
        counted = number.isdecimal() and len(number) < 10
        tag = "ol" if counted else "ul"
        level = max(1, item.level)
        while len(open_tags) > level or (len(open_tags) == level and open_tags[-1] != tag):
            parts.append(f"</li></{open_tags.pop()}>")
        if len(open_tags) == level:
            parts.append("</li>")
        while len(open_tags) < level:
            open_tags.append(tag)
            parts.append(f"<{tag}>" + ("<li>" if len(open_tags) < level else ""))
        value = f' value="{int(number)}"' if counted else ""
        parts.append(f"<li{value}>{_html_words(body, item.start, item.end)}")
    parts += [f"</li></{tag}>" for tag in reversed(open_tags)]
    return ["".join(parts)]


# JSON Lines


def article_json_line(article: Article) -> str:
    """Return the article as a line that ``import`` takes (CONTRACT of ``.jsonl``)."""
    value: dict[str, Any] = {
        "newsreader": JSONL_VERSION,
        "id": f"a{article.id}",
        "title": "" if article.title_derived else article.title,
        "body": article.body.text,
        "source": article.source or None,
        "author": article.author,
        "published": _published(article),
        "updated": time_json(article.updated),
        "arrived": time_json(article.arrived),
        "url": clean_link(article.url or ""),
        "language": article.language,
        "tags": list(article.tags),
        "read": article.read,
        "bookmarked": article.bookmarked,
        "note": article.note,
        "via": [name for _, name in article.via],
    }
    plain = all(block.kind is BlockKind.PARAGRAPH for block in article.body.blocks)
    if not plain or article.body.spans:
        value["html"] = body_html(article.body)
    kept = {key: each for key, each in value.items() if each not in (None, "", [])}
    return clean_text(json.dumps(kept, ensure_ascii=False)) + "\n"


def _published(article: Article) -> str | None:
    """Return the date, no more exact than it is known."""
    whole = time_json(article.published)
    if whole is None:
        return None
    parts = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}
    return whole[: parts.get(article.precision, len(whole))]


def article_lines(articles: Iterable[Article], form: str) -> Iterator[str]:
    """Yield the text of each article in ``form``: "markdown" or "jsonl"."""
    for number, article in enumerate(articles):
        if form == "jsonl":
            yield article_json_line(article)
        else:
            yield ("\n\n" if number else "") + article_markdown(article)
