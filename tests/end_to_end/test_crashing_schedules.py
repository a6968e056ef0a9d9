"""Whoever dies, wherever, as it attends to a schedule: each tick starts one run, and none is left out."""

from pathlib import Path

import pytest

from runtime.runs import ticks
from runtime.state.schedules import ScheduleRecord
from tests.end_to_end.crash_app import SCHEDULED, WATCH
from tests.end_to_end.crash_client import LONG, Client
from tests.end_to_end.crash_fleet import Fleet
from tests.end_to_end.crash_points import TICK_POINTS
from tests.end_to_end.in_the_suite import in_the_suite
from tests.waiting import until

pytestmark = pytest.mark.redis

SECOND = 1000
TICKS = 8
"""Ticks that are waited for after a worker has died."""


@pytest.fixture(autouse=True)
def _scheduled(own_home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCHEDULED, "1")


@pytest.mark.parametrize("point", in_the_suite(TICK_POINTS, "tick claimed", "tick started"))
async def test_a_worker_killed_at_any_point_of_a_tick_starts_none_twice_and_leaves_none_out(
    client: Client, redis_url: str, tmp_path: Path, point: str
) -> None:
    """One of two dies of SIGKILL there; the other one, and whoever comes instead, go on."""
    with Fleet(redis_url, tmp_path, points=point) as fleet:
        fleet.start(2)
        await until(lambda: fleet.killed == {point}, "a worker has died at the point", LONG)
        died = await _record(client)

        async def has_ticked_on() -> bool:
            return (await _record(client)).next_ms >= died.next_ms + TICKS * SECOND

        await until(has_ticked_on, "the schedule has ticked on", LONG)
        await client.books.pause(WATCH)
        await _check(client)


async def _record(client: Client) -> ScheduleRecord:
    async def found() -> ScheduleRecord | None:
        return (await client.books.schedules()).find(WATCH)

    return await until(found, "the schedule is declared", LONG)


async def _check(client: Client) -> None:
    """All ticks from the first to the last one have run once: read from the server, and from what workers noted."""
    runs = await until(lambda: client.books.ended_runs(WATCH), "all runs have ended, and all ticks are told", LONG)
    record = await _record(client)
    begun = min(int(run.accepted_ms) for run in runs) // SECOND * SECOND
    expected = {
        ticks.build_due_tick("crashes", WATCH, WATCH, at_ms, is_late=False).run: at_ms
        for at_ms in range(begun - 5 * SECOND, record.next_ms, SECOND)
    }
    first = min(expected[run.id] for run in runs)
    assert {run.id for run in runs} == {run for run, at_ms in expected.items() if at_ms >= first}
    assert (record.started, record.dropped, record.skipped) == (len(runs), 0, 0)
    commits = client.diary.count("commit", ok=True)
    # Whoever died as its commit held noted nothing of that.
    assert max(commits[f"{run.id}/walk"] for run in runs) == 1
