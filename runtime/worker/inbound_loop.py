"""Makes events of a channel of a RabbitMQ queue's messages; each is acknowledged once it is recorded."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from runtime.bus.deliveries import OutgoingEvent, PublishReceipt
from runtime.client.session import Session
from runtime.definitions.bridges import Inbound
from runtime.errors import ServerUnavailableError, StreamFullError
from runtime.outbox.facts import build_event_published
from runtime.rabbitmq.arrivals import Arrival, ArrivalContext, read_arrival
from runtime.rabbitmq.contract import Feed, UnackedMessage
from runtime.rabbitmq.message import SYSTEM, destination
from runtime.rabbitmq.queues import dead_queue
from runtime.semconv import SpanVerb, span_name
from runtime.transfers import Transfer
from runtime.worker.loop import REST_AFTER_ERROR, TOLD_FOR, StopEvent, WarningThrottle, sleep_unless_stopped

_log = logging.getLogger("causeline.worker")

#: Bytes of the largest message that is recorded: a worker holds as many as its prefetch in memory.
LARGEST: Final = 32 * 1024 * 1024
#: What keeps messages from being recorded now; they wait, and RabbitMQ keeps the others.
_LATER: Final = (ServerUnavailableError, StreamFullError)
#: Why a message is not recorded.
_Kind = Literal["large", "unreadable", "refused"]


@dataclass(frozen=True, slots=True)
class _Recording:
    """A message, the event that it is, and when it came, in nanoseconds since 1970."""

    taken: UnackedMessage
    arrival: Arrival
    at_ns: int


class InboundLoop:
    """Reads one queue.

    Args:
        inbound: which, and where to.
        session: what it records by.
        stopping: set when the worker is told to stop.
    """

    def __init__(self, inbound: Inbound, session: Session, stopping: StopEvent) -> None:
        self._inbound = inbound
        self._session = session
        self._stopping = stopping
        self._left = 0
        self._of_left, self._of_waits = WarningThrottle(), WarningThrottle()
        self._is_nameless_said = False

    @property
    def what(self) -> str:
        """What it is, for logs."""
        return f"queue {self._inbound.queue}"

    async def run_once(self) -> None:
        """Reads until the worker stops, or the connection is lost: then whoever called calls again. What was taken and
        not acknowledged comes again, to whichever worker; what of it is recorded is known by its id."""
        one = self._inbound
        self._left = 0
        async with self._session.broker.consume(one.queue, one.prefetch, declare=one.declare) as feed:
            while not self._stopping.is_set():
                with self._stopping.interrupts():
                    await self._record(feed, await self._select_recordable(feed, await self._next_messages(feed)))

    async def _next_messages(self, feed: Feed) -> Sequence[UnackedMessage]:
        """What comes next. RabbitMQ gives no more than it may: where a worker has left as many as that, nothing comes,
        and whoever sees to it is told for as long as that lasts."""
        most = self._inbound.prefetch
        while self._left >= most:
            _log.error(
                "%s stands still: this worker holds %d messages of it that can't be recorded, and may hold no more; "
                "stop its workers and take them out, or raise its prefetch",
                self.what,
                self._left,
            )
            with suppress(TimeoutError):
                async with asyncio.timeout(TOLD_FOR):
                    return await feed.next_messages()
        return await feed.next_messages()

    async def _select_recordable(self, feed: Feed, taken: Sequence[UnackedMessage]) -> list[_Recording]:
        """Those messages that can be recorded; what can never be holds no other up."""
        readable = []
        for message in taken:
            size = len(message.message.body)
            if size > LARGEST:
                why = f"has {size} bytes, more than {LARGEST}"
                await self._give_up(feed, message, "large", why, "have its sender put elsewhere what is large")
                continue
            try:
                readable.append(self._build_recording(message))
            except Exception as fault:  # noqa: BLE001 - of our own: a message that nobody thought of
                why = f"can't be read ({type(fault).__name__}: {fault})"
                await self._give_up(feed, message, "unreadable", why, "report it")
        return readable

    def _build_recording(self, taken: UnackedMessage) -> _Recording:
        one, now_ns = self._inbound, self._session.clock.now_ns()
        at = ArrivalContext(one.queue, one.channel, one.holds_letters, now_ns, self._session.settings.sample_ratio)
        found = read_arrival(taken.message, at)
        if not found.is_stable and not self._is_nameless_said:
            self._is_nameless_said = True
            _log.warning(
                "messages of %s have no message_id and are not CloudEvents: one that comes again, because a worker or "
                "a connection was lost, is another event; have their sender give them ids",
                self.what,
            )
        return _Recording(taken, found, now_ns)

    async def _record(self, feed: Feed, waiting: Sequence[_Recording]) -> None:
        """Records messages in their order, and acknowledges each that is."""
        while waiting and not self._stopping.is_set():
            answers = await self._publish_all(waiting)
            done = next((n for n, answer in enumerate(answers) if not isinstance(answer, PublishReceipt)), len(waiting))
            for recording, answer in zip(waiting[:done], answers, strict=False):
                if isinstance(answer, PublishReceipt):
                    self._emit_facts(recording, answer)
            if done:
                # The rest goes at once, whatever kept it: what came by another connection may have been there first.
                await self._acknowledge(feed, waiting[:done])
                waiting = waiting[done:]
            else:
                waiting = await self._put_off(waiting, answers[0])

    async def _publish_all(self, waiting: Sequence[_Recording]) -> list[PublishReceipt | BaseException]:
        """Publishes all of them at once, each behind the one before it."""
        before = [None, *(one.arrival.envelope.id for one in waiting)]
        return await asyncio.gather(
            *(
                self._session.bus.publish(one.arrival.envelope, behind=behind)
                for one, behind in zip(waiting, before, strict=False)
            ),
            return_exceptions=True,
        )

    async def _put_off(
        self, waiting: Sequence[_Recording], why: PublishReceipt | BaseException
    ) -> Sequence[_Recording]:
        """What is tried next after the first of some messages was not recorded."""
        if isinstance(why, _LATER):
            _log.log(_log_level(self._of_waits, "waits"), "%s waits: %s", self.what, why)
            await sleep_unless_stopped(self._stopping, REST_AFTER_ERROR)
            return waiting
        if isinstance(why, Exception):
            self._leave("refused", f"can't be recorded, and stays there: {why}")
            return waiting[1:]
        if isinstance(why, BaseException):
            raise why
        raise AssertionError("what was recorded is not put off")

    async def _give_up(self, feed: Feed, taken: UnackedMessage, kind: _Kind, why: str, hint: str) -> None:
        """Has a message put where the queue's dead are, if that is known to be somewhere: of a queue that was not
        declared here nobody can ask, and RabbitMQ would drop it where there are none."""
        if not self._inbound.declare:
            self._leave(kind, f"{why}, and stays there: take it out, and {hint}")
            return
        await feed.reject(taken.tag)
        dead = dead_queue(self._inbound.queue).name
        self._log_message(kind, f"{why}, and goes to queue {dead}: {hint}")

    def _leave(self, kind: _Kind, why: str) -> None:
        """Leaves a message where it is: not acknowledged, it comes again when the connection is made anew."""
        self._left += 1
        self._log_message(kind, why)

    def _log_message(self, kind: _Kind, why: str) -> None:
        """Tells of a message; of more of its kind once in a while, for a queue may be full of them."""
        _log.log(_log_level(self._of_left, kind), "a message of %s %s", self.what, why)

    async def _acknowledge(self, feed: Feed, recorded: Sequence[_Recording]) -> None:
        self._of_waits.reset()
        if not self._left:
            await feed.ack(recorded[-1].taken.tag, and_before=True)
            return
        for one in recorded:
            await feed.ack(one.taken.tag, and_before=False)

    def _emit_facts(self, one: _Recording, answer: PublishReceipt) -> None:
        """Emits that it was received, and that the event is published; ids are derived, so that what comes again is no
        second span."""
        observer, envelope, sender = self._session.observer, one.arrival.envelope, one.arrival.sender
        if envelope.trace is None:
            raise AssertionError("an event that is recorded has a publish span")
        message, taken = one.taken.message, one.taken
        where = destination(taken.exchange, taken.routing_key, self._inbound.queue)
        receiving = envelope.trace.child(envelope.id, span_name(SpanVerb.RECEIVE, where))
        host, port = self._session.broker.host_and_port
        observer.emit(
            Transfer(
                verb=SpanVerb.RECEIVE,
                span=receiving,
                parent=sender,
                links=(sender,) if sender else (),
                at_ns=one.at_ns,
                ended_ns=max(one.at_ns, self._session.clock.now_ns()),
                system=SYSTEM,
                destination=where,
                routing_key=taken.routing_key,
                message_id=message.id,
                size=len(message.body),
                correlation_id=envelope.correlation_id,
                host=host,
                port=port,
            )
        )
        observer.emit(build_event_published(OutgoingEvent(envelope, receiving, envelope.source), answer.at_ms))


def _log_level(throttle: WarningThrottle, trouble: str) -> int:
    return logging.WARNING if throttle.should_warn(trouble) else logging.DEBUG
