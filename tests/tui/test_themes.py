"""Every text can be read, in every theme and without colours."""

import pytest
from rich.style import Style

from newsreader.tui.themes import HIGH_CONTRAST, INKS, TOKENS, contrast, inks


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("ground", ["paper", "raised", "cursor"])
def test_every_text_pair_can_be_read(name: str, ground: str) -> None:
    least = 7.0 if name == HIGH_CONTRAST else 4.5
    tokens = TOKENS[name]
    if name == HIGH_CONTRAST and ground == "cursor":
        assert inks(name).style("muted cursor") == inks(name).style("accent cursor")
        return
    poor = {ink: contrast(tokens[ink], tokens[ground]) for ink in INKS}
    assert {ink: ratio for ink, ratio in poor.items() if ratio < least} == {}


@pytest.mark.parametrize("name", TOKENS)
def test_matches_can_be_read(name: str) -> None:
    assert contrast(TOKENS[name]["on-match"], TOKENS[name]["match"]) >= 7.0


def test_contrast_is_the_one_of_wcag() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert contrast("#777777", "#777777") == 1.0


def test_every_kind_has_a_cue_besides_its_colour() -> None:
    def bare(style: Style) -> tuple[bool | None, ...]:
        return (style.underline, style.underline2, style.italic, style.reverse)

    kinds = ("text", "person", "organisation", "place", "date", "match")
    cues = [bare(inks("late-edition").style(kind)) for kind in kinds]
    assert len(set(cues)) == len(cues)
