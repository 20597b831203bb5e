from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.model import BlockKind, CreditKind, Link, Precision
from newsreader.text.clean import clean_text
from newsreader.text.lines import Role, owner_name, read_line
from newsreader.text.pasted import paragraphs, plain_body, read_pasted

PROSE = (
    "The town council of Northport voted on Tuesday to rebuild the old harbour bridge, which has "
    "been closed to all traffic since a storm damaged two of its five piers last winter."
)
MORE = (
    "The work will begin in the spring, said Ann Roe, the harbour master, and will take about two "
    "years. Until then ferries will cross the bay every half hour, she told reporters."
)

PAGE = f"""{PROSE}\u00a0

{MORE}

A Plan That Took Ten Years

{MORE}

READ NEXT:\u00a0Ferry Runs Aground off Northport

{PROSE}

WATCH: The Storm That Closed the Bridge

This article is owned by Harbour Post.

Written by: Bob Doe
"""


def test_a_pasted_page_is_told_apart() -> None:
    entry = read_pasted(PAGE)
    assert (entry.outlet, entry.author, entry.language) == ("Harbour Post", "Bob Doe", "en")
    assert entry.title_derived
    assert entry.title.startswith("The town council of Northport voted on Tuesday")
    assert len(entry.title) <= 101
    assert entry.published is None
    assert entry.links == (
        Link("Ferry Runs Aground off Northport"),
        Link("The Storm That Closed the Bridge"),
    )
    assert [c.kind for c in entry.credits] == [CreditKind.OWNER, CreditKind.OTHER]
    assert [b.kind for b in entry.body.blocks] == [
        BlockKind.PARAGRAPH,
        BlockKind.PARAGRAPH,
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.PARAGRAPH,
    ]
    assert "\u00a0" not in entry.body.text
    assert "READ NEXT" not in entry.body.text


def test_title_byline_and_date_above_the_text() -> None:
    text = (
        f"Harbour bridge to be rebuilt\nBy Ann Roe and BOB DOE\nJune 28, 2022\n\n{PROSE}\n\n{MORE}"
    )
    entry = read_pasted(text)
    assert (entry.title, entry.title_derived) == ("Harbour bridge to be rebuilt", False)
    assert entry.author == "Ann Roe, Bob Doe"
    assert entry.published == datetime(2022, 6, 28, tzinfo=UTC)
    assert (entry.published_precision, entry.published_derived) == (Precision.DAY, True)
    assert entry.body.text == f"{PROSE}\n\n{MORE}"


def test_a_date_below_the_text_must_say_what_it_is() -> None:
    assert read_pasted(f"{PROSE}\n\n{MORE}\n\nJune 28, 2022").published is None
    entry = read_pasted(f"{PROSE}\n\n{MORE}\n\nPublished June 28, 2022")
    assert entry.published == datetime(2022, 6, 28, tzinfo=UTC)
    assert entry.body.text == f"{PROSE}\n\n{MORE}"


def test_header_lines() -> None:
    text = f"Title: Bridge\nSource: Harbour Post\nURL: https://example.com/a\n\n{PROSE}"
    entry = read_pasted(text)
    assert (entry.title, entry.outlet, entry.link) == (
        "Bridge",
        "Harbour Post",
        "https://example.com/a",
    )


@pytest.mark.parametrize(
    ("before", "after", "outlet"),
    [
        ("NORTHPORT (AP) — ", "", "Associated Press"),
        ("NORTHPORT (AP) — ", "The Associated Press contributed to this report.", None),
        (
            "NORTHPORT (AP) — ",
            "Copyright © 2020 The Harbour Times, LLC. Click here.",
            "The Harbour Times",
        ),
        ("(Reuters) - ", "", "Reuters"),
        ("NORTHPORT (XY) — ", "", None),
        ("", "Copyright 2020 Getty Images", None),
        ("", "This story was first published on July 12, 2020.", None),
        ("", "", None),
    ],
)
def test_the_outlet_only_when_it_is_sure(before: str, after: str, outlet: str | None) -> None:
    entry = read_pasted(f"{before}{PROSE}\n\n{MORE}\n\n{after}")
    assert entry.outlet == outlet
    assert entry.title.startswith("The town council")


def test_contributors_are_kept_as_credits() -> None:
    line = "Information for this article was contributed by Ann Roe of Harbour News."
    entry = read_pasted(f"{PROSE}\n\n{line}")
    assert [(c.kind, c.text) for c in entry.credits] == [(CreditKind.CONTRIBUTOR, line)]
    assert (entry.outlet, entry.body.text) == (None, PROSE)


