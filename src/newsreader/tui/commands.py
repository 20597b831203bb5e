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
        places: where the hint is shown: "sources", "feed", "folder", "import", "saved",
            "followed", "list", "empty" (a list), "article", "search", "results", "match"; on a
            page, "page".
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
        "list results sources feed folder import saved followed",
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
    _command(
        "full_text",
        "t",
        "Read",
        "The publisher's full text; again, what the feed gave",
        "text",
        "article",
        action="fetch('page')",
    ),
    _command(
        "changes",
        "C",
        "Read",
        "What the publisher changed in the article",
        action="fetch('changes')",
    ),
    _command(
        "add",
        "a",
        "Feeds",
        "Subscribe to a feed, or to the feeds of a web page",
        "add",
        "empty sources feed folder import",
        action="subscribe('add')",
    ),
    _command(
        "refresh",
        "r",
        "Feeds",
        "Fetch this feed, or the feeds of this folder",
        "refresh",
        "feed folder",
        action="fetch('here')",
    ),
    _command(
        "refresh_due",
        "R",
        "Feeds",
        "Fetch all feeds that are due; again, all feeds",
        "refresh",
        "sources",
        action="fetch('due')",
    ),
    _command("halt", "X", "Feeds", "Stop fetching", action="fetch('halt')"),
    _command(
        "feed",
        "i",
        "Feeds",
        "The feed's page: how it does, name, folder, password",
        "page",
        "feed",
        action="subscribe('feed')",
    ),
    _command(
        "feeds",
        "W",
        "Feeds",
        "How all feeds do, those that fail first",
        "all feeds",
        "sources folder",
        action="subscribe('feeds')",
    ),
    _command(
        "search",
        "slash",
        "Search",
        "Search as you type",
        "search",
        "list empty sources folder import saved",
    ),
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
        "Remove the saved search, follow no longer, or unsubscribe",
        "remove",
        "saved followed feed import",
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
    _command(
        "sources", "1", "Move", "To the sources", "sources", "empty", action="enter('source-list')"
    ),
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
    _command(
        "back",
        "escape,backspace",
        "Leave",
        "One step back",
        "back",
        "search sources feed folder import saved",
    ),
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
    "plus": "+",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "esc",
    "f1": "F1",
}


# On the pages

_MOVES = {
    "down": "move(1)",
    "next_pane": "move(1)",
    "up": "move(-1)",
    "previous_pane": "move(-1)",
    "onward": "move(10)",
    "page_down": "move(10)",
    "page_up": "move(-10)",
    "first": "move(-100000)",
    "last": "move(100000)",
    "open": "take",
    "right": "take",
    "left": "retreat",
    "back": "back",
    "leave": "leave",
    "copy": "leave",
    "undo": "wish('undo')",
    "redo": "wish('redo')",
    "help": "help",
}
"""What commands of the main screen do on a page that covers it, by the same keys."""


def _on_page(page: str, name: str, keys: str, help_: str, hint: str = "") -> Command:
    """Return a command of the page ``page``: it asks for ``name`` there."""
    return _command(
        f"{page}_{name}", keys, _PAGE_GROUPS[page], help_, hint, "page", action=f"wish('{name}')"
    )


_PAGE_GROUPS = {
    "entity": "On the page of a name",
    "feed": "On the page of a feed",
    "feeds": "Among all feeds",
}
PAGES: dict[str, tuple[Command, ...]] = {
    "entity": (
        _on_page("entity", "follow", "f", "Follow it, or no longer", "follow"),
        _on_page("entity", "search", "slash", "Search for it", "search"),
        _on_page("entity", "with", "plus", "Search for it with the one under the cursor", "with"),
        _on_page("entity", "merge", "m", "Say that it is the same as another", "merge"),
        _on_page("entity", "split", "x", "Make one of its names another's", "split"),
        _on_page("entity", "rename", "r", "Call it otherwise", "rename"),
        _on_page("entity", "kind", "K", "Say what it is", "kind"),
        _on_page("entity", "hide", "H", "Show it nowhere, or again", "hide"),
    ),
    "feed": (
        _on_page("feed", "refresh", "r", "Fetch it now", "refresh"),
        _on_page("feed", "pause", "p", "Fetch it no longer, or again", "pause"),
        _on_page("feed", "remove", "D", "Unsubscribe", "unsubscribe"),
        _on_page("feed", "halt", "X", "Stop fetching"),
    ),
    "feeds": (
        _on_page("feeds", "refresh", "r", "Fetch the feed under the cursor now", "retry"),
        _on_page("feeds", "all", "R", "Fetch all that fail", "retry all"),
        _on_page("feeds", "filter", "slash", "Show those with a word in name or address", "filter"),
        _on_page("feeds", "sort", "O", "Another order", "order"),
        _on_page("feeds", "pause", "p", "Fetch it no longer, or again", "pause"),
        _on_page("feeds", "remove", "D", "Unsubscribe", "unsubscribe"),
        _on_page("feeds", "halt", "X", "Stop fetching"),
    ),
}
"""The commands of each page that covers the main screen, in the order of its hints."""


def page_commands(page: str) -> tuple[Command, ...]:
    """Return every command of ``page``: its own, then those it shares with the main screen."""
    shared = [
        command._replace(action=_MOVES[command.name], hint="undo" if command.name == "undo" else "")
        for command in COMMANDS
        if command.name in _MOVES
    ]
    return (*PAGES[page], *shared)


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


def action_of(name: str, page: str = "") -> str:
    """Return the action of the command ``name`` of the main screen, or of ``page``."""
    commands = page_commands(page) if page else COMMANDS
    return next(command.action for command in commands if command.name == name)


def _every() -> list[Command]:
    return [*COMMANDS, *(command for page in PAGES.values() for command in page)]


def unknown(remapped: Mapping[str, str]) -> list[str]:
    """Return the names in ``remapped`` that are no command's."""
    names = {command.name for command in _every()}
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


def page_bindings(page: str, remapped: Mapping[str, str]) -> "list[Binding]":
    """Return a binding for every key of ``page``, of higher rank than those of the main screen."""
    from textual.binding import Binding

    return [
        Binding(key, command.action, command.help, show=False, priority=True)
        for command in page_commands(page)
        for key in map(str.strip, remapped.get(command.name, command.keys).split(","))
        if key
    ]


def page_hints(page: str, remapped: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return (name, key, words) of the hints at the foot of ``page``; a name is "follow"."""
    return [
        (command.name.removeprefix(f"{page}_"), keys[0], command.hint)
        for command in page_commands(page)
        if command.hint and (keys := keys_of(command, remapped))
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
    commands = _every()
    for group in dict.fromkeys(command.group for command in commands):
        lines += ["", group] if lines else [group]
        lines += [
            f"  {'  '.join(keys_of(command, {})):<18}{command.help}"
            for command in commands
            if command.group == group
        ]
    return "\n".join(lines)
