"""Where an attempt stands in the causal graph, and which one it is."""

from uuid import UUID

from runtime.causality.trace_context import TraceContext
from runtime.frozen import frozen


@frozen()
class Position:
    """Where an attempt stands in the causal graph: what it publishes or starts is caused by `node_id`."""

    node_id: UUID
    correlation_id: UUID
    span: TraceContext
    source: str
    agent: str
    subject: str = ""
    causation_event: UUID | None = None
    """The nearest ancestor event."""
    budget: UUID | None = None
    """The innermost budget that holds over it."""


@frozen(kw_only=True)
class AttemptIdentity:
    """Which attempt it is, and of what."""

    attempt: int
    round: int = 0
    index: int | None = None
    undoes: UUID | None = None
    run_id: UUID | None = None
    event_id: UUID | None = None
