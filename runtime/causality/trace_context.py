"""W3C Trace Context, as much of it as travels in envelopes and records. Pure; nothing here knows OpenTelemetry."""

import re
from typing import Final, Self
from uuid import UUID

from runtime.causality import identity
from runtime.frozen import frozen

_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED: Final = 0x01
_RANDOM: Final = 0x02


@frozen()
class TraceContext:
    """Where a span stands: its trace, its own id, and whether it is kept."""

    trace_id: int
    span_id: int
    sampled: bool = True
    state: str = ""

    @property
    def traceparent(self) -> str:
        """The `traceparent` header, version 00, with the random-trace-id flag (Trace Context Level 2)."""
        flags = _RANDOM | (_SAMPLED if self.sampled else 0)
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{flags:02x}"

    @classmethod
    def parse(cls, traceparent: str | None, state: str = "") -> Self | None:
        """The context that a header names; None where it is missing or unreadable: no carrier fails the work."""
        match = _TRACEPARENT.fullmatch(traceparent or "")
        if match is None or match[1] == "ff" or (match[1] == "00" and match[5]):
            return None
        trace, span = int(match[2], 16), int(match[3], 16)
        if not trace or not span:
            return None
        return cls(trace, span, bool(int(match[4], 16) & _SAMPLED), state)

    def child(self, node: UUID, name: str, attempt: int = 1) -> Self:
        """The context of a span in the same trace: `attempt` of `node`, named `name`."""
        return type(self)(self.trace_id, identity.span_id(node, name, attempt), self.sampled, self.state)

    @classmethod
    def root(cls, node: UUID, name: str, attempt: int = 1, *, sampled: bool) -> Self:
        """The context of a span that begins a trace of its own."""
        return cls(identity.trace_id(), identity.span_id(node, name, attempt), sampled)
