"""Runs, groups, workers and the audit, drawn in this process against a real HTTP server."""

from datetime import timedelta

import pytest
import streamlit as st

from collector.models import NodeStatus, RetireRequest, RunWait, WaitAnswer
from dashboard import live
from dashboard.keys import key
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, rows_of, text_of
from tests.dashboard.world import World


def test_a_run_shows_its_steps_and_how_its_events_fared(at_collector: FakeCollector, world: World) -> None:
    """From the run to every group's delivery."""
    run_id = next(iter(world.runs))
    said = text_of(draw("runs", run=run_id))
    assert "SHIP" in said
    assert "dead sms ok tracking-board" in said


def test_a_run_offers_what_can_be_done_with_it_and_nothing_else(at_collector: FakeCollector, world: World) -> None:
    """One that goes on can be cancelled, one that failed resumed; where the server does not know it, neither."""
    run_id = next(iter(world.runs))
    offers = {NodeStatus.RUNNING: ["cancel-run"], NodeStatus.FAILED: ["resume-run"], NodeStatus.OK: []}
    offers |= {NodeStatus.CANCELLED: []}
    for status, keys in offers.items():
        world.stand(run_id, status)
        st.cache_data.clear()
        app = draw("runs", run=run_id)
        assert [button.key for button in app.button if button.key in ("cancel-run", "resume-run")] == keys
    world.stand(run_id, NodeStatus.RUNNING)
    world.runs[run_id] = world.runs[run_id].model_copy(update={"server": None})
    st.cache_data.clear()
    assert [button.key for button in draw("runs", run=run_id).button if button.key == "cancel-run"] == []


def test_a_run_that_was_resumed_shows_each_of_its_lives(at_collector: FakeCollector, world: World) -> None:
    """What it failed of stays; the version that accepted it is named."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.FAILED, step="sorting", error="CarrierError: busy")
    assert "failed at **sorting**: CarrierError\\: busy" in text_of(draw("runs", run=run_id))
    world.act_on_run("resume", run_id, "ana")
    st.cache_data.clear()
    said = text_of(app := draw("runs", run=run_id))
    assert "Its lives" in said
    assert "failed at **sorting**: CarrierError\\: busy" in said
    assert "still going on · resumed · version 1\\.4" in said
    assert "resume by ana" in "".join(str(html.proto.body) for html in app.get("html"))
    assert "resumed" in text_of(draw("runs"))


def test_who_waits_for_an_answer_is_told_wherever_the_run_is(at_collector: FakeCollector, world: World) -> None:
    """In the list, on its page, and on the Overview, the longest first, with the way to answer."""
    first, second = list(world.runs)[:2]
    for run_id, minutes in ((first, 5), (second, 9)):
        world.stand(run_id, NodeStatus.RUNNING)
        since = world.now - timedelta(minutes=minutes)
        world.wait(run_id, RunWait(name="approval", key="", step="delivery", since=since))
    assert "waiting for approval for 9 min" in text_of(draw("runs"))
    assert "waiting for approval for 5 min" in text_of(draw("runs", run=first))
    listed = [str(row) for row in rows_of(draw("runs", status="waiting"))]
    assert [any(run in row for row in listed) for run in (first, second)] == [True, True]
    assert len(listed) == 2 < len(world.runs)
    rows = [str(row) for row in rows_of(draw("overview")) if "Answer" in str(row)]
    assert [second in rows[0], first in rows[1], len(rows)] == [True, True, 2]
    assert "9 min ago" in rows[0]
    world.answer(first, WaitAnswer(operator="ana", name="approval", value=True))
    world.answer(second, WaitAnswer(operator="ana", name="approval", value=True))
    st.cache_data.clear()
    assert "Waiting for an answer" not in text_of(draw("overview"))


def test_where_the_bus_is_away_nobody_is_said_to_wait_for_nothing(
    at_collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty list would say that no run waits."""
    assert "No run matches" in text_of(draw("runs", status="waiting"))
    monkeypatch.setattr(live, "waits", lambda: None)
    assert "which of Causeline's runs wait for an answer is not known now" in text_of(draw("runs", status="waiting"))


def test_a_run_shows_what_its_steps_streamed_where_they_did(at_collector: FakeCollector, world: World) -> None:
    """Nothing where they did not, or where the collector is older and does not know."""
    silent, speaking = list(world.runs)[:2]
    for run_id in (silent, speaking):
        world.stand(run_id, NodeStatus.OK)
    world.say(speaking, "transit", "on its _way_")
    app = draw("runs", run=speaking)
    assert "What its steps streamed" in text_of(app)
    assert "on its _way_" in "".join(str(html.proto.body) for html in app.get("html"))
    assert "What its steps stream" not in text_of(draw("runs", run=silent))
    for number in range(25):
        world.say(speaking, f"item {number}", "here")
    said = text_of(draw("runs", run=speaking))
    assert "The 20 steps that were heard first are shown, of 26." in said
    assert ("item 18" in said, "item 19" in said) == (True, False)


