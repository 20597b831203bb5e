"""Moving in from other readers: everything arrives, once, and what cannot is told."""

import json
import sqlite3
import zipfile

import pytest
from tests.conftest import entry, feed

from newsreader.model import Scope, ScopeKind
from newsreader.moving import import_paths, opml_of
from newsreader.store import Arrival

ALL = Scope(ScopeKind.ALL)
FEED = "https://a.example/feed"


def newsboat_home(path, items, *, urls=f"{FEED} news\n", config=""):
    """A folder as newsboat 2.21 leaves it."""
    path.mkdir()
    (path / "urls").write_text(urls)
    (path / "config").write_text(config)
    db = sqlite3.connect(path / "cache.db")
    db.execute(
        "CREATE TABLE rss_feed (rssurl TEXT PRIMARY KEY, url TEXT, title TEXT, lastmodified INT,"
        " is_rtl INT, etag TEXT)"
    )
    db.execute(
        "CREATE TABLE rss_item (id INTEGER PRIMARY KEY, guid TEXT, title TEXT, author TEXT,"
        " url TEXT, feedurl TEXT, pubDate INT, content TEXT, unread INT, enclosure_url TEXT,"
        " enclosure_type TEXT, enqueued INT, flags TEXT, deleted INT, base TEXT)"
    )
    db.execute("INSERT INTO rss_feed VALUES (?, 'https://a.example/', 'The A', 0, 0, '')", (FEED,))
    for n, item in enumerate(items):
        row = {
            "guid": f"g{n}",
            "title": f"Report {n}",
            "author": "Ann",
            "url": f"https://a.example/{n}",
            "feedurl": FEED,
            "pubDate": 1_600_000_000 + n,
            "content": f"<p>What happened in the {n}th harbour, told at length.</p>",
            "unread": 1,
            "flags": "",
            "deleted": 0,
            **item,
        }
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO rss_item ({names}) VALUES ({marks})", tuple(row.values()))
    db.commit()
    db.close()
    return path


def by_title(store):
    return {row.title: row for row in store.lists.headlines(store.lists.article_ids(ALL))}


def test_a_newsboat_home_arrives_complete_and_once(store, tmp_path):
    items = [{}, {"unread": 0}, {"flags": "sB"}, {"deleted": 1}, {"title": "<b>Bold</b> &amp; on"}]
    path = newsboat_home(tmp_path / "boat", items)
    before = {f.name: f.read_bytes() for f in path.iterdir()}
    taken = import_paths(store, [path])
    assert (taken.imported, taken.subscribed, taken.failed) == (4, 1, [])
    rows = by_title(store)
    assert rows["Report 1"].read and not rows["Report 0"].read
    assert rows["Report 2"].bookmarked
    article = store.lists.article(rows["Report 2"].id)
    assert set(article.tags) == {"flag-s", "flag-B"} and article.author == "Ann"
    assert article.body.text.startswith("What happened")
    assert "Bold & on" in rows
    (source,) = store.lists.sources()
    assert (source.url, source.folder, source.kind) == (FEED, "news", "feed")
    again = import_paths(store, [path])
    assert (again.imported, again.unchanged, again.subscribed) == (0, 4, 0)
    assert {f.name: f.read_bytes() for f in path.iterdir()} == before
    assert not store.check() and not store.wrong_counts()


def test_what_the_user_did_here_stands(store, tmp_path):
    path = newsboat_home(tmp_path / "boat", [{"unread": 0}])
    import_paths(store, [path])
    store.acts.mark_read(store.lists.article_ids(ALL), read=False)
    import_paths(store, [path])
    assert not by_title(store)["Report 0"].read


def test_a_later_fetch_finds_the_same_articles(store, tmp_path):
    path = newsboat_home(tmp_path / "boat", [{"unread": 0}])
    import_paths(store, [path])
    saved = store.articles.save(feed(FEED), [Arrival(entry("Report 0", guid="g0"), scope=FEED)])
    assert not saved.imported
    assert by_title(store)["Report 0"].read


def test_articles_of_a_feed_that_is_gone_are_kept_as_an_import(store, tmp_path):
    path = newsboat_home(tmp_path / "boat", [{}], urls="https://other.example/feed\n")
    assert import_paths(store, [path]).imported == 1
    kinds = {source.title: (source.kind, source.folder) for source in store.lists.sources()}
    assert kinds["The A"] == ("import", "Moved in")


def test_query_feeds_and_rules_become_saved_searches(store, tmp_path):
    path = newsboat_home(
        tmp_path / "boat",
        [],
        urls=f'{FEED}\n"query:Oil:title =~ \\"oil\\""\n"query:Odd:feedindex < 3"\n',
        config='ignore-article "*" "title =~ \\"Windows\\""\n'
        f'ignore-article "{FEED}" "author = \\"Bob\\""\n',
    )
    taken = import_paths(store, [path])
    found = {search.query: search.actions for search in store.saved.all()}
    assert found == {
        'title:"oil"': (),
        'title:"Windows"': ("hide",),
        'source:"The A" author:"Bob"': ("hide",),
    }
    assert [where.rpartition(" ")[2] for where, _ in taken.notes] == ["Odd"]
    assert import_paths(store, [path]).saved == 0


