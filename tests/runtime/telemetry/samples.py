"""Facts with fixed ids, and what all of them share."""

from typing import Any, Final
from uuid import UUID

from runtime.causality.error_info import ErrorInfo
from runtime.causality.trace_context import TraceContext
from runtime.facts import (
    AttemptEnded,
    DeadLettered,
    DeliveryBegun,
    Discarded,
    EventPublished,
    Replayed,
    RunEnded,
    RunStarted,
    Score,
    StepBegun,
    Ticked,
)
from runtime.semconv import DeadLetterReason, DeliveryOutcome, NodeKind, RunOutcome, StepOutcome, TickKind

TRACE: Final = 0x0192F00000007123456789ABCDEF0123
RUN: Final = UUID("01930000-0000-7000-8000-000000000001")
STEP: Final = UUID("01930000-0000-8000-8000-000000000002")
UPSTREAM: Final = UUID("01930000-0000-8000-8000-000000000003")
EVENT: Final = UUID("01930000-0000-8000-8000-000000000004")
DELIVERY: Final = UUID("01930000-0000-8000-8000-000000000005")
LETTER: Final = UUID("01930000-0000-8000-8000-000000000006")
REPLAY: Final = UUID("01930000-0000-8000-8000-000000000007")
DISCARD: Final = UUID("01930000-0000-8000-8000-000000000008")
CORRELATION: Final = UUID("01930000-0000-7000-8000-00000000000c")

BEGAN: Final = 1_700_000_000_000_000_000
ENDED: Final = BEGAN + 5_000_000
RUN_SPAN: Final = TraceContext(TRACE, 0xA1)
STEP_SPAN: Final = TraceContext(TRACE, 0xA2)
PUBLISH_SPAN: Final = TraceContext(TRACE, 0xA3)
PROCESS_SPAN: Final = TraceContext(TRACE, 0xA4)
OTHER_TRACE: Final = TraceContext(TRACE + 1, 0xB1)
ERROR: Final = ErrorInfo("GatewayError", "number 555 unreachable", "Traceback ... GatewayError")
SCORE: Final = Score("correct", 0.25, "fail", "the neighbouring hub", BEGAN + 7)


def _made(kind: type[Any], defaults: dict[str, Any], changes: dict[str, Any]) -> Any:
    shared = {"correlation_id": CORRELATION, "subject": "S-1", "at_ns": BEGAN}
    return kind(**{**shared, **defaults, **changes})


def ticked(**changes: Any) -> Ticked:
    """A tick that an operator wanted."""
    defaults = {
        "node_id": RUN,
        "kind": NodeKind.TICK,
        "causation_id": None,
        "agent": "nightly",
        "span": RUN_SPAN,
        "subject": "",
        "schedule": "nightly",
        "due_ms": BEGAN // 1_000_000,
        "tick_kind": TickKind.HAND,
        "operator": "ada",
    }
    return _made(Ticked, defaults, changes)


def run_started(**changes: Any) -> RunStarted:
    """A run that nothing of ours caused."""
    defaults = {
        "node_id": RUN,
        "kind": NodeKind.RUN,
        "causation_id": None,
        "agent": "shipment",
        "span": RUN_SPAN,
        "workflow": "shipment",
        "input_keys": ("order",),
    }
    return _made(RunStarted, defaults, changes)


def run_ended(**changes: Any) -> RunEnded:
    """The run, well."""
    defaults = {
        "node_id": RUN,
        "kind": NodeKind.RUN,
        "causation_id": None,
        "agent": "shipment",
        "span": TraceContext(TRACE, 0xAF),
        "parent": RUN_SPAN,
        "workflow": "shipment",
        "outcome": RunOutcome.OK,
        "ended_ns": ENDED,
    }
    return _made(RunEnded, defaults, changes)


def step_begun(**changes: Any) -> StepBegun:
    """A first attempt at a step below another."""
    defaults = {
        "node_id": STEP,
        "kind": NodeKind.STEP,
        "causation_id": RUN,
        "agent": "sorting",
        "span": STEP_SPAN,
        "parent": RUN_SPAN,
        "workflow": "shipment",
        "run_id": RUN,
        "step": "sorting",
        "attempt": 1,
        "causes": (UPSTREAM,),
        "depth": 2,
        "keys_read": ("pickup",),
        "context_size": 120,
    }
    return _made(StepBegun, defaults, changes)


def step_ended(**changes: Any) -> AttemptEnded:
    """The end of a step, well."""
    return AttemptEnded(**{"outcome": StepOutcome.OK, "ended_ns": ENDED, **changes})


def event_published(**changes: Any) -> EventPublished:
    """An event that the step published."""
    defaults = {
        "node_id": EVENT,
        "kind": NodeKind.EVENT,
        "causation_id": STEP,
        "agent": "sorting",
        "span": PUBLISH_SPAN,
        "parent": STEP_SPAN,
        "channel": "shipment.delivered",
        "source": "/logistics",
        "data": '{"phone": "555", "token": "s3cret"}',
    }
    return _made(EventPublished, defaults, changes)


def delivery_begun(**changes: Any) -> DeliveryBegun:
    """A first attempt at a delivery of the event."""
    defaults = {
        "node_id": DELIVERY,
        "kind": NodeKind.DELIVERY,
        "causation_id": EVENT,
        "agent": "sms",
        "span": PROCESS_SPAN,
        "parent": PUBLISH_SPAN,
        "links": (PUBLISH_SPAN,),
        "channel": "shipment.delivered",
        "group": "sms",
        "event_id": EVENT,
        "round": 0,
        "attempt": 1,
    }
    return _made(DeliveryBegun, defaults, changes)


def delivery_ended(**changes: Any) -> AttemptEnded:
    """The end of a delivery, well."""
    return AttemptEnded(**{"outcome": DeliveryOutcome.OK, "ended_ns": ENDED, **changes})


def dead_lettered(**changes: Any) -> DeadLettered:
    """The delivery gave up."""
    defaults = {
        "node_id": LETTER,
        "kind": NodeKind.DEAD_LETTER,
        "causation_id": DELIVERY,
        "agent": "sms",
        "span": TraceContext(TRACE, 0xA5),
        "parent": PROCESS_SPAN,
        "channel": "shipment.delivered",
        "group": "sms",
        "event_id": EVENT,
        "round": 0,
        "reason": DeadLetterReason.MAX_ATTEMPTS,
        "attempts": 5,
        "error_type": "GatewayError",
    }
    return _made(DeadLettered, defaults, changes)


def replayed(**changes: Any) -> Replayed:
    """An operator sent the letter again."""
    defaults = {
        "node_id": REPLAY,
        "kind": NodeKind.REPLAY,
        "causation_id": LETTER,
        "agent": "ada",
        "span": OTHER_TRACE,
        "links": (PUBLISH_SPAN, PROCESS_SPAN),
        "channel": "shipment.delivered",
        "group": "sms",
        "event_id": EVENT,
        "round": 1,
        "dead_letter_id": LETTER,
        "operator": "ada",
    }
    return _made(Replayed, defaults, changes)


def discarded(**changes: Any) -> Discarded:
    """An operator gave the letter up."""
    defaults = {
        "node_id": DISCARD,
        "kind": NodeKind.DISCARD,
        "causation_id": LETTER,
        "agent": "ada",
        "span": OTHER_TRACE,
        "links": (PUBLISH_SPAN,),
        "channel": "shipment.delivered",
        "group": "sms",
        "event_id": EVENT,
        "round": 0,
        "dead_letter_id": LETTER,
        "operator": "ada",
        "reason": "customer moved",
    }
    return _made(Discarded, defaults, changes)
