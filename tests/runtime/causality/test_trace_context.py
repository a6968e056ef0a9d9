"""A trace context travels as a W3C header; an unreadable one never fails the work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from tests.contract.made import uuid

CONTEXT = TraceContext(0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331)
HEADER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03"


def test_a_context_is_written_as_its_header():
    """Sampled, and with a trace id whose end is random."""
    assert CONTEXT.traceparent == HEADER


@given(
    trace=st.integers(1, 2**128 - 1), span=st.integers(1, 2**64 - 1), sampled=st.booleans(), state=st.text(max_size=9)
)
def test_a_header_reads_back(trace: int, span: int, sampled: bool, state: str):
    """Nothing is lost on the way."""
    context = TraceContext(trace, span, sampled, state)
    assert TraceContext.parse(context.traceparent, state) == context


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
    ],
)
def test_an_unreadable_header_is_none(header: str | None):
    """Version 00 has four fields and no more; zeros and upper case are invalid."""
    assert TraceContext.parse(header) is None


def test_a_later_version_is_read_as_far_as_it_is_known():
    """It may have more fields."""
    assert TraceContext.parse(f"01{HEADER[2:]}-more") == CONTEXT
    assert TraceContext.parse(f"01{HEADER[2:]}") == CONTEXT


def test_a_child_stays_in_its_trace_and_inherits_its_flags():
    """Its span id is that of the attempt."""
    parent = TraceContext(5, 6, sampled=False, state="a=b")
    child = parent.child(uuid(1), "step sorting", 2)
    assert child == TraceContext(5, identity.span_id(uuid(1), "step sorting", 2), sampled=False, state="a=b")


def test_a_root_begins_a_trace_of_its_own():
    """Each time another, with the span id of the attempt."""
    one, other = (TraceContext.root(uuid(1), "publish x", sampled=True) for _ in range(2))
    assert one.trace_id != other.trace_id
    assert one.span_id == other.span_id == identity.span_id(uuid(1), "publish x")
