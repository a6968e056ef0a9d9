"""Agents who answer each other for ever stop at their hops, whoever dies meanwhile."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest

from runtime import Budget, Settings
from runtime.admin import Admin
from runtime.budgets.account import Account
from tests.diary import Diary
from tests.end_to_end.debating_app import build
from tests.processes import is_running
from tests.served import Served
from tests.waiting import until

pytestmark = pytest.mark.redis

HOPS = 12
MORE = 5
#: Answers in the middle of which a process dies: none of the others is quick enough to spend the hops before.
DEADLY = (2, 5, 8)


def served(folder: Path, url: str) -> Served:
    return Served("tests.end_to_end.debating_app:app", folder, url, {"LEASE": 1})


def numbers(diary: Diary) -> list[int]:
    """Of the answers, each once however often it was tried."""
    return sorted(map(int, diary.count("answer")))


async def kill_who_answers(diary: Diary, number: int) -> None:
    """Its process dies in the middle of that answer, the last that has begun."""

    def at_work() -> int | None:
        return next((row["pid"] for row in diary.rows("answer", key=str(number)) if is_running(row["pid"])), None)

    pid = await until(at_work, f"answer {number} has begun")
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not is_running(pid), "it is gone")


@pytest.fixture
async def admin(redis_url: str) -> AsyncIterator[Admin]:
    """An operator."""
    admin = await Admin.connect(redis_url)
    yield admin
    await admin.close()


async def parked(admin: Admin, id_: UUID, hops: int) -> Account:
    """The budget, once something waits for it that has spent so many hops."""

    async def found() -> Account | None:
        account = await admin.budget(id_)
        return account if account.parked and account.hops == hops else None

    return await until(found, f"parked at {hops} hops")


async def letters(admin: Admin) -> list[str] | None:
    """What they say, once there are any."""
    return [letter.message for letter in (await admin.dead_letters()).items] or None


async def test_what_is_parked_by_hops_outlives_deaths_and_goes_on_when_they_are_raised(
    admin: Admin, redis_url: str, tmp_path: Path
) -> None:
    """Each hop counts once, however often it was begun; of all workers' deaths what is parked knows nothing."""
    app = build(Settings(redis_url=redis_url, home=tmp_path / "home", telemetry=False))
    diary = Diary(tmp_path)
    async with app.client():
        with ExitStack() as workers:
            for _ in range(2):
                workers.enter_context(served(tmp_path, redis_url))
            diary.lose_carrier(DEADLY[0])
            id_ = await app.publish("said", 0, budget=Budget(hops=HOPS))
            for number, following in pairwise((*DEADLY, HOPS)):
                await kill_who_answers(diary, number)
                diary.lose_carrier(following)
            diary.mend_carrier()
            account = await parked(admin, id_, HOPS)
            assert (account.status, len(account.parked), numbers(diary)) == ("spent", 1, list(range(HOPS)))

        with served(tmp_path, redis_url):
            assert await admin.raise_budget(id_, Budget(hops=MORE), "ada") == 1
            account = await parked(admin, id_, HOPS + MORE)
            assert (len(account.parked), numbers(diary)) == (1, list(range(HOPS + MORE)))
            assert max(diary.count("answer").values()) > 1

            await admin.cancel_budget(id_, "ada")
            [letter] = await until(lambda: letters(admin), "the letter")
            assert "was cancelled by ada" in letter
            assert numbers(diary) == list(range(HOPS + MORE))