def test_bare_read_more_takes_the_titles_below_it() -> None:
    text = f"{PROSE}\n\nREAD MORE:\n\nFerry runs aground\n\nStorm ahead, say sailors\n\n{MORE}"
    entry = read_pasted(text)
    assert [link.text for link in entry.links] == ["Ferry runs aground", "Storm ahead, say sailors"]
    assert entry.body.text == f"{PROSE}\n\n{MORE}"


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("Read more: Ferry runs aground", Role.RELATED),
        ("RELATED: Ferry runs aground", Role.RELATED),
        ("Lire aussi : Le pont est fermé", Role.RELATED),
        ("Advertisement", Role.OTHER),
        ("Sign up for Daily Newsletters", Role.OTHER),
        ("Follow us on Twitter", Role.OTHER),
        ("• Ann Roe contributed to this report.", Role.CONTRIBUTOR),
        ("(Reporting by Ann Roe; Editing by Bob Doe)", Role.CONTRIBUTOR),
        ("FILE - In this June 28, 2018, file photo, a bridge is seen.", Role.PHOTO),
        ("People wait for the ferry on Tuesday. (AP Photo/Ann Roe)", Role.PHOTO),
        ("Ann Roe on the bridge. | Bob Doe/Getty Images", Role.PHOTO),
        ("© 2022 Harbour Post. All rights reserved.", Role.COPYRIGHT),
        ("By Ann Roe, Staff Writer", Role.AUTHOR),
        ("___", Role.RULE),
        ("More on the storm: https://example.com/storm", Role.RELATED),
        ("Timetable: https://example.com/times", Role.ADDRESS),
        # Sentences that only look like furniture.
        ("Read more books, the minister told pupils, and you will learn to write.", Role.BODY),
        ("By the time the ferry came, it was dark.", Role.BODY),
        ("He heard a shot on the bridge. (She has photos of it, which police took.)", Role.BODY),
        ("Heavy rain contributed to the collapse of the bridge.", Role.BODY),
        ("Follow the money, the auditors were told.", Role.BODY),
        ("He watched the ferry leave (the last one of the day).", Role.BODY),
        (
            "Copyright law protects the picture, the judge said on Monday in a long ruling.",
            Role.BODY,
        ),
        ("More people than ever: that is what the ferry company expects this summer.", Role.BODY),
        (PROSE, Role.BODY),
    ],
)
def test_the_role_of_a_line(line: str, role: Role) -> None:
    assert read_line(line).role is role


def test_owner_name() -> None:
    assert owner_name("The Harbour Times, LLC. Click here") == "The Harbour Times"
    assert owner_name("Harbour News L.P.") == "Harbour News"
    assert owner_name("2020 Harbour News") is None
    assert owner_name("the authors and their friends") is None


def test_wrapped_lines_are_joined() -> None:
    wrapped = (
        "The town council of Northport voted on Tuesday to rebuild the old\n"
        "harbour bridge, which has been closed to all traffic since a storm\n"
        "damaged two of its five piers.\n\nThe end is near."
    )
    assert len(paragraphs(wrapped)) == 2
    assert paragraphs(f"{PROSE}\n{MORE}") == [PROSE, MORE]


def test_lists_keep_their_marks_out_of_the_text() -> None:
    body = plain_body(f"{PROSE}\n\n1. First thing\n2. Second thing\n\n- a\n- b\n\n{MORE}")
    assert [(b.label, body.text[b.start : b.end]) for b in body.blocks if b.label] == [
        ("1.", "First thing"),
        ("2.", "Second thing"),
        ("•", "a"),
        ("•", "b"),
    ]
    assert "First thing\nSecond thing" in body.text


def test_a_text_of_furniture_only_keeps_its_words() -> None:
    assert read_pasted("Advertisement\n\nSign up for news").body.text


LINES = (
    "READ MORE:|Read next: A title|___|| |By Ann Roe|• one|2. two|June 28, 2022|Advertisement"
    "|© 2020 Post|Short Head|(AP)"
)
WORDS = st.sampled_from([PROSE, MORE, *LINES.split("|")])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(WORDS, st.text(max_size=30)), max_size=15).map("\n\n".join))
def test_no_word_is_lost(text: str) -> None:
    entry = read_pasted(text)
    kept = " ".join(
        (
            entry.body.text,
            entry.title,
            *(link.text for link in entry.links),
            *(credit.text for credit in entry.credits),
        )
    )
    for words in (PROSE, "A title", "Short Head", "Advertisement", "© 2020 Post"):
        assert words not in text or words in kept
    end = 0
    for block in entry.body.blocks:
        assert end <= block.start <= block.end <= len(entry.body.text)
        assert not entry.body.text[end : block.start].strip()
        end = block.end
    assert clean_text(entry.body.text) == entry.body.text
