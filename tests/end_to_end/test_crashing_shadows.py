"""Whoever dies while a step is moved back and forth: each run has its work done once, by the step or by its successor,
and each comparison counts once."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from runtime.bus.keys import ChannelKeys
from runtime.client.run import Run
from runtime.shadows.record import Mode
from runtime.shadows.shadow import comparison_channel
from tests.end_to_end.crash_app import SHADOWED, STAMPING, STAMPS
from tests.end_to_end.crash_books import HISTORY
from tests.end_to_end.crash_client import LONG, Client
from tests.end_to_end.crash_fleet import Fleet
from tests.end_to_end.crash_points import SHADOW_POINTS
from tests.end_to_end.in_the_suite import in_the_suite
from tests.waiting import until

pytestmark = pytest.mark.redis

BATCH = 12
"""Runs between two switches, of which some have ended and some have not."""
SWITCHES: tuple[Mode, ...] = ("moved", "shadow", "moved", "shadow")


@pytest.fixture(autouse=True)
def _shadowed(own_home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHADOWED, "1")


@pytest.mark.parametrize("point", in_the_suite(SHADOW_POINTS, "mode asked", "mid-stamp", "comparison counted"))
async def test_a_worker_killed_while_a_step_is_moved_loses_nothing_and_has_nothing_done_twice(
    client: Client, redis_url: str, tmp_path: Path, point: str
) -> None:
    """One of two dies of SIGKILL at the point; the step is moved and moved back as runs go on."""
    session = client.books._session
    await session.bus.subscribe(STAMPS, HISTORY, schema="{}", app="history", start="earliest")
    with Fleet(redis_url, tmp_path, points=point) as fleet:
        fleet.start(2)
        await until(client.admin.shadows, "the step is known", LONG)
        runs: list[Run] = []
        for mode in SWITCHES:
            batch = await client.stamp(BATCH)
            runs += batch
            await until(lambda some=batch: _ended(some, BATCH // 3), "some of them have ended", LONG)
            await client.admin.switch_step("stamp", mode, "test", "")
        await until(lambda: _ended(runs, len(runs)), "all runs have ended", LONG)
        await until(lambda: _is_settled(client), "no handler owes anything", LONG)
        await until(lambda: fleet.killed == {point}, "a worker has died at the point", LONG)
        await until(lambda: _is_settled(client), "no handler owes anything", LONG)
        await _check(client, runs)


async def _ended(runs: Sequence[Run], number: int) -> bool:
    statuses = [await run.status() for run in runs]
    assert set(statuses) <= {"running", "ok"}
    return statuses.count("ok") >= number


async def _is_settled(client: Client) -> bool:
    ledger = {one.channel: one for one in await client.admin.channels()}
    groups = [
        one for channel in (STAMPS, comparison_channel(STAMPS)) for one in ledger[channel].groups if one.group == STAMPS
    ]
    return not await client.books.runs.outgoing() and not any(one.pending or one.retrying for one in groups)


async def _check(client: Client, runs: Sequence[Run]) -> None:
    """From the server alone who has done the work of each run; what the diary has of it agrees."""
    session: Any = client.books._session
    redis: Any = session.server.client
    by_step = {str(run.id) for run in runs if await session.store.result(run.id, "stamp") != "null"}
    moved = {str(run.id) for run in runs} - by_step
    entries = [json.loads(fields[b"e"]) for _, fields in await redis.xrange(ChannelKeys(STAMPS).stream)]
    assert sorted(one["data"]["paper"] for one in entries) == sorted(moved), "published once each, and no other"
    done = {key.decode() for key in await redis.hkeys(ChannelKeys(STAMPS).state(STAMPS))}
    assert done == moved

    stamped = {row["key"] for row in client.diary.rows("stamped")}
    assert stamped == {f"{run}/step" for run in by_step} | {f"{run}/handler" for run in moved}
    assert by_step
    assert moved

    (found,) = await client.admin.shadows()
    assert found.place.workflow == STAMPING
    ledger = {one.channel: one for one in await client.admin.channels()}[comparison_channel(STAMPS)]
    assert (found.agreed, found.disagreed, found.failed, found.left_out) == (len(by_step), 0, 0, 0)
    assert [(one.owed, one.done, one.dead) for one in ledger.groups] == [(len(by_step), len(by_step), 0)]
