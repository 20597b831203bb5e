"""Accounts synced as the worker and the command line do it: when due, with the kept password."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsreader.errors import SyncError
from newsreader.net.credentials import Credentials
from newsreader.net.post import ServerLink
from newsreader.store import Account, Store
from newsreader.sync.engine import Progress, Synced, sync_account, sync_lock
from newsreader.sync.greader import Reader
from newsreader.sync.servers import app_headers, credentials_key

MINUTES = 15
"""Between two syncs of an account while the reader is open: servers fetch feeds about as often."""
_CLOCK = timedelta(hours=1)
"""By less than this the system may set its clock back without our noticing."""

_LONGEST_WAIT = timedelta(hours=25)
"""A server can ask to be left alone for a day; a longer wait is the clock's."""


def due_accounts(store: Store, now: datetime | None = None) -> Sequence[Account]:
    """Return the accounts to sync now: not synced for ``MINUTES``, and not asked to wait.

    One that was synced in what is now the future is due: the clock was wrong then.
    """
    now = now or datetime.now(UTC)
    last = now - timedelta(minutes=MINUTES)
    return [
        account
        for account in store.accounts.all()
        if (account.synced is not None and account.synced > now + _CLOCK)
        or (
            (account.synced is None or account.synced <= last)
            and (account.due is None or not now < account.due <= now + _LONGEST_WAIT)
        )
    ]


def run_account(
    store: Store,
    home: Path,
    account: Account,
    *,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> tuple[Synced, str | None]:
    """Sync one account; return what that did, and None or why it could not be done, in words.

    Raises:
        StoreError: the library cannot be written.
        ConfigError: the kept passwords cannot be read.
    """
    kept = Credentials(home)
    login = kept.get(credentials_key(account))
    if login is None:
        return Synced(), "its password is not kept here; give it by 'newsreader account add' again"
    http = ServerLink(stop=stop)
    try:
        headers = app_headers(kept.get(f"{credentials_key(account)} app"))
        reader = Reader(http, account.url, account.user, login.secret, headers)
        with sync_lock(home):
            return sync_account(store, account, reader, progress=progress, stop=stop), None
    except SyncError as error:
        return Synced(), str(error)
    finally:
        http.close()
