"""What was said in runs of others and of ours, as the store has it."""

import json
from typing import Any
from uuid import UUID

import pytest

from collector.errors import NotFoundError
from collector.models import NodeStatus
from collector.models.conversations import Conversation
from collector.questions import calls, conversations, runs
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.sightings import EVERYTHING
from tests.collector.agents.sent import PYDANTIC_AI
from tests.collector.agents.talk import WEATHER, Agent, text


def asked(database: Database, span: int, **wanted: int) -> Conversation:
    """The conversation of the run whose topmost span is given."""
    with database.reading() as session:
        return conversations.find_conversation(session, node(database, span), **wanted)


def node(database: Database, span: int) -> UUID:
    """The node of a span."""
    with database.reading() as session:
        rows = session.rows(
            Query.AGENTS_SPANS,
            traces=[UUID(int=span // 1_000)],
            places=None,
            hints=[],
            short=[],
            longest=0,
            most=10_000,
            **EVERYTHING.bounds,
        )
    return next(row["node_id"] for row in rows if row["span_id"] == span)


def test_a_run_of_others_has_its_conversation(database: Database) -> None:
    """Asked, called a tool, was told, tried again, answered."""
    trace = Agent()
    top = trace.begin()
    history = [text("system", "Be brief."), text("user", "Rain?")]
    trace.chat(top, history, {"role": "assistant", "parts": [WEATHER]})
    trace.tool(top, gen_ai__tool__call__arguments='{"city": "Bern"}', gen_ai__tool__call__result="sunny")
    history += [
        {"role": "assistant", "parts": [WEATHER]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "result": "sunny"}]},
    ]
    trace.chat(top, history, None, failed=True)
    trace.chat(top, history, text("assistant", "No."))
    trace.store(database)

    found = asked(database, top)

    assert [(turn.call.status, turn.attempt, turn.repeated) for turn in found.turns] == [
        (NodeStatus.OK, 1, 0),
        (NodeStatus.FAILED, 1, 3),
        (NodeStatus.OK, 2, 4),
    ]
    assert [part.text for turn in found.turns for message in turn.answer for part in message.parts] == [
        '{"city": "Bern"}',
        "No.",
    ]
    assert found.turns[0].answer[0].parts[0].node_id == str(node(database, trace.id(3)))
    assert (found.calls, found.next, found.notes) == (4, None, [])


def test_a_conversation_comes_in_pages(database: Database) -> None:
    """What is repeated is known across them."""
    trace = Agent()
    top = trace.begin()
    history: list[Any] = []
    for number in range(5):
        history.append(text("user", f"question {number}"))
        trace.chat(top, history, text("assistant", f"answer {number}"))
        history.append(text("assistant", f"answer {number}"))
    trace.store(database)

    first = asked(database, top, limit=3)
    rest = asked(database, top, first=3, limit=3)

    assert (len(first.turns), first.next) == (3, 3)
    assert [turn.messages[0].parts[0].text for turn in rest.turns] == ["question 3", "question 4"]
    assert rest.next is None


def test_calls_without_contents_say_why(database: Database) -> None:
    """Most senders leave them out by default."""
    trace = Agent()
    top = trace.begin()
    trace.span("chat m", top, scope=PYDANTIC_AI, gen_ai__operation__name="chat", gen_ai__request__model="m")
    trace.store(database)

    found = asked(database, top)

    assert len(found.turns) == 1
    assert "CAPTURE_MESSAGE_CONTENT" in found.notes[0]


def test_a_call_that_tells_why_it_ended_and_no_more_is_read(database: Database) -> None:
    """OpenTelemetry's instrumentations do so by default; it is a list, and no text."""
    trace = Agent()
    top = trace.begin()
    trace.span(
        "chat m",
        top,
        scope=PYDANTIC_AI,
        gen_ai__operation__name="chat",
        gen_ai__request__model="m",
        gen_ai__response__finish_reasons=["stop"],
    )
    trace.store(database)

    found = asked(database, top)

    assert len(found.turns) == 1
    assert "CAPTURE_MESSAGE_CONTENT" in found.notes[0]


