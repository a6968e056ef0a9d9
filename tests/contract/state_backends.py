"""What a state store brings to be tested, beside its contract: a way to see what it keeps, and to have time pass."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.sql import Composed

from runtime.bus.redis_base import Limits
from runtime.server import client as server
from runtime.server.client import Client
from runtime.state.contract import StateStore
from runtime.state.postgres.commit_notifier import CommitNotifier
from runtime.state.postgres.database import Database
from runtime.state.postgres.schedules import PostgresSchedules
from runtime.state.postgres.store import PostgresState
from runtime.state.redis import RedisState
from runtime.state.schedules import Schedules
from runtime.state.tasks import Claim, Task, token_of
from tests.contract.kept import dump, tick

LEASE_MS: Final = 30_000
APP: Final = "logistics"


class StateBackend(ABC):
    """A state store under test; `small` is the same store with little room.

    `client` is of the server of the bus, and `queues` what `dump` calls the parts where leases and due times are.
    """

    store: Any
    small: Any
    client: Client
    queues: frozenset[Any]

    @property
    def contract(self) -> StateStore:
        """The store as its users know it."""
        store: StateStore = self.store
        return store

    @abstractmethod
    def schedules(self) -> Schedules:
        """Schedules of the same app."""

    @abstractmethod
    def calls_of(self, run: UUID) -> Any:
        """What `dump` calls the part where calls of a run are recorded."""

    @abstractmethod
    async def dump(self) -> dict[Any, Any]:
        """Everything that is stored, so that two dumps are equal when nothing has changed."""

    @abstractmethod
    async def tick(self) -> None:
        """Returns in the server's next millisecond: within one, nothing can be said about order."""

    @abstractmethod
    async def empty(self) -> None:
        """Removes everything."""

    @abstractmethod
    async def make_due(self, task: Task) -> None:
        """Has a task be due, whatever else becomes of it."""

    @abstractmethod
    async def queued(self) -> list[int]:
        """When each task is due, or its lease over, that waits for no cell, in ms."""

    @abstractmethod
    async def begun(self, run: UUID) -> set[str]:
        """The steps of a run at which there was an attempt."""

    @abstractmethod
    async def left_of(self, run: UUID) -> list[Any]:
        """What is kept of a run."""

    @abstractmethod
    async def left_of_lanes(self) -> list[Any]:
        """What is kept of lanes."""

    @abstractmethod
    async def permits(self, name: str) -> int:
        """How many permits are kept for a limit."""

    @abstractmethod
    async def listed_waits(self) -> int:
        """How many waits are on the list of what runs wait for."""

    @abstractmethod
    async def spent_earlier(self, agent: str, seconds: int) -> None:
        """Has what an agent spent be so much older."""

    @abstractmethod
    async def stand(self, run: UUID, status: str) -> None:
        """Gives a run another status."""

    @abstractmethod
    async def told(self) -> None:
        """Waits until workers are told of all that has happened so far."""

    async def forget_wakes(self) -> None:
        """Nobody is woken by what has happened so far."""
        await self.told()
        await self.client.delete(self.store.keys.wake)

    async def outgoing(self) -> int:
        """How many events wait to be carried."""
        return len((await self.contract.outbox.read_older(0, "", 10_000))[0])

    async def claim(
        self, task: Task, nonce: str = "1", lease_ms: int = LEASE_MS, *upstream: str, worker: str = "w1"
    ) -> Claim:
        """The claim of a task that is due; of one that waits for a cell where `worker` is called so."""
        isolated = worker.startswith("cell")
        found = await self.contract.claim(task, token_of(worker, nonce), lease_ms, upstream, isolated=isolated)
        assert isinstance(found, Claim)
        return found

    async def due(self) -> list[str]:
        """The steps that are due, in order."""
        return [task.step for task in await self.contract.list_due(100)]


@dataclass(repr=False)
class RedisBackend(StateBackend):
    """A store on Redis or Valkey."""

    store: RedisState
    small: RedisState
    client: Client
    book: Schedules

    @property
    def queues(self) -> frozenset[bytes]:  # type: ignore[override]  # read as one
        return frozenset({self.store.keys.leases.encode(), self.store.keys.tasks.encode()})

    def schedules(self) -> Schedules:
        return self.book

    def calls_of(self, run: UUID) -> bytes:
        return self.store.keys.calls(run).encode()

    async def dump(self) -> dict[bytes, Any]:
        return await dump(self.client)

    async def tick(self) -> None:
        await tick(self.client)

    async def empty(self) -> None:
        await self.client.flushdb()

    async def make_due(self, task: Task) -> None:
        await self.client.zadd(self.store.keys.tasks, {task.member: 1})

    async def queued(self) -> list[int]:
        found: Any = await self.client.zrange(self.store.keys.tasks, 0, -1, withscores=True)
        return [int(score) for _, score in found]

    async def begun(self, run: UUID) -> set[str]:
        found: Any = await self.client.hgetall(self.store.keys.attempts(run))
        return {name.decode().partition(":")[0] for name in found}

    async def left_of(self, run: UUID) -> list[Any]:
        keys: Any = await self.client.keys("*")
        mine = [key for key in keys if str(run).encode() in key]
        score = await self.client.zscore(self.store.keys.undo_failures, str(run))
        return mine if score is None else [*mine, self.store.keys.undo_failures]

    async def left_of_lanes(self) -> list[Any]:
        keys: Any = await self.client.keys("*")
        return [key for key in keys if b"lanes" in key]

    async def permits(self, name: str) -> int:
        found: Any = await self.client.hlen(self.store.keys.permits(name))
        return int(found)

    async def listed_waits(self) -> int:
        return int(await self.client.zcard(self.store.keys.open_waits))

    async def spent_earlier(self, agent: str, seconds: int) -> None:
        key = self.store.keys.spending(agent)
        found: Any = await self.client.hgetall(key)
        for field, value in found.items():
            await self.client.hdel(key, field)
            await self.client.hset(key, f"{chr(field[0])}{int(field[1:]) - seconds}", value)

    async def told(self) -> None:
        """They are told with what happens."""

    async def stand(self, run: UUID, status: str) -> None:
        await self.client.hset(self.store.keys.run(run), "status", status)


