"""Ids are minted or derived; whoever repeats the work derives the same."""

import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.causality import identity
from runtime.semconv import NodeKind

BASE = UUID("01990000-0000-7000-8000-000000000001")
KINDS = st.sampled_from(NodeKind)


def test_a_minted_id_sorts_by_time():
    """A UUIDv7 of now, never the same twice."""
    ids = [identity.mint() for _ in range(100)]
    assert len(set(ids)) == 100
    assert {id_.version for id_ in ids} == {7}
    assert abs((ids[0].int >> 80) - time.time_ns() // 1_000_000) < 10_000


@pytest.mark.parametrize(
    ("derived", "text"),
    [
        (identity.step_id(BASE, "sorting"), "01990000-0000-8a2e-ab75-bcdca4024ee0"),
        (identity.step_id(BASE, "sorting", 1), "01990000-0000-8be8-b1c7-1552c84e88f4"),
        (identity.event_id(BASE, 0), "01990000-0000-8d44-af88-9c275c6e0e21"),
        (identity.delivery_id(BASE, "sms", 0), "01990000-0000-8a5a-bba7-2dfcce271070"),
        (identity.dead_letter_id(BASE), "01990000-0000-8ac0-a56b-64c133802b58"),
        (identity.replay_id(BASE), "01990000-0000-8ad3-9539-a1297e1c7cc7"),
        (identity.discard_id(BASE), "01990000-0000-8b8a-b541-c184c20f1272"),
        (identity.foreign_event_id("shop", "order-1"), "c61326ba-8941-839f-9ac2-5add22fedf5d"),
    ],
)
def test_derived_ids_never_change(derived: UUID, text: str):
    """Data on disk depends on them: a change of this table is a change of the format."""
    assert str(derived) == text


@given(kind=KINDS, base=st.uuids(), name=st.text(), index=st.integers(0))
def test_a_derived_id_keeps_the_time_of_its_base(kind: NodeKind, base: UUID, name: str, index: int):
    """A UUIDv8 of the RFC's variant, the same each time."""
    derived = identity.derive(kind, base, name, index)
    assert (derived.version, derived.variant) == (8, "specified in RFC 4122")
    assert derived.bytes[:6] == base.bytes[:6]
    assert identity.derive(kind, base, name, index) == derived


Parts = tuple[NodeKind, UUID, str, int]
PARTS = st.tuples(KINDS, st.uuids(), st.text(), st.integers(0, 99))


@given(PARTS, PARTS)
def test_different_nodes_have_different_ids(one: Parts, other: Parts):
    """Kind, base, name and index all count."""
    assert (one == other) == (identity.derive(*one) == identity.derive(*other))


@given(st.uuids())
def test_the_text_of_an_id_is_that_of_its_uuid(id_: UUID):
    """Leading zeros included; the second time it is remembered."""
    assert [identity.text_of(id_), identity.text_of(UUID(int=id_.int))] == [str(id_)] * 2


def test_an_event_from_elsewhere_keeps_an_id_that_is_a_uuid():
    """Any other id is hashed together with its source."""
    assert identity.foreign_event_id("shop", str(BASE)) == BASE
    hashed = identity.foreign_event_id("shop", "order-1")
    assert hashed == identity.foreign_event_id("shop", "order-1")
    assert hashed not in {identity.foreign_event_id("shop", "order-2"), identity.foreign_event_id("bank", "order-1")}
    assert hashed.version == 8


def test_a_trace_id_begins_with_the_time_and_ends_at_random():
    """48 bits of milliseconds, so that a columnar store can skip; never zero, never the same."""
    ids = [identity.trace_id() for _ in range(100)]
    assert len({id_ & (2**64 - 1) for id_ in ids}) == 100
    assert all(abs((id_ >> 80) - time.time_ns() // 1_000_000) < 10_000 for id_ in ids)


@given(node=st.uuids(), name=st.text(), attempt=st.integers(1))
def test_a_span_id_says_which_attempt_at_which_node(node: UUID, name: str, attempt: int):
    """64 bits, never zero, the same each time, another for each attempt and name."""
    span = identity.span_id(node, name, attempt)
    assert 0 < span < 2**64
    assert identity.span_id(node, name, attempt) == span
    assert len({span, identity.span_id(node, name, attempt + 1), identity.span_id(node, name + "x", attempt)}) == 3
