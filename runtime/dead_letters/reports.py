"""Tells what became of dead letters, and notes on the server that it is told only once it is sent or safe on disk."""

import asyncio
import logging
from collections.abc import Mapping

from redis.asyncio import Redis

from runtime.bus.keys import ChannelKeys
from runtime.confirmation import BATCH, HANDOVER, ORPHAN_MS
from runtime.dead_letters.facts import died, settled
from runtime.dead_letters.letters import DeadLetters, Traced
from runtime.dead_letters.unconfirmed import Untold, UntoldLetters
from runtime.facts import DeadLettered, Discarded, Observer, Replayed

_log = logging.getLogger("causeline.worker")


class LetterNews:
    """The deaths, replays and discards that one process has told and not yet confirmed.

    Args:
        client: for commands.
        observer: who is told.
        agents: the agent of each channel and group that this process serves; only what became of theirs is adopted.
    """

    def __init__(self, client: Redis, observer: Observer, agents: Mapping[tuple[str, str], str]) -> None:
        self._letters = DeadLetters(client)
        self._untold = UntoldLetters(client)
        self._observer = observer
        self._agents = agents
        self._told: list[Untold] = []

    async def tell(self, news: Untold) -> None:
        """Tells what became of a letter, as its record has it."""
        try:
            found = await self._letters.traced(news.letter, (ChannelKeys(news.channel), news.group))
        except ValueError:
            # Written by another version, or damaged: asked for again, it would keep whoever tidies up from all else.
            _log.exception("letter %s can't be read, and what became of it is not told", news.letter)
            found = None
        if found is not None:  # a letter that is gone has nothing to tell, and need not be asked for again
            self._observer.tell(self._fact(news, found))
        self._told.append(news)

    async def confirm(self) -> int:
        """Confirms what has been handed over; how much."""
        told, self._told = self._told, []
        if not told:
            return 0
        if not await asyncio.to_thread(self._observer.flush, HANDOVER):
            self._told = told + self._told
            return 0
        await self._untold.confirm(told)
        return len(told)

    async def adopt(self) -> int:
        """Tells what others saw and did not live to confirm; how much."""
        adopted = 0
        for channel in sorted({channel for channel, _ in self._agents}):
            for news in await self._untold.older(channel, ORPHAN_MS, BATCH):
                if (channel, news.group) in self._agents and news not in self._told:
                    await self.tell(news)
                    adopted += 1
        return adopted

    def _fact(self, news: Untold, found: Traced) -> DeadLettered | Replayed | Discarded:
        letter, traces = found
        if news.what == "settled":
            return settled(letter, traces)
        return died(letter, traces, self._agents.get((news.channel, news.group), news.group))
