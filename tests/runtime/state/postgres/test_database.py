"""A call is made again when its answer was lost or it lost against another, holds once, and is never cut off by whoever
gives up."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors

from runtime.bus.redis_base import Limits
from runtime.errors import KeyConflictError, ServerFullError, ServerUnavailableError
from runtime.server.client import Clients
from runtime.state.postgres.database import Database
from runtime.state.postgres.store import PostgresState
from runtime.state.tasks import Commit, NextClaim
from tests.contract.made import outgoing, run, task, uuid
from tests.contract.state_backends import LEASE_MS
from tests.postgres_servers import PostgresServer
from tests.runtime.proxy import Proxy
from tests.runtime.state.postgres.ways import by_way_of, store_at
from tests.waiting import until


async def test_a_commit_whose_answer_is_lost_holds_once(postgres: PostgresServer, clients: Clients):
    """Nobody knows whether it happened: the call that is repeated finds out by the token. Its events are in the outbox
    once, and the step that it took is taken."""
    async with Proxy(postgres.url) as proxy, store_at(by_way_of(proxy, postgres.url), clients) as store:
        await store.start(run())
        claim: Any = await store.claim(task(), "w1|1", LEASE_MS, [])
        proxy.lose_answer_to("_commit(")
        made = Commit('"p"', ["delivery"], [outgoing(50)], next=NextClaim("w1|2", LEASE_MS, {"delivery": ["pickup"]}))
        committed: Any = await store.commit(claim, made)
        assert proxy.lost == 1
        assert committed.taken.task.step == "delivery"
        assert committed.taken.attempt == 1
        assert committed.taken.results == {"pickup": '"p"'}
        assert len((await store.outbox.read_older(0, "", 10))[0]) == 1


@pytest.mark.parametrize("call", ["start", "claim", "retry", "resume", "finish", "write_app_state"])
async def test_whoever_loses_an_answer_learns_it_all_the_same(postgres: PostgresServer, clients: Clients, call: str):
    """Whichever it was; nothing is done twice."""
    async with Proxy(postgres.url) as proxy, store_at(by_way_of(proxy, postgres.url), clients) as store:
        await store.backlog()
        proxy.lose_answer_to(f"_{call}(")
        accepted = await store.start(run(1, {"pickup": 0}))
        assert accepted.id == uuid(1)
        claim: Any = await store.claim(task(), "w1|1", LEASE_MS, [])
        assert await store.retry(claim, 0)
        again: Any = await store.claim(task(), "w1|2", LEASE_MS, [])
        assert (again.attempt, again.fails) == (2, 1)
        assert await store.fail(again, "OSError", "no route") is not None
        resumed = await store.resume(uuid(1), "ann")
        assert resumed is not None
        assert resumed.is_resumed
        await store.write("open", "true")
        assert await store.read(None, "open") == "true"
        assert len(await store.audit(None, 10)) == 1
        assert proxy.lost == 1


async def test_a_call_that_lost_against_another_is_made_again(
    postgres: PostgresServer, clients: Clients, monkeypatch: pytest.MonkeyPatch
):
    """Two that wait for each other: one of them is told that it changed nothing."""
    original: Any = Database._call_with_timeout
    troubles = [errors.DeadlockDetected("deadlock detected"), errors.SerializationFailure("could not serialize")]

    async def troubled(self: Database, function: str, values: Any) -> Any:
        if troubles:
            raise troubles.pop()
        return await original(self, function, values)

    monkeypatch.setattr(Database, "_call_with_timeout", troubled)
    # What a server says of it has a code; the driver's own class stands for that here.
    async with store_at(postgres.url, clients) as store:
        assert (await store.start(run())).id == uuid(1)
    assert troubles == []


async def test_whoever_gives_up_leaves_its_commit_to_hold(postgres: PostgresServer, clients: Clients):
    """It waits for a lock, as it may wait for a standby: the server is not told to cancel it."""
    async with store_at(postgres.url, clients) as store:
        await store.start(run())
        claim: Any = await store.claim(task(), "w1|1", LEASE_MS, [])
        async with await psycopg.AsyncConnection.connect(postgres.url) as other:
            await other.execute("SELECT * FROM causeline.standings FOR UPDATE")
            committing = asyncio.create_task(store.commit(claim, Commit('"p"', ["delivery"])))
            await until(lambda: _is_locked(postgres), "the commit waits")
            committing.cancel()
            with suppress(asyncio.CancelledError):
                await committing
        assert await until(lambda: store.result(uuid(1), "pickup"), "it holds") == '"p"'


async def test_a_server_that_is_away_is_unavailable_and_back_by_itself(postgres_programs: Path, clients: Clients):
    """The same store goes on: its connections are made anew."""
    with PostgresServer(postgres_programs) as server:
        async with store_at(server.url, clients) as store:
            await store.start(run())
            server.stop()
            with pytest.raises(ServerUnavailableError, match="is it running"):
                await store.claim(task(), "w1|1", LEASE_MS, [])
            server.start()
            assert await store.claim(task(), "w1|1", LEASE_MS, []) is not None


async def test_a_database_without_room_says_so_and_nothing_is_lost(postgres: PostgresServer, clients: Clients):
    """What was under way is written down once there is room."""
    async with store_at(postgres.url, clients) as store:
        await store.start(run())
        claim: Any = await store.claim(task(), "w1|1", LEASE_MS, [])
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute(_FULL)
            owner.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON causeline.results EXECUTE FUNCTION causeline.full()"
            )
            try:
                with pytest.raises(ServerFullError, match="make room on its disk"):
                    await store.commit(claim, Commit('"p"', ["delivery"], [outgoing(50)]))
            finally:
                owner.execute("DROP TRIGGER full_disk ON causeline.results")
                owner.execute("DROP FUNCTION causeline.full()")
        assert (await store.outbox.read_older(0, "", 10))[0] == []
        assert await store.commit(claim, Commit('"p"', ["delivery"], [outgoing(50)])) is not None


_FULL = """
CREATE FUNCTION causeline.full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$
"""


async def _is_locked(server: PostgresServer) -> bool:
    async with await psycopg.AsyncConnection.connect(server.admin, autocommit=True) as connection:
        waiting = await connection.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return await waiting.fetchone() is not None


async def test_a_server_without_connections_says_so_and_goes_on_when_one_is_free(
    postgres_programs: Path, clients: Clients
):
    """Others have taken them all; nothing is lost."""
    with PostgresServer(postgres_programs, "max_connections=8", "superuser_reserved_connections=2") as server:
        async with store_at(server.url, clients) as store:
            others = [psycopg.connect(server.url) for _ in range(6)]
            with pytest.raises(ServerUnavailableError, match=r"no connection left .*raise max_connections"):
                await store.start(run())
            for other in others:
                other.close()

            async def started() -> bool:
                with suppress(ServerUnavailableError):  # the server takes a moment to notice
                    return (await store.start(run())).id == uuid(1)
                return False

            await until(started, "it is accepted")


async def test_runs_that_are_asked_for_together_are_read_in_one_statement(
    postgres: PostgresServer, clients: Clients, monkeypatch: pytest.MonkeyPatch
):
    """Whoever starts many at once waits for many; one that is not there is none, and apps don't see each other's."""
    asked: list[str] = []
    original: Any = Database._call

    async def counted(self: Database, function: str, calls: Any) -> Any:
        asked.append(function)
        return await original(self, function, calls)

    async with store_at(postgres.url, clients) as store:
        await asyncio.gather(*(store.start(run(number)) for number in range(1, 9)))
        monkeypatch.setattr(Database, "_call", counted)
        numbers = (3, 1, 99, 1)
        found = await asyncio.gather(*(store.get(uuid(number)) for number in numbers))
        assert [one and one.id for one in found] == [uuid(3), uuid(1), None, uuid(1)]
        assert asked == ["several"]
        stranger = PostgresState(store._database, store._telling, "another", Limits())
        assert await asyncio.gather(stranger.get(uuid(1)), store.get(uuid(1))) == [None, found[1]]


async def test_runs_that_are_started_together_are_accepted_in_one_transaction(
    postgres: PostgresServer, clients: Clients
):
    """Each with an answer of its own: whose key stands for other inputs is refused, and no other."""
    async with store_at(postgres.url, clients) as store:
        await store.backlog()
        starts = [replace(run(number), key="k" if number in (2, 5) else "") for number in range(1, 7)]
        starts[4] = replace(starts[4], inputs={"order": "8"})
        answers = await asyncio.gather(*map(store.start, starts), return_exceptions=True)
        refused = [one for one in answers if isinstance(one, KeyConflictError)]
        assert len(refused) == 1
        assert len(await store.runs(10)) == 5
        with psycopg.connect(postgres.url) as owner:
            written = owner.execute("SELECT count(DISTINCT xmin::text) FROM causeline.runs").fetchone()
        assert written is not None
        assert written[0] <= 2
