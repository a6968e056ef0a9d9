"""What was read before is not read again, and what is read is the same."""

import json
from typing import Any

import pytest

from collector.agents.messages.message import read_messages
from collector.agents.messages.message_memory import MessageMemory

LONG = "word " * 500


def said(number: int) -> dict[str, Any]:
    """One message."""
    return {"role": "user", "content": [{"type": "text", "text": f"{number}: {LONG}"}]}


@pytest.mark.parametrize("wrap", [lambda each: each, lambda each: {"messages": [each]}])
def test_a_history_that_grows_is_read_from_where_it_goes_on(wrap: Any) -> None:
    """The messages before are the same objects."""
    memory = MessageMemory()
    before = memory.read_messages(json.dumps(wrap([said(1), said(2)])), "user")
    text = json.dumps(wrap([said(1), said(2), said(3)]))
    after = memory.read_messages(text, "user")

    assert after == read_messages(text, "user")
    assert [each is other for each, other in zip(before, after, strict=False)] == [True, True]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([said(1), said(7)]),
        json.dumps({"messages": [said(1)], "tools": [1, 2]}),
        json.dumps([said(1)])[:-1] + ", 5]",
        json.dumps([said(1), said(2)])[:-9],
    ],
)
def test_what_does_not_go_on_is_read_whole(text: str) -> None:
    """Another history, another list, nonsense, what was cut."""
    memory = MessageMemory()
    memory.read_messages(json.dumps([said(1)]), "user")
    memory.read_messages(json.dumps({"messages": [said(1)], "tools": [1]}), "user")

    assert memory.read_messages(text, "user") == read_messages(text, "user")


def test_attributes_of_more_messages_are_read_from_where_they_go_on() -> None:
    """A value each, in the order of messages."""
    memory = MessageMemory()
    attributes = {f"gen_ai.prompt.{n}.{key}": key for n in range(9) for key in ("role", "content")}
    some = dict(list(attributes.items())[:10])
    before = memory.read_flattened(some, "gen_ai.prompt.", "user")
    after = memory.read_flattened(attributes, "gen_ai.prompt.", "user")

    assert after == MessageMemory().read_flattened(attributes, "gen_ai.prompt.", "user")
    assert [each is other for each, other in zip(before, after, strict=False)] == [True] * 5
