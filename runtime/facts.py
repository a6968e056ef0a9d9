"""What happened, as frozen facts that the core emits and an observer turns into telemetry. No OpenTelemetry here.

Each fact says where its span stands (`span`, `parent`, `links`); ids are decided by the core, so that the same fact
told twice makes the same span. Times are nanoseconds since 1970 (UTC).
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Any, Protocol
from uuid import UUID

from runtime.causality.ambient import Ambient as Ambient
from runtime.causality.call_usage import CallUsage as CallUsage
from runtime.causality.error_info import ErrorInfo
from runtime.causality.trace_context import TraceContext
from runtime.codec.encoded import Encoded
from runtime.ended_wait import WaitEnded as WaitEnded
from runtime.frozen import frozen
from runtime.outages import Deferral, Outage
from runtime.score import Score as Score
from runtime.semconv import DeadLetterReason, DeliveryOutcome, InboxState, NodeKind, RunOutcome, StepOutcome, TickKind
from runtime.shadow_result import ShadowResult as ShadowResult
from runtime.transfers import Transfer


@frozen(kw_only=True)
class Fact:
    """What all facts carry: which node it is about, what caused that, and where its span stands."""

    node_id: UUID
    kind: NodeKind
    causation_id: UUID | None
    correlation_id: UUID
    agent: str
    subject: str = ""
    span: TraceContext
    parent: TraceContext | None = None
    links: tuple[TraceContext, ...] = ()
    at_ns: int
    """When it happened or began."""


@frozen(kw_only=True)
class Ticked(Fact):
    """A schedule ticked, and starts a run: span `tick {schedule}`. `due_ms` is its nominal time, in ms since 1970
    (UTC)."""

    schedule: str
    due_ms: int
    tick_kind: TickKind
    operator: str = ""


@frozen(kw_only=True)
class RunStarted(Fact):
    """A run was accepted: span `start {workflow}`."""

    workflow: str
    version: str = ""
    input_keys: tuple[str, ...]


@frozen(kw_only=True)
class RunEnded(Fact):
    """A run ended: span `invoke_workflow {workflow}`, from `at_ns` to `ended_ns`, both by the store's clock. One that
    was resumed after it had failed ends once in each of its lives, counted from 1."""

    workflow: str
    version: str = ""
    life: int = 1
    outcome: RunOutcome
    ended_ns: int
    failed_step: str = ""
    failed_place: str = ""
    """What tells apart the place of the step that failed it, as `StepBegun.place`."""
    error_type: str = ""
    error_message: str = ""


@frozen(kw_only=True)
class StepBegun(Fact):
    """An attempt at a step begins: span `step {step}`, child of the run's span."""

    workflow: str
    run_id: UUID
    step: str
    place: str = ""
    """What tells its rounds and items apart, such as `#2[3]`; empty for its first place."""
    attempt: int
    causes: tuple[UUID, ...]
    depth: int
    keys_read: tuple[str, ...]
    key_sizes: tuple[int, ...] = ()
    """Bytes of JSON of each of them, in the same order."""
    context_size: int
    breaker: str = ""
    deferred: Deferral | None = None
    inputs: Mapping[str, Encoded | None] = field(default_factory=dict, hash=False, repr=False)
    """What it is given, by key, not yet redacted: None where the step that made it has its values kept out of
    telemetry, empty where this one has."""


@frozen(kw_only=True)
class DeliveryBegun(Fact):
    """An attempt at a delivery begins: span `process {channel}`. `causation_id` is the event, or the replay."""

    channel: str
    group: str
    event_id: UUID
    round: int
    attempt: int
    breaker: str = ""
    deferred: Deferral | None = None
    shadow_of: str = ""
    """The step beside which it runs; empty where it does work of its own."""


@frozen(kw_only=True)
class AttemptEnded:
    """How an attempt ended."""

    outcome: StepOutcome | DeliveryOutcome
    ended_ns: int
    keys_read: tuple[str, ...] = ()
    """Keys asked for while it ran; they join those that it was given."""
    key_sizes: tuple[int, ...] = ()
    """Bytes of JSON of each of them, in the same order."""
    keys_unused: tuple[str, ...] = ()
    """Keys that it was given, or may ask for, and has not used: only told of attempts that went well."""
    keys_written: tuple[str, ...] = ()
    inbox: InboxState | None = None
    """Of a handler: what became of what it wrote to a database of its own."""
    beside: ShadowResult | None = None
    """Of a handler that ran beside a step: how it did."""
    scores: tuple[Score, ...] = ()
    waits: tuple[WaitEnded, ...] = ()
    """What it waited for, where that is over; whoever answered is a cause of the step."""
    chunks: int = 0
    """How many chunks it streamed; `chunks_lost` of them were dropped."""
    chunks_lost: int = 0
    error: ErrorInfo | None = None
    result: Any = field(default=None, hash=False, repr=False)
    """What it returned, not yet redacted: of a step the `Encoded` that is committed. None where it may not be told."""


