"""The corpus maker behind the benches, and the measuring of searches."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench import dates as gold_dates
from bench import goldsets, judge, relevance

from newsreader.entities.dates import dates
from newsreader.intake import import_paths
from newsreader.model import EntityKind, Recognised
from newsreader.store import Store

ROOT = Path(__file__).parents[1]


def made(count: int, seed: int = 7) -> list[str]:
    command = [sys.executable, "-m", "bench.corpus", str(count), "--seed", str(seed)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return ran.stdout.decode().splitlines()


def test_the_same_number_and_seed_make_the_same_articles() -> None:
    few, many = made(20), made(30)
    assert many[:20] == few
    assert made(20, seed=8) != few
    assert len({json.loads(line)["body"] for line in many}) == 30


def test_every_made_article_is_imported(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(made(30)), encoding="utf-8")
    taken = import_paths(store, [path])
    assert taken.imported == 30
    assert not taken.failed
    dated = store.lists.headlines(taken.articles)
    assert all(row.published is not None for row in dated)


def test_searching_is_measured_beside_another_engine(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.search", "--quick", "--sizes", "200"]
    command += ["--engines", "newsreader,fts5", "--json", "figures.json"]
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    environment = {**os.environ, "PYTHONPATH": path}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
    assert not ran.returncode, ran.stderr.decode()
    assert b"word + prefix: FTS5 / ours" in ran.stdout
    measured = json.loads((tmp_path / "figures.json").read_text())["200"]
    ours, theirs = measured["figures"]["newsreader"], measured["figures"]["fts5"]
    assert ours["built"]["articles"] == theirs["built"]["articles"] == 200
    found = {
        name: (times["found"], theirs["classes"][name]["found"])
        for name, times in ours["classes"].items()
        if name in ("rare", "common", "two words", "or", "phrase", "title", "date sort")
    }
    # Stemmers differ a little.
    assert found == {name: (pytest.approx(of, rel=0.1), of) for name, (_, of) in found.items()}
    assert ours["classes"]["entity"]["found"] == theirs["classes"]["entity"]["found"] > 0
    assert {each["articles"] for each in ours["commits"]} == {1, 50}
    assert any(each["goal"] == "<= 1800" for each in measured["targets"])


def test_a_ranking_is_scored_by_the_places_of_its_answers() -> None:
    grades = {1: 1, 2: 3}
    assert relevance.ndcg([2, 1, 9], grades) == 1.0
    assert relevance.ndcg([9, 8], grades) == 0.0
    assert 0 < relevance.ndcg([9, 1, 2], grades) < relevance.ndcg([1, 2], grades) < 1
    assert relevance.average_precision([2, 9, 1], grades) == (1 + 2 / 3) / 2
    assert relevance.average_precision([1], grades) == 0.5


TIMEML = """<TimeML><DCT><TIMEX3 tid="t0" type="DATE" value="2022-07-13" \
functionInDocument="CREATION_TIME">July 13</TIMEX3></DCT><TEXT>He met <EVENT>envoys</EVENT> \
<TIMEX3 tid="t1" type="DATE" value="2022-07-12">Tuesday</TIMEX3> night in \
<TIMEX3 tid="t2" type="DURATION" value="P2Y">two years</TIMEX3>, and again in \
<TIMEX3 tid="t3" type="DATE" value="2022-W28">this week</TIMEX3> &amp; \
<TIMEX3 tid="t4" type="DATE" value="2021">last year</TIMEX3>.</TEXT></TimeML>
"""

TEI = """<text id="x" dateCreated="2022-07-13">
<p>
<s type="decl">
It\tIT
began\tVBD
on\tIN
<date when="2020-03-05">
March\tNNP
5\tCD
,\t,
2020\tCD
</date>
.\t.
</s>
</p>
</text>
"""


def test_gold_dates_are_read_and_scored(tmp_path: Path) -> None:
    (tmp_path / "a.tml").write_text(TIMEML, encoding="utf-8")
    (tmp_path / "b.xml").write_text(TEI, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("May 5", encoding="utf-8")
    first, second = gold_dates.golds(tmp_path)
    assert first.text.startswith("He met envoys Tuesday night in two years")
    named = [(first.text[e.start : e.end], e.value, e.kind) for e in first.expected]
    assert named == [
        ("Tuesday", "2022-07-12", "day"),
        ("two years", None, "none"),
        ("this week", "2022-07", "week"),
        ("last year", "2021", "year"),
    ]
    assert second.text == "It began on March 5, 2020."
    expected = second.expected[0]
    assert second.text[expected.start : expected.end] == "March 5, 2020"
    score = gold_dates.Score()
    for gold in (first, second):
        score.add(gold, dates(gold.text, published=gold.published))
    assert score.kinds["day", "exact"] == 1
    assert score.kinds["day", "span"] == 1
    assert score.kinds["day", "alike"] == 2
    assert score.kinds["year", "exact"] == 1
    assert score.kinds["week", "exact"] == 1
    assert score.counts["false"] == 0
    assert len(score.misses) == 1
    assert "[Tuesday] night" in score.misses[0]


def test_dates_of_gold_as_a_calendar_says_them() -> None:
    values = ["2022-07-12TNI", "2022-Q3", "2022-SU", "2022-W01", "PRESENT_REF", "202", "2022-W99"]
    said = [gold_dates.reading(value)[0] for value in values]
    assert said == ["2022-07-12", "2022", "2022", "2022-01", None, None, None]


def test_the_gold_of_names_is_sound() -> None:
    rows = goldsets.canonical()
    assert len(rows) >= 300
    assert len({(row.file, row.start) for row, _ in rows}) == len(rows)
    for row, digest in rows:
        assert len(digest) == 12
        assert row.surface == row.surface.strip()
        assert row.names and all(row.names)
    halves = {goldsets.odd(Path(row.file).name) for row, _ in rows}
    assert halves == {True, False}


def test_a_mention_is_right_by_edges_kind_and_name() -> None:
    row = judge.Canonical("a.txt", 4, "Zell", EntityKind.PERSON, ("Ana Zell", "A. Zell"))
    said = Recognised(start=4, end=8, kind=EntityKind.PERSON, name="Ana Zell")
    assert row.judge([said]) == "right"
    assert row.judge([said._replace(name="Zell")]) == "name"
    assert row.judge([said._replace(kind=EntityKind.PLACE)]) == "kind"
    assert row.judge([said._replace(end=9)]) == "edges"
    assert row.judge([]) == "missed"
