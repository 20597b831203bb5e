"""What is the user's own stays so: files, passwords, and what is asked of other machines."""

import os
import stat
import subprocess
import sys
from contextlib import closing

import pytest
from tests import serving
from tests.conftest import ROOT, run_newsreader

from newsreader.store import Store

CANARY = "Kanarienvogel17"


def rss(site, *items):
    return (
        "<?xml version='1.0'?><!DOCTYPE rss SYSTEM '{0}/rss.dtd'>"
        "<?xml-stylesheet href='{0}/style.xsl' type='text/xsl'?>"
        "<rss version='2.0'><channel><title>Harbour</title><link>{0}/home</link>"
        "<image><url>{0}/logo.png</url></image><cloud domain='127.0.0.1' port='1' path='/cloud'/>"
        "{1}</channel></rss>"
    ).format(site.url, "".join(items))


def item(site, number):
    html = (
        f"&lt;p&gt;Ferry {number} &lt;img src='{site.url}/pixel.gif'&gt;"
        f"&lt;script src='{site.url}/x.js'&gt;&lt;/script&gt;"
        f"&lt;link rel=stylesheet href='{site.url}/x.css'&gt;"
        f"&lt;iframe src='{site.url}/frame'&gt;&lt;/iframe&gt;"
        f"&lt;video poster='{site.url}/poster.jpg' src='{site.url}/film.mp4'&gt;&lt;/video&gt;"
        f"&lt;a href='{site.url}/linked' ping='{site.url}/ping'&gt;link&lt;/a&gt;&lt;/p&gt;"
    )
    return (
        f"<item><guid>{number}</guid><title>Ferry {number}</title><link>{site.url}/a{number}</link>"
        f"<comments>{site.url}/comments</comments><source url='{site.url}/source'>S</source>"
        f"<enclosure url='{site.url}/sound.mp3' type='audio/mpeg' length='9'/>"
        f"<description>{html}</description></item>"
    )


@pytest.fixture
def site():
    with serving.site() as found:
        yield found


def test_nothing_is_asked_for_that_the_user_did_not_ask_for(site, home):
    site["/feed"] = rss(site, *(item(site, n) for n in range(5)))
    assert run_newsreader(home, "add", site.at("/feed")).status == 0
    for words in (
        *(
            ["refresh", "--all"],
            ["search", "ferry"],
            ["show", "a1"],
            ["export", "--format", "jsonl"],
        ),
        *(["show", "a1", "--format", "html"], ["rebuild"], ["doctor"], ["sources"], ["feeds"]),
    ):
        assert run_newsreader(home, *words).status == 0
    script = """
import asyncio, sys
from pathlib import Path
connected = []
def heard(event, args):
    if event == "socket.connect":
        connected.append(args[1])
sys.addaudithook(heard)
from newsreader.tui.app import NewsReader
async def main():
    app = NewsReader(Path(sys.argv[1]))
    async with app.run_test(size=(120, 40)) as pilot:
        for key in "enter e escape o escape space n slash f e r enter F escape C escape".split():
            await pilot.press(key)
            await pilot.pause()
asyncio.run(main())
print([where for where in connected if isinstance(where, tuple)])
"""
    ran = subprocess.run(
        [sys.executable, "-c", script, str(home)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert ran.stdout.strip() == "[]", ran.stderr
    assert {asked.path for asked in site.asked} <= {"/feed", "/robots.txt"}


def test_every_file_of_a_home_is_its_owners_alone(site, home, tmp_path):
    site["/feed"] = serving.Answer(rss(site, item(site, 1)).encode())
    (tmp_path / "one.txt").write_text("Title\n\nA text about the ferry in Oslo.\n")
    code = (
        "import os, sys; os.umask(0); from newsreader.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    for words in (
        *(["import", tmp_path / "one.txt"], ["add", site.at("/feed")], ["search", "ferry"]),
        *(["saved", "x", "("], ["backup", tmp_path / "b.db"], ["restore", tmp_path / "b.db"]),
        *(["rebuild"], ["doctor"], ["feed", "Harbour", "--user", "ann", "--password-stdin"]),
    ):
        subprocess.run(
            [sys.executable, "-c", code, "--home", str(home), *map(str, words)],
            input="x\n",
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
    open_to_others = [
        str(path.relative_to(home))
        for path in (home, *home.rglob("*"))
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]
    assert open_to_others == []
    assert stat.S_IMODE((tmp_path / "b.db").stat().st_mode) == 0o600


def test_passwords_are_kept_in_one_place_and_said_nowhere(site, home, tmp_path):
    site["/feed"] = rss(site, item(site, 1))
    secret = site.at("/feed").replace("http://", f"http://ann:{CANARY}@")
    (tmp_path / "list.opml").write_text(
        f"<opml version='2.0'><body><outline text='B' xmlUrl='{secret}x'/></body></opml>"
    )
    (tmp_path / "newsboat").mkdir()
    (tmp_path / "newsboat" / "urls").write_text(f"{secret}y\n")
    said = ""
    for words in (
        *(["add", secret], ["add", secret.replace("/feed", "/missing")], ["refresh", "--all"]),
        *(["import", tmp_path / "list.opml", "--json"], ["import", tmp_path / "newsboat"]),
        *(["sources", "--json"], ["feeds"], ["feeds", "--json"], ["feed", "s1"]),
        *(["refresh", "--all", "--json"], ["export", "--format", "opml"], ["feed", secret]),
        *(["backup", tmp_path / "b.db"],),
    ):
        ran = run_newsreader(home, *words)
        if words[0] not in ("remove", "feed") or secret not in words:
            said += ran.out + ran.err
    assert CANARY not in said
    holding = [
        path.name
        for path in (*home.rglob("*"), tmp_path / "b.db")
        if path.is_file() and CANARY.encode() in path.read_bytes()
    ]
    assert holding == ["credentials.json"]
    assert any("authorization" in map(str.lower, asked.headers) for asked in site.asked)
    with closing(Store(home)) as store:
        assert all("@" not in (source.url or "") for source in store.lists.sources())
