"""The event on the wire is a CloudEvents envelope; whatever else lies in a stream is undecodable, never a crash."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.bus.envelope import Envelope, decode
from runtime.causality import identity
from runtime.errors import UndecodableError
from tests.contract.made import TRACE, event, uuid

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)

#: The first and the last moment of a year with four digits, in UTC.
FIRST_NS, LAST_NS = -62_135_596_800 * 10**9, 253_402_300_800 * 10**9 - 1


def envelope(**members: Any) -> bytes:
    """A foreign envelope."""
    return json.dumps({"specversion": "1.0", "id": "order-1", "source": "shop", "type": "orders"} | members).encode()


def test_an_envelope_is_a_cloud_event():
    """The whole wire format."""
    made = event(1, causation_event=uuid(2), cause_node=uuid(3))
    assert json.loads(made.encode()) == {
        "specversion": "1.0",
        "id": str(uuid(1)),
        "type": "shipment.delivered",
        "source": "tests",
        "time": "2025-06-15T15:06:40.123456789Z",
        "subject": "parcel-1",
        "datacontenttype": "application/json",
        "correlationid": str(uuid(900)),
        "causationid": str(uuid(2)),
        "causenode": str(uuid(3)),
        "traceparent": TRACE.traceparent,
        "data": {"parcel": 1},
    }


def test_what_is_absent_is_left_out():
    """CloudEvents knows no null attributes."""
    bare = Envelope(id=uuid(1), channel="x", source="s", time_ns=0, data=None, correlation_id=uuid(1))
    members = ["specversion", "id", "type", "source", "time", "datacontenttype", "correlationid"]
    assert list(json.loads(bare.encode())) == members


@given(
    id=st.uuids(),
    correlation_id=st.uuids(),
    time_ns=st.integers(FIRST_NS, LAST_NS),
    data=JSON,
    source=st.text(min_size=1).filter(lambda text: text.isprintable()),
    subject=st.text(),
    causation_event=st.none() | st.uuids(),
    cause_node=st.none() | st.uuids(),
    trace=st.none() | st.just(TRACE),
)
def test_an_envelope_reads_back(**members: Any):
    """Nothing is lost on the way."""
    made = Envelope(channel="shipment.delivered", **members)
    assert decode(made.encode(), "shipment.delivered") == made


@given(raw=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_anything_is_decoded_or_undecodable(raw: bytes):
    """No other error: it would end the loop that reads the stream."""
    try:
        decode(raw, "x")
    except UndecodableError as error:
        assert "channel x" in str(error)  # noqa: PT017 - most inputs fail, a few don't


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not JSON",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'"text"',
        b"null",
        b'{"id": "1"}',
        b"[" * 100_000,
        b'{"id": "\\ud800", "source": "shop"}',
        b'{"id": "1", "source": "\\ud800"}',
    ],
    ids=lambda raw: raw[:24].decode(errors="replace"),
)
def test_what_is_no_envelope_is_undecodable(raw: bytes):
    """Junk, another shape, nesting without end, halves of characters."""
    with pytest.raises(UndecodableError, match="not a CloudEvents envelope"):
        decode(raw, "x")


def test_an_event_made_elsewhere_needs_only_what_the_standard_needs():
    """Its id is hashed and kept; it is its own correlation; its time is unknown."""
    decoded = decode(envelope(), "orders")
    id_ = identity.foreign_event_id("shop", "order-1")
    assert decoded == Envelope(
        id=id_, channel="orders", source="shop", time_ns=0, data=None, correlation_id=id_, raw_id="order-1"
    )
    assert json.loads(decoded.encode())["id"] == "order-1"


def test_the_channel_wins_over_the_type():
    """Where an event lies is a fact, what it says is a claim."""
    assert decode(envelope(type="something else"), "orders").channel == "orders"


@pytest.mark.parametrize("bad", ["nonsense", 7, [], {}, "00-0-0-0"])
@pytest.mark.parametrize("name", ["traceparent", "correlationid", "causationid", "causenode", "time", "tracestate"])
def test_an_unreadable_attribute_does_not_fail_the_event(name: str, bad: Any):
    """It is as good as absent; only what carries the payload must be there."""
    decoded = decode(envelope(data=5, **{name: bad}), "orders")
    assert (decoded.data, decoded.trace, decoded.cause_node, decoded.causation_event) == (5, None, None, None)
    assert decoded.correlation_id == decoded.id
    assert decoded.time_ns == 0


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000_000),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("1970-01-01T00:00:01.000000001Z", 1_000_000_001),
        ("1970-01-01T02:00:01+02:00", 1_000_000_000),
        ("1970-01-01T02:00:01.250+02:00", 1_250_000_000),
        ("1969-12-31T19:00:01.25-05:00", 1_250_000_000),
        ("1970-01-01T00:00:01", 1_000_000_000),
        ("0001-01-01T00:00:00Z", FIRST_NS),
        ("9999-12-31T23:59:59.999999999Z", LAST_NS),
        ("9999-12-31T23:59:59-00:01", 0),
        ("0001-01-01T00:00:00+00:01", 0),
        ("yesterday", 0),
        ("99999-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.12x4Z", 0),
    ],
)
def test_times_are_read_to_the_nanosecond_in_any_zone(text: str, time_ns: int):
    """RFC 3339; without a zone it is UTC."""
    assert decode(envelope(time=text), "orders").time_ns == time_ns


def test_the_payload_alone_is_json():
    """As spans carry it."""
    assert event(1, data={"a": [1, None]}).masked_payload() == '{"a":[1,null]}'
