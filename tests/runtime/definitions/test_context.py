"""What an attempt asks for waits in a buffer until its commit."""

from dataclasses import dataclass
from typing import Any

import pytest

from runtime.bus.deliveries import OutgoingEvent
from runtime.bus.envelope import Envelope
from runtime.causality import identity
from runtime.definitions.buffer import Buffer
from runtime.definitions.context import Context
from runtime.definitions.opening import open_context
from runtime.definitions.position import AttemptIdentity, Position
from runtime.errors import DefinitionError
from runtime.facts import Score
from runtime.semconv import SpanVerb, span_name
from runtime.testing import FakeClock
from tests.contract.made import TRACE, uuid

POSITION = Position(
    node_id=uuid(1),
    correlation_id=uuid(900),
    span=TRACE,
    source="logistics",
    agent="courier",
    subject="order-7",
    causation_event=uuid(2),
)


@dataclass
class Delivered:
    parcel: int


def opened(stored: dict[str, str] | None = None, asked: list[str] | None = None) -> tuple[Context, Buffer]:
    async def read(key: str) -> str | None:
        if asked is not None:
            asked.append(key)
        return (stored or {}).get(key)

    turn = AttemptIdentity(attempt=2, round=1, run_id=uuid(5), event_id=uuid(2))
    buffer = Buffer()
    return open_context(POSITION, turn, buffer, read, FakeClock(1000)), buffer


def test_a_context_says_where_it_stands():
    """Everything that its attempt knows of itself."""
    ctx, _ = opened()
    assert (ctx.app, ctx.node_id, ctx.correlation_id, ctx.subject) == ("logistics", uuid(1), uuid(900), "order-7")
    assert (ctx.attempt, ctx.round, ctx.run_id, ctx.event_id) == (2, 1, uuid(5), uuid(2))


def test_a_published_event_waits_with_all_that_it_carries():
    """Caused by the node, inheriting correlation and subject, its span below the attempt's."""
    ctx, buffer = opened()
    id_ = ctx.publish("shipment.delivered", Delivered(7))
    (waiting,) = buffer.events
    assert waiting == OutgoingEvent(
        Envelope(
            id=identity.event_id(uuid(1), 0),
            channel="shipment.delivered",
            source="logistics",
            time_ns=1000 * 10**9,
            data={"parcel": 7},
            types=waiting.envelope.types,
            correlation_id=uuid(900),
            subject="order-7",
            causation_event=uuid(2),
            cause_node=uuid(1),
            trace=TRACE.child(id_, span_name(SpanVerb.PUBLISH, "shipment.delivered")),
        ),
        TRACE,
        "courier",
    )
    assert id_ == waiting.envelope.id
    assert waiting.envelope.types["class"] == f"{__name__}:Delivered"


def test_whoever_repeats_the_attempt_publishes_the_same_ids():
    """In the same order."""
    published = [[ctx.publish("x", number) for number in range(3)] for ctx, _ in (opened(), opened())]
    assert published[0] == published[1]
    assert len(set(published[0])) == 3


def test_an_event_is_what_it_was_when_it_was_published():
    """What the handler does to the object later changes nothing."""
    ctx, buffer = opened()
    parcels = [1]
    ctx.publish("x", parcels)
    parcels.append(2)
    assert buffer.events[0].envelope.data == [1]


def test_an_event_may_have_a_subject_of_its_own():
    """Also none."""
    ctx, buffer = opened()
    ctx.publish("x", 1, subject="order-8")
    ctx.publish("x", 1, subject="")
    assert [one.envelope.subject for one in buffer.events] == ["order-8", ""]


def test_a_channel_name_that_can_not_be_is_refused_at_once():
    """Nothing of it waits."""
    ctx, buffer = opened()
    with pytest.raises(DefinitionError, match="channel name"):
        ctx.publish("a b", 1)
    assert buffer.events == []


async def test_state_reads_what_this_attempt_has_put_before_what_is_stored():
    """And the default where there is neither; each key read is told once."""
    asked: list[str] = []
    ctx, buffer = opened({"route": '"north"', "count": "3"}, asked)
    ctx.state.put("route", "south")
    values = [await ctx.state.get(key, "none") for key in ("route", "count", "missing", "count")]
    assert values == ["south", 3, "none", 3]
    assert buffer.writes == {"route": '"south"'}
    assert buffer.reads == {"route": 7, "count": 1, "missing": 0}
    assert "route" not in asked


async def test_a_stored_null_is_no_default():
    """It was put on purpose."""
    ctx, _ = opened({"route": "null"})
    assert await ctx.state.get("route", "none") is None


@pytest.mark.parametrize(
    ("value", "score", "label"), [(True, 1.0, "pass"), (False, 0.0, "fail"), (0.5, 0.5, "pass"), (0.49, 0.49, "fail")]
)
def test_a_score_passes_from_a_half_on(value: float, score: float, label: str):
    """A bool is all or nothing."""
    ctx, buffer = opened()
    ctx.score(value, explanation="because")
    (made,) = buffer.scores
    assert made == Score("correct", score, label, "because", 1000 * 10**9)


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), 10**400, "right", None])
def test_a_score_that_is_no_finite_number_is_refused(value: Any):
    """Whatever Python says of it."""
    ctx, buffer = opened()
    with pytest.raises(DefinitionError, match=r"score 'correct' can't be .*: it must be a finite number, 1 is right"):
        ctx.score(value)
    assert buffer.scores == []


def test_a_score_may_have_words_of_its_own():
    """Name and label."""
    ctx, buffer = opened()
    ctx.score(0.2, "tone", label="rude")
    assert (buffer.scores[0].name, buffer.scores[0].label) == ("tone", "rude")


@pytest.mark.parametrize("key", [None, 7, b"route", "\ud83d"])
async def test_a_key_is_text_that_a_server_can_store(key: Any):
    """Said when it is used, not when the attempt is committed."""
    ctx, buffer = opened()
    with pytest.raises(DefinitionError, match="the state key can't be "):
        ctx.state.put(key, 1)
    with pytest.raises(DefinitionError, match="the state key can't be "):
        await ctx.state.get(key)
    assert (buffer.writes, buffer.reads) == ({}, {})


def test_a_subject_is_text():
    """Whoever reads the event takes it for one."""
    ctx, buffer = opened()
    with pytest.raises(DefinitionError, match="the subject can't be 7: give a str"):
        ctx.publish("parcels", 1, subject=7)
    assert buffer.events == []


def test_an_attempt_that_has_ended_takes_nothing_more():
    """A task that outlives its handler would speak into the void."""
    ctx, buffer = opened()
    buffer.closed = True
    for ask in (lambda: ctx.publish("parcels", 1), lambda: ctx.score(1.0), lambda: ctx.state.put("key", 1)):
        with pytest.raises(DefinitionError, match="the attempt has ended"):
            ask()
    assert (buffer.events, buffer.scores, buffer.writes) == ([], [], {})
