"""What is older than a node is not read for it, whatever its id."""

from uuid import UUID

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.causality import begun
from collector.otlp.decode.spans import decode
from collector.questions import node
from collector.store.database import Database
from collector.store.records import Records
from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.story import ORIGIN_NS, Story, place

DAY_NS = 86_400 * 10**9
AT_NS = 1_790_000_000_000_000_000


def timed(version: int, at_ns: int) -> UUID:
    """An id that begins with a time."""
    bits = (at_ns // 1_000_000) << 80 | 0x123
    return UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | version << 76 | 0x2 << 62)


@pytest.mark.parametrize(
    ("node_id", "since_ns"),
    [
        (timed(7, AT_NS), AT_NS - DAY_NS),
        (timed(8, AT_NS), AT_NS - DAY_NS),
        (timed(7, 0), 0),
        (timed(4, AT_NS), 0),
        (UUID(int=0), 0),
    ],
    ids=["minted", "derived", "at no time", "random", "none"],
)
def test_an_id_that_begins_with_its_time_says_since_when(node_id: UUID, since_ns: int) -> None:
    """A day earlier, because clocks of processes differ."""
    assert begun.by_id(node_id) == since_ns


def test_ids_of_ours_say_when_their_run_was_accepted() -> None:
    """Those of its steps and of what they publish as well."""
    run = identity.mint()
    for id_ in (run, identity.step_id(run, "pay"), identity.event_id(identity.step_id(run, "pay"), 0)):
        assert begun.by_id(id_) == begun.by_id(run)


def test_the_first_record_of_a_node_says_when_it_began() -> None:
    """Of several the earliest; one that says no time that can be tells nothing."""
    one, other = timed(7, AT_NS), timed(7, 0)
    rows = [
        {"node_id": one, "start_ns": AT_NS + 5},
        {"node_id": other, "start_ns": 3},
        {"node_id": one, "start_ns": AT_NS},
    ]
    assert begun.by_records(rows, one) == AT_NS
    assert begun.by_records(rows, other) == 0
    assert begun.by_records([], one) is None


@pytest.mark.parametrize("ahead_days", [-400, 0, 400, 300_000])
def test_a_node_is_found_whatever_its_id_says(database: Database, ahead_days: int) -> None:
    """Ids of others may say any time."""
    story = Story()
    node_id = timed(8, ORIGIN_NS + ahead_days * DAY_NS)
    story.node(NodeKind.STEP, node_id, "work", place("t", "work"))
    with database.writing() as session:
        Records(database).write(session, decode(story.request()))
    with database.reading() as session:
        found = node.one(session, node_id)
    assert (found.node.id, len(found.attempts)) == (str(node_id), 1)


def test_what_says_no_time_that_can_be_is_not_left_out(database: Database) -> None:
    """A machine without a clock of its own begins in 1970; some libraries tell milliseconds."""
    story = Story()
    node_id = timed(7, ORIGIN_NS)
    first, second = place("t", "first"), place("t", "second")
    story.node(NodeKind.STEP, node_id, "work", first, more={semconv.ATTEMPT: 1})
    story.node(NodeKind.STEP, node_id, "work", second, more={semconv.ATTEMPT: 2})
    story.add("call", place("t", "call"), parent=second)
    request = ExportTraceServiceRequest.FromString(story.request())
    for span in (span for each in request.resource_spans for scope in each.scope_spans for span in scope.spans):
        if span.span_id == first.span.to_bytes(8) or span.name == "call":
            span.start_time_unix_nano, span.end_time_unix_nano = 5_000, 6_000
    with database.writing() as session:
        Records(database).write(session, decode(request.SerializeToString()))
    with database.reading() as session:
        found = node.one(session, node_id)
    assert [one.attempt for one in found.attempts] == [1, 2]
    assert [one.name for one in found.nested] == ["call"]
