"""Emits what became of dead letters, and confirms it once it is exported."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from runtime.bus.keys import ChannelKeys
from runtime.confirmation import BATCH, ORPHAN_MS, UnconfirmedFacts
from runtime.dead_letters.facts import make_death_fact, make_settlement_fact
from runtime.dead_letters.letter_changes import LetterChange, UnconfirmedChanges
from runtime.dead_letters.letters import DeadLetters, Traced
from runtime.facts import DeadLettered, Discarded, Observer, Replayed
from runtime.server.client import Client

#: Age in ms from which on an unconfirmed change of another group is taken for one that nobody serves any more.
UNSERVED_MS: Final = 60_000

_log = logging.getLogger("causeline.dead_letters")


class LetterReports:
    """The deaths, replays and discards that one process has emitted and not yet confirmed.

    Args:
        client: for commands.
        observer: takes the facts.
        agents: the agent of each channel and group that this process serves; what became of theirs is adopted soon, of
            other groups of these channels only when those who serve them have had their time: nobody else may.
    """

    def __init__(self, client: Client, observer: Observer, agents: Mapping[tuple[str, str], str]) -> None:
        self._letters = DeadLetters(client)
        self._changes = UnconfirmedChanges(client)
        self._agents = agents
        self._channels = sorted({channel for channel, _ in agents})
        self._unconfirmed: UnconfirmedFacts[LetterChange] = UnconfirmedFacts(observer, self._changes.confirm)

    async def emit(self, change: LetterChange) -> None:
        """Emits what became of a letter, as its record has it: so the fact is the same whoever emits it."""
        try:
            found = await self._letters.find_with_traces(change.letter, (ChannelKeys(change.channel), change.group))
        except ValueError:
            # Written by another version, or damaged: asked for again, it would keep whoever tidies up from all else.
            _log.exception("letter %s can't be read, and what became of it is not exported", change.letter)
            found = None
        # A letter that is gone has no fact, and need not be asked for again.
        self._unconfirmed.emit(self._make_fact(change, found) if found else None, change)

    async def confirm(self) -> int:
        """Confirms what is exported; how many."""
        return await self._unconfirmed.confirm()

    async def adopt(self) -> int:
        """Emits what others saw and did not live to confirm; how many. A channel that can't be asked keeps no other
        waiting."""
        adopted, errors = 0, list[BaseException]()
        looks = (self._find_orphans(channel) for channel in self._channels)
        for changes in await asyncio.gather(*looks, return_exceptions=True):
            if isinstance(changes, BaseException):
                errors.append(changes)
                continue
            for change in changes:
                if change not in self._unconfirmed:
                    await self.emit(change)
                    adopted += 1
        if errors:
            raise errors[0]
        return adopted

    async def _find_orphans(self, channel: str) -> list[LetterChange]:
        """What others did not live to confirm, in one channel."""
        found = await self._changes.list_older(channel, ORPHAN_MS, BATCH)
        return [change for change, waited_ms in found if waited_ms >= UNSERVED_MS or self._is_ours(change)]

    def _is_ours(self, change: LetterChange) -> bool:
        return (change.channel, change.group) in self._agents

    def _make_fact(self, change: LetterChange, found: Traced) -> DeadLettered | Replayed | Discarded:
        letter, traces = found
        if change.what == "settled":
            return make_settlement_fact(letter, traces)
        return make_death_fact(letter, traces, self._agents.get((change.channel, change.group), change.group))