def test_a_run_that_tells_of_its_conversation_as_a_whole_is_believed(database: Database) -> None:
    """Where its calls do not."""
    trace = Agent()
    told = json.dumps([text("user", "Rain?"), text("assistant", "No.")])
    top = trace.span(
        "invoke_agent a", scope=PYDANTIC_AI, gen_ai__operation__name="invoke_agent", pydantic_ai__all_messages=told
    )
    trace.span("chat m", top, scope=PYDANTIC_AI, gen_ai__operation__name="chat", gen_ai__request__model="m")
    trace.store(database)

    found = asked(database, top)

    whole = found.turns[0]
    assert (whole.call.role, len(whole.messages), len(whole.answer)) == ("agent", 1, 1)


def test_one_call_is_told_whole(database: Database) -> None:
    """How it was asked, what it used, to which run and session it belongs."""
    trace = Agent()
    top = trace.begin()
    long = "x" * 3_000_000
    span = trace.chat(
        top,
        [text("user", long)],
        {**text("assistant", "No."), "finish_reason": "length"},
        gen_ai__request__temperature=0.5,
        gen_ai__request__stream=True,
        gen_ai__response__time_to_first_chunk=0.002,
    )
    trace.store(database)

    with database.reading() as session:
        found = calls.find_call(session, node(database, span))

    assert found.messages[0].parts[0].text == long
    assert found.parameters == {"temperature": 0.5, "stream": True}
    assert (found.finish_reasons, found.streamed, found.output_per_second) == (["length"], True, 250.0)
    assert (found.session, found.user, found.agent) == ("s/1", "ada", "a")
    assert found.run_id == str(node(database, top))
    assert found.call.usage is not None
    assert found.call.usage.input_tokens == 10


def test_what_nobody_knows_is_not_found(database: Database) -> None:
    """Neither a run nor a call."""
    with database.reading() as session:
        with pytest.raises(NotFoundError):
            conversations.find_conversation(session, UUID(int=5))
        with pytest.raises(NotFoundError):
            calls.find_call(session, UUID(int=5))


SDK = "opentelemetry.instrumentation.openai_v2"


@pytest.mark.parametrize("by_the_sdk", [True, False])
def test_a_call_that_two_instrumentations_tell_of_is_one_turn(by_the_sdk: bool, database: Database) -> None:
    """Whichever of both has the messages; beside each other or one within the other."""
    trace = Agent()
    top = trace.begin()
    for number in range(2):
        history = [text("user", f"Rain {number}?")]
        answer = text("assistant", "No.")
        alike: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.usage.input_tokens": 10 + number,
            "gen_ai.usage.output_tokens": 2,
            "gen_ai.response.id": f"r{number}",
        }
        said = {"gen_ai.input.messages": json.dumps(history), "gen_ai.output.messages": json.dumps([answer])}
        outer = trace.add("chat m", top, alike | ({} if by_the_sdk else said), scope=PYDANTIC_AI, took=9)
        trace.add("chat m", (top, outer)[number], alike | (said if by_the_sdk else {}), scope=SDK, took=4)
        trace.span("pause", top, took=20)
        trace.count += 20
    trace.store(database)
    found = asked(database, top)
    assert [[part.text for each in turn.messages for part in each.parts] for turn in found.turns] == [
        ["Rain 0?"],
        ["Rain 1?"],
    ]
    assert [part.text for turn in found.turns for each in turn.answer for part in each.parts] == ["No.", "No."]
    assert found.notes == ["calls that two instrumentations saw are told once"]
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 5).items
        steps = runs.find_run(session, UUID(run.run_id)).steps
    assert [step.step for step in steps] == ["turn 1", "turn 2"]
    assert [len(step.calls) for step in steps] == [2, 2]
    assert run.usage is not None
    assert (run.usage.calls, run.usage.input_tokens) == (2, 21)


def test_a_character_that_stands_between_texts_may_be_within_one(database: Database) -> None:
    """Nothing is mixed up; it is shown as its picture."""
    trace = Agent()
    top = trace.begin()
    said: dict[str, Any] = {"gen_ai.operation.name": "chat"}
    for number, words in enumerate(("Rain\0?", "No.", "Sure?")):
        said[f"gen_ai.prompt.{number}.role"] = ("user", "assistant")[number % 2]
        said[f"gen_ai.prompt.{number}.content"] = words
    trace.add("chat", top, said)
    trace.store(database)
    (turn,) = asked(database, top).turns
    assert [part.text for each in turn.messages for part in each.parts] == ["Rain␀?", "No.", "Sure?"]
