"""Help and palette: every command with its keys, to be searched, and to be run with Enter."""

from collections.abc import Mapping, Sequence

from newsreader.tui.commands import COMMANDS, Command, keys_of, page_commands
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line
from newsreader.tui.screens.picker import Picker, Row
from newsreader.tui.themes import TOKENS

THEME = "theme:"
"""What the key of a row that changes the theme begins with."""

_KINDS = (
    ("person", "person"),
    ("organisation", "organisation"),
    ("place", "place"),
    ("date", "date"),
)


def help_picker(glyphs: Glyphs, remapped: Mapping[str, str], page: str = "") -> Picker:
    """Return the help overlay of the main screen or of ``page``, by group, and what marks mean."""
    rows: list[Row] = []
    commands = page_commands(page) if page else COMMANDS
    for group in dict.fromkeys(command.group for command in commands):
        if rows:
            rows.append(Row(left=[("", "")]))
        rows.append(Row(left=[(group, "muted italic")]))
        rows += _rows(remapped, [command for command in commands if command.group == group])
    rows += [Row(left=[("", "")]), Row(left=[("In the text", "muted italic")]), _legend(glyphs)]
    rows.append(
        Row(
            left=[
                (glyphs.unread, "accent"),
                (" unread   ", "text"),
                (glyphs.star, "strong"),
                (" bookmark   ", "text"),
                ("match", "match"),
                (" of the search", "text"),
            ]
        )
    )
    return Picker(
        glyphs, [("Keys", "headline")], rows, verb="do it", nothing="There are no commands."
    )


def palette(glyphs: Glyphs, remapped: Mapping[str, str], theme: str) -> Picker:
    """Return the palette: commands and themes by name."""
    rows = [
        Row(
            left=[(f"Theme: {name}", "text"), ("  in use" if name == theme else "", "muted")],
            key=THEME + name,
            words=f"theme {name}",
        )
        for name in TOKENS
    ]
    rows = [*_rows(remapped, COMMANDS), *rows]
    return Picker(
        glyphs, [("Commands", "headline")], rows, verb="do it", nothing="There are no commands."
    )


def _rows(remapped: Mapping[str, str], commands: Sequence[Command]) -> list[Row]:
    rows = []
    for command in commands:
        keys = keys_of(command, remapped)
        shown = "  ".join(keys)
        left: Line = [(f"{shown:>14}  ", "strong bold"), (command.help, "text")]
        words = f"{command.help} {command.group} {' '.join(keys)}"
        rows.append(Row(left=left, key=command.name, words=words))
    return rows


def _legend(glyphs: Glyphs) -> Row:
    left: Line = []
    for kind, name in _KINDS:
        left += [(glyphs.of_kind(kind) + " ", f"{kind}-glyph"), (name, f"text {kind}"), ("   ", "")]
    return Row(left=left)
