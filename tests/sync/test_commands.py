"""``account`` and ``sync`` as the real command."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from tests.conftest import run_newsreader
from tests.sync.server import PASSWORD, USER, Server

from newsreader.store import Store
from newsreader.sync.running import due_accounts

URL = "https://a.example/feed"


@pytest.fixture
def server():
    opened = Server("freshrss")
    yield opened
    opened.close()


@pytest.fixture
def command(home, monkeypatch):
    # Tests never touch the keyring of whoever runs them.
    monkeypatch.setenv("NEWSREADER_SECRETS_IN_FILE", "1")
    return partial(run_newsreader, home)


def test_an_account_is_added_synced_and_removed(server, command, home):
    item = server.publish(server.subscribe(URL, "The A", "News"), "Storm at the coast")
    # Where the API is, is found out.
    words = ["account", "add", server.host, USER, "--password-stdin", "--json", "--app-id", "1000"]
    ran = command(*words, stdin=f"{PASSWORD}\nthe key\n")
    assert (ran.status, ran.json["url"]) == (0, server.url)
    ran = command("sync", "--json")
    assert ran.status == 0, ran.err
    assert (server.headers["AppId"], server.headers["AppKey"]) == ("1000", "the key")
    (row,) = ran.json["accounts"]
    assert (row["new"], row["added"], row["error"]) == (1, ["The A"], None)
    (hit,) = command("search", "storm", "--json").json["hits"]
    assert hit["title"] == item.title and not hit["read"]
    store = Store(home)
    store.acts.mark_read([int(hit["id"][1:])], read=True)
    store.close()
    ran = command("sync", USER)
    assert "1 changes sent" in ran.out and item.read
    assert PASSWORD.encode() not in (home / "library.db").read_bytes()
    assert (home / "credentials.json").stat().st_mode & 0o777 == 0o600
    ran = command("account", "remove", "1")
    assert "its feeds and articles stay" in ran.out
    assert json.loads((home / "credentials.json").read_text()) == {}
    assert command("account").out == ""


def test_what_cannot_be_added_is_said_in_words(server, command):
    ran = command("account", "add", server.host, USER, "--password-stdin", stdin="guess\n")
    assert ran.status == 1 and "password is not right" in ran.err and "guess" not in ran.err
    ran = command("account", "add", server.host, USER, stdin=PASSWORD)
    assert ran.status == 2 and "--password-stdin" in ran.err
    ran = command("account", "add", "ftp://a.example", USER, "--password-stdin", stdin=PASSWORD)
    assert ran.status == 2 and "no server's address" in ran.err
    assert command("account", "--json").out.strip() == "[]"
    assert command("sync").status == 2


def test_a_server_that_asks_to_wait_is_not_asked_by_the_next_run(server, command):
    command("account", "add", server.url, USER, "--password-stdin", stdin=PASSWORD)
    server.fail("subscription/list", "503 600")
    ran = command("sync", "--json")
    assert ran.status == 1 and "asks to wait" in json.loads(ran.out)["accounts"][0]["error"]
    asked = len(server.requests)
    ran = command("sync")
    assert ran.status == 1 and "not to be asked before" in ran.err
    assert len(server.requests) == asked
    assert command("sync", USER).status == 0


def test_an_account_is_due_every_quarter_of_an_hour(store):
    account = store.accounts.add("other", "https://rss.example.org", USER)
    now = datetime.now(UTC)
    assert due_accounts(store, now) == [account]
    store.accounts.record(account.id)
    assert due_accounts(store, now + timedelta(minutes=14)) == []
    assert len(due_accounts(store, now + timedelta(minutes=16))) == 1
    store.accounts.record(account.id, error="busy", due=now + timedelta(hours=2))
    assert due_accounts(store, now + timedelta(hours=1)) == []
