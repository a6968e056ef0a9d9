"""The bus on Redis Streams or Valkey: baseline commands of Redis 6.2, one single-slot script for each change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from runtime.bus.contract import Begun, Delivery, OutboxEntry, Outgoing
from runtime.bus.envelope import Envelope
from runtime.bus.keys import CHANNELS, ChannelKeys
from runtime.bus.records import AttemptRecord
from runtime.bus.wire import (
    RECORD_FIELDS,
    attempt_field,
    entry_ms,
    first_delivery,
    holder,
    later_delivery,
    letter_fields,
    origin,
    outgoing_fields,
    source,
)
from runtime.causality import identity
from runtime.errors import GroupLostError, StreamFullError
from runtime.semconv import DeadLetterReason
from runtime.server.scripts import Scripts

#: How long an event that a group has done is remembered, in ms; a copy of it that comes later runs again.
DONE_MARK_MS: Final = 24 * 3600 * 1000
#: How long the id of a published event is remembered, in ms; a publish that is tried again later adds it again.
PUBLISH_MARK_MS: Final = 3600 * 1000
#: Retries handed to a group in one call.
PROMOTE_BATCH: Final = 200


class RedisBus:
    """A `Bus` on one server.

    Args:
        client: for commands; never blocks.
        reader: for blocking reads: a socket time-out longer than a read blocks, and no retries of its own, or a read
            of an idle stream never returns.
        cap: entries that a channel may hold before it refuses events from outside.
    """

    def __init__(self, client: Redis, reader: Redis, cap: int) -> None:
        self._client = client
        self._reader = reader
        self._cap = cap
        self._scripts = Scripts(client, "runtime.bus")
        self._known: set[str] = set()

    async def subscribe(self, channel: str, group: str, schema: str) -> None:
        keys = ChannelKeys(channel)
        await self._register(channel)
        await self._scripts.call(
            "subscribe", [keys.stream, keys.counters, keys.groups, keys.retries(group)], group, schema
        )

    async def publish(self, envelope: Envelope, *, inside: bool = False) -> int:
        await self._register(envelope.channel)
        added, entry = await self._add(envelope, inside=inside)
        if added < 0 and await self.trim(envelope.channel):
            added, entry = await self._add(envelope, inside=inside)
        if added < 0:
            raise StreamFullError(
                f"channel {envelope.channel} holds {self._cap} events and takes no more: "
                "start workers for its slowest group, or raise CAUSELINE_STREAM_CAP"
            )
        return entry_ms(entry)

    async def _add(self, envelope: Envelope, *, inside: bool) -> tuple[int, bytes]:
        keys = ChannelKeys(envelope.channel)
        added, entry = await self._scripts.call(
            "publish",
            [keys.stream, keys.counters, keys.groups, keys.published(envelope.id)],
            envelope.encode(),
            self._cap,
            0,
            0 if inside else PUBLISH_MARK_MS,
        )
        return added, entry

    async def read(self, channel: str, group: str, consumer: str, limit: int, block_ms: int) -> list[Delivery]:
        keys = ChannelKeys(channel)
        try:
            answer = await self._unread(keys, group, consumer, limit, block_ms)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            raise GroupLostError(f"the server has lost group {group} of channel {channel}: {error}") from None
        deliveries: list[Delivery] = []
        for stream, entries in answer:
            is_retry = stream.decode() != keys.stream
            deliveries += await self._deliveries(keys, group, consumer, entries, is_retry=is_retry, reclaimed=False)
        return deliveries

    async def _unread(self, keys: ChannelKeys, group: str, consumer: str, limit: int, block_ms: int) -> Any:
        # COUNT limits each stream, not the call: one call for both would take up to twice the limit.
        share = max(1, limit // 2)
        retries: dict[Any, Any] = {keys.retries(group): ">"}
        events: dict[Any, Any] = {keys.stream: ">"}
        found: Any = await self._reader.xreadgroup(group, consumer, retries, count=share)
        room = limit - sum(len(entries) for _, entries in found)
        if room:
            found += await self._reader.xreadgroup(group, consumer, events, count=room)
        # A blocked read is woken by one stream alone.
        return found or await self._reader.xreadgroup(group, consumer, events | retries, count=share, block=block_ms)

    async def reclaim(self, channel: str, group: str, consumer: str, idle_ms: int, limit: int) -> list[Delivery]:
        keys = ChannelKeys(channel)
        deliveries: list[Delivery] = []
        for stream in (keys.stream, keys.retries(group)):
            entries = await self._claim_idle(stream, group, consumer, idle_ms, limit - len(deliveries))
            is_retry = stream != keys.stream
            deliveries += await self._deliveries(keys, group, consumer, entries, is_retry=is_retry, reclaimed=True)
        return deliveries

    async def _claim_idle(self, stream: str, group: str, consumer: str, idle_ms: int, limit: int) -> list[Any]:
        # XAUTOCLAIM looks at ten times COUNT entries a call: without following its cursor the tail is never reached.
        cursor: bytes | str = "0-0"
        found: list[Any] = []
        while len(found) < limit:
            answer: Any = await self._client.xautoclaim(
                stream, group, consumer, min_idle_time=idle_ms, start_id=cursor, count=limit - len(found)
            )
            cursor = answer[0]
            found += [entry for entry in answer[1] if entry and entry[0] is not None and entry[1]]
            if cursor == b"0-0":
                break
        return found

    async def _deliveries(
        self, keys: ChannelKeys, group: str, consumer: str, entries: list[Any], *, is_retry: bool, reclaimed: bool
    ) -> list[Delivery]:
        if not is_retry:
            return [
                first_delivery(keys.channel, group, entry, fields, reclaimed=reclaimed) for entry, fields in entries
            ]
        ids = [UUID(fields[b"d"].decode()) for _, fields in entries]
        async with self._client.pipeline(transaction=False) as pipe:
            for id_ in ids:
                pipe.hmget(keys.delivery(group, id_), RECORD_FIELDS)
            records = await pipe.execute()
        found: list[Delivery] = []
        for (entry, _), id_, record in zip(entries, ids, records, strict=True):
            if record[0] is not None:
                found.append(later_delivery(keys.channel, group, entry, id_, record, reclaimed=reclaimed))
            else:
                gone = [keys.retries(group), keys.delivery(group, id_), keys.counters]
                await self._scripts.call("drop", gone, group, consumer, entry)
        return found

    async def begin(self, delivery: Delivery, consumer: str, trace_id: int, *, solo: bool, death_limit: int) -> Begun:
        keys = ChannelKeys(delivery.channel)
        group = delivery.group
        answer = await self._scripts.call_once(
            "begin",
            [
                source(keys, delivery),
                keys.delivery(group, delivery.id),
                keys.done(group, delivery.event_id),
                keys.counters,
                keys.letter(group, identity.dead_letter_id(delivery.id)),
            ],
            *holder(delivery, consumer),
            int(solo),
            death_limit,
            consumer,
            f"{trace_id:032x}",
            int(delivery.foreign),
        )
        match answer:
            case [b"ok", attempt, started, first, before, fails]:
                last = int(json.loads(before).get("trace_id") or "0", 16) if before else 0
                return Begun("ok", attempt, started, first, last or None, fails)
            case [b"poison", attempts]:
                return Begun("poison", int(attempts or 0))
            case [b"duplicate"]:
                return Begun("duplicate")
            case _:
                return Begun("stale")

    async def ack(
        self, delivery: Delivery, consumer: str, events: Sequence[Outgoing], writes: Mapping[str, str]
    ) -> list[OutboxEntry] | None:
        keys = ChannelKeys(delivery.channel)
        group = delivery.group
        answer = await self._scripts.call_once(
            "ack",
            [
                source(keys, delivery),
                keys.delivery(group, delivery.id),
                keys.done(group, delivery.event_id),
                keys.counters,
                keys.outbox,
                keys.state(group),
                origin(keys, delivery),
            ],
            *holder(delivery, consumer),
            DONE_MARK_MS,
            int(delivery.origin is not None),
            len(events),
            len(writes),
            *(part for event in events for part in outgoing_fields(event)),
            *(part for pair in writes.items() for part in pair),
        )
        if not answer[0]:
            return None
        return [
            OutboxEntry(keys.outbox, entry.decode(), event) for entry, event in zip(answer[1:], events, strict=True)
        ]

    async def retry(self, delivery: Delivery, consumer: str, attempt: AttemptRecord, delay_ms: int) -> bool:
        keys = ChannelKeys(delivery.channel)
        due = await self._scripts.call_once(
            "retry",
            self._waiting_keys(keys, delivery),
            *holder(delivery, consumer),
            str(delivery.id),
            delay_ms,
            attempt_field(attempt),
            json.dumps(asdict(attempt)),
            delivery.raw,
            str(delivery.event_id),
        )
        return bool(due)

    async def postpone(self, delivery: Delivery, consumer: str, delay_ms: int) -> bool:
        keys = ChannelKeys(delivery.channel)
        due = await self._scripts.call_once(
            "postpone",
            self._waiting_keys(keys, delivery),
            *holder(delivery, consumer),
            str(delivery.id),
            delay_ms,
            delivery.raw,
            str(delivery.event_id),
            delivery.round,
            int(delivery.foreign),
        )
        return bool(due)

    async def bury(
        self, delivery: Delivery, consumer: str, attempt: AttemptRecord | None, reason: DeadLetterReason, attempts: int
    ) -> int:
        keys = ChannelKeys(delivery.channel)
        group = delivery.group
        letter = identity.dead_letter_id(delivery.id)
        died = await self._scripts.call_once(
            "bury",
            [
                source(keys, delivery),
                keys.delivery(group, delivery.id),
                keys.letter(group, letter),
                keys.dead(group),
                keys.counters,
                keys.untold,
                origin(keys, delivery),
            ],
            *holder(delivery, consumer),
            str(letter),
            int(delivery.origin is not None),
            *letter_fields(delivery, attempt, reason, attempts),
        )
        return int(died)

    async def promote(self, channel: str, group: str) -> int | None:
        keys = ChannelKeys(channel)
        _, due, now = await self._scripts.call(
            "promote", [keys.waiting(group), keys.retries(group), keys.counters], group, PROMOTE_BATCH
        )
        return None if due < 0 else max(0, int(due) - int(now))

    async def pending(self, channel: str, group: str) -> int:
        """How many events the group owes that are due now or under way."""
        value: Any = await self._client.hget(ChannelKeys(channel).counters, f"{group}:pending")
        return int(value or 0)

    async def trim(self, channel: str) -> int:
        """Drops entries that every group has settled; how many."""
        keys = ChannelKeys(channel)
        return int(await self._scripts.call("trim", [keys.stream, keys.groups]))

    async def reap(self, channel: str, group: str, idle_ms: int) -> int:
        """Forgets consumers that hold nothing and have been away for `idle_ms`; how many."""
        keys = ChannelKeys(channel)
        gone = 0
        for stream in (keys.stream, keys.retries(group)):
            gone += int(await self._scripts.call("reap", [stream, keys.live(group)], group, idle_ms))
        return gone

    def _waiting_keys(self, keys: ChannelKeys, delivery: Delivery) -> list[str]:
        return [
            source(keys, delivery),
            keys.delivery(delivery.group, delivery.id),
            keys.waiting(delivery.group),
            keys.counters,
        ]

    async def _register(self, channel: str) -> None:
        if channel not in self._known:
            await self._client.sadd(CHANNELS, channel)
            self._known.add(channel)
