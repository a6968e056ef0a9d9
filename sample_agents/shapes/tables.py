"""What is printed of a comparison."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

from sample_agents.shapes import figures
from sample_agents.shapes.faults import Trouble
from sample_agents.shapes.figures import Estimate, Fate, Outcome, break_even, fewer, percentile, rate, rates
from sample_agents.shapes.stage import Shape, Trial

#: Other limits of what is late, in seconds, to show what the figures depend on.
LIMITS: Final = (5.0, 10.0, 20.0)

_TITLES: Final = {
    Trouble.ALL: "Outages, a slow gateway, and what coordinates is killed twice: of 100 orders",
    Trouble.OUTAGES: "The same, and nothing is killed: of 100 orders",
}

_MS: Final = 1000


def failures(by: Mapping[tuple[Trouble, Shape], Sequence[Outcome]]) -> list[dict[str, Any]]:
    """Failures of shapes with their intervals, and by how much there are fewer than in the first of them.

    Args:
        by: what became of the trials, by what they suffered from and their shape, in the order of seeds.
    """
    troubles = list(dict.fromkeys(trouble for trouble, _ in by))
    shapes = {trouble: [shape for one, shape in by if one is trouble] for trouble in troubles}
    every = shapes[Trouble.ALL]
    columns = ["coordination", "late", "lost", "doubled", "failed", f"failed, fewer than {every[0]}"]
    made = [
        {
            "title": _TITLES[trouble],
            "columns": columns,
            "rows": [_row(shape, by[trouble, shape], by[trouble, shapes[trouble][0]]) for shape in shapes[trouble]],
        }
        for trouble in troubles
        if shapes[trouble]
    ]
    return [*made, _by_limits({shape: by[Trouble.ALL, shape] for shape in every})]


def by_agents(counts: Sequence[int], found: Mapping[Trial, Outcome]) -> list[dict[str, Any]]:
    """Latency and failures by numbers of agents, and where the shapes break even."""
    shapes = (Shape.PURE, Shape.HYBRID)

    def select_outcomes(shape: Shape, count: int, trouble: Trouble) -> list[Outcome]:
        asked = (shape, count, trouble)
        return [
            one
            for trial, one in found.items()
            if (trial.shape, len(trial.path) + len(trial.others), trial.trouble) == asked
        ]

    def get_answer_percentile(shape: Shape, count: int, hundredth: int) -> float:
        return percentile(
            [took for one in select_outcomes(shape, count, Trouble.NONE) for took in one.answers], hundredth
        )

    def get_failure_rate(shape: Shape, count: int) -> float:
        return rate(select_outcomes(shape, count, Trouble.ALL), figures.has_failed)

    columns = ["agents", *(f"{shape} {what}" for what, shape in product(("p50", "p99", "failed"), shapes))]
    rows = [
        [
            str(count),
            *(f"{get_answer_percentile(shape, count, part) * _MS:.0f} ms" for part, shape in product((50, 99), shapes)),
            *(_of_hundred(rates(select_outcomes(shape, count, Trouble.ALL), figures.has_failed)) for shape in shapes),
        ]
        for count in counts
    ]
    even = [
        [
            "p50 of the answer",
            _describe_break_even(
                counts, *([get_answer_percentile(shape, count, 50) for count in counts] for shape in shapes)
            ),
        ],
        [
            "p99 of the answer",
            _describe_break_even(
                counts, *([get_answer_percentile(shape, count, 99) for count in counts] for shape in shapes)
            ),
        ],
        [
            "failed orders",
            _describe_break_even(counts, *([get_failure_rate(shape, count) for count in counts] for shape in shapes)),
        ],
    ]
    return [
        {
            "title": "Answers (without outages or crashes) and failed orders of 100 (with them)",
            "columns": columns,
            "rows": rows,
        },
        {
            "title": "From how many agents on hybrid is no worse, as far as was tried",
            "columns": ["by", "agents"],
            "rows": even,
        },
    ]


def _row(shape: Shape, outcomes: Sequence[Outcome], first: Sequence[Outcome]) -> list[str]:
    kinds = (figures.is_late, figures.is_lost, figures.is_doubled, figures.has_failed)
    saved = "" if outcomes is first else _per_cent(fewer(first, outcomes), rate(first, figures.has_failed))
    return [shape, *(_of_hundred(rates(outcomes, kind)) for kind in kinds), saved]


def _by_limits(shapes: Mapping[Shape, Sequence[Outcome]]) -> dict[str, Any]:
    rows = []
    for shape, outcomes in shapes.items():
        cells = []
        for limit in LIMITS:

            def has_failed(fate: Fate, limit: float = limit) -> bool:
                return fate.has_failed(limit)

            cells.append(_of_hundred(rates(outcomes, has_failed)))
        rows.append([shape, *cells])
    columns = ["coordination", *(f"late after {limit:.0f} s" for limit in LIMITS)]
    return {"title": "With everything: failed of 100 orders, by what is called late", "columns": columns, "rows": rows}


def _of_hundred(found: Estimate) -> str:
    return f"{found.value:.1f} ({found.low:.1f} to {found.high:.1f})"


def _per_cent(found: Estimate, was: float) -> str:
    return f"{found.value:.0f} % ({found.low:.0f} to {found.high:.0f})" if was else "none had failed"


def _describe_break_even(counts: Sequence[int], pure: Sequence[float], hybrid: Sequence[float]) -> str:
    count = break_even(counts, pure, hybrid)
    return f"none up to {counts[-1]}" if count is None else str(count)
