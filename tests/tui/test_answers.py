"""A search that takes long: a first answer, then the complete one, and nothing moves."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.tui.app import NewsReader
from newsreader.tui.finding import Found
from newsreader.tui.searching import calm, held

from .conftest import said, screen_text, settled

Make = Callable[..., NewsReader]


@given(st.lists(st.integers(0, 30), unique=True), st.integers(0, 30), st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_seen_stays_and_nothing_is_lost_or_doubled(
    shown: list[int], kept: int, data: st.DataObject
) -> None:
    ids = data.draw(st.lists(st.integers(0, 40), unique=True))
    found = calm(shown, kept, ids)
    assert found[: len(shown[:kept])] == shown[:kept]
    assert len(set(found)) == len(found)
    assert set(found) == set(shown[:kept]) | set(ids)
    rest = [each for each in ids if each not in shown[:kept]]
    assert found[len(shown[:kept]) :] == rest


async def _late(*pauses: float) -> AsyncGenerator[Found, None]:
    for number, pause in enumerate(pauses):
        await asyncio.sleep(pause)
        yield Found(total=number, complete=number == len(pauses) - 1)


async def test_a_first_answer_is_left_out_where_the_whole_one_comes_at_once() -> None:
    assert [each.total async for each in held(_late(0, 0.01), 0.3)] == [1]
    assert [each.total async for each in held(_late(0, 0.5), 0.3)] == [0, 1]
    assert [each.total async for each in held(_late(0), 0.3)] == [0]
    assert [each async for each in held(_late(), 0.3)] == []


async def test_the_first_answer_is_shown_and_the_whole_one_follows(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"slow 1")
        await settled(pilot, app, lambda: said(app) == "4… of 8 · 1 ms")
        assert "4… matches" in screen_text(app)
        assert "Report 7" in screen_text(app)
        await settled(pilot, app, lambda: said(app) == "8 of 8 · 900 ms")
        assert len(app.main.articles.ids) == 8
        assert "8 matches" in screen_text(app)


async def test_rows_that_are_looked_at_stay_where_they_are(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 24)) as pilot:
        rows = app.main.articles
        await settled(pilot, app, lambda: app.main.finding.searcher is not None)
        app.main.search_for("slow 1.5")
        await settled(pilot, app, lambda: len(rows.ids) == 4)
        await pilot.press("j", "j")
        before, here = list(rows.ids), rows.current
        await settled(pilot, app, lambda: len(rows.ids) == 8)
        assert rows.current == here and rows.cursor == 2
        assert list(rows.ids)[:4] == before
        assert set(rows.ids) == {int(each) for each in app.main.articles.ids}


async def test_a_search_that_was_stopped_says_so(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("slash", *"slow 0 stopped")
        await settled(pilot, app, lambda: "stopped after" in said(app))
        assert said(app).startswith("8 found")


async def test_the_newest_search_wins_and_leaving_ends_it(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("slash", *"slow 1")
        await settled(pilot, app, lambda: said(app).startswith("4…"))
        await pilot.press(*["backspace"] * 6, *"number 4")
        await settled(pilot, app, lambda: said(app).startswith("1 of 8"))
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert not app.main.finding.active and len(app.main.articles.ids) == 8
        assert not app.main.finding.searcher._waiting


async def test_an_article_that_is_read_stays_the_one_under_the_cursor(reader: Make) -> None:
    app = reader()
    async with app.run_test(size=(80, 24)) as pilot:
        main = app.main
        await settled(pilot, app, lambda: main.finding.searcher is not None)
        main.search_for("slow 1.5")
        await settled(pilot, app, lambda: len(main.articles.ids) == 4)
        await pilot.press("enter")
        reading = main.reading.article
        await settled(pilot, app, lambda: len(main.articles.ids) == 8)
        assert reading is not None and main.articles.current == reading.id
