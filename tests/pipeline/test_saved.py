"""Saved searches as articles come, change and go; what they do, once, and why."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import ROOT, entry, feed

from newsreader.derive import Deriver
from newsreader.doctor import examine, repair
from newsreader.errors import UsageError
from newsreader.finder import Finder
from newsreader.intake import decline_sample
from newsreader.library import Library
from newsreader.matching import plan_states
from newsreader.model import Scope, ScopeKind
from newsreader.search import Index, parse
from newsreader.search._index import Asked
from newsreader.store import Arrival, Store


def arrive(store, *titles, **fields):
    """Store articles whose text is their title; the id is the title's first word."""
    arrivals = [Arrival(entry(t, f"{t}.", guid=t.split()[0], **fields)) for t in titles]
    saved = store.articles.save(feed(), arrivals)
    return list(saved.imported + saved.updated)


def work(store, home, **options):
    deriver = Deriver(store, home, recognise=False, **options)
    deriver.prepare()
    while deriver.step():
        pass
    notices = deriver.notices()
    for notice in notices:
        deriver.told(notice)
    deriver.close()
    return notices


def listed(store, name):
    return list(store.lists.article_ids(Scope(ScopeKind.SAVED, str(store.saved.find(name).id))))


def state(store, article):
    row = store.lists.article(article)
    return row.read, row.hidden, row.bookmarked, row.tags


def test_what_arrives_is_matched_and_what_changes_or_goes_no_longer(store, home):
    store.saved.keep("Ferries", "ferry")
    store.saved.keep("Bridges", "bridge is:unread")
    one, two = arrive(store, "1 ferry", "2 bridge")
    work(store, home)
    assert (listed(store, "Ferries"), listed(store, "Bridges")) == ([one], [two])
    arrive(store, "1 bridge to the island", "3 ferry")
    work(store, home)
    assert listed(store, "Bridges") == [two, one]
    store.acts.tag([two], add=["ferry"], drop=[])
    store.saved.keep("Bridges", "tag:ferry")
    work(store, home)
    assert listed(store, "Bridges") == [two]
    store.remove_sources([s.id for s in store.lists.sources()])
    assert [s.total for s in store.saved.all()] == [1, 0], "a tag is the user's, and is kept"
    assert store.wrong_counts() == []


def test_one_that_is_new_finds_what_was_there_and_does_nothing_to_it(store, home):
    ids = arrive(store, "1 ferry", "2 bridge")
    work(store, home)
    store.saved.keep("Ferries", "ferry", ["hide", "notify"])
    assert work(store, home) == []
    assert listed(store, "Ferries") == ids[:1]
    assert store.lists.counts().hidden == 0
    arrive(store, "1 ferry again")
    work(store, home)
    assert store.lists.counts().hidden == 0, "an update is no arrival"


def test_articles_that_wait_when_it_is_kept_were_there_before_it(store, home):
    arrive(store, "1 ferry")
    store.saved.keep("Ferries", "ferry", ["hide"])
    arrive(store, "2 ferry")
    work(store, home)
    assert store.lists.counts().hidden == 1


def test_every_action_is_done_once_and_says_why(store, home):
    store.saved.keep("Football", "football", ["read", "hide", "bookmark", "tag:sport", "notify"])
    (article,) = arrive(store, "1 football")
    work(store, home)
    assert state(store, article) == (True, True, True, ("sport",))
    assert store.saved.reasons(article) == [
        f'{words} by saved search "Football"'
        for words in ("marked read", "hidden", "bookmarked", "tagged sport")
    ]
    assert listed(store, "Football") == [article], "what it hid can be seen there"
    store.saved.rename("Football", "Soccer")
    store.acts.hide([article], on=False)
    store.acts.mark_read([article], read=False)
    assert store.saved.reasons(article) == [
        'bookmarked by saved search "Soccer"',
        'tagged sport by saved search "Soccer"',
    ]
    work(store, home)
    Deriver(store, home, recognise=False).rebuild_index()
    arrive(store, "1 football and more football")
    work(store, home)
    assert state(store, article) == (False, False, True, ("sport",)), "the user's word stands"


def test_undo_takes_back_what_a_saved_search_did_and_it_stays_so(store, home):
    store.saved.keep("Football", "football", ["hide", "tag:sport"])
    ids = arrive(store, "1 football", "2 football", "3 ferry")
    work(store, home)
    assert store.acts.undo() == '2 articles tagged sport by saved search "Football"'
    assert store.acts.undo() == '2 articles hidden by saved search "Football"'
    assert [state(store, n)[1::2] for n in ids] == [(False, ())] * 3
    work(store, home)
    assert store.lists.counts().hidden == 0
    assert store.saved.reasons(ids[0]) == []
    assert store.acts.redo() == '2 articles hidden by saved search "Football"'
    assert store.saved.reasons(ids[0]) == ['hidden by saved search "Football"']
    assert listed(store, "Football") == ids[1::-1]