def test_a_run_without_spans_shows_what_the_server_knows(at_collector: FakeCollector, world: World) -> None:
    """It is not sampled, or has not begun."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.RUNNING)
    world.runs[run_id] = world.runs[run_id].model_copy(update={"steps": [], "events": []})
    app = draw("runs", run=run_id)
    assert "No step of it is recorded" in text_of(app)
    assert "cancel-run" in [button.key for button in app.button]


def test_a_run_that_goes_on_shows_its_deadline(at_collector: FakeCollector, world: World) -> None:
    """Where it has one."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.RUNNING)
    assert "has to end by" not in text_of(draw("runs", run=run_id))
    detail = world.runs[run_id]
    assert detail.server is not None
    server = detail.server.model_copy(update={"deadline": world.now})
    world.runs[run_id] = detail.model_copy(update={"server": server})
    st.cache_data.clear()
    assert "still going on · has to end by" in text_of(draw("runs", run=run_id))


def test_groups_say_who_serves_them_and_only_those_without_anybody_can_be_retired(
    at_collector: FakeCollector, world: World
) -> None:
    """With what they owe, and since when nobody was heard of."""
    world.unserved["old-sms"] = 7
    app = draw("groups")
    said = text_of(app)
    assert ":red-badge[nobody] :small[:gray[heard 2 h ago]]" in said
    assert [button.key for button in app.button if str(button.key).startswith("retire-")] == [
        key("retire", "shipment.delivered", "old-sms")
    ]


def test_workers_are_listed_by_app_with_what_waits_for_them(at_collector: FakeCollector, world: World) -> None:
    """An app that nobody works for too, with the run whose step has waited the longest."""
    said = text_of(draw("workers"))
    assert "**logistics** &nbsp;:small[2 live workers · 0 steps due · 3 under way in 32 slots" in said
    longest = [f":gray-badge[tenant \\*\\*t{number}\\*\\*\\]" for number in range(9)]
    assert [one in said for one in longest] == [False] * 4 + [True] * 5
    assert "7 steps due for agent sorters, the first for 8 s]" in said
    assert "![x]" not in said
    assert "**refunds** &nbsp;:small[:red-badge[no live worker] · 4 steps due" in said
    assert "depot-2-7f3a depot, process 4002 1.4 research shipment/sorting for 1 min" in said
    assert " and 2 more 4 of 16 " in said
    assert " cell " in said


def test_a_problem_leads_to_its_group_alone(at_collector: FakeCollector, world: World) -> None:
    """And one click to all of them."""
    world.unserved["old-sms"] = 7
    app = draw("groups", channel="shipment.delivered", group="old-sms")
    assert "Only :blue-badge[shipment\\.delivered] :blue-badge[old\\-sms]" in text_of(app)
    show_all = next(button for button in app.button if button.label == "Show all")
    show_all.click().run()
    assert "group" not in app.query_params


def test_the_audit_shows_all_that_operators_did(at_collector: FakeCollector, world: World) -> None:
    """To letters, runs and groups."""
    world.unserved["old-sms"] = 7
    world.replay(next(iter(world.letters)), "ana")
    world.act_on_run("cancel", next(iter(world.runs)), "bob")
    world.retire(RetireRequest(channel="shipment.delivered", group="old-sms", operator="cy", reason="renamed"))
    said = text_of(draw("groups"))
    for words in ("replay", "ana", "cancel", "bob", "retire", "cy", ":small[renamed]", "old\\-sms"):
        assert words in said, words


@pytest.mark.parametrize(
    ("outcome", "said"), [("lost", "lost, its worker is gone"), ("cancelled", "cut off"), ("unknown", "not recorded")]
)
def test_an_attempt_that_never_told_its_end_is_not_going_on(
    at_collector: FakeCollector, world: World, outcome: str, said: str
) -> None:
    """It says what became of it, though it was the only one."""
    picture = next(iter(world.pictures.values()))
    node = next(node for node in picture.nodes.values() if node.name == "pickup")
    bars = [node.bars[0].model_copy(update={"outcome": outcome})]
    picture.nodes[node.id] = node.model_copy(update={"bars": bars})
    app = draw("event", id=node.id)
    assert [each.label for each in app.expander if said in each.label] != []
    assert "still going on" not in "".join(each.label for each in app.expander)


def test_runs_are_found_by_subject(at_collector: FakeCollector) -> None:
    """The list narrows to one."""
    app = draw("runs", q="SHIP-0007")
    assert len(rows_of(app)) == 1
