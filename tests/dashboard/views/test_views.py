"""Every view, drawn in this process against a real HTTP server."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from collector.models import Hole, NodeStatus, RetireRequest
from dashboard import selection, wording
from tests.dashboard.server import FakeCollector
from tests.dashboard.world import World
from tests.servers import free_port

VIEWS = ("overview", "event", "dead-letters", "steps", "runs", "groups")


def _script(first: str) -> None:
    from dashboard.app import serve

    serve(first)


def draw(view: str, **parameters: str) -> AppTest:
    """The view with a selection, drawn once; fails on an exception."""
    app = AppTest.from_function(_script, args=(view,), default_timeout=20)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def text_of(app: AppTest) -> str:
    """All that the page says."""
    parts = [
        *app.header,
        *app.subheader,
        *app.markdown,
        *app.caption,
        *app.info,
        *app.warning,
        *app.success,
        *app.error,
    ]
    return "\n".join(
        [str(part.value) for part in parts]
        + [button.label for button in app.button]
        + [f"{metric.label} {metric.value}" for metric in app.metric]
        + [str(code.value) for code in app.code]
    )


def says_nothing_empty(app: AppTest) -> bool:
    """Whether a page has words for whatever is missing."""
    said = text_of(app)
    return "None" not in said and "nan" not in said.lower().replace("unanswered", "")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_and_never_says_none_or_nan(at_collector: FakeCollector, view: str) -> None:
    """A bare address shows something useful."""
    assert says_nothing_empty(draw(view))


def test_no_detail_says_none_or_nan(at_collector: FakeCollector, world: World) -> None:
    """Neither of what has all, nor of a run that published nothing and of a step that is going on."""
    run_id, run = next(iter(world.runs.items()))
    world.runs[run_id] = run.model_copy(
        update={"events": [], "steps": [step.model_copy(update={"duration_ms": None}) for step in run.steps]}
    )
    picture = next(iter(world.pictures.values()))
    for node in picture.nodes:
        assert says_nothing_empty(draw("event", id=node)), picture.nodes[node]
    assert says_nothing_empty(draw("runs", run=run_id))
    assert says_nothing_empty(draw("dead-letters", letter=next(iter(world.letters))))
    assert says_nothing_empty(draw("steps", workflow="shipment", step="sorting", kind="step"))


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_collector_is_an_invitation(monkeypatch: pytest.MonkeyPatch, view: str) -> None:
    """Nothing to show is said, with what to do next."""
    fake = FakeCollector(World(shipments=0))
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", fake.url)
    app = draw(view)
    fake.close()
    assert app.info


@pytest.mark.parametrize("view", VIEWS)
def test_a_collector_that_is_away_is_said_calmly(monkeypatch: pytest.MonkeyPatch, view: str) -> None:
    """Its address, and how to start it."""
    url = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", url)
    said = text_of(draw(view))
    assert url in said
    assert "causeline collector" in said


def test_the_overview_leads_with_what_is_wrong(at_collector: FakeCollector) -> None:
    """The dead SMS come first."""
    assert "4 dead letters in sms" in text_of(draw("overview"))


def test_the_overview_says_when_all_is_well(at_collector: FakeCollector) -> None:
    """No news is said to be good news."""
    at_collector.world.letters.clear()
    assert "All is well" in text_of(draw("overview"))


def test_an_unknown_id_is_said_and_recent_events_are_offered(at_collector: FakeCollector) -> None:
    """A wrong link is no dead end."""
    said = text_of(draw("event", id="00000000-0000-0000-0000-00000000dead"))
    assert "Nothing is recorded under" in said
    assert "Recent events" in said
    assert "Open" in said


def test_any_node_can_be_linked_to_and_its_details_are_shown(at_collector: FakeCollector, world: World) -> None:
    """A step's keys, its attempts and its model calls."""
    picture = next(iter(world.pictures.values()))
    sorting = next(node for node in picture.nodes.values() if node.name == "sorting")
    app = draw("event", id=sorting.id)
    said = text_of(app)
    assert "Keys read" in said
    assert "the carrier answered 503" in said
    assert any("simulated\\-small" in expander.label for expander in app.expander)


