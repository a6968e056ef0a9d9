"""Workers are known while they live, and known to be gone once they are silent and their connection has ended."""

import json

from runtime.resilience.limits import Limit
from runtime.state.presence import WorkerActivity, WorkPiece
from runtime.state.redis_presence import RedisPresence
from tests.contract.backends import APP, Clients, tick
from tests.contract.presences import WorkerProcess, worker
from tests.waiting import until

SILENT_MS = 200


async def connections(clients: Clients, consumer: str = "w1") -> int:
    """How many hold the line of a worker."""
    ((_, count),) = await clients.client.pubsub_numsub(f"causeline:1:{{runs:{APP}.0}}:alive:{consumer}")
    return int(count)


async def silence(presence: RedisPresence, consumer: str = "w1") -> int:
    """How long a worker has said nothing; huge where it is not known."""
    return min((one.silent_ms for one in await presence.workers() if one.record.consumer == consumer), default=1 << 30)


async def is_silent(presence: RedisPresence) -> bool:
    return await silence(presence) > SILENT_MS


async def is_heard(presence: RedisPresence) -> bool:
    return await silence(presence) < SILENT_MS


async def gone(presence: RedisPresence, silent_ms: int = SILENT_MS) -> list[str]:
    """The names of those that are gone."""
    return [one.consumer for one in await presence.list_gone_workers(silent_ms)]


async def test_a_worker_is_known_as_it_describes_itself(clients: Clients):
    """To all of its app, and to nobody of another's."""
    presence = clients.presence()
    await presence.join(worker("w1"))
    await presence.join(worker("w2", cells=False, is_cell=True))
    await tick(clients.client)  # of two heard of within one millisecond nobody knows which was last
    await clients.presence().beat("w1")
    seen = await presence.workers()
    assert [one.record for one in seen] == [worker("w1"), worker("w2", cells=False, is_cell=True)]
    assert seen[0].silent_ms <= seen[1].silent_ms
    assert await RedisPresence(clients.clients, "billing").workers() == []
    await presence.leave("w2")


async def test_an_app_is_known_by_the_workflows_that_its_code_declares(clients: Clients):
    """As whoever said it last has them."""
    presence = clients.presence()
    assert await presence.get_declared_workflows() == {}
    await presence.declare_workflows({"shipment": ("pickup",)})
    await presence.declare_workflows({"shipment": ("pickup", "delivery"), "refund": ()})
    assert await clients.presence().get_declared_workflows() == {"shipment": ("pickup", "delivery"), "refund": ()}
    assert await RedisPresence(clients.clients, "billing").get_declared_workflows() == {}


async def test_workers_are_counted_by_their_last_sign_of_life(clients: Clients):
    """Cells are no workers of their own, and one that has been silent for too long does not count."""
    own = clients.presence()
    await own.join(worker("w1"))
    for consumer, is_cell in (("w2", False), ("w1.cell-1", True)):
        await clients.presence().join(worker(consumer, is_cell=is_cell))
    assert await own.count_live_workers(30_000) == 2
    seconds, _ = await clients.client.time()
    await clients.client.zadd(f"causeline:1:{{runs:{APP}.0}}:live", {"w2": seconds * 1000 - 60_000})
    assert await own.count_live_workers(30_000) == 1


async def test_one_that_has_left_is_forgotten(clients: Clients):
    """It is not there, and not gone; its line is let go."""
    presence = clients.presence()
    await presence.join(worker())
    assert await connections(clients) == 1
    await presence.leave("w1")
    assert await presence.workers() == []
    assert await gone(presence, 0) == []
    await until(lambda: _none(clients))


async def _none(clients: Clients) -> bool:
    return not await connections(clients)


async def test_whoever_says_goodbye_for_another_stays_itself(clients: Clients):
    """Its own line is not let go."""
    presence = clients.presence()
    await presence.join(worker("w1"))
    await presence.leave("w2")
    assert await connections(clients, "w1") == 1
    assert [one.record.consumer for one in await presence.workers()] == ["w1"]
    await presence.leave("w1")


async def test_one_that_is_killed_is_gone_after_its_silence(clients: Clients, server_url: str):
    """Not before; then until somebody says goodbye for it."""
    presence = clients.presence()
    with WorkerProcess(server_url, "w1") as process:
        assert await gone(presence, 0) == []
        process.kill()
        await until(lambda: _none(clients))
        assert await gone(presence, 60_000) == []
        assert await until(lambda: gone(presence)) == ["w1"]
        (record,) = await presence.list_gone_workers(SILENT_MS)
        assert record == worker("w1")
        await presence.leave("w1")
        assert await gone(presence, 0) == []


