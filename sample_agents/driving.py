"""How the demo drives a workload: JSON lines on stdout (progress, then the report), and an exit status."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final

from runtime import App, CauselineError
from runtime.supervisor.lifeline import hold_lifeline

#: Exit statuses: all that was promised happened, it did not, the workload could not begin, and it was interrupted.
KEPT, BROKEN, REFUSED, INTERRUPTED = 0, 1, 2, 130

#: The key of an app's shared state that says how many workloads there were: it is kept where runs are.
_BATCH: Final = "batch"


def drive(work: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> int:
    """Does the work of a workload, and prints its report.

    Args:
        work: returns the report; `ok` in it says whether all that was promised happened.

    Returns:
        The exit status.
    """
    hold_lifeline()
    try:
        return asyncio.run(_run_and_report(work))
    except asyncio.CancelledError:
        return INTERRUPTED
    except CauselineError as error:
        print(error, file=sys.stderr)
        return REFUSED


def say(line: dict[str, Any]) -> None:
    """Prints a line for whoever drives the workload."""
    print(json.dumps(line), flush=True)


async def next_batch(app: App) -> int:
    """The number of this workload, from 1: how many there were of the app on this server. No two have the same, also
    where they begin at once, so that their subjects never collide."""
    # The server counts: who reads shared state and then writes it may not be alone. It goes on from what is kept there.
    client, key = app.session.server.client, f"causeline-demo:{app.name}:batch"
    await client.set(key, int(await app.shared.get(_BATCH, 0)), nx=True)
    batch = int(await client.incr(key))
    await app.shared.put(_BATCH, batch)
    return batch


async def _run_and_report(work: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> int:
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, task.cancel)
    report = await work()
    say(report)
    return KEPT if report["ok"] else BROKEN
