"""Breakers: how each stands, what waits for it, how it opened and closed, and what can be done about it."""

from datetime import timedelta

import streamlit as st

from collector import models as api
from dashboard.wording import DASH
from tests.dashboard.breakers_of import act, guard
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, rows_of, text_of
from tests.dashboard.world import World


def buttons(app: object) -> list[str]:
    """What can be pressed."""
    return [button.label for button in app.button if button.label in ("Open", "Hold", "Close")]  # type: ignore[attr-defined] # of the library's own test


def test_breakers_stand_above_the_groups_with_what_can_be_done(at_collector: FakeCollector, world: World) -> None:
    """Those first that are not closed, each with why and how much waits."""
    guard(world, "bank")
    guard(world, "carrier-api", "open", deferred=2)
    app = draw("groups")
    said = text_of(app).replace("\\", "")
    assert said.index("carrier-api") < said.index("bank")
    assert ":red-badge[:material/electric_bolt: open]" in said
    assert "5 in a row failed: OSError: no route · next probe " in said
    assert ":small[2 deferred]" in said
    assert buttons(app) == ["Hold", "Close", "Open", "Hold"]


def test_where_there_are_no_breakers_nothing_is_said_of_them(at_collector: FakeCollector, world: World) -> None:
    """Nor where the bus, or a collector that knows them, is away: groups are shown all the same."""
    assert "Breakers" not in text_of(draw("groups"))
    del at_collector.routes["breakers"]
    st.cache_data.clear()
    assert "sms" in text_of(draw("groups"))


def test_outages_that_are_over_are_listed_with_how_long_they_were(at_collector: FakeCollector, world: World) -> None:
    """And why, and who ended them."""
    guard(world)
    start = world.now - timedelta(minutes=30)
    told = {"start": start, "end": start + timedelta(minutes=3), "why": "no route", "by": "ana", "trace_id": "ab"}
    world.outages.append(api.Outage(name="carrier-api", **told))
    said = text_of(draw("groups"))
    assert "was open" in said
    assert "3 min" in said
    assert "no route, closed by ana" in said


def test_a_breaker_shows_what_waits_for_it_and_how_it_opened_and_closed(
    at_collector: FakeCollector, world: World
) -> None:
    """With its settings, and what it guards; it says where there is none."""
    guard(world, "carrier-api", "half_open", deferred=2, prober="step 'sorting'", failed_probes=3)
    app = draw("groups", breaker="carrier-api")
    said = text_of(app).replace("\\", "")
    assert "half open" in said
    assert "step 'sorting' probes it now" in said
    assert "3 failed probes" in said
    assert "logistics guards step 'sorting' of shipment" in said
    assert "failures 5 · cooldown 600" in said
    rows = [" ".join(part["text"] for cell in row["cells"] for part in cell) for row in rows_of(app)]
    assert [row.split(",")[0] for row in rows[:2]] == [
        "step-0 shipment 4 min ago deferred once",
        "step-1 shipment 4 min ago deferred 2 times",
    ]
    assert rows[2].endswith(f"open {DASH} 5 in a row failed: OSError: no route")
    assert buttons(app) == ["Open", "Hold", "Close"]
    assert "There is no breaker" in text_of(draw("groups", breaker="nobody"))


def test_the_audit_says_who_held_a_breaker(at_collector: FakeCollector, world: World) -> None:
    """Why, with the way to it."""
    guard(world)
    act(world, "hold", api.BreakerRequest(name="carrier-api", operator="ana", reason="no calls today"))
    said = text_of(draw("groups")).replace("\\", "")
    assert "hold_breaker" in said
    assert "carrier-api :gray[breaker]" in said
    assert "no calls today" in said
