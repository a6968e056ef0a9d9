"""Points of no return: where a process of the crash tests kills itself with SIGKILL, once a test each."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from runtime.bus.redis import RedisBus
from runtime.bus.redis_outbox import RedisOutbox
from runtime.inbox.postgres import PostgresInboxTransaction
from runtime.rabbitmq.driver import PikaBroker
from runtime.rabbitmq.feed import QueueFeed
from runtime.resilience.breaker_state import Permit
from runtime.resilience.redis import RedisBreakers
from runtime.runs.ticks import TickStarter
from runtime.shadows.redis import RedisShadows
from runtime.state.postgres.outbox import PostgresOutbox
from runtime.state.postgres.schedules import PostgresSchedules
from runtime.state.postgres.store import PostgresState
from runtime.state.redis import RedisState
from runtime.state.redis_schedules import RedisSchedules
from runtime.worker.inbound_loop import InboundLoop

POINTS_VARIABLE: Final = "CRASH_POINTS"
"""Variable with the names of the points, separated by commas; unset for none."""
MARKERS: Final = "CRASH_MARKERS"
"""Variable with the path of a folder that gets a file for each kill that has happened."""
NTH: Final = 4
"""Which arrival of a process kills it: not the first, so that much is under way. A cell arrives once."""

#: In user code, and around the calls of the server that matter most: before what changes it, and before the answer
#: has any effect.
POINTS: Final = (
    "mid-step",
    "step claimed",
    "step committing",
    "step committed",
    "next step taken",
    "step left to wait",
    "step fanned out",
    "mid-item",
    "mid-round",
    "mid-undo",
    "run awaited",
    "step answered",
    "answer sent",
    "call recording",
    "call recorded",
    "chunks streaming",
    "chunks streamed",
    "mid-handler",
    "delivery begun",
    "delivery acknowledging",
    "delivery acknowledged",
    "turn giving",
    "event published",
)

#: After the others.
MORE_POINTS: Final = (
    "answer sending",
    "step retry booked",
    "delivery read",
    "turn given",
    "turn taken",
    "delivery retry booked",
    "retries handed on",
    "event publishing",
    "event removed",
    "end confirmed",
)

#: Where only what has failed once comes by.
RARE_POINTS: Final = ("step retry booked", "delivery retry booked")

#: In the code of whoever goes on with the work of one that is gone: after it died at the first, another dies at the
#: second.
PAIRS: Final = (
    "mid-step,step forfeited",
    "mid-handler,delivery forfeited",
    "mid-step,step isolated",
    "mid-handler,delivery isolated",
    "mid-step,mid-step again",
    "mid-handler,mid-handler again",
)

#: Where somebody attends to a schedule.
TICK_POINTS: Final = ("tick claiming", "tick claimed", "tick starting", "tick started", "tick confirmed")

#: Where somebody ends a run whose deadline has passed.
DEADLINE_POINTS: Final = ("run expiring", "run expired")

#: Where what a handler wrote to a database of its own is committed, before its delivery is acknowledged.
INBOX_POINTS: Final = ("inbox committing", "inbox committed")

#: Where a breaker opens, is probed, and closes.
BREAKER_POINTS: Final = ("failure recording", "breaker opened", "probe permitted", "probe failed", "breaker closed")

#: Where it is decided who does a step that has a successor, where it is committed, and where the two are compared.
SHADOW_POINTS: Final = (
    "mode asked",
    "call recorded",
    "mid-stamp",
    "step committing",
    "comparison counted",
    "call recording",
    "step committed",
    "event publishing",
    "event published",
    "mid-shadow",
    "mid-stamps",
    "comparison counting",
    "delivery acknowledging",
    "delivery acknowledged",
)

#: Between a queue and a channel, and between a channel and an exchange: the sides of each message's two records.
BRIDGE_POINTS: Final = (
    "messages recording",
    "messages recorded",
    "messages acknowledged",
    "event sending",
    "event sent",
)

#: The same of what has died in a queue, and is sent back to it.
LETTER_POINTS: Final = ("messages recorded", "messages acknowledged", "event sending", "event sent")

_arrivals: Counter[str] = Counter()


def reached(point: str, nth: int = NTH) -> None:
    """Dies if this is an armed point, the arrival of this process is the `nth`, and no other has died there."""
    if point not in os.environ.get(POINTS_VARIABLE, "").split(","):
        return
    _arrivals[point] += 1
    if _arrivals[point] != nth:
        return
    try:
        (Path(os.environ[MARKERS]) / point).open("x").close()
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def arm() -> None:
    """Puts the points into the runtime that user code can't reach."""
    for store in (RedisState, PostgresState):
        _arm_store(store)
    _around(PostgresInboxTransaction, "commit", "inbox committing", "inbox committed", nth=2)
    for book in (RedisSchedules, PostgresSchedules):
        _around(book, "claim", "tick claiming", "tick claimed")
        _after(book, "confirm", lambda *_, **__: reached("tick confirmed"))
    for outbox in (RedisOutbox, PostgresOutbox):
        _after(outbox, "remove", lambda *_, **__: reached("event removed"))
    _after(RedisBus, "read", lambda found, *_, **__: found and reached("delivery read"))
    _around(RedisBus, "_sort", "turn giving", "turn given", nth=1)
    _after(RedisBus, "read_turns", lambda found, *_, **__: found and reached("turn taken", 1))
    _after(RedisBus, "begin", lambda *_, **__: reached("delivery begun"))
    _around(RedisBus, "ack", "delivery acknowledging", "delivery acknowledged")
    _after(RedisBus, "retry", lambda *_, **__: reached("delivery retry booked", 3))
    _after(RedisBus, "promote", lambda *_, **__: reached("retries handed on", 6))
    _after(RedisBus, "forfeit", lambda taken, *_, **__: taken and reached("delivery forfeited", 1))
    _after(RedisBus, "claim", lambda *_, **__: reached("delivery isolated", 1))
    _around(RedisBus, "publish", "event publishing", "event published")
    _around(TickStarter, "start_run", "tick starting", "tick started")
    _after(RedisBreakers, "request_permit", _asked)
    _before(RedisBreakers, "record", _records)
    _after(RedisBreakers, "record", _recorded)
    _after(RedisShadows, "mode", lambda *_, **__: reached("mode asked"))
    _around(RedisShadows, "count_comparison", "comparison counting", "comparison counted")


