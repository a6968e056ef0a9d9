"""A part of a page that the collector refuses is said to be refused, where it would be, and all else is shown."""

import pytest
import streamlit as st

from collector import models as api
from dashboard import data, live
from tests.dashboard.server import FakeCollector, Refused
from tests.dashboard.views.drawing import draw, text_of
from tests.dashboard.world import World

#: What a route is a part of: the view with its parameters, what is shown all the same, and what the part is called.
PARTS = {
    "breakers": ("groups", {}, "sms", "Breakers"),
    "schedules": ("runs", {}, "SHIP", "Schedules"),
    "budgets": ("runs", {}, "SHIP", "Budgets"),
    "shadows": ("topology", {"see": "advice"}, "truly critical", "Steps and their successors"),
    "waits": ("overview", {}, "Worst steps", "What runs wait for"),
    "overview/trends": ("overview", {}, "Worst steps", "What has changed"),
}
REFUSALS = [(403, "forbidden"), (500, "internal"), (503, "busy"), (503, "store_unavailable"), (422, "too_much")]


@pytest.mark.parametrize(("status", "code"), REFUSALS, ids=[code for _, code in REFUSALS])
@pytest.mark.parametrize("route", PARTS)
def test_a_part_that_is_refused_says_so_and_takes_nothing_away(
    at_collector: FakeCollector, route: str, status: int, code: str
) -> None:
    """It does not look as if there were nothing."""
    view, parameters, beside, part = PARTS[route]
    at_collector.refuse(route, status, code, "that is not answered")
    app = draw(view, **parameters)
    assert [str(each.value) for each in app.error] == [
        f"**{part} can't be shown:** that is not answered  \nsee its log"
    ]
    assert beside in text_of(app)


@pytest.mark.parametrize(("status", "code"), [(503, "bus_unavailable"), (404, "not_found")])
@pytest.mark.parametrize("route", PARTS)
def test_a_part_that_nobody_can_know_is_left_out(
    at_collector: FakeCollector, route: str, status: int, code: str
) -> None:
    """Where the bus is away, which its own figures say, or the collector is older than the question."""
    view, parameters, beside, _ = PARTS[route]
    at_collector.refuse(route, status, code, "that is not known")
    app = draw(view, **parameters)
    assert not app.error
    assert beside in text_of(app)


def test_runs_are_listed_where_what_they_wait_for_is_refused(at_collector: FakeCollector, world: World) -> None:
    """And whether any waits is not denied."""
    world.begin(next(iter(world.runs)), 1)
    at_collector.refuse("waits", 403, "forbidden", "that is not for you")
    app = draw("runs")
    assert "What these runs wait for can't be shown" in app.error[0].value
    assert "SHIP" in text_of(app)
    st.cache_data.clear()
    at_collector.routes["runs"] = lambda params: at_collector.routes["audit"](params)
    assert "Which runs wait for an answer can't be shown" in draw("runs", status="waiting").error[0].value


def test_agents_are_not_said_to_do_well_where_nothing_is_known_of_them(at_collector: FakeCollector) -> None:
    """As where the collector is an older one."""
    del at_collector.routes["overview/trends"]
    assert "Worst agents" not in text_of(draw("overview"))


def test_letters_that_can_not_be_had_are_not_sent_again_without_a_word(
    at_collector: FakeCollector, world: World
) -> None:
    """The page shows some of them all the same."""
    for number in range(data.PAGE):
        world.add_dead_letter(f"SHIP-{number:04d}-again")
    app, a_page = draw("dead-letters"), at_collector.routes["dead-letters"]

    def busy_with_many(params: dict[str, str]) -> api.Model:
        if int(params["limit"]) > data.PAGE:
            raise Refused(503, "busy", "there is too much to do")
        return a_page(params)

    at_collector.routes["dead-letters"] = busy_with_many
    app.button("tick-all").click().run()
    app.button("replay-all").click().run()
    assert "The letters to send again can't be shown" in app.error[0].value
    assert "too much to do" in app.error[0].value
    assert not app.run().error


@pytest.mark.parametrize(("status", "code"), [(422, "too_much"), (404, "unexpected_answer"), (400, "error")])
def test_what_is_refused_is_not_said_to_be_unknown(at_collector: FakeCollector, status: int, code: str) -> None:
    """Only an id that nothing has, or that can't be one, is."""
    at_collector.refuse("waits", status, code, "that is not answered")
    with pytest.raises(data.ApiError):
        data.get_or_none(live.waits)