def test_taking_back_that_an_article_is_shown_gives_it_back_to_its_search(store, home):
    store.saved.keep("Football", "football", ["hide"])
    (article,) = arrive(store, "1 football")
    work(store, home)
    store.acts.hide([article], on=False)
    store.acts.undo()
    assert listed(store, "Football") == [article]
    assert store.saved.reasons(article) == ['hidden by saved search "Football"']


def test_an_arrival_leaves_what_the_user_could_do_again(store, home):
    store.saved.keep("Football", "football", ["hide"])
    (ferry,) = arrive(store, "1 ferry")
    work(store, home)
    store.acts.bookmark([ferry], on=True)
    store.acts.undo()
    arrive(store, "2 football")
    work(store, home)
    assert store.acts.redo() == "1 article bookmarked"


def test_a_large_import_is_one_step_of_undo(store, home, monkeypatch):
    monkeypatch.setattr("newsreader.derive.INDEX_BATCH", 3)
    store.saved.keep("Football", "football", ["hide", "read"])
    arrive(store, *(f"{n} football" for n in range(10)))
    work(store, home)
    assert store.acts.undo() == '10 articles marked read by saved search "Football"'
    assert store.acts.undo() == '10 articles hidden by saved search "Football"'
    assert store.acts.undo() == 'saved search "Football" added'
    assert store.lists.counts().hidden == 0 and store.lists.counts().unread == 10


def test_two_that_match_the_same_article_both_act_and_one_tag_feeds_another(store, home):
    store.saved.keep("A", "football is:unread", ["read", "tag:sport"])
    store.saved.keep("B", "football is:unread", ["bookmark"])
    store.saved.keep("C", "tag:sport", ["hide"])
    (article,) = arrive(store, "1 football")
    work(store, home)
    assert state(store, article) == (True, True, True, ("sport",))
    assert [s.total for s in store.saved.all()] == [0, 0, 1]
    # The last of the acts is C's: only it hid the article, and shows it.
    assert listed(store, "C") == [article]


def test_a_feeds_own_tag_is_not_said_to_be_the_searchs(store, home):
    store.saved.keep("A", "football", ["tag:sport"])
    (article,) = arrive(store, "1 football", tags=("sport",))
    work(store, home)
    assert store.saved.reasons(article) == [] and store.acts.undo() == 'saved search "A" added'


def test_what_the_user_said_before_the_names_were_known_stands(store, home):
    """An article arrives twice: with its text, and with its names."""
    store.saved.keep("Heath", "person:okafor", ["read", "notify"])
    text = "The bridge at Porto stays shut until Tuesday, mayor Peter Okafor said."
    saved = store.articles.save(
        feed(), [Arrival(entry(n, text + f" {n}.", guid=n)) for n in ("a", "b")]
    )
    first, second = saved.imported
    deriver = Deriver(store, home)
    deriver._index_some()
    assert deriver.notices() == []
    store.acts.mark_read([first], read=True)
    store.acts.mark_read([first], read=False)
    while deriver.step():
        pass
    deriver.close()
    assert [state(store, n)[0] for n in (first, second)] == [False, True]
    assert [set(n.articles) for n in deriver.notices()] == [{first, second}]
    assert store._db.execute("SELECT count(*) FROM arrival").fetchone() == (0,)


def test_a_notice_is_said_once_newest_first_and_not_of_hidden_articles(store, home):
    store.saved.keep("Ferries", "ferry", ["notify"])
    store.saved.keep("Football", "football", ["hide"])
    arrive(store, "1 ferry", "2 ferry football", "3 ferry")
    (notice,) = work(store, home)
    assert (notice.name, notice.titles) == ("Ferries", ("3 ferry", "1 ferry"))
    assert work(store, home) == []


def test_when_asked_it_acts_on_what_was_there_but_not_on_what_the_user_set(store, home):
    ids = arrive(store, "1 ferry", "2 ferry", "3 bridge", "4 ferry")
    store.acts.mark_read(ids[:1], read=True)
    store.acts.mark_read(ids[:1], read=False)
    store.saved.keep("Ferries", "ferry", ["tag:sea"])
    with pytest.raises(UsageError, match="not known yet"):
        store.saved.act_now("Ferries")
    work(store, home)
    assert store.saved.act_now("Ferries") == 3
    store.acts.tag(ids[:1], add=[], drop=["sea"])
    store.saved.keep("Ferries", "ferry", ["read", "tag:sea", "notify"])
    assert store.saved.act_now("ferries") == 2
    assert store.saved.act_now("Ferries") == 0
    assert work(store, home) == [], "they are no news"
    assert [state(store, n)[0] for n in ids] == [False, True, False, True]
    assert [state(store, n)[3] for n in ids] == [(), ("sea",), (), ("sea",)]
    assert store.saved.reasons(ids[1]) == [
        'tagged sea by saved search "Ferries"',
        'marked read by saved search "Ferries"',
    ]
    assert store.acts.undo() == '2 articles marked read by saved search "Ferries"'


