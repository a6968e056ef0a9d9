"""Advice for the steps of a world of shipments, as a collector would give it."""

from datetime import timedelta

from collector import models as api
from tests.dashboard.world import World

UNUSED = "nothing waits for it, and it returned nothing in 80 runs"
FEW = "it ended in 3 runs, and nothing is advised of fewer than 30"
ROWS = ("sequence", "recovery", "path", "scaling", "agents", "latency")


def item(world: World, step: str, verdict: api.Verdict, because: str, **more: object) -> api.StepAdvice:
    """Advice for a step, with a ground a row of the table; the runs that show it are those of the world."""
    share = api.Accuracy(n=80, value=0.125, low=0.07, high=0.21)
    grounds = [
        api.Ground(
            row=row,
            question=f"Is it {row}?",
            leans=api.Leaning.CHOREOGRAPH,
            says=f"{row} was observed",
            n=80,
            share=share if row == "recovery" else None,
            runs=list(world.runs)[:5],
        )
        for row in ROWS
    ]
    told = {"app": "logistics", "workflow": "shipment", "agent": step, "source": "causeline", "n": 80, "runs": 80}
    return api.StepAdvice.model_validate(
        {**told, "step": step, "verdict": verdict, "because": because, "grounds": grounds, **more}
    )


def advice(world: World, asked_ms: float | None = None) -> api.Advice:
    """One step that should be choreographed, one that is critical, and one that was seen too seldom."""
    return api.Advice(
        window=api.Window(start=world.now - timedelta(hours=1), end=world.now),
        items=[
            item(world, "delivery", api.Verdict.CHOREOGRAPH, UNUSED),
            item(
                world,
                "pickup",
                api.Verdict.ORCHESTRATE,
                "a later step uses its result in 80 of 80 runs",
                is_critical=True,
            ),
            item(world, "sorting", api.Verdict.TOO_FEW, FEW, n=3),
        ],
        judged=2,
        critical=1,
        critical_work=0.4,
        asked_ms=asked_ms,
        least=30,
    )
