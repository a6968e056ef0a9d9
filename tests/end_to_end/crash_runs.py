"""What a state store keeps of runs, as an audit reads it: from the server itself, whichever it is."""

import os
from typing import Any, Protocol
from uuid import UUID

import psycopg

from runtime.client.session import Session


class KeptRuns(Protocol):
    """The runs of one app."""

    async def outgoing(self) -> int:
        """Events that wait in the app's outbox."""
        ...

    async def held(self) -> int:
        """Steps that are under a lease, or due later than in a second."""
        ...

    async def queued(self) -> int:
        """Steps that are due, under a lease, or wait for a cell."""
        ...

    async def asked(self) -> int:
        """Waits on the list of what all runs wait for."""
        ...

    async def results(self, run: UUID) -> dict[str, str]:
        """Results of a run by step, JSON."""
        ...

    async def undos(self, run: UUID) -> int:
        """Steps of a run that are still to be undone."""
        ...

    async def untold(self) -> int:
        """Ends that nobody has confirmed."""
        ...

    async def sooner(self, run: UUID, ms: int) -> None:
        """Has the deadline of a run be so much sooner."""
        ...


def kept_runs(session: Session) -> KeptRuns:
    """Where the session's app keeps its runs."""
    url = os.environ.get("CAUSELINE_STATE_URL")
    return OnPostgres(url, session.app.name) if url else OnRedis(session)


class OnRedis:
    """Runs on Redis or Valkey."""

    def __init__(self, session: Session) -> None:
        self._redis: Any = session.server.client
        store: Any = session.store
        self.keys = store.keys

    async def outgoing(self) -> int:
        return int(await self._redis.xlen(self.keys.outbox))

    async def held(self) -> int:
        seconds, _ = await self._redis.time()
        later = await self._redis.zcount(self.keys.tasks, (seconds + 1) * 1000, "+inf")
        return int(later + await self._redis.hlen(self.keys.leases))

    async def queued(self) -> int:
        sizes = [await self._redis.zcard(key) for key in (self.keys.tasks, self.keys.suspects)]
        return int(sum(sizes) + await self._redis.hlen(self.keys.leases))

    async def asked(self) -> int:
        return int(await self._redis.zcard(self.keys.open_waits))

    async def results(self, run: UUID) -> dict[str, str]:
        raw = await self._redis.hgetall(self.keys.results(run))
        return {step.decode(): result.decode() for step, result in raw.items()}

    async def undos(self, run: UUID) -> int:
        return int(await self._redis.zcard(self.keys.undos(run)))

    async def untold(self) -> int:
        return int(await self._redis.zcard(self.keys.ended))

    async def sooner(self, run: UUID, ms: int) -> None:
        await self._redis.zincrby(self.keys.deadlines, -ms, str(run))


class OnPostgres:
    """Runs in a database of PostgreSQL. Args: its address, and the app's name."""

    def __init__(self, url: str, app: str) -> None:
        self._url = url
        self._app = app

    async def outgoing(self) -> int:
        return await self._count("SELECT count(*) FROM causeline.outbox WHERE app = %(app)s")

    async def held(self) -> int:
        return await self._count(
            "SELECT count(*) FROM causeline.steps WHERE app = %(app)s AND (token IS NOT NULL OR (queue = 0 "
            "AND due_ms > extract(epoch FROM clock_timestamp()) * 1000 + 1000))"
        )

    async def queued(self) -> int:
        return await self._count(
            "SELECT count(*) FROM causeline.steps WHERE app = %(app)s AND (queue IS NOT NULL OR token IS NOT NULL)"
        )

    async def asked(self) -> int:
        return await self._count("SELECT count(*) FROM causeline.waits WHERE app = %(app)s AND asked_ms IS NOT NULL")

    async def results(self, run: UUID) -> dict[str, str]:
        rows = await self._fetched("SELECT name, value FROM causeline.results WHERE run = %(run)s", run=run)
        return {name: value.decode() for name, value in rows}

    async def undos(self, run: UUID) -> int:
        return await self._count("SELECT count(*) FROM causeline.undos WHERE run = %(run)s", run=run)

    async def untold(self) -> int:
        return await self._count("SELECT count(*) FROM causeline.ends WHERE app = %(app)s")

    async def sooner(self, run: UUID, ms: int) -> None:
        query = "UPDATE causeline.standings SET deadline_ms = deadline_ms - %(ms)s WHERE run = %(run)s"
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(query.encode(), {"run": run, "ms": ms})

    async def _count(self, query: str, **values: Any) -> int:
        [(count,)] = await self._fetched(query, **values)
        return int(count)

    async def _fetched(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            return await (await connection.execute(query.encode(), {"app": self._app} | values)).fetchall()
