"""What the workload has to show in the end: tables for people, and promises kept or broken. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from runtime.causality import identity
from sample_agents.accuracy import figures
from sample_agents.accuracy.agents import everything, group
from sample_agents.accuracy.chain import answers, count_right_answers
from sample_agents.accuracy.conversation import Shape
from sample_agents.accuracy.dossier import CALLS, Dossier
from sample_agents.accuracy.journal import Journal
from sample_agents.accuracy.simulation import SimulatedModel

#: Widths that the simulation is tried with, as multiples of the chosen one.
_WIDTHS: Final = (0.25, 0.5, 1, 2, 4)

#: Dossiers that each width is tried with, without any runtime.
_TRIED: Final = 200


def examine(journal: Journal, seed: int, width: int | None, model: str) -> dict[str, Any]:
    """The report of a workload.

    Args:
        journal: of the workload.
        seed: of its dossiers.
        width: of the simulated attention, in tokens; None where a real model answered.
        model: who answered, in words that say so where it is simulated.

    Returns:
        `summary`, `tables`, `places`, `ok`, `failures`, and what the collector must show: `focus_event_id`,
        `focus_kinds` and `scores`.
    """
    failures = [*journal.failures, *(_otherwise(journal, seed, width) if width else ())]
    counts = {shape: journal.counts(shape, seed) for shape in Shape}
    tables = [figures.by_call(counts, model)]
    if width:
        tables.append(figures.by_width(_widths(seed, width)))
    first = next(iter(journal.runs.values()), None)
    return {
        "summary": {"model": model, "dossiers": journal.done, **figures.beside_the_article(counts)},
        "tables": [table._asdict() for table in tables],
        "places": [["accuracy by depth and by context size", "/steps"]],
        "ok": not failures,
        "failures": failures,
        "focus_event_id": str(identity.event_id(identity.step_id(first, group(1)), 0)) if first else "",
        "focus_kinds": {"run": 1, "step": 1, "event": CALLS - 1, "delivery": CALLS - 1} if first else {},
        "scores": list(_scores(counts)),
    }


def _otherwise(journal: Journal, seed: int, width: int) -> Iterator[str]:
    """Dossiers that were not answered as the same simulation answers them without any runtime."""
    model = SimulatedModel(width, seed)
    for shape, said in journal.answers.items():
        for number, found in said.items():
            if found != answers(shape, Dossier(seed, number), model):
                yield f"dossier {journal.subjects[number]} got other answers in the shape {shape} than the model gives"


def _widths(seed: int, width: int) -> dict[int, figures.Counts]:
    tried = [max(1, round(width * each)) for each in _WIDTHS]
    return {
        each: {shape: (count_right_answers(shape, seed, _TRIED, each), _TRIED) for shape in Shape} for each in tried
    }


def _scores(counts: figures.Counts) -> Iterator[dict[str, Any]]:
    """What the collector must know of each orchestrated step."""
    right, n = counts[Shape.EVERYTHING]
    for place, step in enumerate(everything.steps):
        yield {"workflow": everything.name, "step": step, "n": n, "right": right[place]}