def arm_bridge() -> None:
    """Puts those of the bridge there."""
    _around(InboundLoop, "_publish_all", "messages recording", "messages recorded", nth=2)
    _after(QueueFeed, "ack", lambda *_, **__: reached("messages acknowledged", 2))
    _around(PikaBroker, "publish", "event sending", "event sent")


def _arm_store(store: type) -> None:
    _after(store, "claim", _claimed)
    _around(store, "commit", "step committing", "step committed")
    _after(store, "commit", _taken)
    _after(store, "await_answer", _waits)
    _around(store, "answer", "answer sending", "answer sent")
    _after(store, "await_run", lambda *_, **__: reached("run awaited"))
    _after(store, "fan_out", lambda *_, **__: reached("step fanned out"))
    _around(store, "record_call", "call recording", "call recorded")
    _around(store, "stream", "chunks streaming", "chunks streamed")
    _after(store, "retry", lambda *_, **__: reached("step retry booked"))
    _after(store, "confirm", lambda *_, **__: reached("end confirmed", 1))
    _after(store, "forfeit", lambda taken, *_, **__: taken and reached("step forfeited", 1))
    _around(store, "expire", "run expiring", "run expired", nth=1)


def _asked(answer: Any, *_: Any, **__: Any) -> None:
    if isinstance(answer, Permit) and answer.probe:
        reached("probe permitted", 2)


def _records(_: Any, permit: Permit, health: str, *__: Any) -> None:
    if health == "failed" and not permit.probe:
        reached("failure recording", 1)


def _recorded(recorded: Any, _: Any, permit: Permit, health: str, *__: Any) -> None:
    if recorded.change in ("opened", "closed"):
        reached(f"breaker {recorded.change}", 1)
    elif permit.probe and health == "failed":
        reached("probe failed", 1)


def _claimed(claim: Any, *_: Any, isolated: bool = False, **__: Any) -> None:
    if claim is not None:
        reached("step isolated", 1) if isolated else reached("step claimed")


def _waits(answered: Any, *_: Any, **__: Any) -> None:
    reached("step left to wait" if answered.status == "waiting" else "step answered")


def _taken(committed: Any, *_: Any, **__: Any) -> None:
    if committed is not None and committed.taken is not None:
        reached("next step taken")


def _around(owner: type, method: str, before: str, after: str, nth: int = NTH) -> None:
    original = getattr(owner, method)

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        reached(before, nth)
        answer = await original(self, *args, **kwargs)
        reached(after, nth)
        return answer

    setattr(owner, method, wrapped)


def _before(owner: type, method: str, arrive: Callable[..., object]) -> None:
    """Arrives before a call, with its arguments."""
    original = getattr(owner, method)

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        arrive(*args, **kwargs)
        return await original(self, *args, **kwargs)

    setattr(owner, method, wrapped)


def _after(owner: type, method: str, arrive: Callable[..., object]) -> None:
    """Arrives once a call is answered, with its answer and its arguments."""
    original = getattr(owner, method)

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = await original(self, *args, **kwargs)
        arrive(answer, *args, **kwargs)
        return answer

    setattr(owner, method, wrapped)
