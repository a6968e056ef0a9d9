"""Carries events from outboxes to their channels, once each, and emits that they are published."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Final

from runtime.bus.contract import Bus, Outbox
from runtime.bus.deliveries import OutboxEntry
from runtime.clock import Clock
from runtime.errors import StreamFullError
from runtime.facts import Observer
from runtime.outbox.facts import published
from runtime.outbox.full_channels import FullChannels

_log = logging.getLogger("causeline.relay")

#: Entries that one sweep looks at in one go.
SWEEP_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class _Resume:
    """Entries up to `after` wait for full channels alone, and need no look before `until`, by `Clock.monotonic`."""

    after: str = ""
    until: float = 0.0


class Relay:
    """Publishes what is in outboxes.

    The mark of a published event has no expiry until its entry is gone, and an event whose entry is gone is not
    published: whoever repeats the work, however late, adds nothing twice.
    """

    def __init__(self, bus: Bus, observer: Observer, clock: Clock) -> None:
        self._bus = bus
        self._observer = observer
        self._clock = clock
        self._full = FullChannels(clock)
        self._resume: dict[str, _Resume] = {}

    async def carry(self, outbox: Outbox, entries: Iterable[OutboxEntry]) -> int:
        """Publishes entries in order and removes them; how many. An entry whose channel is full stays, and so do those
        behind it."""
        return await self._carry(outbox, entries, set())

    async def sweep(self, outbox: Outbox, older_than_ms: int) -> int:
        """Carries entries that their own worker has not carried: it died, or their channel was full.

        Args:
            outbox: which one.
            older_than_ms: younger entries are left to the worker that committed them.
        """
        resume = self._resume.get(outbox.name, _Resume())
        if self._clock.monotonic() >= resume.until:
            resume = _Resume(until=inf)
        after, until = resume.after, resume.until
        carried, refusing = 0, set[str]()
        # Past the first batch too: events that wait for a full channel must not hold up those for another.
        while True:
            entries, end = await outbox.older(older_than_ms, after, SWEEP_BATCH)
            if not end:
                break
            carried += await self._carry(outbox, entries, refusing)
            after = end
        if refusing:
            until = min(until, self._full.next_try)
        if until < inf:
            self._resume[outbox.name] = _Resume(after, until)
        return carried

    async def _carry(self, outbox: Outbox, entries: Iterable[OutboxEntry], refusing: set[str]) -> int:
        carried = 0
        for entry in entries:
            channel = entry.outgoing.envelope.channel
            if channel in refusing:
                continue
            if self._full.is_left_alone(channel):
                refusing.add(channel)
                continue
            try:
                carried += await self._carry_one(outbox, entry)
            except StreamFullError as error:
                refusing.add(channel)
                if self._full.refused(channel):
                    _log.warning("event %s waits in its outbox: %s", entry.outgoing.envelope.id, error)
        return carried

    async def _carry_one(self, outbox: Outbox, entry: OutboxEntry) -> bool:
        event = entry.outgoing.envelope
        # Another may have carried it so long ago that its mark has expired. Channel and outbox can be in two slots:
        # it takes two calls, and a pause of an hour between just these would still publish twice.
        if not await outbox.contains(entry.entry):
            return False
        added = await self._bus.publish(event, inside=True)
        self._full.took(event.channel)
        self._observer.emit(published(entry.outgoing, added.at_ms))
        await outbox.remove(entry.entry)
        await self._bus.forget(event.channel, event.id)
        return True
