"""A day in a world that publishes, moves, fails and dies: nothing lost, nothing doubled."""

from datetime import timedelta

import pytest
from bench.week import Week
from bench.world import START, World


@pytest.fixture(params=[11, 12])
def week(request, tmp_path):
    world = World(request.param, feeds=20, hosts=3, slow=0.8)
    running = Week(tmp_path / "home", world, request.param)
    yield running
    running.close()
    world.close()


def test_a_reader_holds_all_that_was_served_and_keeps_the_rules(week):
    week.run(START + timedelta(days=1))
    assert week.wrong() == []
    assert week.fetched["new"] > 100 and week.fetched["failed"] > 0
