"""How a consumer on Redis begins and settles a delivery, each by single-slot scripts."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from runtime.bus.deliveries import BeginAnswer, Delivery, OutboxEntry, OutgoingEvent
from runtime.bus.keys import keys_of
from runtime.bus.records import AttemptRecord
from runtime.bus.redis_base import Limits, RedisPart
from runtime.bus.redis_together import BeginArguments, DeliveryBatches, hold_of
from runtime.bus.wire import (
    attempt_field,
    attempt_record,
    attempt_text,
    build_outbox_entries,
    delivery_stream,
    holder_arguments,
    letter_fields,
    origin_key,
    outgoing_fields,
    record_fields,
)
from runtime.causality import identity
from runtime.errors import OutboxFullError
from runtime.semconv import DeadLetterReason
from runtime.server.client import Clients


class DeliverySettlement(RedisPart):
    """Begins, acknowledges, retries, postpones, buries, lapses and gives up."""

    def __init__(self, clients: Clients, limits: Limits) -> None:
        super().__init__(clients, limits)
        self._batches = DeliveryBatches(self._scripts, limits)

    async def begin(
        self, delivery: Delivery, consumer: str, trace_id: int, *, isolated: bool, kills: int, vanishings: int
    ) -> BeginAnswer:
        how = BeginArguments(hold_of(delivery, consumer), isolated, kills, vanishings)
        return await self._batches.begin(delivery, trace_id, how)

    async def ack(
        self, delivery: Delivery, consumer: str, events: Sequence[OutgoingEvent], writes: Mapping[str, str]
    ) -> list[OutboxEntry] | None:
        if not events and not writes and delivery.origin is None:
            return [] if await self._batches.acknowledge(delivery, consumer) else None
        keys, group = keys_of(delivery.channel), delivery.group
        answer = await self._scripts.call(
            "ack",
            [
                delivery_stream(keys, delivery),
                keys.delivery(group, delivery.id),
                keys.done_mark(group, delivery.event_id),
                keys.counters,
                keys.outbox,
                keys.state(group),
                origin_key(keys, delivery),
            ],
            *holder_arguments(delivery, consumer),
            self._limits.done_mark_ms,
            int(delivery.origin is not None),
            self._limits.outbox,
            len(events),
            len(writes),
            *(part for event in events for part in outgoing_fields(event)),
            *(part for pair in writes.items() for part in pair),
        )
        if answer[0] < 0:
            raise outbox_full_error(f"channel {delivery.channel}", self._limits.outbox)
        if not answer[0]:
            return None
        return build_outbox_entries(keys.outbox, answer[1:], events)

    async def retry(
        self, delivery: Delivery, consumer: str, attempt: AttemptRecord, delay_ms: int, *, is_spared: bool = False
    ) -> bool:
        record = attempt_field(attempt), attempt_text(attempt), "1" if is_spared else "0"
        return bool(await self._put_off("retry", delivery, consumer, delay_ms, *record))

    async def postpone(self, delivery: Delivery, consumer: str, delay_ms: int) -> bool:
        return bool(await self._put_off("postpone", delivery, consumer, delay_ms))

    async def _put_off(self, script: str, delivery: Delivery, consumer: str, delay_ms: int, *more: str) -> int:
        keys = keys_of(delivery.channel)
        return int(
            await self._scripts.call(
                script,
                [
                    delivery_stream(keys, delivery),
                    keys.delivery(delivery.group, delivery.id),
                    keys.waiting(delivery.group),
                    keys.counters,
                ],
                *holder_arguments(delivery, consumer),
                *record_fields(delivery, delay_ms),
                *more,
            )
        )

    async def bury(
        self, delivery: Delivery, consumer: str, attempt: AttemptRecord | None, reason: DeadLetterReason, attempts: int
    ) -> int:
        keys, group = keys_of(delivery.channel), delivery.group
        letter = identity.dead_letter_id(delivery.id)
        died = await self._scripts.call(
            "bury",
            [
                delivery_stream(keys, delivery),
                keys.delivery(group, delivery.id),
                keys.letter(group, letter),
                keys.dead_letters(group),
                keys.counters,
                keys.unconfirmed,
                origin_key(keys, delivery),
            ],
            *holder_arguments(delivery, consumer),
            str(letter),
            int(delivery.origin is not None),
            *letter_fields(delivery, attempt, reason, attempts),
        )
        return int(died)

    async def hasten(self, channel: str, group: str, delivery: UUID) -> None:
        await self._scripts.call("hasten", [keys_of(channel).waiting(group)], str(delivery))

    async def lapse(self, delivery: Delivery, consumer: str) -> BeginAnswer | None:
        answer = await self._end(delivery, consumer, "expired")
        if not answer[0]:
            return None
        _, attempts, last = answer
        return BeginAnswer("expired", attempts, before=attempt_record(last) if last else None)

    async def give_up(self, delivery: Delivery, consumer: str) -> bool:
        return bool((await self._end(delivery, consumer, "discarded"))[0])

    async def _end(self, delivery: Delivery, consumer: str, state: Literal["expired", "discarded"]) -> Any:
        """Ends a delivery that is neither done nor dead."""
        keys, group = keys_of(delivery.channel), delivery.group
        return await self._scripts.call(
            "lapse",
            [
                delivery_stream(keys, delivery),
                keys.delivery(group, delivery.id),
                keys.done_mark(group, delivery.event_id),
                keys.counters,
            ],
            *holder_arguments(delivery, consumer),
            int(delivery.foreign),
            self._limits.done_mark_ms,
            state,
        )


def outbox_full_error(whose: str, cap: int) -> OutboxFullError:
    """The error of a commit whose events find no room."""
    return OutboxFullError(
        f"the outbox of {whose} holds {cap} events that no channel takes, and takes no more: start workers for the "
        "groups whose channels are full, or retire groups that nobody serves"
    )
