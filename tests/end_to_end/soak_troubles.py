"""The troubles of a soak: each comes at its time, and lasts until it has passed."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from tests.end_to_end.crash_client import LONG
from tests.end_to_end.soak_ground import Ground
from tests.end_to_end.soak_plan import Trouble
from tests.forked import Forked
from tests.waiting import until

Thing = TypeVar("Thing")


async def befall(ground: Ground, trouble: Trouble) -> None:
    """Brings a trouble about when its time has come, and waits until it has passed."""
    await _pass(trouble.after)
    await BY_NAME[trouble.name](ground, trouble)
    ground.deaths[trouble.name] += 1


async def _pass(seconds: float) -> None:
    """Lets time pass: how long something lasts is what is to be tried."""
    moment = time.monotonic() + seconds
    await until(lambda: time.monotonic() >= moment, "time passes", seconds + LONG)


def _one_of(things: Sequence[Thing], place: float) -> Thing:
    return things[int(place * len(things))]


async def _worker(ground: Ground, place: float) -> int:
    """The process of a worker or of a cell."""
    fleet = ground.fleet
    found = await until(
        lambda: [pid for parent in fleet.alive for pid in fleet.children_of(parent)], "there is a worker", LONG
    )
    return _one_of(found, place)


async def _parent(ground: Ground, place: float) -> Forked:
    """A parent that has a worker: before that a signal finds nobody who heeds it."""
    fleet = ground.fleet
    found = await until(
        lambda: [parent for parent in fleet.alive if fleet.children_of(parent)], "there is a parent at work", LONG
    )
    return _one_of(found, place)


async def _kill_worker(ground: Ground, trouble: Trouble) -> None:
    with suppress(ProcessLookupError):
        os.kill(await _worker(ground, trouble.place), signal.SIGKILL)


async def _kill_parent(ground: Ground, trouble: Trouble) -> None:
    """Its worker ends by itself, in order."""
    ground.strike(await _parent(ground, trouble.place))


async def _kill_group(ground: Ground, trouble: Trouble) -> None:
    ground.strike(await _parent(ground, trouble.place), group=True)


async def _stop_worker(ground: Ground, trouble: Trouble) -> None:
    pid = await _worker(ground, trouble.place)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    try:
        await _pass(trouble.lasts)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


async def _roll_fleet(ground: Ground, trouble: Trouble) -> None:
    """Replaces all workers one by one; each ends in order."""
    for old in list(ground.fleet.alive):
        await until(lambda old=old: old.poll() is not None or ground.fleet.children_of(old), "it has begun", LONG)
        old.terminate()
        ground.replace(old)
        await until(lambda old=old: old.poll() is not None, "a worker that was told to end has ended", LONG)


async def _kill_server(ground: Ground, trouble: Trouble) -> None:
    ground.server.kill()
    await _pass(trouble.lasts)
    await asyncio.to_thread(ground.server.start)


async def _fill_memory(ground: Ground, trouble: Trouble) -> None:
    server = ground.client.admin._server.client
    try:
        await ground.answered(lambda: server.config_set("maxmemory", 1), "its memory is full")
        await _pass(trouble.lasts)
    finally:
        await ground.answered(lambda: server.config_set("maxmemory", 0), "its memory is wide")


async def _cut_off(ground: Ground, trouble: Trouble) -> None:
    await ground.way.go_away()
    await _pass(trouble.lasts)
    await ground.way.come_back()


async def _flush_scripts(ground: Ground, trouble: Trouble) -> None:
    server = ground.client.admin._server.client
    await ground.answered(lambda: server.execute_command("SCRIPT FLUSH"), "it forgets all scripts")


async def _close_connections(ground: Ground, trouble: Trouble) -> None:
    server = ground.client.admin._server.client
    for kind in ("normal", "pubsub"):
        closed = lambda kind=kind: server.execute_command("CLIENT KILL", "TYPE", kind, "SKIPME", "yes")  # noqa: E731 short, and bound in the loop
        await ground.answered(closed, "it closes all connections")


BY_NAME: Final[dict[str, Callable[[Ground, Trouble], Awaitable[None]]]] = {
    "worker killed": _kill_worker,
    "parent killed": _kill_parent,
    "group killed": _kill_group,
    "worker stopped": _stop_worker,
    "fleet rolled": _roll_fleet,
    "server killed": _kill_server,
    "memory full": _fill_memory,
    "worker cut off": _cut_off,
    "scripts flushed": _flush_scripts,
    "connections closed": _close_connections,
}
