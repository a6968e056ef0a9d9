"""A handler takes the event or its payload, read into the type that it asks for."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator

from runtime.definitions.context import Context
from runtime.definitions.event import Event
from runtime.definitions.subscription import Handler, Subscription, build_subscription
from runtime.errors import DefinitionError, UndecodableError
from runtime.resilience.retry import Retry
from tests.contract.made import event, uuid


@dataclass
class Parcel:
    parcel: int


def subscribed(function: Any, group: str = "sms", agent: str = "") -> Subscription:
    """What is read from a handler."""
    handler = Handler(
        channel="shipment.delivered",
        group=group,
        function=function,
        retry=Retry(),
        timeout=None,
        breaker=None,
        agent=agent,
    )
    return build_subscription(handler, "logistics")


def test_a_handler_that_asks_for_the_event_gets_all_of_it():
    """With its payload in the type asked for."""

    def handler(event: Event[Parcel]) -> None: ...

    assert subscribed(handler).read_argument(event(7, cause_node=uuid(3))) == Event(
        id=uuid(7),
        channel="shipment.delivered",
        data=Parcel(7),
        source="tests",
        subject="parcel-7",
        time=datetime(2025, 6, 15, 15, 6, 40, 123456, UTC),
        correlation_id=uuid(900),
        causation_id=uuid(3),
    )


def test_the_time_of_an_event_is_never_rounded_up():
    """The last moment of all would become one that no clock can show."""

    def handler(event: Event[Parcel]) -> None: ...

    late = event(7, time_ns=253_402_300_800 * 10**9 - 1)
    assert subscribed(handler).read_argument(late).time == datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)


def test_a_handler_that_asks_for_the_payload_gets_that_alone():
    """By whatever name, with a context beside it or without."""

    def handler(parcel: Parcel, ctx: Context) -> None: ...

    made = subscribed(handler)
    assert made.read_argument(event(7)) == Parcel(7)
    assert (made.parameter, made.context, made.wants_event) == ("parcel", "ctx", False)


def test_a_handler_without_type_takes_plain_json():
    """An event without brackets too."""

    def bare(event: Event) -> None: ...

    def untyped(data): ...

    assert subscribed(bare).read_argument(event(7)).data == {"parcel": 7}
    assert subscribed(untyped).read_argument(event(7)) == {"parcel": 7}


def test_a_handler_may_ask_for_nothing():
    """That it happened is enough."""

    def handler() -> None: ...

    made = subscribed(handler)
    assert (made.parameter, made.context) == (None, None)


@pytest.mark.parametrize("data", [{"parcel": "seven"}, {}, [], "text", 7])
def test_a_payload_that_does_not_fit_is_undecodable(data: Any):
    """The message says which event, which group, where and why."""

    def handler(parcel: Parcel) -> None: ...

    with pytest.raises(UndecodableError, match=rf"payload of event {uuid(1)} does not fit what group sms asks "):
        subscribed(handler).read_argument(event(1, data=data))


@pytest.mark.parametrize("error", [KeyError("seven"), ZeroDivisionError(), RecursionError("too deep")])
def test_a_payload_that_its_types_own_code_fails_on_is_undecodable(error: Exception):
    """Whatever a validator of the user's raises; the cause is kept."""

    def known(value: int) -> int:
        raise error

    def handler(parcel: Annotated[int, AfterValidator(known)]) -> None: ...

    expected = f"the payload of event {uuid(1)} can't be read into what group sms asks for: {type(error).__name__}: "
    with pytest.raises(UndecodableError, match=f"^{expected}") as told:
        subscribed(handler).read_argument(event(1, data=7))
    assert told.value.__cause__ is error


def test_the_schema_is_that_of_the_payload():
    """As operators validate an edited one against it."""

    def handler(event: Event[Parcel]) -> None: ...

    assert json.loads(subscribed(handler).schema)["properties"] == {"parcel": {"title": "Parcel", "type": "integer"}}


def test_a_handler_that_asks_for_more_is_refused():
    """Nothing would fill it."""

    def handler(event: Event[Parcel], order: int) -> None: ...

    with pytest.raises(DefinitionError, match=r"handler 'sms' of channel shipment.delivered asks for event, order"):
        subscribed(handler)


def test_a_group_is_named_after_its_app_and_its_function():
    """Two apps that both have such a function get all events each; its agent is the function alone."""

    def bill(parcel: Parcel) -> None: ...

    made = subscribed(bill, group="")
    assert (made.group, made.former, made.agent) == ("logistics.bill", "bill", "bill")


def test_a_group_that_has_a_name_needs_none_of_its_function():
    """A lambda has none; nor had such a group another name before."""
    made = subscribed(lambda parcel: None, group="sms")
    assert (made.group, made.former, made.agent) == ("sms", "", "sms")


def test_parameters_with_defaults_are_left_alone():
    """One without is the event; where all have one, the first is."""

    def handler(parcel: Parcel, note: str = "none") -> None: ...

    def optional(parcel: Parcel | None = None, note: str = "none") -> None: ...

    assert [subscribed(one).parameter for one in (handler, optional)] == ["parcel", "parcel"]
