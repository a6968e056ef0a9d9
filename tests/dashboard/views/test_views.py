"""Every view, drawn in this process against a real HTTP server."""

import re
import socket
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from collector.models import DeadLetterState, EndedWait, Hole, Model, NodeDetail, Settlement
from dashboard import data, selection, wording
from dashboard.keys import key
from tests.dashboard.server import FakeCollector, Params
from tests.dashboard.views.drawing import draw, rows_of, text_of, ticked
from tests.dashboard.world import World
from tests.servers import free_port

VIEWS = ("overview", "event", "dead-letters", "steps", "runs", "traces", "groups", "workers", "topology")


def says_nothing_empty(app: AppTest) -> bool:
    """Whether a page has words for whatever is missing."""
    said = text_of(app)
    return "None" not in said and re.search(r"\bnan\b", said, re.IGNORECASE) is None


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


def test_a_collector_that_takes_too_long_is_not_said_to_be_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there, and nobody needs to start it."""
    monkeypatch.setattr(data, "PATIENCE", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        said = text_of(draw("overview"))
    assert "took more than 0.05 seconds" in said
    assert "causeline collector" not in said


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
    assert "SHIP-0001" in said


def test_any_node_can_be_linked_to_and_its_details_are_shown(at_collector: FakeCollector, world: World) -> None:
    """A step's keys, its attempts and its model calls."""
    picture = next(iter(world.pictures.values()))
    sorting = next(node for node in picture.nodes.values() if node.name == "sorting")
    said = text_of(draw("event", id=sorting.id))
    assert "Keys read" in said
    assert "pickup 360 B" in said
    assert "Never used" in said
    assert "already applied" in said
    assert "the carrier answered 503" in said
    assert "simulated-small" in said
    assert "Attributes of" not in said
    assert "Attributes of" in text_of(draw("event", id=sorting.id, within="0"))


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
    assert [path for path in asked if path.endswith("/causality")] == ["/api/causality"]


def test_a_step_that_waited_says_who_answered_and_leads_there(
    at_collector: FakeCollector, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person by name, code by its node; nobody where none came in time."""
    step = next(iter(world.runs.values())).steps[0].node_id
    waits = [
        EndedWait(name="word", key="`b`", by="shop", node_id=world.new_id(), at=world.now),
        EndedWait(name="<b>approval</b>", by="ann", at=world.now),
        EndedWait(name="late", at=world.now),
    ]
    answer = at_collector.answer

    def waited(path: str, params: Params, body: dict[str, Any] | None) -> Model:
        found = answer(path, params, body)
        return found.model_copy(update={"waits": waits}) if isinstance(found, NodeDetail) else found

    monkeypatch.setattr(at_collector, "answer", waited)

    app = draw("event", id=step, node=step)
    said = text_of(app).replace("\\", "")

    assert "word (`b`): answered by shop" in said
    assert "<b>approval</b>: answered by ann" in said
    assert "late: :orange[nobody answered in time]" in said
    app.button(key="answered-0").click().run()
    assert app.query_params.get("node") == waits[0].node_id


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
    app.button(key=key("backlog", "shipment.delivered", "sms", "non_retryable")).click().run()
    assert app.query_params.get("reason") == "non_retryable"
    wanted = ("SHIP-0004", "SHIP-0007")
    assert {row["tick"]["label"] for row in rows_of(app)} == {
        f"Pick {wording.make_spoken_label(each)}" for each in wanted
    }


def test_tick_all_ticks_what_is_on_the_page(at_collector: FakeCollector) -> None:
    """And the button says how many would go."""
    app = draw("dead-letters")
    app.button(key="tick-all").click().run()
    assert {row["tick"]["id"] for row in rows_of(app)} <= ticked(app)
    assert app.button(key="replay").label == "Replay 4 letters"


@pytest.mark.parametrize("retired", [0, 1])
def test_what_was_sent_is_ticked_no_more(
    at_collector: FakeCollector, world: World, monkeypatch: pytest.MonkeyPatch, retired: int
) -> None:
    """Nor is what can't be sent, because its group was retired: it waits, and would be sent in vain once more."""
    unsent, send = list(world.letters)[:retired], world.replay

    def sent(id_: str, operator: str) -> Settlement:
        return Settlement(dead_letter_id=id_, status="group_retired") if id_ in unsent else send(id_, operator)

    monkeypatch.setattr(world, "replay", sent)
    app = draw("dead-letters")
    app.button(key="tick-all").click().run()
    app.button(key="replay").click().run()
    app.text_input(key="operator").set_value("ana").run()
    app.button(key="confirm").click().run()
    assert {id_ for id_, letter in world.letters.items() if letter.state is DeadLetterState.DEAD} == {*unsent}
    assert ticked(app.run()) == set()


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
    assert "UndecodableError: phone: should match a number" in said


def test_the_worst_nodes_of_a_step_say_why_they_are(at_collector: FakeCollector) -> None:
    """Scored wrong, tried again, or slow."""
    said = text_of(draw("steps", workflow="shipment", step="sorting", kind="step"))
    assert "scored wrong" in said
    assert "2 attempts" in said
    assert "slow" in said


def test_steps_show_accuracy_with_its_interval_and_n(at_collector: FakeCollector) -> None:
    """A share without its n is a rumour."""
    said = text_of(draw("steps", workflow="shipment", step="sorting", kind="step"))
    assert "83.3 %" in said
    assert "n 12" in said


def test_the_views_have_the_addresses_that_problems_lead_to() -> None:
    """A problem names a view by its path."""
    paths = (
        selection.OVERVIEW,
        selection.EVENT,
        selection.DEAD_LETTERS,
        selection.STEPS,
        selection.RUNS,
        selection.TRACES,
    )
    assert (*paths, selection.GROUPS, selection.WORKERS, selection.TOPOLOGY) == VIEWS
