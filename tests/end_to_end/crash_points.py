"""Points of no return: where a worker of the crash tests kills itself with SIGKILL, once a test."""

import os
import signal
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any, Final

from runtime.worker.step_engine import StepEngine

from runtime.bus.contract import OutboxEntry
from runtime.bus.redis import RedisBus
from runtime.outbox.relay import Relay
from runtime.state.redis import RedisState

POINT: Final = "CRASH_POINT"
"""Variable with the name of the point; unset for none."""
MARKER: Final = "CRASH_MARKER"
"""Variable with the path of a file that says that the kill has happened."""
NTH: Final = 4
"""Which arrival of a process kills it: not the first, so that much is under way."""

POINTS: Final = (
    "mid-step",
    "mid-handler",
    "step-claimed",
    "step-committed",
    "step-retry-booked",
    "event-publishing",
    "event-published",
    "delivery-read",
    "delivery-acked",
    "delivery-retry-booked",
)

_arrivals = count(1)


def reached(point: str) -> None:
    """Dies if this is the armed point, the arrival is the `NTH`, and no other process has died there."""
    if os.environ.get(POINT) != point or next(_arrivals) != NTH:
        return
    try:
        Path(os.environ[MARKER]).open("x").close()
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def arm(run_outbox: str) -> None:
    """Puts the points into the runtime that user code can't reach.

    Args:
        run_outbox: the key of the outbox of runs; all others are of channels.
    """

    def carries(from_runs: bool) -> Callable[[Iterable[OutboxEntry]], bool]:
        return lambda entries: any((entry.outbox == run_outbox) == from_runs for entry in entries)

    _before(StepEngine, "run", "step-claimed")
    _before(Relay, "carry", "step-committed", carries(True))
    _before(Relay, "carry", "delivery-acked", carries(False))
    _before(RedisBus, "begin", "delivery-read")
    _before(RedisBus, "publish", "event-publishing")
    _after(RedisBus, "publish", "event-published")
    _after(RedisBus, "retry", "delivery-retry-booked")
    _after(RedisState, "retry", "step-retry-booked")


def _before(owner: type, method: str, point: str, applies: Callable[..., bool] = lambda *_: True) -> None:
    original = getattr(owner, method)

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        if applies(*args):
            reached(point)
        return await original(self, *args, **kwargs)

    setattr(owner, method, wrapped)


def _after(owner: type, method: str, point: str) -> None:
    original = getattr(owner, method)

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = await original(self, *args, **kwargs)
        reached(point)
        return answer

    setattr(owner, method, wrapped)
