"""The key that an event has in a group's order."""

from typing import Any

import pytest

from runtime.bus.ordering import NO_KEY, order_key
from tests.contract.made import event


@pytest.mark.parametrize(
    ("data", "order_by", "expected"),
    [
        ({"id": "a"}, "id", "a"),
        ({"id": 7}, "id", "7"),
        ({"id": "7"}, "id", "7"),
        ({"id": True}, "id", "true"),
        ({"order": {"id": "ä:{}|"}}, "order.id", "ä:{}|"),
        ({"id": {"b": 1, "a": 2}}, "id", '{"a": 2, "b": 1}'),
        ({"id": ""}, "id", ""),
        ({"id": None}, "id", NO_KEY),
        ({}, "id", NO_KEY),
        ([1], "id", NO_KEY),
        ("text", "id", NO_KEY),
        ({"order": "x"}, "order.id", NO_KEY),
    ],
)
def test_a_key_is_read_from_the_payload(data: Any, order_by: str, expected: str):
    """Text as it is, anything else as JSON; what is not there is one key of its own."""
    assert order_key(event(1, data=data), order_by) == expected


def test_what_is_no_envelope_has_no_key():
    """It goes with the others that have none."""
    assert order_key(None, "id") == NO_KEY


@pytest.mark.parametrize("long", ["x" * 129, "ä" * 65, "\ud800"])
def test_a_key_that_is_long_or_half_a_character_is_told_by_its_digest(long: str):
    """The same for the same, and another one for another."""
    key = order_key(event(1, data={"id": long}), "id")
    assert (len(key), key) == (64, order_key(event(2, data={"id": long}), "id"))
    assert key != order_key(event(1, data={"id": long + "y"}), "id")
