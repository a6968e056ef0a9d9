"""Who a message is on its channel, what caused it, and what it says."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.bus.envelope import Envelope, decode
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.rabbitmq.arrivals import Arrival, ArrivalContext, read_arrival
from runtime.rabbitmq.cloudevents import headers_of
from runtime.rabbitmq.message import Message

AT: Final = ArrivalContext(
    "orders", "incoming", holds_letters=False, now_ns=1_700_000_000_000_000_000, sample_ratio=1.0
)
STRANGER: Final = TraceContext(0x11111111111111111111111111111111, 0x2222222222222222)
EVENT, CAUSE, SENDER = (identity.mint() for _ in range(3))


def test_a_binary_event_keeps_id_source_subject_time_cause_and_correlation() -> None:
    """Both prefixes of the binding are read, and times that the driver has made moments of."""
    event, correlation = UUID(int=7, version=4), identity.mint()
    headers = {
        "cloudEvents:specversion": "1.0",
        "cloudEvents:id": str(event),
        "cloudEvents:source": "/shop",
        "cloudEvents_subject": "order 7",
        "cloudEvents:time": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "cloudEvents:causationid": str(CAUSE),
        "cloudEvents:correlationid": str(correlation),
        "unrelated": "x",
    }
    found = _read({"n": 1}, headers=headers)
    said = found.envelope
    assert (said.id, said.source, said.subject, said.data) == (event, "/shop", "order 7", {"n": 1})
    assert (said.causation_event, said.cause_node, said.correlation_id) == (CAUSE, CAUSE, correlation)
    assert said.time_ns == int(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()) * 10**9
    assert found.is_stable


def test_a_structured_event_is_read_from_its_body() -> None:
    """Its data may be base64, and its attributes win over headers."""
    members = {"specversion": "1.0", "id": "7", "source": "/shop", "type": "t", "data": [1]}
    found = _read(members, content_type="application/cloudevents+json; charset=utf-8")
    assert (found.envelope.raw_id, found.envelope.data) == ("7", [1])
    binary = {"specversion": "1.0", "id": "8", "source": "/shop", "data_base64": "/wA="}
    assert _read(binary, content_type="application/cloudevents+json").envelope.data == {"data_base64": "/wA="}


@pytest.mark.parametrize("kind", ["application/cloudevents-batch+json", "application/json"])
def test_what_is_no_single_event_is_a_plain_message(kind: str) -> None:
    """Its whole body is the payload."""
    members = {"specversion": "1.0", "id": "7", "source": "/shop"}
    assert _read(members, content_type=kind).envelope.data == members


def test_a_plain_message_with_an_id_is_the_same_event_when_it_comes_again() -> None:
    """But another body under the same id is another event: senders make constants of it."""
    first, again, other = (_read(body, message_id="7") for body in ({"n": 1}, {"n": 1}, {"n": 2}))
    assert first.envelope.id == again.envelope.id != other.envelope.id
    assert first.envelope.trace == again.envelope.trace
    assert first.is_stable
    assert first.envelope.source == "rabbitmq/orders"


def test_a_plain_message_without_an_id_is_another_event_each_time_and_says_so() -> None:
    """A digest of its body would make one event of two messages that say the same."""
    first, again = _read({"n": 1}), _read({"n": 1})
    assert first.envelope.id != again.envelope.id
    assert not first.is_stable


def test_the_span_that_sent_a_message_is_the_parent_of_what_it_becomes() -> None:
    """OpenTelemetry's header wins over CloudEvents' extension, which is older by a hop; an unreadable one is none."""
    other = TraceContext(0x33333333333333333333333333333333, 0x4444444444444444)
    extension = {"cloudEvents:id": "7", "cloudEvents:source": "/s", "cloudEvents:traceparent": other.traceparent}
    found = _read(1, headers=extension | {"traceparent": STRANGER.traceparent})
    assert found.sender == STRANGER
    assert found.envelope.trace is not None
    assert found.envelope.trace.trace_id == STRANGER.trace_id
    assert _read(1, headers=extension | {"traceparent": "nonsense"}).sender == other
    assert _read(1, headers={"traceparent": b"\xff"}).sender is None


def test_an_event_of_ours_that_was_sent_on_is_another_one_caused_by_who_sent_it() -> None:
    """Cause and effect have to be two: its sender is caused by the event itself."""
    found = _read({"n": 1}, headers=headers_of(_ours("shipments"), SENDER, STRANGER))
    assert found.envelope.id != EVENT
    assert (found.envelope.cause_node, found.envelope.causation_event) == (SENDER, EVENT)
    again = _read({"n": 1}, headers=headers_of(_ours("shipments"), SENDER, STRANGER))
    assert again.envelope.id == found.envelope.id


def test_an_event_of_ours_that_comes_back_to_its_own_channel_is_itself() -> None:
    """So that it is known there, and does not go round for ever."""
    found = _read({"n": 1}, headers=headers_of(_ours(AT.channel), SENDER, STRANGER))
    assert (found.envelope.id, found.envelope.cause_node) == (EVENT, None)


def test_what_a_message_says_holds_on_the_bus_too() -> None:
    """What is recorded is read back with the same id."""
    for found in (_read(1, message_id="7"), _read(1), _read(1, headers=headers_of(_ours("c"), SENDER, STRANGER))):
        assert decode(found.envelope.encode(), AT.channel).id == found.envelope.id


def test_a_budget_and_an_expiry_travel() -> None:
    """What holds over an event holds over what it causes beyond the bridge."""
    budget = identity.mint()
    ours = replace(_ours("c"), budget=budget)
    headers = headers_of(ours, SENDER, STRANGER) | {"cloudEvents:expirytime": "2030-01-01T00:00:00Z"}
    found = _read(1, headers=headers).envelope
    assert found.budget == budget
    assert found.timing is not None
    assert found.timing.expires_ns == int(datetime(2030, 1, 1, tzinfo=UTC).timestamp()) * 10**9


def test_the_same_message_dies_twice_as_two_letters() -> None:
    """Once it was sent again and has died once more, it is to be seen once more; found again by a lost
    acknowledgement, it is the same one."""
    at = replace(AT, holds_letters=True)
    death = {"queue": "work", "reason": "rejected", "count": 1}
    first, again = (_read(1, at, message_id="7", headers={"x-death": [death]}) for _ in range(2))
    second = _read(1, at, message_id="7", headers={"x-death": [death], "x-causeline-replays": 1})
    assert first.envelope.id == again.envelope.id != second.envelope.id


_FIELDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(
    [
        *(f"cloudEvents:{name}" for name in ("id", "source", "time", "causationid", "causenode", "type", "expirytime")),
        *("cloudEvents_correlationid", "traceparent", "tracestate", "x-death", "x-causeline-replays", "else"),
        *("x-first-death-queue", "x-first-death-reason", "cloudEvents:budgetid", "cloudEvents:subject"),
    ]
)


@given(
    st.binary(),
    st.dictionaries(_NAMES, _FIELDS),
    st.dictionaries(st.sampled_from(["message_id", "content_type", "app_id", "timestamp"]), st.text()),
    st.booleans(),
)
def test_whatever_a_message_says_it_is_an_event_that_can_be_stored(
    body: bytes, headers: dict[str, Any], properties: dict[str, Any], holds_letters: bool
) -> None:
    """One that could not be read would come again and again."""
    at = replace(AT, holds_letters=holds_letters)
    found = read_arrival(Message(body=body, headers=headers, properties=properties), at).envelope
    assert decode(found.encode(), AT.channel).id == found.id


def _ours(channel: str) -> Envelope:
    trace = TraceContext(0x55555555555555555555555555555555, 0x6666666666666666)
    return Envelope(
        id=EVENT, channel=channel, source="shop", time_ns=1, data={"n": 1}, correlation_id=CAUSE, trace=trace
    )


def _read(body: Any, at: ArrivalContext = AT, *, headers: dict[str, Any] | None = None, **properties: Any) -> Arrival:
    return read_arrival(Message(body=json.dumps(body).encode(), headers=headers or {}, properties=properties), at)