def test_hidden_articles_are_found_only_by_who_asks_for_them(store, home):
    store.saved.keep("Football", "football", ["hide"])
    ids = arrive(store, "1 football ferry", "2 ferry")
    work(store, home)
    finder = Finder(home)

    def find(query, scope=None):
        return {hit.article for hit in finder.find(query, scope=scope).hits}

    own = Scope(ScopeKind.SAVED, str(store.saved.find("Football").id))
    source = Scope(ScopeKind.SOURCE, str(store.lists.sources()[0].id))
    assert find("ferry") == find("") == find("ferry", source) == {ids[1]}
    assert find("ferry is:hidden") == find("is:hidden", source) == {ids[0]}
    assert find("ferry OR is:hidden") == set(ids)
    assert find("ferry", own) == {ids[0]}
    assert find("&") == set(), "signs alone still find nothing"
    finder.close()


def test_ages_and_days_are_right_when_their_time_comes(store, home):
    now = datetime.now(UTC).replace(hour=12, minute=0) + timedelta(days=400)
    store.saved.keep("Week", "newer:7d ferry")
    store.saved.keep("Old", "older:7d")
    store.saved.keep("Today", "date:today")
    (old,) = arrive(store, "1 ferry", published=now - timedelta(days=6, hours=23))
    (new,) = arrive(store, "2 ferry", published=now - timedelta(hours=1))
    seen = []
    for hours in (0, 2, 24, 24 * 8):
        work(store, home, now=lambda hours=hours: now + timedelta(hours=hours))
        seen.append([listed(store, name) for name in ("Week", "Old", "Today")])
    assert seen == [
        [[new, old], [], [new]],
        [[new], [old], [new]],
        [[new], [old], []],
        [[], [new, old], []],
    ]


def test_what_is_past_its_time_is_not_shown_as_if_it_were_right(store, home):
    store.saved.keep("Today", "date:today")
    work(store, home, now=lambda: datetime.now(UTC) - timedelta(days=3))
    assert not store.saved.find("Today").ready
    work(store, home)
    assert store.saved.find("Today").ready


def test_the_clock_is_set_by_what_arrives(store, home):
    now = datetime.now(UTC) + timedelta(days=400)
    store.saved.keep("Week", "newer:7d")
    work(store, home, now=lambda: now)
    assert store.matches.searches()[0].due is None
    arrive(store, "1 ferry", published=now - timedelta(days=6))
    work(store, home, now=lambda: now)
    assert abs(store.matches.searches()[0].due / 1000 - (now.timestamp() + 86400)) < 1


def test_a_query_that_cannot_be_read_any_more_matches_nothing_and_hurts_nobody(store, home):
    store.saved.keep("Bad", "person:(")
    store.saved.keep("Good", "ferry")
    arrive(store, "1 ferry")
    work(store, home)
    assert [(s.name, s.ready, s.total) for s in store.saved.all()] == [
        ("Bad", True, 0),
        ("Good", True, 1),
    ]


def test_matches_of_a_removed_one_are_dropped_and_come_back_with_it(store, home):
    ids = arrive(store, "1 ferry")
    store.saved.keep("Ferries", "ferry")
    work(store, home)
    store.saved.remove("Ferries")
    work(store, home)
    assert store._db.execute("SELECT count(*) FROM saved_match").fetchone() == (0,)
    store.acts.undo()
    work(store, home)
    assert listed(store, "Ferries") == ids


def test_doctor_finds_and_repairs_wrong_matches(store, home):
    arrive(store, "1 ferry", "2 bridge")
    store.saved.keep("Ferries", "ferry")
    work(store, home)
    assert all(check.ok for check in examine(home))
    store._db.execute("DELETE FROM saved_match")
    wrong = [check for check in examine(home) if not check.ok]
    assert [(c.name, c.detail) for c in wrong] == [
        ("saved searches", "'ferry' differs in 1 article")
    ]
    repair(home)
    work(store, home)
    assert all(check.ok for check in examine(home))


def test_flags_double_the_questions_and_other_words_none():
    assert len(plan_states(parse("ferry OR newer:7d has:tag"))) == 1
    assert len(plan_states(parse("is:unread OR is:read"))) == 2
    states = [bits for bits, _ in plan_states(parse("is:read is:noted is:hidden is:bookmarked"))]
    assert len(states) == 16 and sum(states) == 0xFFFF
    assert sum(bits for bits, _ in plan_states(parse("has:note is:noted"))) == 0x00FF


