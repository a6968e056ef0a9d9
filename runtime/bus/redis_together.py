"""What consumers on Redis begin and acknowledge in one turn of the event loop: one single-slot script for all of it."""

from collections.abc import Sequence
from typing import Any, Final

from runtime.bus.deliveries import BeginAnswer, Delivery
from runtime.bus.keys import keys_of
from runtime.bus.redis_base import Limits
from runtime.bus.wire import attempt_record, delivery_stream
from runtime.causality import identity
from runtime.frozen import frozen
from runtime.server.scripts import Scripts
from runtime.server.turn_batcher import TurnBatcher

#: Deliveries that one script begins or acknowledges at most.
AT_ONCE: Final = 64


@frozen()
class DeliveryHold:
    """What a script asks once for all its deliveries: who holds them, and where."""

    channel: str
    group: str
    consumer: str
    is_retry: bool


@frozen()
class BeginArguments:
    """The same of deliveries that begin, and what keeps one from beginning; see `Bus.begin`."""

    hold: DeliveryHold
    isolated: bool
    kills: int
    vanishings: int


def hold_of(delivery: Delivery, consumer: str) -> DeliveryHold:
    """Who holds a delivery, and where."""
    return DeliveryHold(delivery.channel, delivery.group, consumer, delivery.is_retry)


class DeliveryBatches:
    """Begins and acknowledges what is asked for in one turn. Args: those of a `RedisPart`."""

    def __init__(self, scripts: Scripts, limits: Limits) -> None:
        self._scripts = scripts
        self._limits = limits
        self._beginning = TurnBatcher(self._begin, AT_ONCE)
        self._done = TurnBatcher(self._acknowledge, AT_ONCE)

    async def begin(self, delivery: Delivery, trace_id: int, how: BeginArguments) -> BeginAnswer:
        """As `Bus.begin`."""
        return _parse_begin_answer(await self._beginning.ask(how, (delivery, trace_id)))

    async def acknowledge(self, delivery: Delivery, consumer: str) -> bool:
        """Commits a success that published and wrote nothing; False when stale."""
        return bool(await self._done.ask(hold_of(delivery, consumer), delivery))

    async def _begin(self, how: BeginArguments, items: Sequence[tuple[Delivery, int]]) -> Sequence[Any]:
        keys, group = keys_of(how.hold.channel), how.hold.group
        touched = [delivery_stream(keys, items[0][0]), keys.counters]
        given: list[str | int] = []
        for delivery, trace_id in items:
            touched += (
                keys.delivery(group, delivery.id),
                keys.done_mark(group, delivery.event_id),
                keys.letter(group, identity.dead_letter_id(delivery.id)),
            )
            given += (delivery.entry, f"{trace_id:032x}", int(delivery.foreign))
        limits = int(how.isolated), how.kills, how.vanishings
        answers: list[Any] = await self._scripts.call(
            "begin", touched, group, how.hold.consumer, int(how.hold.is_retry), *limits, *given
        )
        return answers

    async def _acknowledge(self, hold: DeliveryHold, deliveries: Sequence[Delivery]) -> Sequence[int]:
        keys, group = keys_of(hold.channel), hold.group
        touched = [delivery_stream(keys, deliveries[0]), keys.counters]
        for one in deliveries:
            touched += (keys.delivery(group, one.id), keys.done_mark(group, one.event_id))
        given = group, hold.consumer, int(hold.is_retry), self._limits.done_mark_ms
        answers: list[int] = await self._scripts.call("done", touched, *given, *(one.entry for one in deliveries))
        return answers


def _parse_begin_answer(answer: Any) -> BeginAnswer:
    match answer:
        case [b"ok", attempt, started, first, before, fails]:
            return BeginAnswer("ok", attempt, started, first, attempt_record(before) if before else None, fails)
        case [b"poison", attempts, last]:
            return BeginAnswer("poison", int(attempts), before=attempt_record(last) if last else None)
        case [b"duplicate"]:
            return BeginAnswer("duplicate")
        case [b"suspect"]:
            return BeginAnswer("suspect")
        case _:
            return BeginAnswer("stale")