class PostgresBackend(StateBackend):
    """A store on PostgreSQL, whose bus is elsewhere.

    Args:
        url: of an empty database.
        clients: of the bus.
        small: what the small store holds at most.
    """

    queues = frozenset({"queues"})
    #: Columns of steps that say when they are due, and who is at them.
    _QUEUES: ClassVar = ("queue", "lane", "turn", "due_ms", "token")

    def __init__(self, url: str, clients: server.Clients, small: Limits) -> None:
        self.url = url
        self.database = Database(url)
        self.client = clients.commands
        self.telling = CommitNotifier(clients, APP)
        self.store = PostgresState(self.database, self.telling, APP, Limits())
        self.small = PostgresState(self.database, self.telling, APP, small)
        self._own: psycopg.AsyncConnection[tuple[Any, ...]] | None = None

    async def close(self) -> None:
        if self._own is not None:
            await self._own.close()
        await self.database.close()
        await self.telling.flush()

    async def told(self) -> None:
        await self.telling.flush()

    def schedules(self) -> Schedules:
        return PostgresSchedules(self.database, APP)

    def calls_of(self, run: UUID) -> str:
        return "calls"

    async def dump(self) -> dict[str, Any]:
        await self.database.prepare()
        found: dict[str, Any] = {"steps": []}
        every = [
            _named("SELECT {word} AS name, to_jsonb(one) FROM {table} AS one", name) for name in await self._tables()
        ]
        for name, row in await self._fetched(sql.SQL(" UNION ALL ").join(every)):
            found.setdefault(name, []).append(row)
        steps = found["steps"]
        queues = [_place(row) | {name: row.pop(name) for name in self._QUEUES} for row in steps]
        found["queues"] = [row for row in queues if row["queue"] is not None]
        return {name: sorted(rows, key=str) for name, rows in found.items() if rows}

    async def tick(self) -> None:
        now = await self.database.fetch_value("now_ms")
        while await self.database.fetch_value("now_ms") == now:
            pass

    async def empty(self) -> None:
        for name in await self._tables():
            await self._executed(_named("DELETE FROM {table}", name))

    async def make_due(self, task: Task) -> None:
        place = {"run": task.run, "step": task.step}
        await self._executed(
            "UPDATE causeline.steps SET queue = 0, due_ms = 1 WHERE run = %(run)s AND step = %(step)s", place
        )

    async def queued(self) -> list[int]:
        return [
            due for (due,) in await self._fetched("SELECT due_ms FROM causeline.steps WHERE queue = 0 ORDER BY due_ms")
        ]

    async def begun(self, run: UUID) -> set[str]:
        rows = await self._fetched("SELECT step FROM causeline.steps WHERE run = %(run)s AND attempt > 0", {"run": run})
        return {step for (step,) in rows}

    async def left_of(self, run: UUID) -> list[Any]:
        found = await self.dump()
        found.pop("audit", None)
        return [name for name, rows in found.items() if any(str(run) in str(row) for row in rows)]

    async def left_of_lanes(self) -> list[Any]:
        return await self._fetched(
            "SELECT lane FROM causeline.steps WHERE lane IS NOT NULL UNION SELECT lane FROM causeline.turns"
        )

    async def permits(self, name: str) -> int:
        query = "SELECT count(*) FROM causeline.permits WHERE name = %(name)s"
        [(count,)] = await self._fetched(query, {"name": name})
        return int(count)

    async def listed_waits(self) -> int:
        [(count,)] = await self._fetched("SELECT count(*) FROM causeline.waits WHERE asked_ms IS NOT NULL")
        return int(count)

    async def spent_earlier(self, agent: str, seconds: int) -> None:
        told = {"agent": agent, "seconds": seconds}
        await self._executed("UPDATE causeline.spent SET second = second - %(seconds)s WHERE name = %(agent)s", told)

    async def stand(self, run: UUID, status: str) -> None:
        told = {"run": run, "status": status}
        await self._executed("UPDATE causeline.standings SET status = %(status)s WHERE run = %(run)s", told)

    async def _tables(self) -> list[str]:
        rows = await self._fetched("SELECT tablename FROM pg_tables WHERE schemaname = 'causeline' ORDER BY tablename")
        return [name for (name,) in rows if name not in ("migrations", "asked")]

    async def _fetched(self, query: str | Composed, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return await (await (await self._connected()).execute(_query(query), values)).fetchall()

    async def _executed(self, query: str | Composed, values: Mapping[str, Any] | None = None) -> None:
        await (await self._connected()).execute(_query(query), values)

    async def _connected(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        if self._own is None:
            self._own = await psycopg.AsyncConnection.connect(self.url, autocommit=True)
        return self._own


def _named(query: str, table: str) -> Composed:
    place, word = sql.Identifier("causeline", table), sql.Literal(table)
    return sql.SQL(query).format(table=place, word=word)


def _query(text: str | Composed) -> bytes | Composed:
    return text.encode() if isinstance(text, str) else text


def _place(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"run": row["run"], "step": row["step"]}


def changed(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> set[Any]:
    """What differs between two dumps, by name."""
    return {name for name in {**before, **after} if before.get(name) != after.get(name)}
