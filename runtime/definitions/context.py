"""What a step or handler can do beside returning: publish, score, keep state. All of it waits for the commit."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from runtime.budgets.usage import Usage
from runtime.bus.deliveries import OutgoingEvent
from runtime.bus.envelope import Envelope
from runtime.bus.timing import Timing
from runtime.causality import identity
from runtime.clock import Clock
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.buffer import Buffer, State
from runtime.definitions.calls import CallOptions, StepCapabilities, check_call
from runtime.definitions.event_timing import After, build_timing
from runtime.definitions.options import check_options, checked_text
from runtime.definitions.position import Position
from runtime.definitions.scoring import build_score
from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry
from runtime.semconv import SpanVerb, span_name
from runtime.server.names import checked_name

if TYPE_CHECKING:  # only who has an inbox has its driver
    from psycopg import AsyncConnection

#: Entered while an attempt waits for other work.
Rest = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one attempt; ask for it with a parameter annotated `Context`.

    Attributes:
        app: the app's name.
        node_id: of the step or delivery; the same in every attempt, so it serves as an idempotency key.
        correlation_id: shared by everything that stems from one outside trigger.
        attempt: which try this is, 1-based; within its round for a delivery.
        round: of a step in a loop, which round it is, from 1; else 0, or how many replays there were before.
        index: of the item that a step is done for, from 0; None where it is not fanned out.
        subject: what the work is about, as its starter said.
        undoes: in an undo, the `node_id` that the step had: what it has done is known by that outside.
        run_id: of the run, in a step.
        event_id: of the event, in a handler.
        state: durable keys of the run or group.
        position: where it stands in the causal graph.
        buffer: what the attempt has asked for so far.
        clock: gives the times of what it asks for.
        rest: gives its slot to others for as long as it waits for them.
        means: of a step: recorded calls, waits, streams, spending; None in a handler.
        spend: charges the budgets over a handler; None where there is none.
        begin: begins the transaction of a handler that has an inbox; None in any other work.
        is_shadow: in a handler that runs beside a step, to be compared with it (`shadow=`): it must do nothing outside
            then. What it asks of its context is withheld anyway.
    """

    app: str
    node_id: UUID
    correlation_id: UUID
    attempt: int
    round: int
    index: int | None
    undoes: UUID | None
    subject: str
    run_id: UUID | None
    event_id: UUID | None
    state: State
    position: Position = field(repr=False)
    buffer: Buffer = field(repr=False)
    clock: Clock = field(repr=False)
    rest: Rest = field(repr=False)
    means: StepCapabilities | None = field(default=None, repr=False)
    spend: Callable[[Usage], Awaitable[None]] | None = field(default=None, repr=False)
    begin: Callable[[], Awaitable[Any]] | None = field(default=None, repr=False)
    is_shadow: bool = False

    async def once(
        self,
        name: str,
        function: Callable[..., Any],
        /,
        *args: Any,
        key: str = "",
        retry: Retry | None = None,
        timeout: float | None = None,
        into: Any = None,
        at_most: Usage | None = None,
        usage: Callable[[Any], Usage] | None = None,
        breaker: Breaker | None = None,
        **kwargs: Any,
    ) -> Any:
        """Calls a function and records its result: a later attempt at this step takes it from there, and does not call
        again. For what costs: a model's answer, a search, a payment.

        A crash repeats at most the call that was under way. What the function is given is compared with what was
        recorded, so give it what its result depends on; bind clients and the like with `functools.partial`.

        Args:
            name: of the call; with `key` it is what the record goes by, so it must not change between attempts.
            function: sync or async; a sync one runs in a thread. It can't publish, score, keep state or start runs.
            args: what it is given, as are `kwargs`; it must be able to travel.
            key: tells apart several calls of one name.
            retry: how often it is tried within this attempt; by default once: the step's own retries follow.
            timeout: seconds for one try; by default none.
            into: the type that the result is read into; by default what the function says that it returns.
            at_most: what one try may cost: reserved of the budgets over this run before it is made. Where that is more
                than is left, the step is parked until somebody raises the budget.
            breaker: guards each try: while it is open the step leaves its slot, and begins again when it may.
            usage: says of the function's result what it has cost; by default what was reserved.

        Returns:
            What it returned, as it is read back from the record: the same now and in every later attempt.

        Raises:
            DefinitionError: in a handler, within another recorded call, or when this attempt makes the call twice; one
                that failed may be made again.
            CallChangedError: the record is of a call with other arguments; names them.
            CallUncountedError: `usage` raised; the result is recorded.
            UnencodableError: what it is given or returns can't travel.
            AttemptStaleError: another worker has taken the step over meanwhile.
            Exception: whatever the function raised in its last try.
        """
        if self.means is None:
            raise DefinitionError(
                f"a handler can't record call {name!r}: only steps do; start a run from the handler, and call there"
            )
        self.buffer.check()
        checked_name("call", name)
        check_options(f"call {name!r}", retry, timeout, breaker)
        check_call(f"call {name!r}", function, at_most, usage)
        how = CallOptions(checked_text("key", key), retry, timeout, into, at_most, usage, breaker)
        return await self.means.calls.once(name, function, args, kwargs, how)

    async def wait_for(self, name: str, *, into: Any = Any, timeout: float | None = None, key: str = "") -> Any:
        """Waits for an answer to this run: that of a person, of another program, or a time that passes.

        The step leaves its slot and its lease, however long it waits. When the answer is there it runs again from its
        top: calls that it has recorded (`once`) and answers that it has had are taken from their records. So record
        before the wait what costs. Recorded calls that are under way beside the wait end first.

        Args:
            name: of the wait; who answers says it (`run.send(name, value)`, `causeline runs answer`).
            into: the type of the answer.
            timeout: seconds, from when the step first waits, after which nobody is waited for any more.
            key: tells apart several waits of one name within the run.

        Returns:
            The answer; one that came before the step waited is taken as well.

        Raises:
            DefinitionError: in a handler, an undo or a recorded call, or when another step waits under this name.
            WaitTimeoutError: nobody has answered in time; the same in every later attempt.
        """
        if self.means is None:
            raise DefinitionError(f"a handler can't wait for {name!r}: only steps do; start a run from the handler")
        self.buffer.check()
        checked_name("wait", name)
        check_options(f"wait {name!r}", None, timeout, None)
        await self.drain()
        return await self.means.waits.wait_for(name, into, timeout, checked_text("key", key))

    async def stream(self, chunk: Any) -> None:
        """Streams a partial result, such as a few words of a model's answer, to whoever reads `run.stream()`.

        It is told at once, before the step commits: an attempt that fails has told its chunks all the same, and readers
        are told when another one begins. The step's result is what it returns. Nobody waits for readers; the oldest
        chunks of a long stream are dropped, and so is what the server does not take in time: readers are told how much.
        May be used within recorded calls; one whose result comes from the record streams nothing.

        Args:
            chunk: any JSON value; pydantic models and dataclasses arrive as such.

        Raises:
            DefinitionError: in a handler, or when the attempt has ended.
            UnencodableError: it can't travel, or is larger than 64 KiB.
            AttemptStaleError: another worker has taken the step over, or its run has ended.
        """
        self.buffer.check_open()
        if self.means is None:
            raise DefinitionError("a handler can't stream: only steps do; start a run from the handler")
        await self.means.streams.stream(chunk)

    async def drain(self) -> None:
        """Waits until what was streamed is written down, for a while."""
        if self.means is not None and self.buffer.chunks:
            await self.means.streams.drain()

    async def spent(self, usage: Usage) -> None:
        """Charges the budgets over this work with what it has cost outside of recorded calls: at once, whatever becomes
        of the attempt. Another attempt costs again."""
        self.buffer.check()
        Usage.checked("what was spent", usage)
        spend = self.spend if self.means is None else self.means.spend
        if spend is not None:
            await spend(usage)

    async def transaction(self) -> "AsyncConnection[Any]":
        """A connection to the handler's own PostgreSQL database (`inbox=`), in a transaction that is committed when the
        handler has returned, together with a row that names the event: what is written in it is written once, however
        often the event is delivered. A failed attempt writes nothing; whoever finds the row acknowledges the delivery
        with what was published and put beside, and the handler does not run.

        Returns:
            A `psycopg.AsyncConnection`, the same each time. It can't be committed by hand; `connection.transaction()`
            within it makes a savepoint. It is another's once the handler has returned.

        Raises:
            DefinitionError: the work is no handler with an inbox, or the attempt has ended.
            ServerError: the database does not answer, or does not let it in.
        """
        self.buffer.check()
        if self.begin is None:
            raise DefinitionError("only a handler has a transaction that names its database: subscribe(..., inbox=URL)")
        connection: AsyncConnection[Any] = await self.begin()
        return connection

    def publish(
        self,
        channel: str,
        data: Any,
        *,
        subject: str | None = None,
        delay: After | None = None,
        expires: After | None = None,
    ) -> UUID:
        """Publishes an event once this attempt has committed; a failed or stale attempt publishes nothing.

        Args:
            channel: its name.
            data: pydantic model, dataclass or plain JSON, and what the standard library has beside.
            subject: what it is about; by default what this work is about.
            delay: seconds, or a timedelta, that it is held back once it is committed. Nobody cancels it.
            expires: seconds, or a timedelta, from now, after which no group begins with it any more.

        Returns:
            The event's id: the same whenever this attempt is repeated.

        Raises:
            DefinitionError: no channel can have that name, the subject is no text, delay or expiry can't be, or the
                attempt has ended.
            UnencodableError: the payload can't travel; names the place in it and its type.
        """
        timing = build_timing(channel, delay, expires, self.clock.now_ns())
        return self.publish_encoded(channel, encode(data, f"the payload for channel {channel}"), subject, timing)

    def publish_encoded(
        self, channel: str, encoded: Encoded, subject: str | None = None, timing: Timing | None = None
    ) -> UUID:
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
            budget=position.budget,
            trace=position.span.child(id_, span_name(SpanVerb.PUBLISH, channel)),
            timing=timing,
        )
        self.buffer.events.append(OutgoingEvent(envelope, position.span, position.agent))
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
        self.buffer.scores.append(build_score(value, name, label, explanation, self.clock.now_ns()))


#: The attempt that the current code runs in; None outside of one.
current_context: ContextVar[Context | None] = ContextVar("causeline_context", default=None)