@frozen(kw_only=True)
class CallBegun:
    """A recorded call within an attempt at a step begins: span `call {name}`, below whatever span is current.

    Attributes:
        name, at_ns: of the call, and when it begins; `key` tells apart several of one name.
        arguments: what it is given, by parameter, not yet redacted; empty where it may not be told.
    """

    name: str
    key: str = ""
    arguments: Mapping[str, Encoded | None] = field(default_factory=dict, hash=False, repr=False)
    at_ns: int


@frozen(kw_only=True)
class CallEnded:
    """How a recorded call ended.

    Attributes:
        ended_ns, tries: when, and how often the function was called; 0 where its result came from the record.
        parked, usage: why a budget did not let it be made, in words, or empty; what it has cost, where that is known.
        error: the last one, where it failed.
        result: what it returned, as the attempt's is told; None where it may not be told.
    """

    ended_ns: int
    tries: int
    parked: str = ""
    usage: CallUsage | None = None
    error: ErrorInfo | None = None
    result: Any = field(default=None, hash=False, repr=False)


@frozen(kw_only=True)
class EventPublished(Fact):
    """An event is in its channel: span `publish {channel}`. `data` is the payload as JSON text, not yet redacted."""

    channel: str
    source: str
    data: str


@frozen(kw_only=True)
class DeadLettered(Fact):
    """A delivery gave up: span `dead_letter {channel}`, child of its last attempt."""

    channel: str
    group: str
    event_id: UUID
    round: int
    reason: DeadLetterReason
    attempts: int
    error_type: str = ""


@frozen(kw_only=True)
class Replayed(Fact):
    """An operator sent a dead letter again: span `replay {channel}`."""

    channel: str
    group: str
    event_id: UUID
    round: int
    dead_letter_id: UUID
    operator: str


@frozen(kw_only=True)
class Discarded(Fact):
    """An operator gave a dead letter up: span `discard {channel}`."""

    channel: str
    group: str
    event_id: UUID
    round: int
    dead_letter_id: UUID
    operator: str
    reason: str


#: A fact that is over when it is emitted; attempts are opened and ended instead.
Occurrence = Ticked | RunStarted | RunEnded | EventPublished | DeadLettered | Replayed | Discarded | Outage | Transfer


class OpenCall(Protocol):
    """A recorded call under observation."""

    def activate(self) -> AbstractContextManager[None]:
        """Makes the call's span current, so that what the function traces nests below it."""
        ...

    def end(self, ended: CallEnded) -> None:
        """Says how it ended. Called once."""
        ...


class OpenAttempt(Protocol):
    """An attempt under observation, from its beginning to its end."""

    def activate(self) -> AbstractContextManager[None]:
        """Makes the attempt's span current, so that what user code traces nests below it."""
        ...

    def pending(self) -> None:
        """Says that the attempt is still going on. May be called from any thread, any number of times."""
        ...

    def call(self, begun: CallBegun) -> OpenCall:
        """A recorded call begins within it."""
        ...

    def end(self, ended: AttemptEnded) -> None:
        """Says how it ended. Called once."""
        ...


class Observer(Protocol):
    """Takes facts. Must never raise, and never block on a network."""

    @property
    def losses(self) -> int:
        """How many facts were lost so far because they could be neither sent nor saved."""
        ...

    def ambient(self) -> Ambient:
        """The caller's own telemetry context."""
        ...

    def open(self, begun: StepBegun | DeliveryBegun) -> OpenAttempt:
        """An attempt begins."""
        ...

    def emit(self, fact: Occurrence) -> None:
        """Something happened."""
        ...

    def flush(self, timeout: float) -> bool:
        """Hands over what is buffered.

        Args:
            timeout: seconds to try at most.

        Returns:
            Whether all of it was sent or is safely on disk.
        """
        ...

    def close(self) -> None:
        """Flushes and ends."""
        ...
