"""Limits by key over processes that die: no tenant has more under way than it may, and none waits for all of another's
work."""

import asyncio
import json
import random
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from runtime import Settings
from tests.diary import Diary
from tests.end_to_end.tenants_app import AT_ONCE, build
from tests.end_to_end.test_limits import LEASE, held_up, strike
from tests.served import Served

pytestmark = pytest.mark.redis

TARGET = "tests.end_to_end.tenants_app:app"
#: Processes, and slots of each.
WORKERS, SLOTS = 3, 2


def notes(folder: Path) -> list[dict[str, Any]]:
    """What all processes have noted, in order."""
    return [json.loads(line) for line in (folder / "diary.jsonl").read_text().splitlines()]


def most_at_once(folder: Path) -> Counter[str]:
    """How many attempts of living processes were under way at once at most, by tenant."""
    under_way: dict[str, tuple[str, int]] = {}
    most, dying = Counter[str](), set[int]()
    for row in notes(folder):
        if row["what"] == "dies":
            dying.add(row["victim"])
            under_way = {key: one for key, one in under_way.items() if one[1] not in dying}
        elif row["what"] == "begun" and row["pid"] not in dying:
            under_way[row["key"]] = row["tenant"], row["pid"]
            most |= Counter(tenant for tenant, _ in under_way.values())
        elif row["what"] == "ended":
            under_way.pop(row["key"], None)
    return most


def served(folder: Path, url: str) -> Served:
    return Served(TARGET, folder, url, {"LEASE": LEASE, "CONCURRENCY": SLOTS}, ())


@pytest.mark.parametrize("deaths", [0, 3])
async def test_tenants_share_the_slots_of_many_workers(redis_url: str, tmp_path: Path, deaths: int) -> None:
    """One has many steps due, others came later and have a few: as long as all have some each has its share, also while
    workers die; nobody is ever over the limit, and all ends."""
    app = build(Settings(redis_url=redis_url, home=tmp_path / "home", telemetry=False, lease=LEASE))
    tenants = ["large"] * 150 + ["one", "two", "three"] * 15
    diary, chance = Diary(tmp_path), random.Random(7)
    async with app.client():
        runs = [await app.start(app._workflows["work"], tenant=tenant) for tenant in tenants]
        with ExitStack() as workers:
            for _ in range(WORKERS):
                workers.enter_context(served(tmp_path, redis_url))
            for _ in range(deaths):
                await strike(diary, chance, WORKERS * SLOTS)
            await held_up(diary, WORKERS * SLOTS)
            diary.mend_carrier()
            assert await asyncio.gather(*(run.result(90) for run in runs)) == tenants
        assert await app.session.store.lanes() == []
        assert not await app.session.server.client.keys("*permits*") or deaths
    assert max(most_at_once(tmp_path).values()) <= AT_ONCE
    began = [row["tenant"] for row in notes(tmp_path) if row["what"] == "begun"]
    shares = Counter(began[:40])
    assert all(shares[tenant] >= 10 - WORKERS for tenant in ("one", "two", "three")), shares
    assert began.index("one") <= WORKERS * SLOTS
