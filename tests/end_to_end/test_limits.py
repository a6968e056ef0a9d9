"""Limits of agents over processes that die, and workers that serve an agent each."""

import asyncio
import json
import os
import random
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from runtime import Settings
from tests.diary import Diary
from tests.end_to_end.limited_app import AT_ONCE, build
from tests.processes import is_running
from tests.served import Served
from tests.waiting import until

pytestmark = pytest.mark.redis

TARGET = "tests.end_to_end.limited_app:app"
#: Longer than the test lasts: what a worker held that died does not wait for a lease.
LEASE = 600


def most_at_once(folder: Path) -> int:
    """How many attempts of living processes were under way at once at most."""
    rows = [json.loads(line) for line in (folder / "diary.jsonl").read_text().splitlines()]
    under_way: dict[str, int] = {}
    dying: set[int] = set()
    most = 0
    for row in rows:
        if row["what"] == "dies":
            dying.add(row["victim"])
            under_way = {key: pid for key, pid in under_way.items() if pid not in dying}
        elif row["what"] == "begun" and row["pid"] not in dying:
            under_way[row["key"]] = row["pid"]
            most = max(most, len(under_way))
        elif row["what"] == "ended":
            under_way.pop(row["key"], None)
    return most


async def held_up(diary: Diary, count: int) -> list[int]:
    """So many attempts, none of which ends before the carrier is mended: the processes that are at them."""

    def at_work() -> list[int]:
        ended = {row["key"] for row in diary.rows("ended")}
        rows = [row for row in diary.rows("begun") if row["key"] not in ended]
        found = [row["pid"] for row in rows if is_running(row["pid"])]
        return found if len(found) >= count else []

    diary.lose_carrier()
    return await until(at_work, f"{count} attempts are under way")


async def strike(diary: Diary, chance: random.Random, count: int) -> None:
    """Kills a process in the middle of an attempt, when so many are under way; then as many end, and no more.

    All of the work may be at its end before the next blow otherwise.
    """
    victim = chance.choice(await held_up(diary, count))
    diary.note("dies", str(victim), victim=victim)
    os.kill(victim, signal.SIGKILL)
    await until(lambda: not is_running(victim), "it is gone")
    enough = len(diary.rows("ended")) + count
    diary.lose_carrier(enough)
    await until(lambda: len(diary.rows("ended")) >= enough, "others have ended")


def served(folder: Path, url: str, *words: str) -> Served:
    return Served(TARGET, folder, url, {"LEASE": LEASE, "CONCURRENCY": 4}, words)


async def test_a_limit_holds_while_workers_die(redis_url: str, tmp_path: Path) -> None:
    """No more attempts are ever under way, all runs end, and what the dead held is free again."""
    app = build(Settings(redis_url=redis_url, home=tmp_path / "home", telemetry=False, lease=LEASE))
    diary, chance = Diary(tmp_path), random.Random(7)
    async with app.client():
        with ExitStack() as workers:
            for _ in range(2):
                workers.enter_context(served(tmp_path, redis_url, "--agent", "research", "--only", "steps"))
            workers.enter_context(served(tmp_path, redis_url, "--agent", "notes"))
            runs = [await app.start(app._workflows["work"], order=order) for order in range(30)]
            for _ in range(4):
                await strike(diary, chance, AT_ONCE)
            diary.mend_carrier()
            assert await asyncio.gather(*(run.result(60) for run in runs)) == list(range(30))
        [room] = await app.session.store.rooms(list(app.session.app.limits.values()), 1)
    assert (room.free, most_at_once(tmp_path)) == (AT_ONCE, AT_ONCE)
    searched, noted = (pids(diary.rows(what)) for what in ("begun", "noted"))
    assert not searched & noted


def pids(rows: Sequence[dict[str, Any]]) -> set[int]:
    return {row["pid"] for row in rows}
