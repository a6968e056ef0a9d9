"""What all parts of the bus on Redis share: clients, scripts, limits, and reading deliveries out of entries."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from runtime.bus.deliveries import Delivery
from runtime.bus.keys import ChannelKeys
from runtime.bus.wire import RECORD_FIELDS, first_delivery, later_delivery
from runtime.server.client import Client, Clients
from runtime.server.scripts import Scripts


@dataclass(frozen=True, slots=True)
class Limits:
    """What a bus holds at most.

    Attributes:
        stream: events of a channel, before it refuses more from outside.
        unclaimed: newest events of a channel that no group reads yet.
        outbox: events in one outbox, before commits wait for room.
        run_stream: bytes of what a run streams, before the oldest of it is dropped.
        done_mark_ms: how long an event that a group has done is remembered; a copy of it that comes later runs again.
    """

    stream: int = 1_000_000
    unclaimed: int = 10_000
    outbox: int = 100_000
    run_stream: int = 1024 * 1024
    done_mark_ms: int = 24 * 3600 * 1000


#: The id of no delivery: of a due retry whose entry something else removed.
_NOBODY: Final = UUID(int=0)


class RedisPart:
    """A part of the bus on one server.

    Args:
        clients: of the event loop that uses it.
        limits: what it holds at most.
    """

    def __init__(self, clients: Clients, limits: Limits) -> None:
        self._client: Client = clients.commands
        self._reader: Client = clients.reads
        self._limits = limits
        self._scripts = Scripts(clients.commands, "runtime.bus")

    async def _deliveries(
        self, keys: ChannelKeys, group: str, consumer: str, entries: list[Any], *, is_retry: bool
    ) -> list[Delivery]:
        """The deliveries of entries that `consumer` holds; entries with nothing behind them are settled."""
        if not is_retry:
            return [
                first_delivery(keys.channel, group, entry, fields)
                for entry, fields in entries
                if fields or await self._drop(keys.stream, keys.nothing, keys, (group, consumer, entry, 0))
            ]
        ids = [UUID(fields[b"d"].decode()) if fields else _NOBODY for _, fields in entries]
        found: list[Delivery] = []
        records = await self._records(keys, group, ids)
        for (entry, _), id_, record in zip(entries, ids, records, strict=True):
            if record[0] is not None:
                found.append(later_delivery(keys.channel, group, entry, id_, record))
            else:
                place = (group, consumer, entry, 1)
                await self._drop(keys.retries(group), keys.delivery(group, id_), keys, place)
        return found

    async def _records(self, keys: ChannelKeys, group: str, ids: list[UUID]) -> list[Any]:
        async with self._client.pipeline() as pipe:
            for id_ in ids:
                pipe.hmget(keys.delivery(group, id_), RECORD_FIELDS)
            return await pipe.execute()

    async def _drop(self, stream: str, delivery: str, keys: ChannelKeys, place: tuple[str, str, bytes, int]) -> bool:
        """Settles an entry with nothing behind it; always false, for it is no delivery."""
        await self._scripts.call("drop", [stream, delivery, keys.counters], *place)
        return False
