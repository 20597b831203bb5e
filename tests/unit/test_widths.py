"""What a line is taken to measure is what a terminal makes of it: columns stand in line."""

import pyte
import pytest
from rich.cells import cell_len

from newsreader.tui.lines import cut, safe_line, spread, width_of


# No joined emoji and no keycaps: pyte leaves out all that follows them.
@pytest.mark.parametrize(
    "words",
    [
        "\u65e5\u672c\u8a9e\u306e\u898b\u51fa\u3057",
        "\uff57\uff49\uff44\uff45 \ud55c\uae00",
        "\u2764\ufe0f \u26a0\ufe0f",
        "\U0001f44d\U0001f3fd good",
        "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
        "e\u0323\u0302 q\u0301\u0302",
        "\u0e25\u0e39\u0e01\u0e04\u0e49\u0e32",
    ],
)
@pytest.mark.parametrize("width", [9, 24])
def test_the_right_edge_stands_where_it_should(words: str, width: int) -> None:
    line = spread([(cut(safe_line(words), width - 2), "")], [("|", "")], width)
    assert width_of(line) == width
    screen = pyte.Screen(40, 2)
    drawn = "".join(text for text, _ in line)
    pyte.Stream(screen).feed(drawn)
    assert screen.cursor.x == width == cell_len(drawn)
    assert "\ufe0f" not in drawn
