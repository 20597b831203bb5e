"""What the commands about accounts and syncing do."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsreader.console import Progress, document, out, say, settle
from newsreader.errors import UsageError
from newsreader.store import Account, Store, account_name
from newsreader.text.clean import clean_text
from newsreader.text.plurals import plural

if TYPE_CHECKING:
    from newsreader.sync.engine import Synced

_LOCAL = ("localhost", "127.0.0.1", "::1")


def run(arguments: argparse.Namespace, home: Path) -> int:
    """Run the command that was asked for; return the exit status.

    Raises:
        NewsReaderError: it could not be done; the message is for the user.
    """
    if arguments.command == "sync":
        return _sync(arguments, home)
    return _ACCOUNT[arguments.act](arguments, home)


def _list(arguments: argparse.Namespace, home: Path) -> int:
    accounts = Store(home).accounts.all()
    if arguments.json:
        document([_account_json(account) for account in accounts])
    else:
        for account in accounts:
            out(_account_text(account))
    return 0


def _account_json(account: Account) -> dict[str, Any]:
    synced = account.synced
    return {
        "id": str(account.id),
        "kind": account.kind,
        "url": account.url,
        "user": account.user,
        "both_ways": account.both_ways,
        "feeds": account.feeds,
        "waiting": account.waiting,
        "synced": None if synced is None else synced.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "error": account.error,
    }


def _account_text(account: Account) -> str:
    synced = account.synced
    when = f"synced {synced.astimezone():%Y-%m-%d %H:%M}" if synced else "not synced yet"
    words = [
        f"{account.id}  {account_name(account)} ({account.kind})",
        plural(account.feeds, "feed"),
    ]
    words += [when, f"{plural(account.waiting, 'change')} to send"] if account.waiting else [when]
    words += ["both ways"] if account.both_ways else []
    return clean_text(", ".join(words) + (f"\n   {account.error}" if account.error else ""))


def _add(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.net import Login
    from newsreader.net.credentials import Credentials
    from newsreader.net.post import ServerLink
    from newsreader.sync.servers import app_headers, credentials_key, find_server

    parts = urlsplit(arguments.url)
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        say(f"{parts.hostname}: the password goes there unencrypted; https:// would protect it")
    user, app = arguments.user, None
    password = _secret(arguments, f"Password of {user}")
    if arguments.app_id:
        app = Login("header", arguments.app_id, _secret(arguments, "Key of the application"))
    http = ServerLink()
    try:
        kind, url = find_server(
            http, arguments.url, user, password, arguments.kind, app_headers(app)
        )
    finally:
        http.close()
    store = Store(home)
    account = store.accounts.add(kind, url, user, both_ways=arguments.both_ways)
    kept, key = Credentials(home), credentials_key(account)
    kept.put(key, Login(kind="basic", name=user, secret=password))
    if app is not None:
        kept.put(f"{key} app", app)
    if arguments.json:
        document(_account_json(account))
    else:
        out(f"{_account_text(account)}\n   'newsreader sync' brings its feeds and articles")
    return 0


def _secret(arguments: argparse.Namespace, what: str) -> str:
    """Return the next secret from stdin, or asked for without showing it."""
    if arguments.password_stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        from getpass import getpass

        secret = getpass(f"{clean_text(what)} (not shown): ")
    else:
        raise UsageError("account add: say the password on stdin, with --password-stdin")
    if not secret:
        raise UsageError("account add: the password or key is empty, so nothing was added")
    return secret


def _remove(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.net.credentials import Credentials
    from newsreader.sync.engine import sync_lock
    from newsreader.sync.servers import credentials_key

    store = Store(home)
    account = store.accounts.find(arguments.account)
    with sync_lock(home):
        store.accounts.remove(account.id)
    for key in (credentials_key(account), f"{credentials_key(account)} app"):
        Credentials(home).remove(key)
    if arguments.json:
        document({"removed": str(account.id), "waiting": account.waiting})
    else:
        lost = f"; {account.waiting} changes were not sent" if account.waiting else ""
        out(clean_text(f"{account_name(account)}: removed; its feeds and articles stay{lost}"))
    return 0


def _sync(arguments: argparse.Namespace, home: Path) -> int:
    from newsreader.sync.engine import Synced
    from newsreader.sync.running import run_account

    store = Store(home)
    accounts = [store.accounts.find(words) for words in arguments.accounts] or store.accounts.all()
    if not accounts:
        raise UsageError("sync: there is no account yet; 'newsreader account add' adds one")
    progress = Progress()
    now = datetime.now(UTC)
    rows = []
    try:
        for account in accounts:
            waits = not arguments.accounts and account.due is not None and account.due > now
            done, error = (
                (Synced(), f"asks not to be asked before {account.due:%H:%M} UTC")
                if waits
                else run_account(store, home, account, progress=progress)
            )
            rows.append(_synced_json(account, done, error))
    finally:
        progress.end()
        store.close()
    if not arguments.no_wait:
        settle(home, progress)
        progress.end()
    if arguments.json:
        document({"accounts": rows})
    for row in rows:
        if not arguments.json and row["error"] is None:
            out(_synced_text(row))
        for problem in [row["error"], *row["problems"]]:
            if problem:
                say(f"{row['name']}: {problem}")
    return 1 if any(row["error"] or row["problems"] for row in rows) else 0


def _synced_json(account: Account, done: "Synced", error: str | None) -> dict[str, Any]:
    return {
        "id": str(account.id),
        "name": clean_text(account_name(account)),
        "feeds": done.feeds,
        "added": done.added,
        "gone": done.gone,
        "new": done.new,
        "updated": done.updated,
        "changed": done.changed,
        "sent": done.sent,
        "problems": done.problems,
        "error": error,
    }


def _synced_text(row: dict[str, Any]) -> str:
    words = [f"{row['new']} new articles", f"{row['changed']} changed there"]
    words.append(f"{row['sent']} changes sent")
    if row["added"]:
        words.append(f"{len(row['added'])} new feeds")
    text = f"{row['name']}: {', '.join(words)}"
    if row["gone"]:
        text += f"\n   no longer subscribed there, kept here: {', '.join(row['gone'])}"
    return clean_text(text)


_ACCOUNT: dict[str | None, Callable[[argparse.Namespace, Path], int]] = {
    None: _list,
    "add": _add,
    "remove": _remove,
}
