"""A server in each dialect, and a reader of its account."""

import pytest
from tests.sync.server import PASSWORD, USER, Server

from newsreader.net.post import ServerLink
from newsreader.sync.engine import sync_account
from newsreader.sync.greader import Reader


@pytest.fixture(params=["freshrss", "miniflux"])
def server(request):
    opened = Server(request.param)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def http():
    # One for all: it reads the system's certificates.
    opened = ServerLink(seconds=5)
    yield opened
    opened.close()


@pytest.fixture
def reader(server, http):
    return Reader(http, server.url, USER, PASSWORD)


@pytest.fixture
def account(store, server):
    return store.accounts.add(server.dialect, server.url, USER)


@pytest.fixture
def sync(store, account, reader):
    """Sync the account as it is now."""

    def run(**options):
        return sync_account(store, store.accounts.find(str(account.id)), reader, **options)

    return run
