"""What goes wrong, and how long an answer takes, where one process coordinates from memory and where Causeline does, by
the books of the business. `docs/logistics.md` says which faults there are, and what counts."""

import asyncio
import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from itertools import product

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.testbed import Testbed
from sample_agents.shapes import figures
from sample_agents.shapes.faults import Trouble
from sample_agents.shapes.figures import Outcome, break_even, percentile, rate, rates
from sample_agents.shapes.stage import Shape, Trial
from sample_agents.shapes.trials import AT_ONCE, AT_ONCE_TIMED, run_all
from sample_agents.shapes.workload import ORDERS

#: The first seed; agents on and beside the critical path.
_FIRST, _CRITICAL, _LISTENING = 7, 4, 3

#: Agents that are tried, two of them on the critical path.
_COUNTS = (2, 3, 5, 10, 20, 50)


def _trials(trials: Sequence[Trial], at_once: int) -> list[Outcome]:
    with redirect_stdout(io.StringIO()):  # each trial that is done is told there
        return asyncio.run(run_all(trials, at_once))


def _failures(shape: Shape) -> Callable[[Testbed, int], Figures]:
    def run(_: Testbed, seeds: int) -> Figures:
        span = range(_FIRST, _FIRST + seeds)
        found = _trials([Trial(shape, seed, ORDERS, _CRITICAL, _LISTENING, Trouble.ALL) for seed in span], AT_ONCE)
        failed = rates(found, figures.has_failed)
        kinds = {"late": figures.is_late, "lost": figures.is_lost, "doubled": figures.is_doubled}
        return {
            "failed of 100": failed.value,
            "95 % from": failed.low,
            "to": failed.high,
            **{f"{name} of 100": rate(found, kind) for name, kind in kinds.items()},
        }

    return run


def _by_agents(_: Testbed, seeds: int) -> Figures:
    shapes, span = (Shape.PURE, Shape.HYBRID), range(_FIRST, _FIRST + seeds)
    trials = [
        Trial(shape, seed, ORDERS, 2, count - 2, trouble)
        for count, shape, seed, trouble in product(_COUNTS, shapes, span, (Trouble.NONE, Trouble.ALL))
    ]
    found = list(zip(trials, _trials(trials, AT_ONCE_TIMED), strict=True))

    def select_outcomes(shape: Shape, count: int, trouble: Trouble) -> list[Outcome]:
        asked = (shape, count - 2, trouble)
        return [one for trial, one in found if (trial.shape, trial.listening, trial.trouble) == asked]

    def p50(shape: Shape, count: int) -> float:
        return (
            percentile([took for one in select_outcomes(shape, count, Trouble.NONE) for took in one.answers], 50) * 1000
        )

    def get_failure_rate(shape: Shape, count: int) -> float:
        return rate(select_outcomes(shape, count, Trouble.ALL), figures.has_failed)

    told: dict[str, float] = {}
    for what, figure in (("p50 ms", p50), ("failed of 100", get_failure_rate)):
        for shape in shapes:
            told |= {f"{shape}, {count} agents: {what}": figure(shape, count) for count in _COUNTS}
        even = break_even(_COUNTS, *([figure(shape, count) for count in _COUNTS] for shape in shapes))
        told[f"break even by {what}, agents"] = float("nan") if even is None else even
    return told


ROWS = (
    Row(
        "coordination",
        f"Orders that fail under the same faults, by the books of the business; seeds from {_FIRST} on",
        "none, it is measured; a known case has 40 % fewer with hybrid",
        tuple(Contestant(str(shape), _failures(shape)) for shape in Shape),
        size=20,
        quick_size=1,
    ),
    Row(
        "agents",
        f"Answers and failures as agents grow, and from how many on hybrid is no worse; seeds from {_FIRST} on",
        "none, it is measured; a known case has 4 or 5",
        (Contestant("hybrid beside pure", _by_agents),),
        size=2,
        quick_size=1,
    ),
)
