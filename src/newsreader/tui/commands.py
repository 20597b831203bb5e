"""Every command once: its keys, its help, its hint. Bindings, hints, help and palette follow."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from textual.binding import Binding


class Command(NamedTuple):
    """One thing the reader can do.

    Args:
        name: stable id; the configuration's ``[keys]`` uses it.
        keys: default keys, comma-separated, in Textual's names.
        help: what it does, for help and palette.
        group: heading in help.
        hint: a word or two for the key hints; empty for none.
        action: Textual's action; ``name`` itself if empty.
        places: where the hint is shown: "sources", "saved", "followed", "list", "article",
            "search", "results", "match".
    """

    name: str
    keys: str
    help: str
    group: str
    hint: str = ""
    places: frozenset[str] = frozenset()
    action: str = ""


def _command(
    name: str,
    keys: str,
    group: str,
    help_: str,
    hint: str = "",
    places: str = "",
    *,
    action: str = "",
) -> Command:
    return Command(
        name=name,
        keys=keys,
        help=help_,
        group=group,
        hint=hint,
        places=frozenset(places.split()),
        action=action or name,
    )


COMMANDS: tuple[Command, ...] = (
    _command(
        "open",
        "enter",
        "Read",
        "Open what is under the cursor",
        "open",
        "list results sources saved followed",
    ),
    _command(
        "onward",
        "space",
        "Read",
        "A page down; at the end, the next unread article",
        "page",
        "article match",
    ),
    _command(
        "next",
        "n",
        "Read",
        "Next unread article; in a match, the next place or match",
        "next",
        "list article match",
        action="step(1, True)",
    ),
    _command(
        "previous_match",
        "N",
        "Read",
        "Previous unread article; in a match, the place or match before",
        "back",
        "match",
        action="step(-1, True)",
    ),
    _command("previous", "p", "Read", "Previous unread article", action="step(-1, False)"),
    _command(
        "bookmark",
        "b",
        "Read",
        "Bookmark, or take the bookmark away",
        "bookmark",
        "list article results",
        action="mark('bookmark')",
    ),
    _command("read", "m", "Read", "Mark read or unread", action="mark('read')"),
    _command("all_read", "A", "Read", "Mark all in the list read", action="mark('all')"),
    _command("undo", "u", "Read", "Undo the last act", "undo", "list", action="mark('undo')"),
    _command("redo", "ctrl+r", "Read", "Do again what was undone", action="mark('redo')"),
    _command("fresh", "full_stop", "Read", "Show articles that have arrived"),
    _command(
        "link",
        "o",
        "Read",
        "Show the article's addresses, to open one in the browser",
        action="overlay('links')",
    ),
    _command("search", "slash", "Search", "Search as you type", "search", "list sources saved"),
    _command(
        "facets",
        "F",
        "Search",
        "Narrow by outlet, year, person, organisation or place",
        "narrow",
        "results",
        action="overlay('facets')",
    ),
    _command(
        "save",
        "S",
        "Search",
        "Save the search, or change the saved one under the cursor",
        "save",
        "results saved",
        action="overlay('save')",
    ),
    _command(
        "remove_saved",
        "D",
        "Search",
        "Remove the saved search under the cursor, or follow no longer",
        "remove",
        "saved followed",
        action="overlay('remove')",
    ),
    _command("sort", "O", "Search", "Best first or newest first", "order", "results"),
    _command(
        "next_entity",
        "right_square_bracket",
        "Names",
        "Next name in the article",
        "name",
        "article match",
        action="step_name(1)",
    ),
    _command(
        "previous_entity",
        "left_square_bracket",
        "Names",
        "Previous name in the article",
        action="step_name(-1)",
    ),
    _command(
        "entities",
        "e",
        "Names",
        "People, organisations and places in the article, or the page of who is followed",
        "names",
        "list article followed",
        action="overlay('entities')",
    ),
    _command(
        "follow",
        "f",
        "Names",
        "Follow the name under the cursor, or no longer",
        "follow",
        "article",
    ),
    _command("down", "j,down", "Move", "Down", action="move(1)"),
    _command("up", "k,up", "Move", "Up", action="move(-1)"),
    _command("half_down", "ctrl+d", "Move", "Half a page down", action="move(0, 0.5)"),
    _command("half_up", "ctrl+u", "Move", "Half a page up", action="move(0, -0.5)"),
    _command("page_down", "pagedown,ctrl+f", "Move", "A page down", action="move(0, 1)"),
    _command("page_up", "pageup,ctrl+b", "Move", "A page up", action="move(0, -1)"),
    _command("first", "g,home", "Move", "To the top", action="edge(False)"),
    _command("last", "G,end", "Move", "To the end", action="edge(True)"),
    _command("next_pane", "tab", "Move", "To the next column", action="step_pane(1, True)"),
    _command(
        "previous_pane", "shift+tab", "Move", "To the column before", action="step_pane(-1, True)"
    ),
    _command("left", "h,left", "Move", "One column to the left", action="step_pane(-1, False)"),
    _command("right", "l,right", "Move", "One column to the right", action="step_pane(1, False)"),
    _command("sources", "1", "Move", "To the sources", action="enter('source-list')"),
    _command("list", "2", "Move", "To the articles", action="enter('article-list')"),
    _command("article", "3", "Move", "To the text", action="enter('article-view')"),
    _command("zen", "z", "View", "Nothing but the article"),
    _command(
        "palette",
        "ctrl+p",
        "View",
        "Every command and theme by name",
        action="overlay('palette')",
    ),
    _command("help", "question_mark,f1", "View", "This help", action="overlay('help')"),
    _command(
        "leave",
        "q",
        "Leave",
        "One step back; from the list, leave the reader",
        "back",
        "article match results",
    ),
    _command("back", "escape,backspace", "Leave", "One step back", "back", "search sources saved"),
    _command("quit", "ctrl+q", "Leave", "Leave from anywhere"),
    _command(
        "suspend", "ctrl+z", "Leave", "Back to the shell for a while", action="app.suspend_process"
    ),
    _command("copy", "ctrl+c", "Leave", "Copy what the mouse has selected, else leave"),
)

_NAMED_KEYS = {
    "slash": "/",
    "question_mark": "?",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "esc",
    "f1": "F1",
}


_EDITING = frozenset(
    ("space", "backspace", "home", "end", "left", "right", *(f"ctrl+{each}" for each in "abdefkuw"))
)


def keys_of(command: Command, remapped: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of ``command`` as a reader writes them, remapped ones instead of its own."""
    keys = remapped.get(command.name, command.keys)
    return tuple(
        _NAMED_KEYS.get(key.strip(), key.strip()) for key in keys.split(",") if key.strip()
    )


