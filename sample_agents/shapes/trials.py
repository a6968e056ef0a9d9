"""Many trials, some at once, each in a process, a folder and an embedded server of its own."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from runtime.causality.error_info import leaves
from runtime.errors import ChildError
from runtime.supervisor.python import child_environment, python_command
from sample_agents.cancelling import heed_cancellation
from sample_agents.daybook import Entry
from sample_agents.driving import say
from sample_agents.shapes.figures import Outcome, outcome
from sample_agents.shapes.stage import VARIABLE, Trial

#: Trials at once: they wait most of the time. Fewer where latency is measured.
AT_ONCE: Final = 6
AT_ONCE_TIMED: Final = 3

#: Seconds of a worker's lease in a trial: how soon what a killed one held is taken over.
LEASE: Final = 2.0

_LAST_WORDS: Final = 600


async def run_all(trials: Sequence[Trial], at_once: int = AT_ONCE) -> list[Outcome]:
    """Runs trials, and says how many are done.

    Returns:
        What became of each, in their order.

    Raises:
        ChildError: one could not be run.
    """
    places, done = asyncio.Semaphore(at_once), 0

    async def run(trial: Trial) -> Outcome:
        nonlocal done
        async with places:
            heed_cancellation()
            found = await _run(trial)
        done += 1
        say({"done": done, "total": len(trials)})
        return found

    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(run(trial)) for trial in trials]
    except* ChildError as failed:
        raise next(leaves(failed)) from None  # the others were ended because of it
    return [task.result() for task in running]


async def _run(trial: Trial) -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix="shapes-"))  # short: a socket's path may have no more than 107 bytes
    process = None
    try:
        trial.write(folder)
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *python_command("sample_agents.shapes.trial"), stdout=pipe, stderr=pipe, env=_environment(folder)
        )
        said, wrong = await process.communicate()
        if process.returncode:
            raise ChildError(f"the trial of {trial} has failed: {wrong.decode(errors='replace')[-_LAST_WORDS:]}")
        return outcome(trial, [Entry(deed, str(number), at) for deed, number, at in json.loads(said)])
    finally:
        if process is not None and process.returncode is None:
            process.terminate()
            await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path) -> dict[str, str]:
    """None of this machine's settings: each trial has a server of its own, and tells nobody."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("CAUSELINE_", "OTEL_"))}
    ours = {
        VARIABLE: str(folder),
        "CAUSELINE_HOME": str(folder / "home"),
        "CAUSELINE_TELEMETRY": "false",
        "CAUSELINE_LEASE": str(LEASE),
        "PYTHONPATH": child_environment().get("PYTHONPATH", ""),
    }
    return {**plain, **ours}
