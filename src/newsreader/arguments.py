"""The shape of the command line, as CONTRACT of its users: names stay, more may be added."""

import argparse
from pathlib import Path
from typing import Any, TypeAlias

from newsreader.text.clean import clean_text

NOT_YET = (
    "stories",
    "story",
    "timeline",
)
"""Commands that are promised and come with a later version."""

EXPORTS = ("opml", "markdown", "jsonl", "epub", "csv")
"""Formats that are promised; the last two come with a later version."""

SYNC_KINDS = ("freshrss", "miniflux", "theoldreader", "bazqux", "inoreader", "other")
"""What a server may be said to be; ``sync.servers`` says what that means."""

_EPILOG = """\
Without a command the reader opens. Data goes to stdout, all else to stderr.
Exit status: 0 done, 1 could not be done, 2 wrong usage or query, 130 interrupted.
"""


class _Parser(argparse.ArgumentParser):
    """Quotes what was given without what it hides."""

    def _print_message(self, message: str, file: Any = None) -> None:
        super()._print_message(clean_text(message), file)


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    top = _Parser(
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
    _fetching(commands)
    _reading(commands)
    _naming(commands)
    _marking(commands)
    _saving(commands)
    _syncing(commands)
    _keeping(commands)
    for name in NOT_YET:
        later = commands.add_parser(name, add_help=False, prefix_chars="\0")
        later.add_argument("rest", nargs="*")
    return top


_Commands: TypeAlias = "argparse._SubParsersAction[Any]"


def _command(commands: _Commands, name: str, words: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=words, allow_abbrev=False
    )
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


def _fetching(commands: _Commands) -> None:
    command = _command(commands, "add", "subscribe to a feed, a page's feed, or an OPML list")
    command.add_argument("url", metavar="URL", help="a feed, a web page that names one, OPML")
    command.add_argument("--folder", metavar="F", help="where the source list shows it")
    command.add_argument("--title", metavar="T", help="what you call it")
    command.add_argument("--full-text", action="store_true", help="read each article's page too")
    _secret(command)
    _no_wait(command)
    command = _command(commands, "refresh", "fetch the feeds that are due, or that are named")
    command.add_argument("sources", nargs="*", metavar="SOURCE", help="ids, titles, folders")
    command.add_argument("--all", action="store_true", help="all of them, due or not")
    _no_wait(command)
    _command(commands, "feeds", "say how each feed does, the failing ones first")
    command = _command(commands, "feed", "say how a feed does; change its settings")
    command.add_argument("source", metavar="FEED", help="its id, title or address")
    command.add_argument("--rename", metavar="T", help="what you call it; '' as it calls itself")
    command.add_argument("--folder", metavar="F", help="put it into a folder; '' into none")
    command.add_argument("--interval", metavar="TIME", help="how often: 30m, 2h, 1d, or auto")
    command.add_argument("--user-agent", metavar="NAME", help="what the server is told we are")
    yes_or_no = argparse.BooleanOptionalAction
    command.add_argument("--paused", action=yes_or_no, help="fetch it no longer, or again")
    command.add_argument("--full-text", action=yes_or_no, help="read each article's page too")
    command.add_argument("--cookies", action=yes_or_no, help="keep its cookies for a session")
    command.add_argument("--insecure", action=yes_or_no, help="accept any certificate: unsafe")
    command.add_argument("--no-login", action="store_true", help="forget its user and password")
    _secret(command)


def _secret(command: argparse.ArgumentParser) -> None:
    one = command.add_mutually_exclusive_group()
    one.add_argument("--user", metavar="NAME", help="log in; the password is asked for")
    one.add_argument("--header", metavar="NAME", help="send a header; its value is asked for")
    command.add_argument("--password-stdin", action="store_true", help="read it from stdin")


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


def _syncing(commands: _Commands) -> None:
    command = _command(commands, "account", "list accounts to sync with; add or remove one")
    command.set_defaults(act=None)
    acts = command.add_subparsers(dest="act", metavar="ACT", title="acts")
    add = _command(acts, "add", "add an account at FreshRSS, Miniflux, The Old Reader and others")
    add.add_argument("url", metavar="URL", help="the server's address")
    add.add_argument("user", metavar="USER", help="the name there")
    add.add_argument("--kind", choices=SYNC_KINDS, help="what the server is; else it is found out")
    add.add_argument(
        "--both-ways",
        action="store_true",
        help="feeds that are added, moved, renamed or removed here are so there too",
    )
    add.add_argument(
        "--password-stdin", action="store_true", help="read the password from stdin, not the keys"
    )
    add.add_argument(
        "--app-id", metavar="ID", help="Inoreader's for an application; its key is asked for"
    )
    remove = _command(acts, "remove", "forget an account; its feeds and articles stay")
    remove.add_argument("account", metavar="ACCOUNT", help="its number, user or address")
    command = _command(commands, "sync", "bring articles, read and bookmarks in step with accounts")
    command.add_argument("accounts", nargs="*", metavar="ACCOUNT", help="all, if none is named")
    _no_wait(command)


def _keeping(commands: _Commands) -> None:
    _command(commands, "stats", "say how much is stored, and where")
    command = _command(commands, "backup", "write everything you made or kept to one file")
    command.add_argument("file", metavar="FILE", help="an older backup of that name is replaced")
    command = _command(commands, "restore", "put a backup back; what was there is kept aside")
    command.add_argument("file", metavar="FILE", help="a file that 'backup' made")
    _no_wait(command)
    command = _command(commands, "export", "write articles, or the list of feeds, for others")
    command.add_argument("--format", choices=EXPORTS, required=True)
    command.add_argument("--query", metavar="Q", help="only articles that match")
    command.add_argument("-o", "--output", metavar="FILE", help="where to; else stdout")
    command = _command(commands, "doctor", "check the database, the index and their agreement")
    command.add_argument("--repair", action="store_true", help="rebuild what can be derived")
    command = _command(commands, "rebuild", "derive again from the stored articles")
    command.add_argument("what", nargs="?", choices=("index", "entities", "stories"))
    _no_wait(command)
    command = commands.add_parser("help", help="read the guide", description="Read the guide.")
    command.add_argument("topic", nargs="?", metavar="TOPIC")
