"""Carries events from outboxes to their channels, once each, and emits that they are published."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Final

from runtime.bus.contract import Bus
from runtime.bus.deliveries import OutboxEntry, PublishReceipt
from runtime.bus.outbox_contract import Outbox
from runtime.clock import Clock, Moment
from runtime.errors import StreamFullError
from runtime.facts import Observer
from runtime.outbox.facts import build_event_published
from runtime.outbox.full_channels import FullChannels

_log = logging.getLogger("causeline.relay")

#: Entries that one sweep looks at in one go.
SWEEP_BATCH: Final = 200
#: Seconds within which nobody's mark of an event has expired: a small part of the hour for which one is kept.
_FRESH: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Resume:
    """Entries up to `after` wait for full channels alone, and need no look before `until`, by `Clock.monotonic`."""

    after: str = ""
    until: float = 0.0


class Relay:
    """Publishes what is in outboxes.

    The mark of a published event stays until its entry is gone, and an event whose entry is gone is not published:
    whoever repeats the work, however late, adds nothing twice. Where a relay dies after the entry is
    gone, the mark stays longer than it must, and not for ever: it ends a year after the event was published last, which
    anybody who works does again within seconds while the entry is there.
    """

    def __init__(self, bus: Bus, observer: Observer, clock: Clock) -> None:
        self._bus = bus
        self._observer = observer
        self._clock = clock
        self._full = FullChannels(clock)
        self._resume: dict[str, _Resume] = {}

    async def carry(self, outbox: Outbox, entries: Iterable[OutboxEntry], since: Moment | None = None) -> int:
        """Publishes entries in order and removes them; how many. An entry whose channel is full stays, and so do those
        behind it.

        Args:
            outbox: which one.
            entries: of it.
            since: before when they were not in it, as whoever has just put them there knows; None where nobody does.
        """
        is_fresh = since is not None and since.is_within(_FRESH, self._clock)
        return await self._carry(outbox, entries, set(), is_fresh=is_fresh)

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
            entries, end = await outbox.read_older(older_than_ms, after, SWEEP_BATCH)
            if not end:
                break
            carried += await self._carry(outbox, entries, refusing)
            after = end
        if refusing:
            until = min(until, self._full.next_try)
        if until < inf:
            self._resume[outbox.name] = _Resume(after, until)
        return carried

    async def _carry(
        self, outbox: Outbox, entries: Iterable[OutboxEntry], refusing: set[str], *, is_fresh: bool = False
    ) -> int:
        """Carries many at once: each channel's in order, for an event goes in only behind the one before it."""
        waiting = [one for one in entries if not self._is_left_alone(one.outgoing.envelope.channel, refusing)]
        # Another may have carried one so long ago that its mark has expired. Channel and outbox can be in two slots:
        # it takes two calls, and a pause of an hour between just these would still publish twice. Where the commit that
        # put them there is one of the two, the outbox need not be asked: no mark has expired of whoever was first.
        if is_fresh:
            are_there = [True] * len(waiting)
        else:
            are_there = await asyncio.gather(*(outbox.contains(one.entry) for one in waiting))
        due: dict[str, list[OutboxEntry]] = {}
        for one, is_there in zip(waiting, are_there, strict=True):
            if is_there:
                due.setdefault(one.outgoing.envelope.channel, []).append(one)
        carried = await self._publish(outbox, {channel: one[:1] for channel, one in due.items()}, refusing)
        rest = {channel: one for channel, one in due.items() if len(one) > 1 and channel not in refusing}
        return carried + (await self._publish(outbox, rest, refusing, has_first=True) if rest else 0)

    async def _publish(
        self, outbox: Outbox, due: Mapping[str, Sequence[OutboxEntry]], refusing: set[str], *, has_first: bool = False
    ) -> int:
        """Publishes entries of several channels, each behind the one before it; of those whose first is published, the
        others. A channel that is full is asked by its first alone."""
        entries, calls = list[OutboxEntry](), list[Coroutine[Any, Any, PublishReceipt]]()
        for one in due.values():
            events = [entry.outgoing.envelope for entry in one]
            before = [None, *(event.id for event in events)]
            begin = int(has_first)
            entries += one[begin:]
            calls += [
                self._bus.publish(event, inside=True, behind=behind)
                for event, behind in zip(events[begin:], before[begin:-1], strict=True)
            ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        carried = []
        for entry, answer in zip(entries, answers, strict=True):
            if isinstance(answer, PublishReceipt):
                self._full.note_acceptance(entry.outgoing.envelope.channel)
                self._observer.emit(build_event_published(entry.outgoing, answer.at_ms))
                carried.append(entry)
        await self._finish(outbox, carried)
        for entry, answer in zip(entries, answers, strict=True):
            if isinstance(answer, StreamFullError):
                self._note_refusal(entry, answer, refusing)
            elif isinstance(answer, BaseException):
                raise answer
        return len(carried)

    def _is_left_alone(self, channel: str, refusing: set[str]) -> bool:
        if channel not in refusing and self._full.is_left_alone(channel):
            refusing.add(channel)
        return channel in refusing

    def _note_refusal(self, entry: OutboxEntry, error: StreamFullError, refusing: set[str]) -> None:
        event = entry.outgoing.envelope
        if event.channel in refusing:
            return
        refusing.add(event.channel)
        if self._full.note_refusal(event.channel):
            _log.warning("event %s waits in its outbox: %s", event.id, error)

    async def _finish(self, outbox: Outbox, carried: Sequence[OutboxEntry]) -> None:
        """Removes what is published; only then may its mark expire soon. What can't be removed is carried again."""
        removed = await asyncio.gather(*(outbox.remove(one.entry) for one in carried), return_exceptions=True)
        gone = [one.outgoing.envelope for one, error in zip(carried, removed, strict=True) if error is None]
        forgotten = [self._bus.forget(event.channel, event.id) for event in gone]
        answers = await asyncio.gather(*forgotten, return_exceptions=True)
        for error in (*removed, *answers):
            if error is not None:
                raise error
