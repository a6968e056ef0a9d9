"""A conversation is told once, however often it was sent."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from collector.agents.conversation import CallExchange, Turns
from collector.agents.messages.message import read_messages
from collector.agents.messages.sources import CallMessages
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


def chat(number: int, told: Sequence[Any], answer: Any = None, *, failed: bool = False) -> CallExchange:
    """A call of a model."""
    answered = read_messages([answer], "assistant") if answer else []
    return CallExchange(
        call(number, failed=failed),
        is_model=True,
        read=lambda: CallMessages(read_messages(list(told), "user"), answered),
    )


def tool(number: int, call_id: str | None = "c1", *, failed: bool = False) -> CallExchange:
    """A call of the tool `weather`."""
    return CallExchange(
        call(number, "weather", failed=failed, role="tool"),
        is_model=False,
        read=lambda: CallMessages(
            read_messages([{"type": "function_call", "name": "weather", "arguments": "{}"}], "assistant"),
            read_messages([{"role": "tool", "content": "sunny"}], "tool"),
        ),
        call_id=call_id,
    )


def put_together(heard: Sequence[CallExchange]) -> list[Turn]:
    """All turns of a conversation."""
    turns = Turns(heard)
    return turns.page(0, len(turns))


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


def picture(data: str) -> dict[str, Any]:
    """A message that holds an image."""
    part = {"type": "blob", "modality": "image", "mime_type": "image/png", "content": data}
    return {"role": "user", "parts": [part]}


def linked(uri: str) -> dict[str, Any]:
    """A message that names an image."""
    return {"role": "user", "parts": [{"type": "uri", "modality": "image", "mime_type": "image/png", "uri": uri}]}


@pytest.mark.parametrize(
    "images",
    [
        [picture("AAAA" * 100), picture("BBBB" * 100)],
        [picture("AAAA" * 100), picture("AAAA" * 101)],
        [linked("https://x/1.png"), linked("https://x/2.png")],
        [{"role": "user", "parts": [{"odd": "A" * 500}]}, {"role": "user", "parts": [{"odd": "B" * 500}]}],
    ],
)
def test_another_image_is_another_message(images: Sequence[Any]) -> None:
    """Even where it has the size of the one before."""
    turns = put_together([chat(1, [SYSTEM, images[0]], failed=True), chat(2, [SYSTEM, images[1]], ANSWER)])

    assert [(turn.repeated, turn.attempt) for turn in turns] == [(0, 1), (1, 1)]


def test_the_same_image_is_told_once() -> None:
    """It is sent again with each question."""
    image = picture("AAAA" * 100)
    turns = put_together([chat(1, [SYSTEM, image], failed=True), chat(2, [SYSTEM, image], ANSWER)])

    assert [(turn.repeated, turn.attempt) for turn in turns] == [(0, 1), (2, 2)]


@pytest.mark.parametrize("call_id", ["c1", None])
def test_a_tools_answer_is_of_the_try_that_ended_well(call_id: str | None) -> None:
    """The failed try tells its error."""
    turns = put_together(
        [
            chat(1, [SYSTEM, USER], ASKED),
            tool(2, call_id, failed=True),
            tool(3, call_id),
            chat(4, [SYSTEM, USER, ASKED, TOLD], ANSWER),
        ]
    )

    assert [turn.call.node_id for turn in turns] == ["n1", "n2", "n4"]
    assert turns[1].call.error == "boom"
    (asked,), (told,) = turns[0].answer[0].parts, turns[2].messages[0].parts
    assert [(each.node_id, each.status, each.error) for each in (asked, told)] == [("n3", NodeStatus.OK, None)] * 2


def test_of_tries_that_all_failed_the_last_one_is_told() -> None:
    """A model is told of its error."""
    turns = put_together(
        [
            chat(1, [SYSTEM, USER], ASKED),
            tool(2, failed=True),
            tool(3, failed=True),
            chat(4, [SYSTEM, USER, ASKED, TOLD], ANSWER),
        ]
    )

    assert [turn.call.node_id for turn in turns] == ["n1", "n2", "n4"]
    assert turns[0].answer[0].parts[0].node_id == "n3"


def test_a_call_that_failed_and_was_given_up_is_no_later_one() -> None:
    """The model asked for another."""
    again = {"role": "assistant", "tool_calls": [{"id": "c2", "function": {"name": "weather", "arguments": "{}"}}]}
    turns = put_together(
        [chat(1, [USER], ASKED), tool(2, None, failed=True), chat(3, [USER, ASKED, TOLD], again), tool(4, None)]
    )

    assert [turn.answer[0].parts[0].node_id for turn in turns[:2]] == ["n2", "n4"]
