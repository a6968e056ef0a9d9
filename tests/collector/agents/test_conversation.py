"""A conversation is told once, however often it was sent."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from collector.agents.conversation import Heard, put_together
from collector.agents.messages.message import messages
from collector.models import Call, NodeStatus
from collector.models.conversations import Message, Turn

AT = datetime(2026, 9, 1, tzinfo=UTC)
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Rain in Bern?"}
ASKED = {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "weather", "arguments": "{}"}}]}
TOLD = {"role": "tool", "tool_call_id": "c1", "content": "sunny"}
ANSWER = {"role": "assistant", "content": "No."}


def call(number: int, name: str = "chat", *, failed: bool = False, role: str = "model") -> Call:
    """A call by its number."""
    status = NodeStatus.FAILED if failed else NodeStatus.OK
    return Call(node_id=f"n{number}", role=role, name=name, status=status, start=AT, error="boom" if failed else None)


def chat(number: int, told: Sequence[Any], answer: Any = None, *, failed: bool = False) -> Heard:
    """A call of a model."""
    answered = messages([answer], "assistant") if answer else []
    return Heard(call(number, failed=failed), is_model=True, told=messages(list(told), "user"), answered=answered)


def tool(number: int, call_id: str | None = "c1", *, failed: bool = False) -> Heard:
    """A call of the tool `weather`."""
    return Heard(
        call(number, "weather", failed=failed, role="tool"),
        is_model=False,
        call_id=call_id,
        told=messages([{"type": "function_call", "name": "weather", "arguments": "{}"}], "assistant"),
        answered=messages([{"role": "tool", "content": "sunny"}], "tool"),
    )


def said(told: Sequence[Message]) -> list[str | None]:
    """What messages say."""
    return [part.text or part.name for message in told for part in message.parts]


def briefly(turns: Sequence[Turn]) -> list[tuple[str, list[str | None], list[str | None], int]]:
    """Of each turn its call, what was new and answered, and how much was repeated."""
    return [(each.call.node_id, said(each.messages), said(each.answer), each.repeated) for each in turns]


def test_what_is_sent_again_is_told_once() -> None:
    """Each call of a model is sent the whole history, the answers before it too."""
    turns = put_together([chat(1, [SYSTEM, USER], ASKED), tool(2), chat(3, [SYSTEM, USER, ASKED, TOLD], ANSWER)])

    assert briefly(turns) == [
        ("n1", ["Be brief.", "Rain in Bern?"], ["{}"], 0),
        ("n3", ["sunny"], ["No."], 3),
    ]
    assert turns[1].continues == "n1"


def test_calls_of_tools_tell_how_they_went() -> None:
    """Where the model asked for them, and where it was told."""
    turns = put_together([chat(1, [USER], ASKED), tool(2, failed=True), chat(3, [USER, ASKED, TOLD], ANSWER)])
    asked, told = turns[0].answer[0].parts[0], turns[1].messages[0].parts[0]

    assert (asked.node_id, asked.status, asked.error) == ("n2", NodeStatus.FAILED, "boom")
    assert (told.node_id, told.name) == ("n2", "weather")


def test_a_tool_whose_answer_no_model_was_told_is_a_turn() -> None:
    """The run ended before."""
    turns = put_together([chat(1, [USER], ASKED), tool(2)])

    assert briefly(turns)[1] == ("n2", ["{}"], ["sunny"], 0)


def test_a_tool_without_an_id_is_the_one_that_was_asked_for_by_name() -> None:
    """Spans of some instrumentations don't tell the id."""
    turns = put_together([chat(1, [USER], ASKED), tool(2, None), chat(3, [USER, ASKED, TOLD], ANSWER)])

    assert [turn.call.node_id for turn in turns] == ["n1", "n3"]
    assert turns[0].answer[0].parts[0].node_id == "n2"


def test_tries_after_a_failure_are_counted() -> None:
    """The same messages were sent again."""
    turns = put_together(
        [chat(1, [SYSTEM, USER], failed=True), chat(2, [SYSTEM, USER], failed=True), chat(3, [SYSTEM, USER], ANSWER)]
    )

    assert [turn.attempt for turn in turns] == [1, 2, 3]
    assert [len(turn.messages) for turn in turns] == [2, 0, 0]


def test_an_answer_that_was_changed_is_told_again() -> None:
    """What a model is sent is not what it answered."""
    turns = put_together(
        [chat(1, [USER], ANSWER), chat(2, [USER, {"role": "assistant", "content": "Yes!"}, USER], ANSWER)]
    )

    assert said(turns[1].messages) == ["Yes!", "Rain in Bern?"]


def test_two_agents_that_take_turns_have_conversations_of_their_own() -> None:
    """Each goes on with its own."""
    other = {"role": "system", "content": "You review."}
    turns = put_together(
        [
            chat(1, [SYSTEM, USER], ANSWER),
            chat(2, [other, USER], ANSWER),
            chat(3, [SYSTEM, USER, ANSWER, USER], ANSWER),
            chat(4, [other, USER, ANSWER, USER], ANSWER),
        ]
    )

    assert [turn.continues for turn in turns] == [None, None, "n1", "n2"]
    assert [turn.repeated for turn in turns] == [0, 0, 3, 3]


def test_an_answer_is_named_by_the_call_that_it_answers() -> None:
    """It says the call's id alone."""
    turns = put_together([chat(1, [USER], ASKED), chat(2, [USER, ASKED, TOLD], ANSWER)])

    assert [part.name for part in turns[1].messages[0].parts] == ["weather"]
