"""Schedules on the page of runs: when they are due, and what can be done about them."""

import streamlit as st

from tests.dashboard.schedules_of import plan
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, text_of
from tests.dashboard.world import World


def test_schedules_are_listed_below_the_runs(at_collector: FakeCollector, world: World) -> None:
    """With what did not start, who keeps one, and that nobody has one in their code."""
    plan(world, "nightly", skipped=3, dropped=1)
    plan(world, "held", paused_at=world.now, paused_by="ana")
    plan(world, "old", workers=0, last_run_id=None)
    plan(world, "busy", is_waiting=True)
    said = text_of(draw("runs"))
    assert "**nightly** :gray[logistics]" in said
    assert ":small[3 skipped, 1 missed]" in said
    assert ":orange-badge[paused] :small[by ana]" in said
    assert ":red-badge[no worker declares it]" in said
    assert ":violet-badge[one waits]" in said


def test_where_there_are_no_schedules_nothing_is_said_of_them(at_collector: FakeCollector, world: World) -> None:
    """Nor where the bus, or a collector that knows them, is away: runs are shown all the same."""
    assert "Schedules" not in text_of(draw("runs"))
    del at_collector.routes["schedules"]
    st.cache_data.clear()
    assert "SHIP" in text_of(draw("runs"))