async def test_one_that_stands_still_is_not_gone(clients: Clients, server_url: str):
    """However long it is silent: it may go on any moment, and only its leases end what it holds."""
    presence = clients.presence()
    with WorkerProcess(server_url, "w1") as process:
        process.pause()
        await until(lambda: is_silent(presence))
        assert await gone(presence) == []
        assert await gone(presence, 0) == []
        process.go_on()
        await until(lambda: is_heard(presence))
        process.pause()
        await until(lambda: is_silent(presence))
        process.kill()
        assert await until(lambda: gone(presence)) == ["w1"]


async def test_one_of_many_is_gone(clients: Clients, server_url: str):
    """The others are not, silent or not."""
    presence = clients.presence()
    with (
        WorkerProcess(server_url, "w1") as one,
        WorkerProcess(server_url, "w2") as two,
        WorkerProcess(server_url, "w3"),
    ):
        two.pause()
        one.kill()
        assert await until(lambda: gone(presence)) == ["w1"]


async def test_a_line_that_was_cut_is_held_again_with_the_next_beat(clients: Clients):
    """Whatever cut it: the worker is not gone."""
    presence = clients.presence()
    await presence.join(worker())
    await clients.client.client_kill_filter(_type="pubsub")
    await until(lambda: _none(clients))
    await presence.beat("w1")
    assert await connections(clients) == 1
    assert await gone(presence, 0) == []
    await presence.leave("w1")


async def test_one_whose_record_the_server_lost_says_again_what_it_is(clients: Clients, server_url: str):
    """Or nobody would ever know that it is gone."""
    presence = clients.presence()
    with WorkerProcess(server_url, "w1") as process:
        await clients.client.flushall()
        await until(lambda: clients.client.smembers("causeline:1:apps"))
        assert [one.record for one in await until(presence.workers)] == [worker("w1")]
        assert await clients.client.smembers("causeline:1:apps") == {APP.encode()}
        process.kill()
        assert await until(lambda: gone(presence)) == ["w1"]


async def test_one_that_nobody_has_heard_of_for_a_day_is_forgotten(clients: Clients):
    """Wholly: nothing of it stays on the server."""
    presence = clients.presence()
    await presence.join(worker("w1"))
    seconds, _ = await clients.client.time()
    keys = f"causeline:1:{{runs:{APP}.0}}"
    await clients.client.zadd(f"{keys}:live", {"w0": seconds * 1000 - 25 * 3_600_000})
    await clients.client.hset(f"{keys}:workers", "w0", "{}")
    assert [one.record.consumer for one in await presence.workers()] == ["w1"]
    assert await clients.client.hkeys(f"{keys}:workers") == [b"w1"]
    await presence.leave("w1")


async def test_one_that_says_nothing_of_itself_is_never_gone(clients: Clients):
    """Of an older version: it may hold no line."""
    presence = clients.presence()
    await clients.client.zadd(f"causeline:1:{{runs:{APP}.0}}:live", {"old": 1_750_000_000_000})
    await presence.beat("unknown")
    assert await gone(presence, 0) == []


async def test_what_a_worker_does_and_is_bound_by_is_known_to_others(clients: Clients):
    """Of one of a former version its names alone."""
    presence = clients.presence()
    limits = (Limit("research", at_once=2), Limit("review", tokens_per_minute=0))
    told = worker("w1", serves=("research",), limits=limits)
    await presence.join(told)
    doing = WorkerActivity(2, (WorkPiece("w/s of run 1", "research", "1", 70), WorkPiece("c to g, event 1")))
    await presence.beat("w1", doing)
    (seen,) = await presence.workers()
    assert (seen.record, seen.doing) == (told, doing)
    said = json.dumps({"doing": {"under_way": 3, "oldest": ["w/s of run 1"]}})
    await clients.client.hset(f"causeline:1:{{runs:{APP}.0}}:workers", mapping={"w1": said})
    (seen,) = await presence.workers()
    assert seen.doing == WorkerActivity(3, (WorkPiece("w/s of run 1"),))
    await presence.leave("w1")
