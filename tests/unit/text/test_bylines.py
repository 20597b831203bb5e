"""Who wrote it and for whom: bylines, mastheads and copyright lines of pasted text."""

from datetime import UTC, datetime

import pytest

from newsreader.text.hints import bare_byline, byline, is_outlet
from newsreader.text.lines import Role, read_line
from newsreader.text.pasted import read_pasted

PROSE = (
    "The council voted on Monday to keep the ferry running through the winter, after the mayor "
    "said that the island could not do without it, and nobody spoke against her."
)
TITLE = "Ferry to Skarholm keeps running through the winter"


def pasted(*lines):
    return read_pasted("\n\n".join(lines))


@pytest.mark.parametrize(
    ("line", "author", "outlet"),
    [
        ("By Ines Okafor, The Harbour Ledger", "Ines Okafor", "The Harbour Ledger"),
        ("Yusra Haddad, Civic Record", "Yusra Haddad", "Civic Record"),
        ("Rhiannon Gale, Meridian Markets", "Rhiannon Gale", "Meridian Markets"),
        ("Lorna Teague | Northern Wire", "Lorna Teague", "Northern Wire"),
        ("By Ines Okafor and Lorna Teague", "Ines Okafor, Lorna Teague", None),
        ("By INES OKAFOR", "Ines Okafor", None),
        ("By Ines Okafor, Associated Press", "Ines Okafor", "Associated Press"),
        (
            "By Northern Wire and Meridian Markets staff",
            "Northern Wire and Meridian Markets staff",
            "Meridian Markets",
        ),
    ],
)
def test_a_byline_names_people_and_their_outlet(line, author, outlet):
    found = pasted(TITLE, line, PROSE)
    assert (found.title, found.author, found.outlet) == (TITLE, author, outlet)
    assert found.body.text == PROSE


@pytest.mark.parametrize(
    "line",
    [
        "Paris, Texas",
        "Monday, March 5",
        "The mayor, The Harbour Ledger",
        "she told the paper, The Harbour Ledger",
        "Northern Wire, Meridian Markets",
    ],
)
def test_two_names_and_a_comma_are_not_always_a_byline(line):
    assert bare_byline(line) is None


def test_outlets_are_told_from_people():
    assert is_outlet("Civic Record") and is_outlet("The Signal Box") and is_outlet("AP")
    assert not is_outlet("Ines Okafor") and not is_outlet("Post")
    assert byline("Anna Post and Jon Roe") == (["Anna Post", "Jon Roe"], [])


def test_a_masthead_and_a_section_stand_above_the_headline():
    found = pasted("Civic Record", "Council & Courts", TITLE, "By Ines Okafor", PROSE)
    assert (found.title, found.outlet, found.body.text) == (TITLE, "Civic Record", PROSE)
    assert [credit.text for credit in found.credits] == ["Civic Record", "Council & Courts"]
    unknown = pasted("Slate", TITLE, "By Ines Okafor", PROSE, "© 2022 Slate")
    assert (unknown.title, unknown.outlet) == (TITLE, "Slate")


def test_a_short_first_line_is_no_masthead_without_a_sign():
    found = pasted("The Ferry", PROSE, PROSE)
    assert found.outlet is None
    assert "The Ferry" in (found.title, found.body.text[:9])


def test_who_prints_wins_over_the_agency_that_wrote():
    lines = [TITLE, "By Ilse Marchetti, Northern Wire", "Oct. 2, 2022", PROSE]
    printed = "© 2022 Northern Wire. Reprinted by The Harbour Ledger with permission."
    assert pasted(*lines, printed).outlet == "The Harbour Ledger"
    headed = pasted("The Harbour Ledger", "WORLD", *lines, "© 2022 Northern Wire.")
    assert headed.outlet == "The Harbour Ledger"
    assert (headed.title, headed.author) == (TITLE, "Ilse Marchetti")
    assert headed.published == datetime(2022, 10, 2, tzinfo=UTC)
    owned = pasted(TITLE, "By Ann Roe, Reuters", PROSE, "© 2022 Civic Record")
    assert owned.outlet == "Civic Record"


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("Research by Pellow & Strand found rust in twelve of the hangers.", Role.BODY),
        ("Additional reporting by Ilse Marchetti of Northern Wire.", Role.CONTRIBUTOR),
        ("(c) the members of the board", Role.BODY),
        ("(c) Civic Record 2026", Role.COPYRIGHT),
        ("To read this article in full, please click here", Role.OTHER),
        ("Con información de Northern Wire", Role.CONTRIBUTOR),
        ("Datos del Instituto del Agua. Foto: Teo Marchetti.", Role.PHOTO),
        ("Share this story", Role.OTHER),
        ("Share this year was larger than the last", Role.BODY),
        ("I show this first and follow them with the rest.", Role.BODY),
    ],
)
def test_roles_of_lines_that_look_alike(line, role):
    assert read_line(line).role is role


def test_a_long_paragraph_without_spaces_is_no_heading():
    body = read_pasted("船は全長百六十九メートル。\n\n" + "船倉には海水が入り始めている。" * 9).body
    assert {block.kind.value for block in body.blocks} == {"paragraph"}
