"""Carries events from outboxes to their channels, once each, and says that they are published."""

import logging
from collections.abc import Iterable
from math import inf
from typing import Any, Final

from redis.asyncio import Redis

from runtime.bus.contract import Bus, OutboxEntry
from runtime.bus.keys import ChannelKeys
from runtime.bus.wire import outgoing
from runtime.clock import Clock
from runtime.errors import StreamFullError, UndecodableError
from runtime.facts import Observer
from runtime.outbox.facts import published
from runtime.outbox.full_channels import FullChannels

_log = logging.getLogger("causeline.relay")

#: Entries that one sweep looks at in each outbox.
SWEEP_BATCH: Final = 200
#: How long an event's publish mark outlives its outbox entry, in ms: another relay may still be about to publish it.
MARK_AFTER_MS: Final = 3600 * 1000
#: Where an outbox begins.
_START: Final = "-"


class Relay:
    """Publishes what is in outboxes.

    The mark of a published event has no expiry until its entry is gone, and an event whose entry is gone is not
    published: whoever repeats the work, however late, adds nothing twice.
    """

    def __init__(self, client: Redis, bus: Bus, observer: Observer, clock: Clock) -> None:
        self._client = client
        self._bus = bus
        self._observer = observer
        self._clock = clock
        self._full = FullChannels(clock)
        # By outbox: the last entry of those that wait for full channels alone, and until when they need no look.
        self._waiting: dict[str, tuple[str, float]] = {}

    async def carry(self, entries: Iterable[OutboxEntry]) -> int:
        """Publishes entries in order and removes them; how many. An entry whose channel is full stays, and so do those
        behind it."""
        return await self._carry(entries, set())

    async def sweep(self, outbox: str, older_than_ms: int) -> int:
        """Carries entries that their own worker has not carried: it died, or their channel was full.

        Args:
            outbox: its key.
            older_than_ms: younger entries are left to the worker that committed them.
        """
        seconds, micros = await self._client.time()
        latest = seconds * 1000 + micros // 1000 - older_than_ms
        after, until = self._passed(outbox)
        carried, refusing = 0, set[str]()
        # Past the first batch too: events that wait for a full channel must not hold up those for another.
        while raw := await self._older(outbox, after, latest):
            carried += await self._carry(await self._readable(outbox, raw), refusing)
            after = f"({raw[-1][0].decode()}"
        if refusing:
            until = min(until, self._full.next_try)
        if until < inf:
            self._waiting[outbox] = after, until
        return carried

    def _passed(self, outbox: str) -> tuple[str, float]:
        """Behind which entry to begin, and until when those before it need no look; for ever where there are none."""
        after, until = self._waiting.get(outbox, (_START, 0.0))
        return (after, until) if self._clock.monotonic() < until else (_START, inf)

    async def _carry(self, entries: Iterable[OutboxEntry], refusing: set[str]) -> int:
        carried = 0
        for entry in entries:
            channel = entry.outgoing.envelope.channel
            if channel in refusing:
                continue
            if self._full.is_left_alone(channel):
                refusing.add(channel)
                continue
            try:
                carried += await self._carry_one(entry)
            except StreamFullError as error:
                refusing.add(channel)
                if self._full.refused(channel):
                    _log.warning("event %s waits in its outbox: %s", entry.outgoing.envelope.id, error)
        return carried

    async def _carry_one(self, entry: OutboxEntry) -> bool:
        event = entry.outgoing.envelope
        # Another may have carried it so long ago that its mark has expired. Channel and outbox can be in two slots:
        # it takes two calls, and a pause of an hour between just these would still publish twice.
        if not await self._client.xrange(entry.outbox, entry.entry, entry.entry):
            return False
        published_ms = await self._bus.publish(event, inside=True)
        self._full.took(event.channel)
        self._observer.tell(published(entry.outgoing, published_ms))
        await self._client.xdel(entry.outbox, entry.entry)
        await self._client.pexpire(ChannelKeys(event.channel).published(event.id), MARK_AFTER_MS)
        return True

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