def test_the_library_gives_front_ends_all_of_it(store, home):
    library = Library(home)
    library.keep_search("Ferries", "ferry", ["hide"])
    (article,) = arrive(store, "1 ferry")
    work(store, home)
    assert [(s.name, s.total) for s in library.saved_searches()] == [("Ferries", 1)]
    assert library.reasons(article) == ['hidden by saved search "Ferries"']
    library.remember_search("ferry")
    assert library.recent_searches() == ["ferry"]
    assert library.rename_search("Ferries", "Boats").name == "Boats"
    library.remove_search("Boats")
    assert library.reasons(article) == ['hidden by saved search "Boats"']
    library.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from newsreader.derive import Deriver
from newsreader.store import Store, _arrivals, _matches

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

home, point = Path(sys.argv[1]), sys.argv[2]
owner, name = {
    "indexed": (_matches.Matches, "finish"),
    "half written": (_matches, "act_on_arrivals"),
    "half acted": (_arrivals, "_journal"),
    "finished": (Deriver, "notices"),
    "half filled": (_matches.Matches, "_keep_timing"),
}[point]
setattr(owner, name, die)
deriver = Deriver(Store(home), home, recognise=False)
deriver.prepare()
while deriver.step():
    pass
deriver.notices()
"""


@pytest.mark.parametrize(
    "point", ["indexed", "half written", "half acted", "finished", "half filled"]
)
def test_killed_at_any_point_nothing_is_lost_or_doubled(store, home, point):
    decline_sample(store)
    store.saved.keep("Football", "football", ["hide", "tag:sport", "notify"])
    store.saved.keep("Ferries", "ferry is:unread", ["notify"])
    if point != "half filled":
        work(store, home)
    ids = arrive(store, "1 football", "2 ferry", "3 ferry")
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), point],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        timeout=60,
    )
    assert ran.returncode == -signal.SIGKILL
    notices = work(store, home)
    assert [(n.name, n.titles) for n in notices] == [("Ferries", ("3 ferry", "2 ferry"))]
    assert state(store, ids[0]) == (False, True, False, ("sport",))
    assert (listed(store, "Football"), listed(store, "Ferries")) == (ids[:1], ids[:0:-1])
    assert [row[0] for row in store._db.execute("SELECT label FROM act ORDER BY id")][2:] == [
        '1 article hidden by saved search "Football"',
        '1 article tagged sport by saved search "Football"',
    ]
    assert store.todo.pending().index == 0 and store.wrong_counts() == []


def test_two_stores_see_the_same(home):
    first, second = Store(home), Store(home)
    first.saved.keep("A", "ferry")
    arrive(second, "1 ferry")
    work(second, home)
    assert [(s.name, s.unread) for s in first.saved.all()] == [("A", 1)]
    first.close()
    second.close()


def test_what_the_worker_asks_all_the_time_costs_nothing_in_a_large_library(store, home):
    """A bad plan once made a batch of 4,000 articles take eight seconds."""
    store.saved.keep("Ferries", "ferry", ["notify"])
    store.saved.keep("Gone", "ferry")
    arrive(store, *(f"{n} ferry" for n in range(200)))
    work(store, home)
    store.refresh_statistics()
    asked: list[str] = []
    store._db.set_trace_callback(asked.append)
    work(store, home)
    store.saved.all()
    store.lists.counts()
    store.matches.finish(store.todo.take("index", 10), {(1, 1): {}}, names_follow=True)
    store._db.set_trace_callback(None)
    steps = {
        row[3]
        for statement in asked
        if statement.startswith(("SELECT", "UPDATE", "DELETE"))
        for row in store._db.execute(f"EXPLAIN QUERY PLAN {statement}")
    }
    large = ("article", "saved_match", "saved_act", "arrival", "todo", "a", "m", "d", "t", "x")
    scans = {step for step in steps if step.startswith("SCAN") and step.split()[1] in large}
    assert {scan for scan in scans if "INDEX" not in scan} == set()


def test_a_search_that_cannot_be_answered_is_set_aside_and_the_index_stays(
    store, tmp_path, monkeypatch
):
    arrive(store, "1 oil", "2 oil")
    work(store, tmp_path)
    generation = Index(tmp_path / "index", store.home_id()).generation()

    answered = Asked.matching

    def mistaken(asked, segment):
        if "gas" in str(vars(asked.compiled)):
            raise ValueError("a mistake of ours")
        return answered(asked, segment)

    monkeypatch.setattr(Asked, "matching", mistaken)
    store.saved.keep("Gas", "gas")
    store.saved.keep("Oil", "oil")
    work(store, tmp_path)
    arrive(store, "3 oil gas")
    work(store, tmp_path)
    assert [(search.ready, search.total) for search in store.saved.all()] == [(True, 0), (True, 3)]
    assert not store.todo.pending().index
    assert Index(tmp_path / "index", store.home_id()).generation() == generation + 1
