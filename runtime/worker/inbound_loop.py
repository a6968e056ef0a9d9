"""Makes events of a channel of a RabbitMQ queue's messages; each is acknowledged once it is recorded."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from runtime.bus.deliveries import Outgoing, Published
from runtime.client.session import Session
from runtime.definitions.bridges import Inbound
from runtime.errors import ServerUnavailableError, StreamFullError
from runtime.outbox.facts import published
from runtime.rabbitmq.arrivals import Arrival, Surroundings, arrival
from runtime.rabbitmq.contract import Feed, Taken
from runtime.rabbitmq.message import SYSTEM, destination
from runtime.semconv import SpanVerb, span_name
from runtime.transfers import Transfer
from runtime.worker.loop import REST_AFTER_ERROR, Stopping, rest

_log = logging.getLogger("causeline.worker")

#: Bytes of the largest message that is recorded: a worker holds as many as its prefetch in memory.
LARGEST: Final = 32 * 1024 * 1024
#: What keeps messages from being recorded now; they wait, and RabbitMQ keeps the others.
_LATER: Final = (ServerUnavailableError, StreamFullError)


@dataclass(frozen=True, slots=True)
class _Recording:
    """A message, the event that it is, and when it came, in nanoseconds since 1970."""

    taken: Taken
    arrival: Arrival
    at_ns: int


class InboundLoop:
    """Reads one queue.

    Args:
        inbound: which, and where to.
        session: what it records by.
        stopping: set when the worker is told to stop.
    """

    def __init__(self, inbound: Inbound, session: Session, stopping: Stopping) -> None:
        self._inbound = inbound
        self._session = session
        self._stopping = stopping
        self._said: set[str] = set()
        self._leaves_some = False

    @property
    def what(self) -> str:
        """What it is, for logs."""
        return f"queue {self._inbound.queue}"

    async def turn(self) -> None:
        """Reads until the worker stops, or the connection is lost: then whoever called calls again. What was taken and
        not acknowledged comes again, to whichever worker; what of it is recorded is known by its id."""
        one = self._inbound
        self._leaves_some = False
        async with self._session.broker.consume(one.queue, one.prefetch, declare=one.declare) as feed:
            while not self._stopping.is_set():
                with self._stopping.interrupts():
                    taken = await feed.next()
                    read = [self._read(message) for message in taken if self._fits(message)]
                    await self._record(feed, [one for one in read if one is not None])

    def _fits(self, taken: Taken) -> bool:
        size = len(taken.message.body)
        if size <= LARGEST:
            return True
        self._leave(
            f"has {size} bytes, more than {LARGEST}, and stays there: take it out, or have its sender put elsewhere "
            "what is large"
        )
        return False

    def _read(self, taken: Taken) -> _Recording | None:
        try:
            return self._recording(taken)
        except Exception as fault:  # noqa: BLE001 - of our own: a message that nobody thought of holds no other up
            self._leave(f"can't be read, and stays there ({type(fault).__name__}: {fault}): take it out, and report it")
            return None

    def _recording(self, taken: Taken) -> _Recording:
        one, now_ns = self._inbound, self._session.clock.now_ns()
        at = Surroundings(one.queue, one.channel, one.holds_letters, now_ns, self._session.settings.sample_ratio)
        found = arrival(taken.message, at)
        if not found.is_stable:
            self._say_once(
                f"messages of {self.what} have no message_id and are no CloudEvents: one that comes again, because a "
                "worker or a connection was lost, is another event; have their sender give them ids"
            )
        return _Recording(taken, found, now_ns)

    async def _record(self, feed: Feed, waiting: Sequence[_Recording]) -> None:
        """Records messages in their order, and acknowledges each that is."""
        while waiting and not self._stopping.is_set():
            answers = await self._published(waiting)
            done = next((n for n, answer in enumerate(answers) if not isinstance(answer, Published)), len(waiting))
            for recording, answer in zip(waiting[:done], answers, strict=False):
                if isinstance(answer, Published):
                    self._tell(recording, answer)
            if done:
                # The rest goes at once, whatever kept it: what came by another connection may have been there first.
                await self._acknowledge(feed, waiting[:done])
                waiting = waiting[done:]
            else:
                waiting = await self._put_off(waiting, answers[0])

    async def _published(self, waiting: Sequence[_Recording]) -> list[Published | BaseException]:
        """Publishes all of them at once, each behind the one before it."""
        before = [None, *(one.arrival.envelope.id for one in waiting)]
        return await asyncio.gather(
            *(
                self._session.bus.publish(one.arrival.envelope, behind=behind)
                for one, behind in zip(waiting, before, strict=False)
            ),
            return_exceptions=True,
        )

    async def _put_off(self, waiting: Sequence[_Recording], why: Published | BaseException) -> Sequence[_Recording]:
        """What is tried next after the first of some messages was not recorded."""
        if isinstance(why, _LATER):
            self._say_once(f"{self.what} waits: {why}")
            await rest(self._stopping, REST_AFTER_ERROR)
            return waiting
        if isinstance(why, Exception):
            self._leave(f"can't be recorded, and stays there: {why}")
            return waiting[1:]
        if isinstance(why, BaseException):
            raise why
        raise AssertionError("what was recorded is not put off")

    def _leave(self, why: str) -> None:
        """Leaves a message where it is: not acknowledged, it comes again when the connection is made anew."""
        self._leaves_some = True
        self._say_once(f"a message of {self.what} {why}")

    async def _acknowledge(self, feed: Feed, recorded: Sequence[_Recording]) -> None:
        self._said = {words for words in self._said if " waits: " not in words}
        if not self._leaves_some:
            await feed.ack(recorded[-1].taken.tag, and_before=True)
            return
        for one in recorded:
            await feed.ack(one.taken.tag, and_before=False)

    def _tell(self, one: _Recording, answer: Published) -> None:
        """Emits that it was received, and that the event is published; ids are derived, so that what comes again is no
        second span."""
        observer, envelope, sender = self._session.observer, one.arrival.envelope, one.arrival.sender
        if envelope.trace is None:
            raise AssertionError("an event that is recorded has a publish span")
        message, taken = one.taken.message, one.taken
        where = destination(taken.exchange, taken.routing_key, self._inbound.queue)
        receiving = envelope.trace.child(envelope.id, span_name(SpanVerb.RECEIVE, where))
        host, port = self._session.broker.place
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
        observer.emit(published(Outgoing(envelope, receiving, envelope.source), answer.at_ms))

    def _say_once(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            _log.warning(words)
