"""What is asked of a Google Reader API, and what its answers, good and bad, come to."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sync.server import ITEM, PASSWORD, USER

from newsreader.errors import SyncError
from newsreader.net._values import LIMIT
from newsreader.sync.greader import Reader, item_id, states
from newsreader.sync.items import feed_address, feed_title, read_item
from newsreader.text.clean import clean_line


@given(st.integers(0, 2**64 - 1))
@settings(max_examples=60, deadline=None)
def test_the_short_and_the_long_form_are_one_id(number):
    signed = number - 2**64 if number >= 2**63 else number
    found = {item_id(text) for text in (str(number), str(signed), f"{ITEM}{number:016x}")}
    assert found == {f"{number:016x}"}


@pytest.mark.parametrize("text", ["", "tag:google.com,2005:reader/item/", "x", "-", "1 2", "ü"])
def test_what_is_no_id_is_none(text):
    assert item_id(text) is None


def test_an_id_of_the_old_reader_stays_hexadecimal():
    assert item_id("5a3f6e1f0c2c3d0001000001") == item_id(f"{ITEM}5a3f6e1f0c2c3d0001000001")


def test_states_are_found_whatever_the_user_is_called():
    found = states({"categories": ["user/1/state/com.google/read", "user/-/label/read", 7]})
    assert found == {"read"}
    assert states({"categories": "user/1/state/com.google/read"}) is None


def test_logging_in_once_serves_many_requests(server, reader):
    server.subscribe("https://a.example/feed", "A & B", "News")
    assert [(feed.title, feed.folder) for feed in reader.subscriptions()] == [
        ("A ＆ B" if server.fresh else "A & B", "News")
    ]
    assert reader.folders() == ["News"]
    assert server.logins == 1


def test_a_wrong_password_is_said_and_not_shown(server, http):
    with pytest.raises(SyncError, match="password is not right") as error:
        Reader(http, server.url, USER, "guess").log_in()
    assert error.value.kind == "login" and "guess" not in str(error.value)


def test_an_expired_session_and_token_are_renewed(server, reader):
    item = server.publish(server.subscribe("https://a.example/feed"), "A")
    reader.mark([f"{item.id:016x}"], "read", on=True)
    server.fail("edit-tag", "expired")
    reader.mark([f"{item.id:016x}"], "read", on=False)
    assert not item.read and server.logins > 1
    server.fail("edit-tag", "token")
    reader.mark([f"{item.id:016x}"], "read", on=True)
    assert item.read
    server.fail("stream/items/ids", "expired")
    assert reader.unread() == []


def test_a_session_that_is_never_taken_ends_in_words(server, reader):
    server.fail("subscription/list", *["401"] * 9)
    with pytest.raises(SyncError, match="does not take the session") as error:
        reader.subscriptions()
    assert error.value.kind == "login" and len(server.requests) < 9


@pytest.mark.parametrize("status", ["429", "503"])
def test_a_busy_server_says_how_long_to_wait(server, reader, status):
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    for wait, least, most in (("120", 120, 120), (later, 80, 90), ("9" * 9, 86400, 86400)):
        server.fail("subscription/list", f"{status} {wait}")
        with pytest.raises(SyncError, match="busy") as error:
            reader.subscriptions()
        assert error.value.kind == "busy" and least <= error.value.wait <= most
    server.fail("subscription/list", f"{status} soon")
    with pytest.raises(SyncError) as error:
        reader.subscriptions()
    assert error.value.wait is None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("html", "web page"),
        ("cut", "cut short"),
        ("types", "no list of feeds"),
        ("redirect", "leads to http://localhost:1"),
        ("down", "broke|closed|hung|ended"),
        ("500", "error of its own"),
        ("404", "refuses"),
    ],
)
def test_nonsense_is_told_in_words(server, reader, fault, words):
    server.subscribe("https://a.example/feed")
    reader.log_in()
    # A connection that breaks while it is idle is tried once more.
    server.fail("subscription/list", *[fault] * (2 if fault == "down" else 1))
    with pytest.raises(SyncError, match=words):
        reader.subscriptions()


def test_a_page_that_is_no_api_is_said(server, http):
    server.fail("ClientLogin", "html")
    with pytest.raises(SyncError, match="not the address of a Google Reader API"):
        Reader(http, server.url, USER, PASSWORD).log_in()


def test_a_hundred_thousand_ids_come_in_pages(server, reader):
    stream = server.subscribe("https://a.example/feed")
    first = server.publish(stream, "A")
    for number in range(first.id + 1, first.id + 100_000):
        server.items[number] = first
    server.items = {n: type(first)(**{**vars(first), "id": n}) for n in server.items}
    found = reader.unread()
    assert len(found) == len(set(found)) == 100_000
    assert server.asked("stream/items/ids") <= 11


def test_a_list_without_an_end_is_left(server):
    answer = b'{"itemRefs": [{"id": "7"}], "continuation": "%d"}'
    asked = []

    def http(method, url, headers, body):
        if "ClientLogin" in url:
            return 200, {}, b"Auth=x"
        asked.append(url)
        return 200, {}, answer % len(asked)

    assert Reader(http, server.url, USER, PASSWORD).unread() == [f"{7:016x}"]
    assert len(asked) == 2


def test_an_answer_that_is_too_large_is_asked_for_in_parts(server, http):
    http._limit = 20_000
    stream = server.subscribe("https://a.example/feed")
    items = [server.publish(stream, f"R{n}", html="x" * 1000) for n in range(40)]
    reader = Reader(http, server.url, USER, PASSWORD)
    found = list(reader.contents([f"{item.id:016x}" for item in items]))
    assert len(found) == 40
    server.publish(stream, "Long", html="x" * 30_000)
    with pytest.raises(SyncError, match="more than"):
        list(reader.contents([f"{max(server.items):016x}"]))
    http._limit = LIMIT


def test_feeds_are_subscribed_moved_renamed_and_left(server, reader):
    reader.subscribe("https://b.example/feed", "B", "World")
    (feed,) = reader.subscriptions()
    assert (feed.title, feed.folder, feed.url) == ("B", "World", "https://b.example/feed")
    reader.edit(feed.stream, title="C", folder="Sport", old_folder="World")
    (feed,) = reader.subscriptions()
    assert (feed.title, feed.folder) == ("C", "Sport")
    reader.edit(feed.stream, old_folder="Sport")
    assert reader.subscriptions()[0].folder is None
    reader.unsubscribe(feed.stream)
    assert reader.subscriptions() == []
    with pytest.raises(SyncError, match=r"finds no feed there|error of its own"):
        reader.subscribe("http://127.0.0.1/none")


_NAMES = ["id", "items", "itemRefs", "categories", "origin", "title", "summary", "content"]
_NAMES += ["subscriptions", "continuation", "published", "enclosure", "alternate", "href"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_NAMES),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(_JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_whatever_a_server_says_only_sync_errors_come(answer):
    def http(method, url, headers, body):
        return 200, {}, b"Auth=x" if "ClientLogin" in url else answer

    for ask in (
        lambda reader: [read_item(piece) for piece in reader.contents(["1" * 16])],
        lambda reader: reader.subscriptions(),
        lambda reader: reader.folders(),
        lambda reader: [*reader.unread(), *reader.newest()],
        lambda reader: reader.subscribe("https://a.example/"),
        lambda reader: reader.mark(["1" * 16], "read", on=True),
    ):
        try:
            ask(Reader(http, "https://a.example", USER, PASSWORD))
        except SyncError:
            pass


@given(_JSON)
@settings(max_examples=60, deadline=None)
def test_an_article_of_any_shape_is_clean_or_none(value):
    fields = {"id": "12", "title": "\x1b[31mRed", "canonical": [{"href": "javascript:1"}]}
    fields |= value if isinstance(value, dict) else {"title": value}
    found = read_item(fields)
    if found is not None:
        assert found.entry.title == clean_line(found.entry.title)
        assert found.entry.link is None or found.entry.link.startswith(("http", "mailto"))


def test_an_address_loses_user_and_password_and_keeps_its_query():
    assert feed_address("https://u:p@a.example/f?utm_source=x&b") == (
        "https://a.example/f?utm_source=x&b"
    )
    assert feed_address("javascript:alert(1)") is None
    assert feed_address("newsletter") is None


def test_names_that_freshrss_writes_otherwise_are_restored():
    assert feed_title("Q＆A： ‘x’／y", "https://a.example", freshrss=True).startswith("Q&A")
    assert feed_title("", "https://a.example/f") == "a.example"
    item = {"id": "1", "title": "Fish ＆ ＜i＞chips＜/i＞ ＆amp; peas", "summary": {"content": "x"}}
    assert read_item(item, freshrss=True).entry.title == "Fish & chips & peas"
    assert read_item({**item, "title": "Q＆A"}).entry.title == "Q＆A"
