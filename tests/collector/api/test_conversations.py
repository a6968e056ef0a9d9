"""Conversations as a program asks for them: of runs of ours and of others, of calls, of sessions."""

import json

import pytest

from collector.client import ApiError, CollectorClient
from collector.models import NodeStatus
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.agents.talk import Agent, text
from tests.collector.live import LiveCollector
from tests.collector.story import Story, Value, place, uid

#: What our runtime's step asks a model.
SAID: dict[str, Value] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "m",
    "session.id": "shop/7",
    "gen_ai.input.messages": json.dumps([text("user", "Which route?")]),
}


def own_run() -> Story:
    """A run of ours whose step asks a model twice, for its first attempt fails; another run's step lies beside it."""
    story, run = Story(), uid("talk")
    top = place("talk", "run")
    about: dict[str, Value] = {semconv.RUN_ID: str(run), semconv.WORKFLOW: "ship"}
    story.node(NodeKind.RUN, run, "run ship", top, more=about, lasts=90)
    for attempt, outcome in ((1, "retry"), (2, "ok")):
        where = place("talk", f"plan {attempt}")
        more: dict[str, Value] = {
            **about,
            semconv.STEP: "plan",
            semconv.ATTEMPT: attempt,
            semconv.OUTCOME: outcome,
            semconv.AGENT: "planner",
        }
        at = attempt * 10
        story.node(NodeKind.STEP, uid("plan"), "step plan", where, more=more, parent=top, at=at, lasts=9)
        plain = place("talk", f"http {attempt}")
        story.add("POST", plain, parent=where, at=at + 1, lasts=5)
        answer = {"gen_ai.output.messages": json.dumps([text("assistant", "The short one.")])} if attempt == 2 else {}
        story.add(
            "chat m",
            place("talk", f"chat {attempt}"),
            parent=plain,
            at=at + 2,
            lasts=3,
            attributes={**SAID, **answer},
            failed="" if attempt == 2 else "overloaded",
        )
    return story


def test_a_run_of_ours_tells_what_its_steps_said(emptied: LiveCollector) -> None:
    """With the step, its attempt and its agent; the failed try is one of two."""
    emptied.post(own_run().request()).raise_for_status()

    with CollectorClient(emptied.url) as client:
        found = client.conversation(str(uid("talk")))
        call = client.call(found.turns[1].call.node_id)
        session = client.session("shop/7")

    assert [(turn.step, turn.agent, turn.step_attempt, turn.attempt, turn.call.status) for turn in found.turns] == [
        ("plan", "planner", 1, 1, NodeStatus.FAILED),
        ("plan", "planner", 2, 2, NodeStatus.OK),
    ]
    assert found.turns[0].call.error == "overloaded"
    assert call.run_id == str(uid("talk"))
    assert [(turn.run.run_id, turn.run.workflow) for turn in session.items] == [(str(uid("talk")), "ship")]
    assert session.items[0].answered is not None
    assert session.items[0].answered.parts[0].text == "The short one."


def test_long_texts_are_cut_and_had_whole_of_the_call(emptied: LiveCollector) -> None:
    """A prompt of ten megabytes."""
    trace, long = Agent(), "lorem ipsum " * 900_000
    top = trace.begin()
    trace.chat(top, [text("user", long)], text("assistant", "Yes."))
    emptied.post(trace.request.SerializeToString()).raise_for_status()

    with CollectorClient(emptied.url) as client:
        (run,) = client.runs(last="all").items
        (turn,) = client.conversation(run.run_id).turns
        whole = client.call(turn.call.node_id, full="/messages/0/parts/0/text").messages[0].parts[0].text
        listed = [each.call.node_id for each in client.every_turn(run.run_id)]

    assert turn.messages[0].parts[0].text is not None
    assert turn.messages[0].parts[0].text.endswith("of 10,800,000 characters]")
    assert whole == long
    assert listed == [turn.call.node_id]


def test_sessions_are_listed_and_walked(emptied: LiveCollector) -> None:
    """Every one, and every run of one."""
    for number in (1, 2, 3):
        trace = Agent(number)
        trace.chat(trace.begin(), [text("user", "Hello?")], text("assistant", "Yes."))
        emptied.post(trace.request.SerializeToString()).raise_for_status()

    with CollectorClient(emptied.url) as client:
        page = client.sessions(last="all", user="ada")
        every = [each.session for each in client.every_session(last="all")]
        runs = [each.run.run_id for each in client.every_session_run("s/1")]

    assert [(each.session, each.runs, each.users) for each in page.items] == [("s/1", 3, ["ada"])]
    assert every == ["s/1"]
    assert len(set(runs)) == 3


def test_what_nobody_knows_is_not_found(emptied: LiveCollector) -> None:
    """With a word for what it would have been."""
    with CollectorClient(emptied.url) as client:
        for ask in (client.conversation, client.call, client.session):
            with pytest.raises(ApiError) as raised:
                ask("00000000-0000-8000-8000-000000000001")
            assert raised.value.status == 404
