"""The bus on Redis Streams or Valkey: baseline commands of Redis 6.2, one single-slot script for each change."""

from typing import Any, Final
from uuid import UUID

from runtime.bus.contract import Start
from runtime.bus.deliveries import Delivery, GroupRegistration, PublishReceipt
from runtime.bus.envelope import Envelope
from runtime.bus.keys import CHANNELS, ChannelKeys, keys_of
from runtime.bus.outbox_contract import Outbox
from runtime.bus.redis_base import Limits
from runtime.bus.redis_ephemeral import EphemeralGroups
from runtime.bus.redis_outbox import RedisOutbox
from runtime.bus.wire import entry_ms, payload_digest
from runtime.causality.identity import text_of
from runtime.errors import CommandRefusedError, GroupLostError, KeyConflictError, StreamFullError
from runtime.server.client import Clients

#: How long the id of a published event is remembered, in ms; a publish that is tried again later adds it again.
PUBLISH_MARK_MS: Final = 3600 * 1000
#: How long a publisher's own key is remembered, in ms.
KEY_MARK_MS: Final = 24 * 3600 * 1000

#: First elements of the answer of a publish that added nothing.
_FULL: Final = -1
_CONFLICT: Final = -2
_TOO_EARLY: Final = -3


class RedisBus(EphemeralGroups):
    """A `Bus` on one server."""

    def __init__(self, clients: Clients, limits: Limits) -> None:
        super().__init__(clients, limits)
        self._announced: set[str] = set()

    async def subscribe(
        self,
        channel: str,
        group: str,
        *,
        schema: str,
        app: str,
        start: Start = "",
        former: str = "",
        order_by: str = "",
        ephemeral_ms: int = 0,
        owner: str = "",
    ) -> GroupRegistration:
        keys = keys_of(channel)
        await self._announce(channel)
        name, before, new = await self._scripts.call(
            "subscribe",
            [
                keys.stream,
                keys.counters,
                keys.groups,
                keys.retries(group),
                keys.apps,
                keys.retries(former or group),
                keys.retired,
                keys.dead_letters(group),
                keys.order,
                keys.turns(group),
                keys.waiting(group),
                keys.ephemeral,
                keys.live(group),
            ],
            group,
            schema,
            app,
            start,
            former,
            order_by,
            ephemeral_ms,
            owner,
        )
        other = before.decode() if before.decode() != app else ""
        return GroupRegistration(name.decode(), bool(new), other)

    async def publish(
        self, envelope: Envelope, *, inside: bool = False, key: str = "", behind: UUID | None = None
    ) -> PublishReceipt:
        answer = await self._add(envelope, key, behind, inside=inside)
        if answer[0] == _FULL and await self.make_room(envelope.channel):
            answer = await self._add(envelope, key, behind, inside=inside)
        if answer[0] == _TOO_EARLY:
            raise StreamFullError(f"channel {envelope.channel} has not taken event {behind}, which comes before")
        if answer[0] == _FULL:
            raise StreamFullError(
                f"channel {envelope.channel} holds {self._limits.stream} events and takes no more: "
                "start workers for its slowest group, or raise CAUSELINE_STREAM_CAP"
            )
        if answer[0] == _CONFLICT:
            raise KeyConflictError(
                f"an event was published to {envelope.channel} under the key {key!r} with another payload: a key "
                "stands for one event; take another key"
            )
        _, entry, groups, event, so_far = answer
        # A channel with groups is known since they subscribed; a server that has lost its data counts from one, and a
        # publish that is repeated may have been cut off before.
        if not groups and (so_far <= 1 or envelope.channel not in self._announced):
            await self._announce(envelope.channel)
            self._announced.add(envelope.channel)
        return PublishReceipt(UUID(event.decode()), entry_ms(entry), groups)

    async def _announce(self, channel: str) -> None:
        await self._scripts.call("announce", [CHANNELS], channel)

    async def _add(self, envelope: Envelope, key: str, behind: UUID | None, *, inside: bool) -> Any:
        keys, script = keys_of(envelope.channel), "publish"
        delay_ms: tuple[int, ...] = ()
        touched = [
            keys.stream,
            keys.counters,
            keys.groups,
            keys.publish_mark(envelope.id),
            keys.key_mark(envelope.source, key),
            keys.publish_mark(behind or envelope.id),
        ]
        if envelope.timing is not None and envelope.timing.delay_ms:
            script, delay_ms = "hold_back", (envelope.timing.delay_ms,)
            touched += keys.later, keys.held_back
        return await self._scripts.call(
            script,
            touched,
            envelope.encode(),
            self._limits.stream,
            0 if inside else PUBLISH_MARK_MS,
            self._limits.unclaimed,
            text_of(envelope.id),
            payload_digest(envelope) if key else "",
            KEY_MARK_MS,
            int(behind is not None),
            *delay_ms,
        )

    async def forget(self, channel: str, event: UUID) -> None:
        await self._client.pexpire(keys_of(channel).publish_mark(event), PUBLISH_MARK_MS)

    def outbox(self, channel: str) -> Outbox:
        return RedisOutbox(self._client, keys_of(channel).outbox)

    async def read(self, channel: str, group: str, consumer: str, limit: int, block_ms: int) -> list[Delivery]:
        keys = keys_of(channel)
        try:
            answer = await self._read_unread(keys, group, consumer, limit, block_ms)
        except CommandRefusedError as error:
            if not error.answer.startswith("NOGROUP"):
                raise
            raise GroupLostError(f"the server has lost group {group} of channel {channel}: {error.answer}") from None
        deliveries: list[Delivery] = []
        for stream, entries in answer:
            is_retry = stream.decode() != keys.stream
            deliveries += await self._deliveries(keys, group, consumer, entries, is_retry=is_retry)
        return deliveries

    async def _read_unread(self, keys: ChannelKeys, group: str, consumer: str, limit: int, block_ms: int) -> Any:
        # COUNT limits each stream, not the call: one call for both would take up to twice the limit.
        share = max(1, limit // 2)
        streams = [keys.retries(group), keys.stream]
        ready: Any = await self._scripts.call_unrepeated("read", streams, group, consumer, share, limit)
        if ready:
            return [(name, [(entry, _entry_fields(flat)) for entry, flat in entries]) for name, entries in ready]
        retries: dict[Any, Any] = {keys.retries(group): ">"}
        events: dict[Any, Any] = {keys.stream: ">"}
        # A blocked read is woken by one stream alone, but both may have got something by then: with room for one, only
        # events are waited for, and a retry for as long as that.
        awaited = events | retries if limit > 1 else events
        return await self._reader.xreadgroup(group, consumer, awaited, count=share, block=block_ms)

    async def groups_of(self, app: str, *, retired: bool = False) -> list[tuple[str, str]]:
        members: Any = await self._client.smembers(CHANNELS)
        channels = sorted(name.decode() for name in members)
        async with self._client.pipeline() as pipe:
            for channel in channels:
                keys = keys_of(channel)
                pipe.hgetall(keys.retired if retired else keys.apps)
            apps = await pipe.execute()
        return [
            (channel, group.decode())
            for channel, served in zip(channels, apps, strict=True)
            for group, name in sorted(served.items())
            if name.decode().rpartition("|")[2] == app
        ]

    async def count_pending(self, channel: str, group: str) -> int:
        value: Any = await self._client.hget(keys_of(channel).counters, f"{group}:pending")
        return int(value or 0)

    async def read_state(self, channel: str, group: str, key: str) -> str | None:
        raw: Any = await self._client.hget(keys_of(channel).state(group), key)
        return None if raw is None else str(raw.decode())


def _entry_fields(flat: Any) -> dict[bytes, bytes]:
    """An entry's fields; none where something else has removed the entry."""
    return dict(zip(flat[::2], flat[1::2], strict=True)) if flat else {}
