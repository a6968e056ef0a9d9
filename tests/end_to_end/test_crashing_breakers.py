"""Whoever dies while a carrier is down: every shipment arrives when it is back, and no attempt was used up for it."""

from pathlib import Path

import pytest

from tests.end_to_end.crash_app import CARRIER
from tests.end_to_end.crash_client import LONG, RUNS, Client
from tests.end_to_end.crash_fleet import Fleet
from tests.end_to_end.crash_points import BREAKER_POINTS
from tests.end_to_end.in_the_suite import in_the_suite
from tests.waiting import until

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("own_home")]

#: Probes that fail before the carrier is back: more than the attempts that any work has.
PROBES = 7


@pytest.mark.parametrize("point", in_the_suite(BREAKER_POINTS, "breaker opened", "probe permitted"))
async def test_an_outage_in_which_a_worker_dies_ends_well_and_uses_up_no_attempt(
    client: Client, redis_url: str, tmp_path: Path, point: str
) -> None:
    """It lasts longer than all attempts at a step would; what was tried is little more than the probes."""
    books, diary = client.books, client.diary
    diary.lose_carrier()
    with Fleet(redis_url, tmp_path, points=point, settings={"LEASE": 1}) as fleet:
        fleet.start(2)
        runs = await client.ship()

        async def is_probed() -> bool:
            return len(diary.rows("down")) >= PROBES + CARRIER.failures and point in {*fleet.killed, "breaker closed"}

        await until(is_probed, "the carrier was probed in vain, and a worker has died", LONG)
        diary.mend_carrier()
        await books.settled(runs)
        await until(lambda: fleet.killed == {point}, "a worker has died at the point", LONG)
        await books.settled(runs)

        await books.check(runs)
        # Each of the runs may have called the carrier once before it opened; then there was one at a time.
        failed = diary.count("down")
        assert sum(failed.values()) < 2 * RUNS + PROBES + 10
        found = await client.admin.breaker("carrier")
        assert (found.state, found.waiting_total) == ("closed", 0)
