"""Whoever dies, a run fails by its deadline: in the hands of others, or of whoever comes later."""

from pathlib import Path

import pytest

from runtime.client.run import Run
from runtime.state.runs import RunRecord
from tests.end_to_end.crash_app import Order
from tests.end_to_end.crash_client import LONG, Client
from tests.end_to_end.crash_fleet import Fleet
from tests.end_to_end.crash_points import DEADLINE_POINTS
from tests.waiting import until

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("own_home")]

HOUR = 3600.0


@pytest.mark.parametrize("point", DEADLINE_POINTS)
async def test_a_worker_killed_as_it_ends_a_run_leaves_it_to_another(
    client: Client, redis_url: str, tmp_path: Path, point: str
) -> None:
    """It ends once, and its end is told; other runs are none the worse."""
    with Fleet(redis_url, tmp_path, points=point) as fleet:
        fleet.start(2)
        held = await client.start(Order(number=0, trouble="hold-step"), deadline=HOUR)
        await until(lambda: client.diary.rows("held"), "it is in the middle of a step", LONG)
        await client.books.let_hour_pass(held)
        await until(lambda: fleet.killed == {point}, "a worker has died as it ended the run", LONG)
        runs = await client.ship(3)
        await client.books.settled([held, *runs])

        assert "cut off: " in (await _ended(client, held)).error
        assert {await run.status() for run in runs} == {"ok"}
        await until(client.books.are_told, "the end of every run is confirmed", LONG)


async def test_a_run_all_of_whose_workers_are_gone_fails_when_one_comes(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """However late; what they held is not run again."""
    with Fleet(redis_url, tmp_path) as fleet:
        held = await client.start(Order(number=0, trouble="hold-step"), deadline=HOUR)
        parent = fleet.start()
        await until(lambda: client.diary.rows("held"), "it is in the middle of a step", LONG)
        fleet.kill_group(parent)
        await client.books.let_hour_pass(held)
        fleet.start()
        await client.books.settled([held])

        assert (await _ended(client, held)).error_type == "RunDeadlineError"
        assert len(client.diary.rows("held")) == 1
        await until(client.books.are_told, "the end of every run is confirmed", LONG)


async def _ended(client: Client, run: Run) -> RunRecord:
    record = await client.books.record(run)
    assert record.status == "failed"
    return record
