"""Has the questions of a number of dossiers asked in both shapes, and counts the right answers."""

import argparse
import asyncio
import sys
from functools import partial
from typing import Any, Final

from runtime import CauselineError
from sample_agents.accuracy import outcome
from sample_agents.accuracy.agents import Found, Task, Transcript, app, everything, keys, record
from sample_agents.accuracy.conversation import Shape
from sample_agents.accuracy.dossier import CALLS
from sample_agents.accuracy.journal import Journal
from sample_agents.accuracy.settings import Settings
from sample_agents.accuracy.simulation import DEFAULT_WIDTH
from sample_agents.cancelling import heed_cancellation, insist
from sample_agents.driving import REFUSED, drive, next_batch, say

#: Dossiers asked of where nobody says how many: of the simulation, and of an endpoint, whose calls cost something.
SIMULATED: Final = 100
REAL: Final = 5

#: Dossiers on their way at once.
IN_FLIGHT: Final = 16

#: Seconds that one dossier may take.
PATIENCE: Final = 600.0

#: Seconds between two looks for an answer.
_LOOK: Final = 0.2


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line, runs the workload and prints JSON lines: progress, then the outcome.

    Args:
        arguments: by default the command line's.

    Returns:
        The exit status, as `drive` has it.
    """
    try:
        settings = Settings.load()
    except CauselineError as error:
        print(error, file=sys.stderr)
        return REFUSED
    parser = argparse.ArgumentParser(prog="python -m sample_agents.accuracy")
    parser.add_argument("--seed", type=int, default=7, help="fixes dossiers, and what the simulation attends to")
    count = SIMULATED if settings.is_simulated else REAL
    parser.add_argument("--size", "--shipments", type=int, default=count, help="how many dossiers, at least 1")
    parser.add_argument("--width", type=int, default=DEFAULT_WIDTH, help="of the simulated attention, in tokens")
    options = parser.parse_args(arguments)
    if options.size < 1 or options.width < 1:
        parser.error("--size and --width must be at least 1")
    return drive(partial(_report, options.seed, options.size, options.width, settings))


async def ask_all(seed: int, dossiers: int, width: int) -> Journal:
    """Has all dossiers answered in both shapes; the app is connected.

    Args:
        seed: of the dossiers and the simulation.
        dossiers: how many.
        width: of the simulated attention, in tokens.
    """
    journal = Journal()
    batch = await next_batch(app)
    places = asyncio.Semaphore(IN_FLIGHT)
    async with asyncio.TaskGroup() as tasks:
        for number in range(1, dossiers + 1):
            journal.subjects[number] = f"D{batch}-{number:04d}"
            heed_cancellation()
            await places.acquire()
            asking = tasks.create_task(
                insist(partial(_ask, Task(seed=seed, number=number, width=width), journal, dossiers))
            )
            asking.add_done_callback(lambda _: places.release())
    return journal


def describe(settings: Settings, width: int) -> str:
    """Who answers, in words that can't be taken for those of a real model where it is none."""
    if settings.is_simulated:
        return f"SIMULATED model, attention {width:,} tokens wide"
    return f"{settings.llm_model} at {settings.make_model(width, 0).provider}"


async def _report(seed: int, dossiers: int, width: int, settings: Settings) -> dict[str, Any]:
    async with app.client():
        journal = await ask_all(seed, dossiers, width)
    return outcome.examine(journal, seed, width if settings.is_simulated else None, describe(settings, width))


async def _ask(task: Task, journal: Journal, total: int) -> None:
    subject = journal.subjects[task.number]
    try:
        async with asyncio.timeout(PATIENCE):
            whole = await app.start(everything, subject=subject, task=task)
            chain = await app.start(keys, subject=subject, task=task)
            journal.runs[task.number] = chain.id
            said = Transcript.model_validate(await whole.result())
            journal.answers[Shape.EVERYTHING][task.number] = said.answers
            first = Found.model_validate(await chain.result())
            last = await _wait_for_answer(subject, CALLS)  # all others are there by then
            between = [await _wait_for_answer(subject, place) for place in range(2, CALLS)]
            journal.answers[Shape.KEYS][task.number] = (first.answer, *between, last)
    except TimeoutError:
        journal.failures.append(f"dossier {subject} is not answered after {PATIENCE:.0f} s: see its dead letters")
    except CauselineError as error:
        journal.failures.append(f"dossier {subject}: {error}")
    say({"done": journal.done, "total": total})


async def _wait_for_answer(subject: str, place: int) -> str:
    """An agent's answer, once it is there."""
    while (answer := await app.shared.get(record(subject, place))) is None:
        heed_cancellation()
        await asyncio.sleep(_LOOK)
    return str(answer)
