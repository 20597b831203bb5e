"""The shape of the command line, as CONTRACT of its users: names stay, more may be added."""

import argparse
from pathlib import Path
from typing import TypeAlias

NOT_YET = (
    "add",
    "refresh",
    "stories",
    "story",
    "timeline",
    "export",
    "backup",
    "restore",
)
"""Commands that are promised and come with a later version."""

_EPILOG = """\
Without a command the reader opens. Data goes to stdout, all else to stderr.
Exit status: 0 done, 1 could not be done, 2 wrong usage or query, 130 interrupted.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    top = argparse.ArgumentParser(
        prog="newsreader",
        description="Read the news in a terminal: search, people, organisations, places, dates.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument(
        "--home",
        type=Path,
        metavar="DIR",
        help="where everything is kept (else $NEWSREADER_HOME, else the user's data directory)",
    )
    top.add_argument("--version", action="store_true", help="say the version and end")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _taking_in(commands)
    _reading(commands)
    _naming(commands)
    _marking(commands)
    _saving(commands)
    _keeping(commands)
    for name in NOT_YET:
        later = commands.add_parser(name, add_help=False, prefix_chars="\0")
        later.add_argument("rest", nargs="*")
    return top


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(commands: _Commands, name: str, words: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
    command.add_argument("--json", action="store_true", help="print one JSON document")
    return command


def _no_wait(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--no-wait",
        action="store_true",
        help="return when it is safely stored; the next worker does the rest",
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _taking_in(commands: _Commands) -> None:
    command = _command(commands, "import", "take in files, feed files, JSON lines, folders of them")
    command.add_argument("paths", nargs="+", metavar="PATH")
    command.add_argument("--source", metavar="NAME", help="the source's name, whatever files say")
    _no_wait(command)
    _command(commands, "sources", "list the sources with their unread counts")
    command = _command(commands, "remove", "remove a source or folder (what you kept stays)")
    command.add_argument("source", metavar="SOURCE", help="its id, title, folder or address")
    _no_wait(command)


def _reading(commands: _Commands) -> None:
    command = _command(commands, "search", "search everything; see 'newsreader help query'")
    command.add_argument("query", nargs="+", metavar="QUERY", help="or - for one a line on stdin")
    command.add_argument("--limit", type=_count, default=20, metavar="N")
    command.add_argument("--offset", type=_count, default=0, metavar="N")
    command.add_argument("--sort", choices=("relevance", "newest", "oldest"), default="relevance")
    command = _command(commands, "show", "print one article")
    command.add_argument("id", metavar="ID")
    command.add_argument("--format", choices=("text", "markdown", "html"), default="text")


def _naming(commands: _Commands) -> None:
    command = _command(commands, "entities", "list who and what the library mentions")
    command.add_argument("prefix", nargs="?", default="", metavar="PREFIX")
    command.add_argument("--kind", choices=("person", "organisation", "place", "date"))
    command.add_argument("--limit", type=_count, default=50, metavar="N")
    command = _command(commands, "entity", "show a person's, organisation's or place's page")
    command.add_argument("entity", nargs="+", metavar="ENTITY", help="an id (e12) or a name")
    one = command.add_mutually_exclusive_group()
    one.add_argument("--merge", metavar="OTHER", help="it is the same as OTHER; OTHER's page stays")
    one.add_argument("--split", metavar="NAME", help="NAME is not its name but another's")
    one.add_argument("--rename", metavar="NAME", help="show it under this name")
    one.add_argument("--hide", action="store_true", help="show it nowhere but on its own page")
    one.add_argument("--show", action="store_true", help="show it everywhere again")
    one.add_argument("--kind", choices=("person", "organisation", "place"), help="what it is")
    _no_wait(command)
    command = _command(commands, "follow", "follow people, organisations, places; list them")
    command.add_argument("entities", nargs="*", metavar="ENTITY", help="ids (e12) or names")
    command = _command(commands, "unfollow", "follow them no longer")
    command.add_argument("entities", nargs="+", metavar="ENTITY", help="ids (e12) or names")


def _marking(commands: _Commands) -> None:
    for name, words in (
        ("read", "mark articles read"),
        ("unread", "mark articles unread"),
        ("bookmark", "bookmark articles"),
        ("unbookmark", "take articles out of the bookmarks"),
        ("hide", "hide articles: only 'is:hidden' finds them"),
        ("unhide", "show hidden articles again"),
    ):
        command = _command(commands, name, words)
        command.add_argument("ids", nargs="*", metavar="ID")
        command.add_argument("--query", metavar="Q", help="all articles that match")
    command = commands.add_parser(
        "tag",
        help="tag articles: tag ID... +x -y",
        description="Tag articles: tag ID... +x -y",
        prefix_chars="\0",
        add_help=False,
    )
    command.add_argument("words", nargs="*", metavar="ID|+TAG|-TAG")
    command = _command(commands, "note", "set an article's note (empty: remove it)")
    command.add_argument("id", metavar="ID")
    command.add_argument("text", nargs="*", metavar="TEXT")


def _saving(commands: _Commands) -> None:
    command = _command(commands, "saved", "list saved searches; add, change or remove one")
    command.add_argument("name", nargs="?", metavar="NAME")
    command.add_argument("query", nargs="*", metavar="QUERY", help="what it finds")
    command.add_argument(
        "--do",
        action="append",
        metavar="ACTION",
        help="what to do with new articles: notify, read, hide, bookmark, tag:NAME, or nothing",
    )
    command.add_argument(
        "--existing", action="store_true", help="do it also to the articles that match already"
    )
    one = command.add_mutually_exclusive_group()
    one.add_argument("--remove", action="store_true", help="remove it; its articles stay")
    one.add_argument("--rename", metavar="NEW", help="give it another name")


def _keeping(commands: _Commands) -> None:
    _command(commands, "stats", "say how much is stored, and where")
    command = _command(commands, "doctor", "check the database, the index and their agreement")
    command.add_argument("--repair", action="store_true", help="rebuild what can be derived")
    command = _command(commands, "rebuild", "derive again from the stored articles")
    command.add_argument("what", nargs="?", choices=("index", "entities", "stories"))
    _no_wait(command)
    command = commands.add_parser("help", help="read the guide", description="Read the guide.")
    command.add_argument("topic", nargs="?", metavar="TOPIC")
