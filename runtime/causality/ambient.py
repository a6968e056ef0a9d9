"""What surrounds a call into the runtime."""

from uuid import UUID

from runtime.causality.trace_context import TraceContext
from runtime.frozen import frozen


@frozen()
class Ambient:
    """The caller's span, and a correlation id from baggage."""

    span: TraceContext | None = None
    correlation_id: UUID | None = None
