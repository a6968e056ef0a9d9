"""Whoever dies between two queues of RabbitMQ: every message arrives, and what arrives twice has one id."""

import asyncio
import json
import os
import random
import signal
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from runtime.admin import Admin
from tests.diary import Diary
from tests.end_to_end.bridge_app import ORDERS, QUEUES, SHIPMENTS
from tests.end_to_end.crash_client import LONG
from tests.end_to_end.crash_fleet import Fleet
from tests.end_to_end.crash_points import BRIDGE_POINTS, LETTER_POINTS
from tests.end_to_end.in_the_suite import in_the_suite
from tests.rabbit_servers import RabbitServer
from tests.stranger import Stranger
from tests.waiting import until

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("own_home"), pytest.mark.timeout(300)]

MESSAGES = 60
#: Messages that one worker sends at once, as many as it likes.
AT_ONCE = 100


class Bridge:
    """Queues of one test, and what is on both sides of them."""

    def __init__(self, server: RabbitServer, redis_url: str, folder: Path, admin: Admin) -> None:
        self.admin = admin
        self.diary = Diary(folder)
        names = uuid4().hex[:8]
        self.orders, self.shipments, self.dead = (f"{what}.{names}" for what in ("orders", "shipments", "dead"))
        self.settings = {
            "RABBITMQ_URL": server.url,
            "LEASE": 5,  # one of a second ends on a busy machine though its worker lives, and a message is sent twice
        }
        os.environ[QUEUES] = f"{self.orders},{self.shipments},{self.dead}"

    async def open(self, stranger: Stranger) -> None:
        """Makes the queues, and fills the first."""
        for name in (self.orders, self.shipments, self.dead):
            await stranger.queue(name)
        await self.order(stranger, 0, MESSAGES)

    async def order(self, stranger: Stranger, first: int, last: int) -> None:
        """Sends orders with numbers."""
        for number in range(first, last):
            await stranger.send(self.orders, {"n": number}, message_id=f"order-{number}")

    async def is_through(self, number: int) -> bool:
        """Whether so many orders and shipments are done, and nothing is owed."""
        groups = {one.channel: one.groups for one in await self.admin.channels()}
        return all(
            bool(groups.get(channel))
            and all(group.done == number and not group.pending + group.retrying for group in groups[channel])
            for channel in (ORDERS, SHIPMENTS)
        )

    def has_packed(self, number: int) -> bool:
        """Whether so many orders were handled."""
        return len(self.diary.rows("packed")) >= number

    async def check(self, stranger: Stranger, number: int, copies: int) -> None:
        """Every order was recorded once; every shipment has arrived, at most so many of them twice, each under one
        id; nothing is left, and nothing is dead."""
        packed = {row["key"]: row["event"] for row in self.diary.rows("packed")}
        assert {int(key) for key in packed} == set(range(number))
        assert len(set(packed.values())) == number
        assert await stranger.count(self.orders) == 0
        ids: dict[int, list[str]] = defaultdict(list)
        while await stranger.count(self.shipments):
            message = await stranger.taken(self.shipments)
            ids[json.loads(message.body)["n"]].append(str(message.headers["cloudEvents:id"]))
        assert set(ids) == set(range(number))
        assert {len(set(some)) for some in ids.values()} == {1}
        assert sum(map(len, ids.values())) - number <= copies
        assert (await self.admin.dead_letters()).items == ()


@asynccontextmanager
async def _bridge(server: RabbitServer, redis_url: str, folder: Path) -> AsyncIterator[Bridge]:
    admin = await Admin.connect(redis_url)
    try:
        yield Bridge(server, redis_url, folder, admin)
    finally:
        await admin.close()
        os.environ.pop(QUEUES)


@pytest.fixture
async def bridge(rabbit_server: RabbitServer, redis_url: str, tmp_path: Path) -> AsyncIterator[Bridge]:
    async with _bridge(rabbit_server, redis_url, tmp_path) as made:
        yield made


@pytest.fixture
async def mortal_bridge(mortal_rabbit_server: RabbitServer, redis_url: str, tmp_path: Path) -> AsyncIterator[Bridge]:
    async with _bridge(mortal_rabbit_server, redis_url, tmp_path) as made:
        yield made


@pytest.mark.parametrize("point", in_the_suite(BRIDGE_POINTS, "messages recorded", "event sent"))
async def test_a_worker_killed_at_any_point_of_the_bridge_loses_nothing(
    bridge: Bridge, rabbit_server: RabbitServer, redis_url: str, tmp_path: Path, point: str
) -> None:
    """One of two dies of SIGKILL there; the other one, and whoever comes instead, go on. Only what was sent and not
    settled may arrive twice."""
    async with Stranger(rabbit_server.url) as stranger:
        await bridge.open(stranger)
        with _fleet(bridge, redis_url, tmp_path, point) as fleet:
            fleet.start(2)
            await until(lambda: fleet.killed == {point}, "a worker has died at the point", LONG)
            await until(lambda: bridge.is_through(MESSAGES), "all is through", LONG)
            await _stopped(fleet)
        await bridge.check(stranger, MESSAGES, copies=AT_ONCE if point.startswith("event") else 0)


