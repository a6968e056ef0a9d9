"""What a step or handler can do beside returning: publish, score, keep state. All of it waits for the commit."""

import math
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from runtime.bus.deliveries import Outgoing
from runtime.bus.envelope import Envelope
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.clock import Clock
from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.options import checked_key, checked_text
from runtime.errors import DefinitionError
from runtime.facts import Score
from runtime.semconv import SpanVerb, span_name
from runtime.server.names import checked_name

#: From this score on an answer counts as right.
PASSING_SCORE: Final = 0.5

ReadState = Callable[[str], Awaitable[str | None]]
#: Entered while an attempt waits for other work.
Rest = Callable[[], AbstractContextManager[None]]


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


@dataclass(slots=True)
class Buffer:
    """What an attempt has asked for; carried out by its commit, dropped if it fails."""

    events: list[Outgoing] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    writes: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    """Keys of the app's shared state."""
    reads: list[str] = field(default_factory=list)
    starts: Counter[str] = field(default_factory=Counter)
    """How many runs of each workflow the attempt has started."""
    returned: Any = None
    """What the attempt's code returned, as telemetry may tell it: `runtime.facts.AttemptEnded.result`."""
    closed: bool = False
    """The attempt has ended: what is asked for now would be lost without a word."""

    def check(self) -> None:
        """Raises DefinitionError when the attempt has ended."""
        if self.closed:
            raise DefinitionError(
                "the attempt has ended, and with it what it may ask for: await what a step or handler starts"
            )


class State:
    """Durable keys: of the run, in a step; of the group, in a handler. Written with the commit."""

    def __init__(self, buffer: Buffer, read: ReadState) -> None:
        self._buffer = buffer
        self._read = read

    async def get(self, key: str, default: Any = None, *, into: Any = Any) -> Any:
        """The key's value: what this attempt has put, else what is committed, else `default`.

        Args:
            key: its name.
            default: what there is where nobody has put anything.
            into: the type that it is read into; without one, models and dataclasses come as dicts.

        Raises:
            DefinitionError: the key is no text that can be stored.
            UndecodableError: the value does not fit the type.
        """
        checked_key(key)
        if key not in self._buffer.reads:
            self._buffer.reads.append(key)
        text = self._buffer.writes.get(key)
        if text is None:
            text = await self._read(key)
        return default if text is None else Codec(into, f"state key {key!r}").decode(Encoded.parse(text))

    def put(self, key: str, value: Any) -> None:
        """Sets the key to a value (pydantic model, dataclass or plain JSON) when the attempt commits.

        Raises:
            DefinitionError: the attempt has ended, or the key is no text that can be stored.
            UnencodableError: the value can't travel; names the place in it and its type.
        """
        self._buffer.check()
        checked_key(key)
        self._buffer.writes[key] = encode(value, f"the value of state key {key!r}").text


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one attempt; ask for it with a parameter annotated `Context`.

    Attributes:
        app: the app's name.
        node_id: of the step or delivery; the same in every attempt, so it serves as an idempotency key.
        correlation_id: shared by everything that stems from one outside trigger.
        attempt: which try this is, 1-based; within its round for a delivery.
        round: 0, or how many replays there were before; always 0 for a step.
        subject: what the work is about, as its starter said.
        run_id: of the run, in a step.
        event_id: of the event, in a handler.
        state: durable keys of the run or group.
        position: where it stands in the causal graph.
        buffer: what the attempt has asked for so far.
        clock: gives the times of what it asks for.
        rest: gives its slot to others for as long as it waits for them.
    """

    app: str
    node_id: UUID
    correlation_id: UUID
    attempt: int
    round: int
    subject: str
    run_id: UUID | None
    event_id: UUID | None
    state: State
    position: Position = field(repr=False)
    buffer: Buffer = field(repr=False)
    clock: Clock = field(repr=False)
    rest: Rest = field(repr=False)

    def publish(self, channel: str, data: Any, *, subject: str | None = None) -> UUID:
        """Publishes an event once this attempt has committed; a failed or stale attempt publishes nothing.

        Args:
            channel: its name.
            data: pydantic model, dataclass or plain JSON, and what the standard library has beside.
            subject: what it is about; by default what this work is about.

        Returns:
            The event's id: the same whenever this attempt is repeated.

        Raises:
            DefinitionError: no channel can have that name, the subject is no text, or the attempt has ended.
            UnencodableError: the payload can't travel; names the place in it and its type.
        """
        return self.publish_encoded(channel, encode(data, f"the payload for channel {channel}"), subject)

    def publish_encoded(self, channel: str, encoded: Encoded, subject: str | None = None) -> UUID:
        """Publishes what is encoded already; see `publish`."""
        checked_name("channel", channel)
        said = self.position.subject if subject is None else checked_text("subject", subject)
        self.buffer.check()
        position = self.position
        id_ = identity.event_id(self.node_id, len(self.buffer.events))
        envelope = Envelope(
            id=id_,
            channel=channel,
            source=position.source,
            time_ns=self.clock.now_ns(),
            data=encoded.data,
            types=encoded.types,
            correlation_id=self.correlation_id,
            subject=said,
            causation_event=position.causation_event,
            cause_node=self.node_id,
            trace=position.span.child(id_, span_name(SpanVerb.PUBLISH, channel)),
        )
        self.buffer.events.append(Outgoing(envelope, position.span, position.agent))
        return id_

    def score(self, value: float | bool, name: str = "correct", *, label: str = "", explanation: str = "") -> None:  # noqa: FBT001 - score(True) reads well
        """Judges this step's or handler's answer; it shows as accuracy.

        Args:
            value: 0 to 1, or a bool; 1 is right.
            name: what is judged.
            label: a word for the value; by default `pass` from 0.5 on, else `fail`.
            explanation: why, for people.

        Raises:
            DefinitionError: the value is no finite number, or the attempt has ended.
        """
        self.buffer.check()
        score = _number(value)
        if not math.isfinite(score):
            raise DefinitionError(f"score {name!r} can't be {value!r:.40}: it must be a finite number, 1 is right")
        word = label or ("pass" if score >= PASSING_SCORE else "fail")
        self.buffer.scores.append(Score(name, score, word, explanation, self.clock.now_ns()))


def _number(value: Any) -> float:
    """What a score counts as; NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


#: The attempt that the current code runs in; None outside of one.
current_context: ContextVar[Context | None] = ContextVar("causeline_context", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Which attempt it is, and of what."""

    attempt: int
    round: int = 0
    run_id: UUID | None = None
    event_id: UUID | None = None


def open_context(
    position: Position, turn: Turn, read: ReadState, clock: Clock, rest: Rest = nullcontext
) -> tuple[Context, Buffer]:
    """A context for one attempt, and the buffer that its commit empties."""
    buffer = Buffer()
    context = Context(
        app=position.source,
        node_id=position.node_id,
        correlation_id=position.correlation_id,
        attempt=turn.attempt,
        round=turn.round,
        subject=position.subject,
        run_id=turn.run_id,
        event_id=turn.event_id,
        state=State(buffer, read),
        position=position,
        buffer=buffer,
        clock=clock,
        rest=rest,
    )
    return context, buffer
