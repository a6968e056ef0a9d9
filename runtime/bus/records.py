"""What the bus says about its own state: frozen records, no I/O. Times are milliseconds since 1970 (UTC)."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from runtime.semconv import DeadLetterReason

LetterState = Literal["dead", "replayed", "discarded"]
AuditAction = Literal[
    "replay",
    "discard",
    "resume",
    "cancel",
    "retire",
    "answer",
    "undo",
    "move",
    "pause_schedule",
    "unpause_schedule",
    "run_schedule",
    "remove_schedule",
    "raise_budget",
    "cancel_budget",
    "open_breaker",
    "close_breaker",
    "hold_breaker",
    "move_step",
    "shadow_step",
    "keep_step",
    "compare_anew",
]
SettlementStatus = Literal["replayed", "discarded", "already_settled", "group_retired", "not_found"]


@dataclass(frozen=True, slots=True)
class GroupLedger:
    """What one group owes and did; `accounted` equals `owed`."""

    group: str
    owed: int
    done: int
    pending: int
    retrying: int
    dead: int
    discarded: int
    consumers: int
    oldest_unprocessed_ms: int | None = None
    """Age in milliseconds of the oldest event that is neither done, dead, discarded nor expired."""
    app: str = ""
    """The app that serves it, as far as is known."""
    silent_ms: int | None = None
    """How long ago a consumer gave its last sign of life, in milliseconds; None where none is remembered."""
    under_way: int = 0
    """How many of those that are pending a consumer holds."""
    suspects: int = 0
    """How many of those that are pending wait for a cell, because their worker is gone."""
    overdue_ms: int | None = None
    """For how long the retry that was due first has waited to be handed on, in milliseconds; None where none has."""
    expired: int = 0
    """Events that were of no use any more before anything had come of them."""
    behind: int = 0
    """How many of those that are retrying wait behind another event of their key."""
    order_by: str = ""
    """By what it keeps an order; empty where it keeps none."""
    is_ephemeral: bool = False
    """Whether it lives with one worker, and what it owes is nobody's concern."""

    @property
    def accounted(self) -> int:
        """Of how many events it is known what became of them, or will."""
        return self.done + self.pending + self.retrying + self.dead + self.discarded + self.expired


@dataclass(frozen=True, slots=True)
class ChannelLedger:
    """A channel: how many events it ever carried, and what its groups owe."""

    channel: str
    published: int
    groups: tuple[GroupLedger, ...]
    delayed: int = 0
    """Events that are held back, and not published yet."""


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt at a delivery. `outcome` is `lost` where its worker is gone, `cancelled` where that was told to stop,
    else empty; error fields are empty unless it failed."""

    attempt: int
    round: int
    started_ms: int
    ended_ms: int | None = None
    worker: str = ""
    trace_id: str = ""
    span_id: str = ""
    error_type: str = ""
    message: str = ""
    traceback: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that gave up, and what became of it. `replay_outcome` is "", "pending", "ok" or "dead"."""

    id: UUID
    channel: str
    group: str
    event_id: UUID
    delivery_id: UUID
    round: int
    reason: DeadLetterReason
    attempts: int
    dead_ms: int
    state: LetterState
    envelope: str
    """The CloudEvents envelope as it was published, its secrets replaced, even when it can't be decoded."""
    error_type: str = ""
    message: str = ""
    subject: str = ""
    correlation_id: UUID | None = None
    history: tuple[AttemptRecord, ...] = field(default=())
    """Every attempt, earlier rounds first; empty in lists."""
    replay_id: UUID | None = None
    settled_ms: int | None = None
    operator: str = ""
    replay_outcome: str = ""
    why: str = ""
    """The reason that an operator gave for a discard."""
    order_key: str | None = None
    """Its key, where its group keeps an order."""


@dataclass(frozen=True, slots=True)
class DeadLetterPage:
    """Dead letters, newest first, and the cursor of the next page."""

    items: tuple[DeadLetter, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetterCount:
    """How many letters (state `dead`) of one reason a group has, and when the oldest died."""

    channel: str
    group: str
    reason: DeadLetterReason
    count: int
    oldest_ms: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one letter that was asked to be replayed or discarded."""

    dead_letter_id: UUID
    status: SettlementStatus
    settlement_id: UUID | None = None
    """The replay's or discard's node id."""
    delivery_id: UUID | None = None
    """The delivery that the replay makes; None for a discard."""
    at_ms: int | None = None
    """When it was done, by the server's clock; None where it was not."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One thing that an operator did: to a dead letter, to a run, a step or a schedule of an app, to a group, to a
    breaker, or to a budget, which `budget` has in words. The rest is empty."""

    at_ms: int
    action: AuditAction
    operator: str
    reason: str = ""
    channel: str = ""
    group: str = ""
    dead_letter_id: UUID | None = None
    event_id: UUID | None = None
    app: str = ""
    workflow: str = ""
    run_id: UUID | None = None
    schedule: str = ""
    budget_id: UUID | None = None
    budget: str = ""
    breaker: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Audit records, newest first, and the cursor of the next page."""

    items: tuple[AuditRecord, ...]
    next: str | None = None
