"""A server that is killed in the middle of commits: each holds, or does not, with all that belongs to it, and is made
again until it does."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest

from runtime.errors import ServerUnavailableError
from runtime.server.client import Clients
from runtime.state.postgres.store import PostgresState
from runtime.state.tasks import Claim, Commit, NextClaim, token_of
from tests.contract.made import outgoing, run, task, uuid
from tests.contract.state_backends import LEASE_MS
from tests.postgres_servers import PostgresServer
from tests.runtime.state.postgres.ways import store_at
from tests.waiting import until

RUNS: Final = 60
TOGETHER: Final = 12
NEEDS: Final = {"pickup": 0, "sorting": 1, "delivery": 1}
FOLLOWING: Final[dict[str, list[str]]] = {"pickup": ["sorting"], "sorting": ["delivery"], "delivery": []}
KILLS: Final = 4


class Committing:
    """Does runs, step after step; whoever is not answered asks again."""

    def __init__(self, store: PostgresState) -> None:
        self._store = store
        self.committed: Counter[str] = Counter()
        self.events: set[str] = set()
        self.is_up = asyncio.Event()
        self.is_up.set()

    async def do(self, number: int) -> None:
        """One run, from its start to its end."""
        await self._answered(lambda: self._store.start(run(number, NEEDS)))
        token = token_of("w1", str(number))
        claim: Any = await self._answered(lambda: self._store.claim(task("pickup", number), token, LEASE_MS, ()))
        while claim is not None:
            claim = await self._commit(claim, number)

    async def _commit(self, claim: Claim, number: int) -> Claim | None:
        step, place = claim.task.step, list(NEEDS).index(claim.task.step)
        following = NextClaim(token_of("w1", f"{number}.{place}"), LEASE_MS, dict.fromkeys(FOLLOWING[step], (step,)))
        event = outgoing(1000 + number * 10 + place)
        made = Commit(f'"{step}"', FOLLOWING[step], [event], {step: "1"}, next=following)
        done: Any = await self._answered(lambda: self._store.commit(claim, made))
        assert done is not None, "a commit that is made again is taken for a stale one"
        assert (done.ended is None) == bool(FOLLOWING[step])
        self.committed[f"{number} {step}"] += 1
        self.events.add(str(event.envelope.id))
        taken: Claim | None = done.taken
        return taken

    async def _answered(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            try:
                return await ask()
            except ServerUnavailableError:
                await self.is_up.wait()


@pytest.mark.slow
async def test_a_server_killed_in_the_middle_of_commits_loses_and_doubles_nothing(
    postgres_programs: Path, clients: Clients
):
    """All its processes die at once, again and again, and it comes back with its data: every run ends once, every event
    is in the outbox once, and every result and key is there."""
    with PostgresServer(postgres_programs) as server:
        async with store_at(server.url, clients) as store:
            database: Any = store._database
            working = Committing(store)
            deaths = asyncio.create_task(_kill(server, working))
            async with asyncio.timeout(90):
                for first in range(0, RUNS, TOGETHER):
                    await asyncio.gather(*(working.do(number) for number in range(first, first + TOGETHER)))
                await deaths

            assert database.lost >= KILLS
            assert len(working.committed) == RUNS * len(NEEDS)
            entries, _ = await store.outbox.read_older(0, "", 10_000)
            assert sorted(str(one.outgoing.envelope.id) for one in entries) == sorted(working.events)
            assert {record.status for record in await store.runs(RUNS + 1)} == {"ok"}
            for number in range(RUNS):
                assert [await store.result(uuid(number), step) for step in NEEDS] == [f'"{step}"' for step in NEEDS]
                assert [await store.read(uuid(number), step) for step in NEEDS] == ["1"] * len(NEEDS)
            backlog = await store.backlog()
            assert (backlog.due, backlog.under_way, backlog.suspects) == (0, 0, 0)


async def _kill(server: PostgresServer, working: Committing) -> None:
    """Kills and starts it, each time as soon as some more is committed."""
    for death in range(1, KILLS + 1):
        enough = death * RUNS * len(NEEDS) // (KILLS + 2)
        await until(lambda enough=enough: len(working.committed) >= enough, "some more is committed")
        working.is_up.clear()
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        working.is_up.set()
