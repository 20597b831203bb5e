import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.model import BlockKind, SpanKind
from newsreader.text.markdown import is_markdown, read_markdown

PAGE = """---
title: "A bridge"
author: Ann Roe
date: 2022-06-28
source: Harbour Post
tags: [sea, bridge]
---

# A bridge

Some **bold text**, *it* and `code` with [a link](https://example.com/a?utm_source=x). 2*3*4

- one
  - two

1. first

> quoted

```
x  = 1
```

| A | B |
|---|---|
| 1 | **2** |

![alt](https://example.com/i.png)

Under
-----
See [the map][m].

[m]: https://example.com/map
"""


def test_front_matter_blocks_and_spans() -> None:
    entry = read_markdown(PAGE)
    assert (entry.title, entry.author, entry.outlet) == ("A bridge", "Ann Roe", "Harbour Post")
    assert (entry.published, entry.tags) == (datetime(2022, 6, 28, tzinfo=UTC), ("sea", "bridge"))
    body = entry.body
    assert [(b.kind, b.level, b.label, body.text[b.start : b.end]) for b in body.blocks] == [
        (BlockKind.PARAGRAPH, 0, "", "Some bold text, it and code with a link. 2*3*4"),
        (BlockKind.ITEM, 1, "•", "one"),
        (BlockKind.ITEM, 2, "•", "two"),
        (BlockKind.ITEM, 1, "1.", "first"),
        (BlockKind.QUOTE, 1, "", "quoted"),
        (BlockKind.CODE, 0, "", "x  = 1"),
        (BlockKind.ROW, 0, "", "A B"),
        (BlockKind.ROW, 0, "", "1 2"),
        (BlockKind.IMAGE, 0, "alt", ""),
        (BlockKind.HEADING, 2, "", "Under"),
        (BlockKind.PARAGRAPH, 0, "", "See the map."),
    ]
    assert [(s.kind, body.text[s.start : s.end]) for s in body.spans] == [
        (SpanKind.STRONG, "bold text"),
        (SpanKind.EMPHASIS, "it"),
        (SpanKind.CODE, "code"),
        (SpanKind.LINK, "a link"),
        (SpanKind.STRONG, "2"),
        (SpanKind.LINK, "the map"),
    ]
    assert [link.url for link in entry.links] == [
        "https://example.com/a",
        "https://example.com/map",
    ]


def test_what_is_markdown() -> None:
    assert is_markdown(PAGE)
    assert is_markdown("# Head\n\nText")
    assert not is_markdown("A text with #hashtag and 3 * 4 * 5.\n\n- a\n- b")


@pytest.mark.parametrize(
    "mark", ["*", "[a](", "_a ", "**a ", "`", "`a", "> ", "<", "[", "![a", "*a"]
)
def test_rubbish_is_read_quickly(mark: str) -> None:
    began = time.process_time()
    read_markdown(mark * 30_000)
    is_markdown(mark * 30_000)
    assert time.process_time() - began < 2


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab *_`[]()<>#-=|>\n\\!1.:/", max_size=120))
def test_offsets_hold_for_any_text(text: str) -> None:
    body = read_markdown(text).body
    end = 0
    for block in body.blocks:
        assert end <= block.start <= block.end <= len(body.text)
        assert not body.text[end : block.start].strip()
        end = block.end
    for span in body.spans:
        assert any(b.start <= span.start < span.end <= b.end for b in body.blocks)
