"""Carries events from outboxes to their channels, once each, and says that they are published."""

import logging
from collections.abc import Iterable
from typing import Any, Final

from redis.asyncio import Redis

from runtime.bus.contract import Bus, OutboxEntry, Outgoing
from runtime.bus.keys import ChannelKeys
from runtime.bus.wire import outgoing
from runtime.errors import StreamFullError, UndecodableError
from runtime.facts import EventPublished, Observer
from runtime.semconv import NodeKind

_log = logging.getLogger("causeline.relay")

#: Entries that one sweep looks at in each outbox.
SWEEP_BATCH: Final = 200
#: How long an event's publish mark outlives its outbox entry, in ms: another relay may still be about to publish it.
MARK_AFTER_MS: Final = 3600 * 1000


class Relay:
    """Publishes what is in outboxes.

    The mark of a published event has no expiry until its entry is gone, so whoever repeats the work, however late,
    adds nothing twice.
    """

    def __init__(self, client: Redis, bus: Bus, observer: Observer) -> None:
        self._client = client
        self._bus = bus
        self._observer = observer

    async def carry(self, entries: Iterable[OutboxEntry]) -> int:
        """Publishes entries in order and removes them; how many. An entry whose channel is full stays."""
        carried = 0
        for entry in entries:
            event = entry.outgoing.envelope
            try:
                published_ms = await self._bus.publish(event, inside=True)
            except StreamFullError as error:
                _log.warning("event %s waits in its outbox: %s", event.id, error)
                continue
            self._observer.tell(published(entry.outgoing, published_ms))
            await self._client.xdel(entry.outbox, entry.entry)
            await self._client.pexpire(ChannelKeys(event.channel).published(event.id), MARK_AFTER_MS)
            carried += 1
        return carried

    async def sweep(self, outbox: str, older_than_ms: int) -> int:
        """Carries entries that their own worker has not carried: it died, or their channel was full.

        Args:
            outbox: its key.
            older_than_ms: younger entries are left to the worker that committed them.
        """
        seconds, micros = await self._client.time()
        latest = seconds * 1000 + micros // 1000 - older_than_ms
        carried, after = 0, "-"
        # Past the first batch too: events that wait for a full channel must not hold up those for another.
        while raw := await self._older(outbox, after, latest):
            carried += await self.carry(await self._readable(outbox, raw))
            after = f"({raw[-1][0].decode()}"
        return carried

    async def _older(self, outbox: str, after: str, latest: int) -> Any:
        return await self._client.xrange(outbox, min=after, max=str(latest), count=SWEEP_BATCH)

    async def _readable(self, outbox: str, raw: Any) -> list[OutboxEntry]:
        entries: list[OutboxEntry] = []
        for entry, fields in raw:
            try:
                entries.append(OutboxEntry(outbox, entry.decode(), outgoing(fields)))
            except (UndecodableError, ValueError):
                # Only something else than this runtime can have written it; it would be swept for ever.
                _log.exception("entry %s of outbox %s is no event and is dropped", entry.decode(), outbox)
                await self._client.xdel(outbox, entry)
        return entries


def published(event: Outgoing, published_ms: int) -> EventPublished:
    """The fact that an event is in its channel, told the same by whoever tells it."""
    envelope = event.envelope
    if envelope.trace is None:
        raise AssertionError("every envelope that the runtime makes carries the context of its publish span")
    return EventPublished(
        node_id=envelope.id,
        kind=NodeKind.EVENT,
        causation_id=envelope.cause_node,
        correlation_id=envelope.correlation_id,
        agent=event.agent,
        subject=envelope.subject,
        span=envelope.trace,
        parent=event.parent,
        at_ns=published_ms * 1_000_000,
        channel=envelope.channel,
        source=envelope.source,
        data=envelope.data_json(),
    )