def key_of(name: str, remapped: Mapping[str, str]) -> str:
    """Return the first key of the command ``name``, "" if it has none."""
    command = next(command for command in COMMANDS if command.name == name)
    return next(iter(keys_of(command, remapped)), "")


def action_of(name: str) -> str:
    """Return the action of the command ``name``."""
    return next(command.action for command in COMMANDS if command.name == name)


def unknown(remapped: Mapping[str, str]) -> list[str]:
    """Return the names in ``remapped`` that are no command's."""
    names = {command.name for command in COMMANDS}
    return [name for name in remapped if name not in names]


def bindings(remapped: Mapping[str, str]) -> "list[Binding]":
    """Return a binding for every key of every command, remapped ones in place of its own.

    The action is "typed" for keys that write or edit where a prompt has them, else "pressed".
    All have priority: they are then done in the order of the keys, however fast those come.
    """
    from textual.binding import Binding  # the key table is printed without Textual

    return [
        Binding(
            key,
            f"{'typed' if _writes(key) else 'pressed'}('{command.name}')",
            command.help,
            show=False,
            priority=True,
        )
        for command in COMMANDS
        for key in map(str.strip, remapped.get(command.name, command.keys).split(","))
        if key
    ]


def _writes(key: str) -> bool:
    """Return whether ``key`` means something to a prompt: a character, or an edit of it."""
    return len(key) == 1 or len(_NAMED_KEYS.get(key, key)) == 1 or key in _EDITING


def hints(place: str, remapped: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (key, words) of the hints for ``place``, in the registry's order."""
    return [
        (keys[0], command.hint)
        for command in COMMANDS
        if place in command.places and (keys := keys_of(command, remapped))
    ]


def key_table() -> str:
    """Return every command with its default keys, by group, as plain lines."""
    lines: list[str] = []
    for group in dict.fromkeys(command.group for command in COMMANDS):
        lines += ["", group] if lines else [group]
        lines += [
            f"  {'  '.join(keys_of(command, {})):<18}{command.help}"
            for command in COMMANDS
            if command.group == group
        ]
    return "\n".join(lines)