def test_the_folders_of_newsboat_s_newer_layout_are_found(store, tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    data = tmp_path / ".local" / "share"
    data.mkdir(parents=True)
    newsboat_home(data / "newsboat", [{}])
    config = tmp_path / ".config" / "newsboat"
    config.mkdir(parents=True)
    (config / "urls").write_text(FEED + "\n")
    assert import_paths(store, [config]).imported == 1


def test_a_damaged_cache_is_reported_and_the_feeds_arrive(store, tmp_path):
    path = newsboat_home(tmp_path / "boat", [{}] * 50)
    data = bytearray((path / "cache.db").read_bytes())
    data[2000:] = b"\x55" * (len(data) - 2000)
    (path / "cache.db").write_bytes(bytes(data))
    taken = import_paths(store, [path])
    assert len(taken.failed) == 1 and "database" in taken.failed[0][1]
    assert taken.subscribed == 1


def test_opml_subscribes_and_fetches_nothing(store, tmp_path):
    folder = tmp_path / "lists"
    folder.mkdir()
    path = folder / "anything.txt"
    path.write_text(
        "<opml version='1.1'><body><outline text='World'><outline text='A' type='rss'"
        f" xmlUrl='{FEED}' htmlUrl='https://a.example/'/></outline>"
        "<outline title='B' xmlUrl='https://user:pw@b.example/feed'/>"
        "<outline text='Bad' xmlUrl='javascript:alert(1)'/></body></opml>"
    )
    taken = import_paths(store, [folder])
    assert (taken.subscribed, taken.imported, taken.failed) == (2, 0, [])
    assert len(taken.notes) == 2
    rows = {source.title: (source.url, source.folder) for source in store.lists.sources()}
    assert rows == {
        "A": (FEED, "World"),
        "B": ("https://b.example/feed", None),
    }
    assert import_paths(store, [path]).subscribed == 0


def test_what_is_exported_can_be_taken_in_again(store, tmp_path, home):
    store.feeds.subscribe(FEED, title="A & <B>", folder="Wörld", home_page="https://a.example/")
    store.feeds.subscribe("https://b.example/feed?x=1&y=2")
    path = tmp_path / "out.opml"
    path.write_bytes(opml_of(store))
    from newsreader.store import Store

    other = Store(tmp_path / "other")
    assert import_paths(other, [path]).subscribed == 2
    assert [(s.url, s.title, s.folder) for s in other.lists.sources()] == [
        (s.url, s.title, s.folder) for s in store.lists.sources()
    ]
    other.close()


def google_item(n, *states):
    return {
        "id": f"tag:google.com,2005:reader/item/{n:016x}",
        "guid": f"g{n}",
        "title": f"Report {n}",
        "author": "Ann",
        "published": 1_600_000_000 + n,
        "alternate": [{"href": f"https://a.example/{n}", "type": "text/html"}],
        "categories": [f"user/-/state/com.google/{state}" for state in states]
        + ["user/-/label/later"],
        "content": {"content": "<p>What happened in the harbour, at length.</p>"},
        "origin": {"streamId": f"feed/{FEED}", "feedUrl": FEED, "title": "The A"},
    }


def test_an_archive_of_freshrss_arrives_with_what_was_read_and_starred(store, tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("starred.json", json.dumps({"items": [google_item(1, "read", "starred")]}))
        archive.writestr("feed_1.json", json.dumps({"items": [google_item(2), "rubbish"]}))
        archive.writestr(
            "feeds.opml.xml",
            f"<opml><body><outline text='The A' xmlUrl='{FEED}'/></body></opml>",
        )
        archive.writestr("readme.txt", "hello")
    taken = import_paths(store, [path])
    assert (taken.imported, taken.subscribed, taken.failed) == (2, 1, [])
    rows = by_title(store)
    assert rows["Report 1"].read and rows["Report 1"].bookmarked and not rows["Report 2"].read
    assert store.lists.article(rows["Report 1"].id).tags == ("later",)
    assert [source.kind for source in store.lists.sources()] == ["feed"]
    assert import_paths(store, [path]).imported == 0


def test_an_archive_that_is_a_bomb_is_refused(store, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(9):
            archive.writestr(f"{n}.json", b"0" * (64 * 2**20))
    taken = import_paths(store, [path])
    assert [why for _, why in taken.failed] == ["is too large an archive to be taken in"]


@pytest.mark.parametrize("junk", [b'{"items": 3, "x": "com.google/"}', b'{"com.google/": ['])
def test_a_broken_export_is_reported(store, tmp_path, junk):
    path = tmp_path / "x.json"
    path.write_bytes(junk)
    assert len(import_paths(store, [path]).failed) == 1


def test_the_command_says_what_it_did(newsreader, tmp_path, home):
    home.mkdir()
    (home / "config.toml").write_text("recognise = false\n")
    path = newsboat_home(tmp_path / "boat", [{}], urls=f'{FEED}\n"exec:rm"\n')
    ran = newsreader("import", "--json", path)
    assert ran.status == 0
    assert (ran.json["imported"], ran.json["subscribed"], len(ran.json["notes"])) == (1, 1, 1)
    out = newsreader("export", "--format", "opml")
    assert out.status == 0 and FEED in out.out
    assert newsreader("export", "--format", "epub").status == 2
