"""Bodies as bytes: the text compressed, its structure as compact JSON, compressed too.

Measured on 25,000 news articles: zlib level 6 stores 3.0 kB of text in 1.4 kB for 0.12 CPU-ms.
"""

import json
import zlib
from typing import Any

from newsreader.model import Block, BlockKind, Body, Credit, CreditKind, Link, Span, SpanKind

PLAIN, ZLIB = 0, 1
_WORTH_IT = 256
"""Bytes below which compressing saves nothing."""
_MOST = 64_000_000
"""Bytes of a text or its structure; what is taken in has 16 MB at most."""


def encode_text(text: str) -> tuple[int, bytes]:
    """Return (codec, bytes)."""
    data = text.encode("utf-8")
    return (PLAIN, data) if len(data) < _WORTH_IT else (ZLIB, zlib.compress(data, 6))


def _expanded(data: bytes) -> bytes:
    """Decompress what was stored.

    Raises:
        ValueError: it is larger than anything that is.
        zlib.error: it is damaged.
    """
    stream = zlib.decompressobj()
    found = stream.decompress(data, _MOST)
    if stream.unconsumed_tail:
        raise ValueError("larger than any text that is stored")
    if not stream.eof:
        raise zlib.error("incomplete")
    return found


def decode_text(codec: int, data: bytes) -> str:
    """Undo :func:`encode_text`."""
    return (_expanded(data) if codec == ZLIB else data).decode("utf-8")


def encode_structure(body: Body, links: tuple[Link, ...], credits: tuple[Credit, ...]) -> bytes:
    """Return blocks, spans, links and credits as compressed JSON."""
    value = {
        "b": [_block(block) for block in body.blocks],
        "s": [[span.kind, span.start, span.end, span.url] for span in body.spans],
        "l": [[link.text, link.url] for link in links],
        "c": [[credit.kind, credit.text] for credit in credits],
    }
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode("utf-8"), 6)


def _block(block: Block) -> list[Any]:
    row: list[Any] = [block.kind, block.start, block.end]
    extra = [block.level, block.label, block.url, [list(cell) for cell in block.cells]]
    return row + extra if any(extra) else row


def decode_structure(text: str, data: bytes) -> tuple[Body, tuple[Link, ...], tuple[Credit, ...]]:
    """Undo :func:`encode_structure`."""
    try:
        value = json.loads(_expanded(data))
    except RecursionError as error:
        raise ValueError("nested without end") from error
    blocks = []
    for kind, start, end, *extra in value["b"]:
        level, label, url, cells = extra or (0, "", None, ())
        blocks.append(
            Block(
                kind=BlockKind(kind),
                start=start,
                end=end,
                level=level,
                label=label,
                url=url,
                cells=tuple((first, last) for first, last in cells),
            )
        )
    spans = tuple(
        Span(kind=SpanKind(kind), start=start, end=end, url=url)
        for kind, start, end, url in value["s"]
    )
    body = Body(text=text, blocks=tuple(blocks), spans=spans)
    links = tuple(Link(words, url) for words, url in value["l"])
    credits = tuple(Credit(CreditKind(kind), words) for kind, words in value["c"])
    return body, links, credits
