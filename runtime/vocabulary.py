"""The closed sets of values of the vocabulary; `runtime.semconv` has them all, with what they are values of.

Data on disk depends on these strings: they may grow, never change.
"""

from enum import StrEnum


class NodeKind(StrEnum):
    """What a node of the causal graph is."""

    TICK = "tick"
    """A schedule was due, and starts a run."""
    RUN = "run"
    STEP = "step"
    EVENT = "event"
    DELIVERY = "delivery"
    DEAD_LETTER = "dead_letter"
    REPLAY = "replay"
    DISCARD = "discard"
    SPAN = "span"
    """Foreign telemetry: a span that carries no causal id."""


class RunOutcome(StrEnum):
    """How a run ended."""

    OK = "ok"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepOutcome(StrEnum):
    """How an attempt at a step ended."""

    OK = "ok"
    RETRY = "retry"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Cut off, because the run ended or its worker was told to stop."""
    WAITING = "waiting"
    """It left its slot to wait for an answer; the next attempt goes on when that is there."""
    SKIPPED = "skipped"
    """Its condition says that it is not to be done."""
    MOVED = "moved"
    """Its choreographed successor does it: an event was published, and no code of the step ran."""
    SPREAD = "spread"
    """Its items are under way; another attempt gathers what they make. No code of the step ran."""
    GATHERED = "gathered"
    """The results of its items are one list now. No code of the step ran."""
    STALE = "stale"
    LOST = "lost"
    """Its worker is gone, and nobody knows how it would have ended."""


class TickKind(StrEnum):
    """Why a schedule ticked."""

    DUE = "due"
    LATE = "late"
    """It was due before, when nobody worked."""
    HAND = "hand"
    """An operator said so."""


class DeliveryOutcome(StrEnum):
    """How an attempt at a delivery ended."""

    OK = "ok"
    RETRY = "retry"
    DEAD_LETTER = "dead_letter"
    DUPLICATE = "duplicate"
    FAILED = "failed"
    """It gave up, and its group, which is ephemeral, makes no dead letters."""
    EXPIRED = "expired"
    """Its event was of no use any more: no code of the handler ran, and no other attempt follows."""
    CANCELLED = "cancelled"
    """Cut off, because its worker was told to stop."""
    STALE = "stale"
    LOST = "lost"
    """Its worker is gone, and nobody knows how it would have ended."""


class ShadowVerdict(StrEnum):
    """How a step's choreographed successor did beside it."""

    AGREED = "agreed"
    DISAGREED = "disagreed"
    FAILED = "failed"
    """It raised, or took too long: nothing was compared."""


class InboxState(StrEnum):
    """What became of what a handler wrote to a database of its own."""

    APPLIED = "applied"
    ALREADY_APPLIED = "already_applied"
    """An earlier attempt had written it: no code of the handler ran, or what it wrote was dropped."""


class CallOutcome(StrEnum):
    """How a recorded call ended that neither returned nor raised: its function was not called."""

    RECORDED = "recorded"
    """An earlier attempt had recorded its result."""
    PARKED = "parked"
    """What it may cost is more than is left of a budget; the attempt left, to go on when that is raised."""


class DeadLetterReason(StrEnum):
    """Why a delivery gave up."""

    MAX_ATTEMPTS = "max_attempts"
    NON_RETRYABLE = "non_retryable"
    EXPIRED = "expired"
    POISON = "poison"
    UNDECODABLE = "undecodable"
    OVERFLOW = "overflow"


class Evidence(StrEnum):
    """Why an edge is believed, strongest first."""

    DECLARED = "declared"
    LINKED = "linked"
    PARENT = "parent"
    INFERRED = "inferred"
    """Read by us out of what a framework tells of its order; no sender claims it."""


class Coordination(StrEnum):
    """Which kind of coordination made an edge."""

    COMMANDED = "commanded"
    REACTED = "reacted"


class SpanVerb(StrEnum):
    """First word of a span name; the rest names the workflow, step or channel."""

    TICK = "tick"
    START = "start"
    INVOKE_WORKFLOW = "invoke_workflow"
    STEP = "step"
    UNDO = "undo"
    CALL = "call"
    PUBLISH = "publish"
    PROCESS = "process"
    DEAD_LETTER = "dead_letter"
    REPLAY = "replay"
    DISCARD = "discard"
    BREAKER = "breaker"
    SEND = "send"
    RECEIVE = "receive"
    PENDING = "pending"


def span_name(verb: SpanVerb, subject: str) -> str:
    """The name of a span: its verb and what it is about, such as `step sorting`."""
    return f"{verb} {subject}"
