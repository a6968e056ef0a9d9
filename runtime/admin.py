"""What an operator may see and do on the live bus: backlog, dead letters, replay, discard, audit.

Serves the collector's API and the command line; both know the runtime by this module alone.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self
from uuid import UUID

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from runtime import identity
from runtime import settings as environment
from runtime.bus.ledger import read_ledger
from runtime.bus.letters import DeadLetters, LetterFilter
from runtime.bus.records import (
    AttemptRecord,
    AuditPage,
    AuditRecord,
    ChannelLedger,
    DeadLetter,
    DeadLetterCount,
    DeadLetterPage,
    GroupLedger,
    Settlement,
)
from runtime.clock import Clock, SystemClock
from runtime.errors import CauselineError, QueryError, ServerError
from runtime.facts import Observer
from runtime.home import find_home
from runtime.semconv import SpanVerb, span_name
from runtime.server import Server
from runtime.settlements import discarded, replayed
from runtime.telemetry.setup import observe
from runtime.tracecontext import TraceContext

__all__ = [
    "Admin",
    "AttemptRecord",
    "AuditPage",
    "AuditRecord",
    "CauselineError",
    "ChannelLedger",
    "DeadLetter",
    "DeadLetterCount",
    "DeadLetterPage",
    "GroupLedger",
    "QueryError",
    "ServerError",
    "Settlement",
]

_SERVICE = "causeline-admin"


class Admin:
    """An operator's connection to the bus; made by `connect`.

    Every method raises `ServerError` when the server does not answer, or refuses a command.
    """

    def __init__(self, server: Server, observer: Observer, lease_ms: int, clock: Clock) -> None:
        self._server = server
        self._observer = observer
        self._lease_ms = lease_ms
        self._clock = clock
        self._letters = DeadLetters(server.client)

    @classmethod
    async def connect(cls, redis_url: str | None = None) -> Self:
        """Connects to a server.

        Args:
            redis_url: its address; by default the setting, else the home's embedded server.

        Raises:
            SettingsError: a setting does not parse.
            ServerError: the server is not there, or not fit for durable work.
        """
        settings = environment.load(**({} if redis_url is None else {"redis_url": redis_url}))
        server = await Server.connect(settings)
        observer = observe(_SERVICE, settings, find_home(settings.home))
        return cls(server, observer, int(settings.lease * 1000), SystemClock())

    async def close(self) -> None:
        """Hands telemetry over and disconnects."""
        await asyncio.to_thread(self._observer.close)
        await self._server.close()

    async def ping(self) -> None:
        """Asks whether the server is there.

        Raises:
            ServerError: when not.
        """
        await self._server.check()

    async def channels(self) -> list[ChannelLedger]:
        """Every channel, and what its groups owe and did."""
        async with _translated():
            return await read_ledger(self._server.client, self._lease_ms)

    async def dead_letter_counts(self) -> list[DeadLetterCount]:
        """How many letters wait, by channel, group and reason, most first."""
        async with _translated():
            return await self._letters.counts()

    async def dead_letters(
        self,
        *,
        state: str = "dead",
        channel: str | None = None,
        group: str | None = None,
        reason: str | None = None,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> DeadLetterPage:
        """One page of letters, newest first.

        Args:
            state: `dead`, `replayed`, `discarded` or `all`.
            channel, group, reason: only those; None lets all through.
            q: text that must occur in ids, subject, error or envelope.
            limit: letters at most.
            cursor: a former page's `next`.

        Raises:
            QueryError: when the cursor is none.
        """
        async with _translated():
            return await self._letters.page(LetterFilter(state, channel, group, reason, q), limit, cursor)

    async def dead_letter(self, id: UUID) -> DeadLetter | None:  # noqa: A002 - the record's own word
        """One letter with every attempt of all its rounds; None when there is none."""
        async with _translated():
            return await self._letters.get(id)

    async def replay(self, ids: Sequence[UUID], operator: str) -> list[Settlement]:
        """Sends dead letters again, each to the group that failed and to no other. A second call does nothing.

        Args:
            ids: of the letters.
            operator: who says so, for the audit.

        Returns:
            What became of each, in the order asked.
        """
        async with _translated():
            return [await self._replay(id_, operator) for id_ in ids]

    async def discard(self, ids: Sequence[UUID], operator: str, reason: str) -> list[Settlement]:
        """Gives dead letters up for good; they stay readable. A second call does nothing.

        Args:
            ids: of the letters.
            operator: who says so, for the audit.
            reason: why, for the audit.

        Returns:
            What became of each, in the order asked.
        """
        async with _translated():
            return [await self._discard(id_, operator, reason) for id_ in ids]

    async def audit(self, *, limit: int = 50, cursor: str | None = None) -> AuditPage:
        """What operators did, newest first.

        Args:
            limit: records at most.
            cursor: a former page's `next`.

        Raises:
            QueryError: when the cursor is none.
        """
        async with _translated():
            return await self._letters.audit(limit, cursor)

    async def _replay(self, id_: UUID, operator: str) -> Settlement:
        letter = await self._letters.get(id_)
        if letter is None:
            return Settlement(id_, "not_found")
        node = identity.replay_id(id_)
        traces = await self._letters.traces(letter)
        sampled = traces.publish.sampled if traces.publish else True
        span = TraceContext.root(node, span_name(SpanVerb.REPLAY, letter.channel), sampled=sampled)
        settlement = await self._letters.replay(letter, operator, span)
        if settlement.status == "replayed":
            self._observer.tell(replayed(letter, traces, span, operator, self._clock.now_ns()))
        return settlement

    async def _discard(self, id_: UUID, operator: str, reason: str) -> Settlement:
        letter = await self._letters.get(id_)
        if letter is None:
            return Settlement(id_, "not_found")
        traces = await self._letters.traces(letter)
        settlement = await self._letters.discard(letter, operator, reason)
        if settlement.status == "discarded":
            self._observer.tell(discarded(letter, traces, operator, reason, self._clock.now_ns()))
        return settlement


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, OSError) as error:
        raise ServerError(f"the Redis or Valkey server does not answer ({error}): is it running?") from None
    except RedisError as error:
        raise ServerError(f"the Redis or Valkey server refuses a command: {error}") from None
