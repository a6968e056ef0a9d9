"""Where an attempt stands in the causal graph."""

from dataclasses import dataclass
from uuid import UUID

from runtime.causality.trace_context import TraceContext


@dataclass(frozen=True, slots=True)
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
