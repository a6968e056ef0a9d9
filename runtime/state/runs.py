"""Runs as a state store keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from runtime.causality.trace_context import TraceContext


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to accept. `inputs` maps names to JSON; `needs` maps each step to the number of its upstream steps."""

    id: UUID
    workflow: str
    inputs: Mapping[str, str]
    needs: Mapping[str, int]
    correlation_id: UUID
    trace: TraceContext
    causation_id: UUID | None = None
    causation_event: UUID | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it stands. `status` is `running`, `ok`, `failed` or `cancelled`; times are ms since 1970 (UTC)."""

    id: UUID
    workflow: str
    status: str
    inputs: Mapping[str, str]
    correlation_id: UUID
    trace: TraceContext
    accepted_ms: int
    ended_ms: int | None = None
    causation_id: UUID | None = None
    causation_event: UUID | None = None
    subject: str = ""
    error_type: str = ""
    error: str = ""
    failed_step: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has just ended, by the store's clock."""

    accepted_ms: int
    ended_ms: int
