"""A worker of the crash tests: the real one, with points to die at and a diary of what it committed.

Run as `python -m tests.end_to_end.crash_worker FOLDER DEATH_LIMIT`.
"""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from runtime.bus.redis import RedisBus
from runtime.runs import end_reports as ends
from runtime.state.keys import StateKeys
from runtime.state.redis import RedisState
from runtime.worker import delivery_engine as delivering
from runtime.worker import loops
from runtime.worker import step_engine as engine
from runtime.worker.slots import Slots
from runtime.worker.worker import serve
from tests.end_to_end.crash_app import crash_app
from tests.end_to_end.crash_diary import Diary
from tests.end_to_end.crash_points import arm

#: Orphans are looked for so early that sweepers also meet entries whose worker lives: nothing may be doubled by it.
_ORPHAN_MS: Final = 300
_TIDY_EVERY: Final = 0.2
#: Every round of tidying up trims, so that trimming meets every state of a stream.
_TRIM_EVERY: Final = 1


def main(folder: Path, death_limit: int) -> None:
    """Works until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(name)s %(message)s")
    diary = Diary(folder)
    app, _ = crash_app(diary)
    loops.ORPHAN_MS = ends.ORPHAN_MS = _ORPHAN_MS
    loops.TIDY_EVERY, loops.TRIM_EVERY = _TIDY_EVERY, _TRIM_EVERY
    engine.DEATH_LIMIT = delivering.DEATH_LIMIT = death_limit
    _note_outcomes(diary, RedisState, "commit", "commit", lambda claim: f"{claim.task.run}/{claim.task.step}")
    _note_outcomes(diary, RedisBus, "ack", "ack", lambda delivery: f"{delivery.event_id}/{delivery.group}")
    _note_draining(diary)
    arm(StateKeys(app.name).outbox)
    diary.note("worker", str(os.getpid()))
    serve(app)


def _note_outcomes(diary: Diary, owner: type, method: str, what: str, key: Callable[[Any], str]) -> None:
    original = getattr(owner, method)

    async def noted(self: Any, work: Any, *rest: Any) -> Any:
        answer = await original(self, work, *rest)
        diary.note(what, key(work), ok=answer is not None)
        return answer

    setattr(owner, method, noted)


def _note_draining(diary: Diary) -> None:
    drain = Slots.drain

    async def noted(self: Slots, grace: float) -> int:
        diary.note("draining", str(os.getpid()))
        return await drain(self, grace)

    Slots.drain = noted  # type: ignore[method-assign]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