@pytest.mark.battery
@pytest.mark.parametrize("seed", range(20))
async def test_workers_killed_at_points_that_a_seed_chooses_lose_nothing(
    bridge: Bridge, rabbit_server: RabbitServer, redis_url: str, tmp_path: Path, seed: int
) -> None:
    """Up to three of them, of two or three workers, whatever of it the others do meanwhile."""
    chance = random.Random(seed)
    points, workers = chance.sample(BRIDGE_POINTS, chance.randint(1, 3)), chance.randint(2, 3)
    async with Stranger(rabbit_server.url) as stranger:
        await bridge.open(stranger)
        with _fleet(bridge, redis_url, tmp_path, ",".join(points)) as fleet:
            fleet.start(workers)
            await until(lambda: fleet.killed, f"a worker has died at {points}", LONG)
            await until(lambda: bridge.is_through(MESSAGES), "all is through", LONG)
            await _stopped(fleet)
            deaths = [point for point in fleet.killed if point.startswith("event")]
        await bridge.check(stranger, MESSAGES, copies=AT_ONCE * len(deaths))


@pytest.mark.parametrize("point", in_the_suite(LETTER_POINTS, "messages recorded", "event sent"))
async def test_a_worker_killed_as_letters_are_kept_and_replayed_loses_none(
    bridge: Bridge, rabbit_server: RabbitServer, redis_url: str, tmp_path: Path, point: str
) -> None:
    """Each message that died is one letter here, and is sent to where it died; only what was not settled yet comes
    twice."""
    async with Stranger(rabbit_server.url) as stranger:
        await bridge.open(stranger)
        work = await stranger.dying_queue(bridge.dead)
        for number in range(MESSAGES):
            await stranger.send(work, number, message_id=f"work-{number}")
            await stranger.reject(work)
        with _fleet(bridge, redis_url, tmp_path, point) as fleet:
            fleet.start(2)

            async def are_kept() -> bool:
                return sum(one.count for one in await bridge.admin.dead_letter_counts()) == MESSAGES

            await until(are_kept, "all letters are here", LONG)
            letters = (await bridge.admin.dead_letters(limit=MESSAGES)).items
            ids = [letter.id for letter in letters]
            settled = await bridge.admin.replay(ids, "ada")
            assert {one.status for one in settled} == {"replayed"}
            assert {one.status for one in await bridge.admin.replay(ids, "ada")} == {"already_settled"}

            async def are_sent() -> bool:
                (dead,) = [one for one in await bridge.admin.channels() if one.channel == bridge.dead]
                return [(group.done, group.pending + group.retrying) for group in dead.groups] == [(MESSAGES, 0)]

            await until(are_sent, "all are sent again", LONG)
            assert fleet.killed == {point}
            await _stopped(fleet)
        numbers: list[int] = []
        while await stranger.count(work):
            numbers.append(int((await stranger.taken(work)).body))
        assert set(numbers) == set(range(MESSAGES))
        assert len(numbers) - MESSAGES <= (AT_ONCE if point.startswith("event") else 0)


@pytest.mark.slow
async def test_a_broker_that_is_killed_and_comes_back_loses_nothing(
    mortal_bridge: Bridge, mortal_rabbit_server: RabbitServer, redis_url: str, tmp_path: Path
) -> None:
    """In the middle of both directions, twice; what waits for it is no dead letter."""
    bridge, server = mortal_bridge, mortal_rabbit_server
    async with Stranger(server.url) as stranger:
        await bridge.open(stranger)
    with _fleet(bridge, redis_url, tmp_path, "") as fleet:
        fleet.start(2)
        await fleet.works()
        for first in (MESSAGES, 2 * MESSAGES):
            await until(partial(bridge.has_packed, first - MESSAGES + 1), "work is under way", LONG)
            await asyncio.to_thread(server.restart)
            async with Stranger(server.url) as stranger:
                await bridge.order(stranger, first, first + MESSAGES)
        await until(lambda: bridge.is_through(3 * MESSAGES), "all is through", LONG)
        await _stopped(fleet)
    async with Stranger(server.url) as stranger:
        await bridge.check(stranger, 3 * MESSAGES, copies=2 * 2 * AT_ONCE)


def _fleet(bridge: Bridge, redis_url: str, folder: Path, point: str) -> Fleet:
    program = "tests.end_to_end.bridge_worker"
    return Fleet(redis_url, folder, points=point, settings=bridge.settings, program=program)


async def _stopped(fleet: Fleet) -> None:
    """Ends the workers in order: what one held unacknowledged would be back in its queue."""
    for parent in fleet.alive:
        os.kill(parent.pid, signal.SIGTERM)
    await until(lambda: not fleet.alive, "all have ended", LONG)