def test_the_whole_picture_is_asked_for_in_one_go(
    at_collector: FakeCollector, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a dead letter all groups are seen, not only what led to it."""
    asked: list[str] = []
    answer = at_collector.answer
    monkeypatch.setattr(at_collector, "answer", lambda path, *rest: asked.append(path) or answer(path, *rest))
    letter = next(iter(world.letters))
    picture = world.picture_of(letter)
    assert picture

    said = text_of(draw("event", id=letter, show="whole"))

    assert f"{len(picture.nodes)} nodes" in said
    assert [path for path in asked if path.endswith("/causality")] == [f"/api/nodes/{letter}/causality"]


@pytest.mark.parametrize(("reason", "said"), [("missing", "Never arrived"), ("not_sampled", "Not sampled")])
def test_a_gap_says_why_it_is_one(at_collector: FakeCollector, world: World, reason: str, said: str) -> None:
    """A loss is somebody's trouble; what was left out by sampling is nobody's."""
    letter = next(iter(world.letters))
    picture = world.picture_of(letter)
    assert picture
    hole = Hole.model_validate({"id": world.new_id(), "named_by": [letter], "reason": reason})
    picture.holes.append(hole)
    assert said in text_of(draw("event", id=letter, node=hole.id))


def test_a_search_by_subject_finds_its_events(at_collector: FakeCollector) -> None:
    """People know shipments, not ids."""
    said = text_of(draw("event", q="SHIP-0003"))
    assert "1 event found" in said


def test_an_id_that_is_typed_is_drawn_and_words_are_searched_for(at_collector: FakeCollector, world: World) -> None:
    """One box for both."""
    event_id, event = next(iter(world.events.items()))
    app = draw("event")
    app.text_input[0].set_value(event_id).run()
    assert app.query_params.get("id") == event_id
    app.text_input[0].set_value(event.correlation_id or "").run()
    assert app.query_params.get("q") == event.correlation_id


def test_a_letter_shows_its_payload_and_every_attempts_traceback(at_collector: FakeCollector, world: World) -> None:
    """All that is needed to decide."""
    letter = next(iter(world.letters.values()))
    app = draw("dead-letters", letter=letter.id)
    said = text_of(app)
    assert said.count("Traceback (most recent call last)") == 5
    assert '"order": "SHIP-0001"' in said


def test_backlog_filters_are_in_the_url(at_collector: FakeCollector) -> None:
    """A filtered list can be sent to somebody."""
    app = draw("dead-letters")
    app.button(key="backlog-shipment.delivered-sms-non_retryable").click().run()
    assert app.query_params.get("reason") == "non_retryable"
    wanted = ("SHIP-0004", "SHIP-0007")
    assert {box.label for box in app.checkbox} == {f"Pick {wording.spoken(each)}" for each in wanted}


def test_tick_all_ticks_what_is_on_the_page(at_collector: FakeCollector) -> None:
    """And the button says how many would go."""
    app = draw("dead-letters")
    app.button(key="tick-all").click().run()
    assert all(box.value for box in app.checkbox)
    assert app.button(key="replay").label == "Replay 4 letters"


def test_one_letter_is_not_all_and_none_cannot_be_ticked(at_collector: FakeCollector, world: World) -> None:
    """What a button says can be done."""
    assert draw("dead-letters", q="SHIP-0001").button(key="tick-all").label == "Tick this one"
    world.replay(next(iter(world.letters)), "ana")
    settled = draw("dead-letters", state="replayed")
    assert [button.key for button in settled.button if button.key == "tick-all"] == []


def test_an_undecodable_letter_says_what_does_not_fit(at_collector: FakeCollector, world: World) -> None:
    """Not once more of which event: the row is its."""
    letter = next(iter(world.letters.values()))
    error = f"the payload of event {letter.event_id} does not fit what sms asks for: phone: should match a number"
    world.letters[letter.id] = letter.model_copy(update={"error": f"UndecodableError: {error}"})
    said = text_of(draw("dead-letters"))
    assert ":small[UndecodableError\\: phone\\: should match a number]" in said


def test_the_worst_nodes_of_a_step_say_why_they_are(at_collector: FakeCollector) -> None:
    """Scored wrong, tried again, or slow."""
    said = text_of(draw("steps", workflow="shipment", step="sorting", kind="step"))
    assert "scored wrong" in said
    assert "2 attempts" in said
    assert "slow" in said


def test_steps_show_accuracy_with_its_interval_and_n(at_collector: FakeCollector) -> None:
    """A share without its n is a rumour."""
    said = text_of(draw("steps", workflow="shipment", step="sorting", kind="step"))
    assert f"83.3{wording.NO_BREAK}%" in said
    assert "n 12" in said


def test_a_run_shows_its_steps_and_how_its_events_fared(at_collector: FakeCollector, world: World) -> None:
    """From the run to every group's delivery."""
    run_id = next(iter(world.runs))
    said = text_of(draw("runs", run=run_id))
    assert "SHIP" in said
    assert "tracking\\-board" in said
    assert ":red-badge[" in said


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


def test_a_run_without_spans_shows_what_the_server_knows(at_collector: FakeCollector, world: World) -> None:
    """It is not sampled, or has not begun."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.RUNNING)
    world.runs[run_id] = world.runs[run_id].model_copy(update={"steps": [], "events": []})
    app = draw("runs", run=run_id)
    assert "No step of it is recorded" in text_of(app)
    assert "cancel-run" in [button.key for button in app.button]


def test_groups_say_who_serves_them_and_only_those_without_anybody_can_be_retired(
    at_collector: FakeCollector, world: World
) -> None:
    """With what they owe, and since when nobody was heard of."""
    world.unserved["old-sms"] = 7
    app = draw("groups")
    said = text_of(app)
    assert ":red-badge[nobody] :small[:gray[heard 2 h ago]]" in said
    assert [button.key for button in app.button if str(button.key).startswith("retire-")] == [
        "retire-shipment.delivered-old-sms"
    ]


def test_workers_are_listed_by_app_with_what_waits_for_them(at_collector: FakeCollector, world: World) -> None:
    """An app that nobody works for too, with the run whose step has waited the longest."""
    said = text_of(draw("groups"))
    assert "**logistics** &nbsp;:small[2 live workers · 0 steps due · 3 under way in 32 slots" in said
    assert "**refunds** &nbsp;:small[:red-badge[no live worker] · 4 steps due" in said
    assert "depot\\-2\\-7f3a" in said
    assert ":gray-badge[cell]" in said


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
    assert sum(button.key.startswith("open-") for button in app.button if button.key) == 1


def test_the_views_have_the_addresses_that_problems_lead_to() -> None:
    """A problem names a view by its path."""
    paths = (selection.OVERVIEW, selection.EVENT, selection.DEAD_LETTERS, selection.STEPS, selection.RUNS)
    assert (*paths, selection.GROUPS) == VIEWS
