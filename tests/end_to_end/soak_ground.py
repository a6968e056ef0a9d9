"""Where a soak takes place: a server that can be killed, workers, a way that can be cut, and a client that audits."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from runtime.client.run import Run
from runtime.errors import ServerError
from runtime.worker.process import CANNOT_START
from tests.end_to_end.crash_app import Order
from tests.end_to_end.crash_books import HISTORY
from tests.end_to_end.crash_client import LONG, Client, client_of
from tests.end_to_end.crash_fleet import Fleet
from tests.end_to_end.soak_plan import LEASE
from tests.forked import Forked
from tests.runtime.proxy import Proxy
from tests.servers import DurableServer
from tests.waiting import until

WORKERS: Final = 2
"""That reach the server directly. One more goes by a way that can be cut."""
NO_POISON: Final = 1000
"""Kills that make work poison: what is killed at random again and again only looks like it."""
CRIES: Final = ("nobody thought of", "has ended: what this worker holds", "Traceback (most recent call last)")
"""What a worker's log says of nothing but mistakes in the runtime."""

Answer = TypeVar("Answer")


@dataclass(eq=False)
class Ground:
    """All of it, and what has been counted.

    Attributes:
        through: parents, by their process, of workers that go by the way that can be cut.
        replaced: parents in whose place another has been started.
        struck: those that were killed, and may end as they like.
        runs: all that were ever started.
        deaths: and other troubles, by their name.
        slowest: seconds that the longest settling took.
    """

    server: DurableServer
    fleet: Fleet
    way: Proxy
    client: Client
    history: bool
    through: set[int] = field(init=False, default_factory=set)
    replaced: set[int] = field(init=False, default_factory=set)
    struck: set[int] = field(init=False, default_factory=set)
    runs: list[Run] = field(init=False, default_factory=list)
    deaths: Counter[str] = field(init=False, default_factory=Counter)
    audits: int = field(init=False, default=0)
    slowest: float = field(init=False, default=0.0)
    _settled: int = field(init=False, default=0)
    _keys: int = field(init=False, default=0)

    async def ship(self, kind: str, pace: float, enough: asyncio.Event) -> None:
        """Starts shipments of one kind, whatever happens to the server meanwhile, one each so many seconds."""
        while not enough.is_set():
            self._keys += 1
            number, key = self._keys, f"{kind}-{self._keys}"
            order = Order(number=number, trouble="slow" if kind == "slow" else "")
            runs = await asyncio.gather(*[self._started(order, key) for _ in range(2 if kind == "twice" else 1)])
            assert len({run.id for run in runs}) == 1, f"more than one run under the key {key}: {runs}"
            self.runs.append(runs[0])
            with suppress(TimeoutError):
                await asyncio.wait_for(enough.wait(), pace)

    async def _started(self, order: Order, key: str) -> Run:
        return await self.answered(lambda: self.client.start(order, key), "the server accepts a run")

    async def answered(self, ask: Callable[[], Awaitable[Answer]], what: str) -> Answer:
        """The answer of a server that may be away, or full, for a while."""

        async def asked() -> tuple[Answer] | None:
            with suppress(ServerError):
                return (await ask(),)
            return None

        return (await until(asked, what, LONG))[0]

    # The workers

    def hire(self, *, through: bool = False) -> None:
        """Starts a worker, directly or by the way that can be cut."""
        parent = self.fleet.start(url=self.way.url if through else "")
        if through:
            self.through.add(parent.pid)

    def replace(self, parent: Forked) -> None:
        """Starts another that reaches the server as this one did, unless that is done already."""
        if parent.pid not in self.replaced:
            self.replaced.add(parent.pid)
            self.hire(through=parent.pid in self.through)

    def strike(self, parent: Forked, *, group: bool = False) -> None:
        """Kills a parent, alone or with all of its processes, and starts another."""
        self.struck.add(parent.pid)
        with suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL) if group else os.kill(parent.pid, signal.SIGKILL)
        self.replace(parent)

    def is_staffed(self) -> bool:
        """Whether all workers are there. One that found no server when it started is started again, as whatever runs
        it would do."""
        for parent in self.fleet.parents:
            if parent.poll() == CANNOT_START and parent.pid not in self.replaced:
                self.deaths["no server at its start"] += 1
                self.replace(parent)
        self._check_ends()
        alive = self.fleet.alive
        return len(alive) == WORKERS + 1 and all(self.fleet.children_of(parent) for parent in alive)

    def _check_ends(self) -> None:
        ends = {one.pid: one.poll() for one in self.fleet.parents if one.pid not in self.struck}
        odd = {pid: end for pid, end in ends.items() if end not in (None, 0, CANNOT_START)}
        odd |= {pid: 0 for pid, end in ends.items() if end == 0 and pid not in self.replaced}
        assert not odd, f"parents of workers ended by themselves, with these statuses: {odd}"

    # The books

    async def audit(self) -> None:
        """Waits until all is settled, and looks whether it is as it should be."""
        began = time.monotonic()
        await until(self.is_staffed, "all workers are there", LONG)
        await self.answered(lambda: self.client.books.settled(self.runs[self._settled :]), "all is settled")
        self.slowest = max(self.slowest, time.monotonic() - began)
        await self.client.books.check(self.runs)
        if self.history:
            await self.client.books.check_history(self.runs)
        else:
            await until(self.client.books.are_trimmed, "channels hold nothing that is settled", LONG)
        said = self.fleet.log.read_text()
        assert not [cry for cry in CRIES if cry in said], f"a worker's log speaks of a mistake: {self.fleet.log}"
        self._settled = len(self.runs)
        self.audits += 1

    async def close(self) -> None:
        """Tells all workers to end; they do, and hold nothing any more."""
        await until(self.is_staffed, "all workers are there", LONG)
        last = self.fleet.alive
        for parent in last:
            parent.terminate()
        ends = [await asyncio.to_thread(parent.wait, LONG) for parent in last]
        assert ends == [0] * len(last), f"workers that were told to end had these statuses: {ends}"
        assert await self.client.books.held() == {}

    async def figures(self) -> dict[str, Any]:
        """What has happened, by what it is."""
        channels = await self.client.admin.channels()
        groups = [one for channel in channels for one in channel.groups if one.group != HISTORY]
        return {
            "runs": len(self.runs),
            "events": sum(one.published for one in channels),
            "deliveries": sum(one.done for one in groups),
        }


@asynccontextmanager
async def ground(program: Path, folder: Path, *, history: bool) -> AsyncIterator[Ground]:
    """A server, workers and a client.

    Args:
        program: of the server.
        folder: an empty one, for data, diary and logs.
        history: whether all events are kept, to be looked at.
    """
    (folder / "data").mkdir()
    with DurableServer(program, folder / "data") as server:
        async with Proxy(server.url) as way, client_of(server.url, folder) as client:
            if history:
                await client.books.keep_history()
            with Fleet(server.url, folder, kills=NO_POISON, settings={"LEASE": LEASE}) as fleet:
                made = Ground(server, fleet, way, client, history)
                for at in range(WORKERS + 1):
                    made.hire(through=at == 0)
                await until(made.is_staffed, "all workers are there", LONG)
                yield made
