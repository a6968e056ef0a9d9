"""Events and runs with ids that are the same in every run of the tests."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from runtime.bus.deliveries import Delivery, OutgoingEvent
from runtime.bus.envelope import Envelope
from runtime.bus.records import AttemptRecord
from runtime.causality.trace_context import TraceContext
from runtime.state.runs import NewRun
from runtime.state.tasks import Task

CHANNEL = "shipment.delivered"
TRACE = TraceContext(0x0199_0000_0000_0000_0000_0000_0000_00AA, 0xAB)


def uuid(number: int) -> UUID:
    """The `number`-th id; it looks like a UUIDv7 of 2025."""
    return UUID(int=0x0199_0000_0000_7000_8000_0000_0000_0000 + number)


def event(number: int = 1, channel: str = CHANNEL, data: Any = None, **more: Any) -> Envelope:
    """The `number`-th event."""
    members: dict[str, Any] = {
        "id": uuid(number),
        "channel": channel,
        "source": "tests",
        "time_ns": 1_750_000_000_123_456_789,
        "data": {"parcel": number} if data is None else data,
        "correlation_id": uuid(900),
        "subject": f"parcel-{number}",
        "trace": TRACE,
    }
    return Envelope(**(members | more))


def outgoing(number: int, channel: str = "notices") -> OutgoingEvent:
    """An event on its way out of an attempt."""
    return OutgoingEvent(event(number, channel, cause_node=uuid(800)), TRACE, "courier")


def attempt(delivery: Delivery, number: int = 1, **more: Any) -> AttemptRecord:
    """A failed attempt at a delivery."""
    members: dict[str, Any] = {
        "attempt": number,
        "round": delivery.round,
        "started_ms": 1000 * number,
        "ended_ms": 1000 * number + 1,
        "worker": "w1",
        "trace_id": f"{TRACE.trace_id:032x}",
        "span_id": f"{number:016x}",
        "error_type": "OSError",
        "message": f"no route, attempt {number}",
        "traceback": "Traceback: no route",
    }
    return AttemptRecord(**(members | more))


def run(number: int = 1, needs: Mapping[str, int] | None = None) -> NewRun:
    """The `number`-th run; by default of two steps, one after the other."""
    return NewRun(
        id=uuid(number),
        workflow="shipment",
        inputs={"order": '{"parcel":7}'},
        needs={"pickup": 0, "delivery": 1} if needs is None else needs,
        correlation_id=uuid(900),
        trace=TRACE,
        causation_id=uuid(700),
        causation_event=uuid(701),
        subject="order-7",
    )


def task(step: str = "pickup", number: int = 1) -> Task:
    """A step of the `number`-th run."""
    return Task(uuid(number), "shipment", step)
