"""A worker of the crash tests: the real one, with points to die at and a diary of what it committed.

Run as `python -m tests.end_to_end.crash_worker FOLDER KILLS`.
"""

import logging
import os
import sys
from pathlib import Path
from typing import Any, Final

from runtime import confirmation
from runtime.bus.deliveries import Delivery
from runtime.bus.redis import RedisBus
from runtime.dead_letters import reports
from runtime.definitions.steps import SKIPPED
from runtime.runs import end_reports
from runtime.state.postgres.store import PostgresState
from runtime.state.redis import RedisState
from runtime.state.tasks import Claim, Commit, CommitResult
from runtime.worker import delivery_work, schedule_loop, step_work, tidy_loop
from runtime.worker.process import serve
from runtime.worker.slots import Slots
from tests.diary import Diary
from tests.end_to_end.crash_app import crash_app
from tests.end_to_end.crash_points import arm

#: Orphans are looked for so early that sweepers also meet entries whose worker lives: nothing may be doubled by it.
_ORPHAN_MS: Final = 300
_TIDY_EVERY: Final = 0.2
#: Every round of tidying up trims, so that trimming meets every state of a stream.
_TRIM_EVERY: Final = 1


def main(folder: Path, kills: int) -> int:
    """Works until told to stop. So many kills make work poison."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(name)s %(message)s")
    diary = Diary(folder)
    app, *_ = crash_app(diary)
    for module in (tidy_loop, confirmation, end_reports, reports, schedule_loop):
        module.ORPHAN_MS = _ORPHAN_MS
    tidy_loop.TIDY_EVERY, tidy_loop.TRIM_EVERY = _TIDY_EVERY, _TRIM_EVERY
    step_work.KILL_LIMIT = delivery_work.KILL_LIMIT = kills
    step_work.VANISH_LIMIT = delivery_work.VANISH_LIMIT = kills
    for store in (RedisState, PostgresState):
        _note_commits(diary, store)
        _note_recorded(diary, store)
    _note_acks(diary)
    _note_draining(diary)
    arm()
    return serve(app)


def _note_commits(diary: Diary, store: Any) -> None:
    """Of what was skipped or gathered, or is another run, no attempt was begun in the diary, so that its commit is told
    apart."""
    original = store.commit

    async def noted(self: Any, claim: Claim, commit: Commit) -> CommitResult | None:
        committed = await original(self, claim, commit)
        is_called = not commit.gathered and claim.task.place.step != "customs"
        what = "skip" if commit.result == SKIPPED and not commit.undo else "commit" if is_called else "gather"
        diary.note(what, f"{claim.task.run}/{claim.task.step}", ok=committed is not None)
        return committed

    store.commit = noted


def _note_acks(diary: Diary) -> None:
    original = RedisBus.ack

    async def noted(self: RedisBus, delivery: Delivery, *rest: Any) -> Any:
        acknowledged = await original(self, delivery, *rest)
        diary.note("ack", f"{delivery.event_id}/{delivery.group}", ok=acknowledged is not None)
        return acknowledged

    RedisBus.ack = noted


def _note_recorded(diary: Diary, store: Any) -> None:
    original = store.record_call

    async def noted(self: Any, claim: Claim, call: str, record: str) -> bool:
        is_recorded = await original(self, claim, call, record)
        diary.note("recorded", f"{claim.task.run}/{call.partition('|')[2]}", ok=is_recorded)
        return is_recorded

    store.record_call = noted


def _note_draining(diary: Diary) -> None:
    drain = Slots.drain

    async def noted(self: Slots, grace: float) -> int:
        diary.note("draining", str(os.getpid()))
        return await drain(self, grace)

    Slots.drain = noted


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
