"""Values of steps: what each was given and returned in its attempts."""

import json

import pytest

from collector import models as api
from tests.dashboard import figures_of
from tests.dashboard.world import World


def attempt(number: int, world: World, outcome: str, given: object, returned: object = None) -> api.Attempt:
    """One attempt with values."""
    return api.Attempt(
        attempt=number,
        outcome=outcome,
        start=world.now,
        end=world.now,
        trace_id="01" * 16,
        span_id="01" * 8,
        input=json.dumps(given),
        result=None if returned is None else json.dumps(returned),
    )


def tell(world: World, monkeypatch: pytest.MonkeyPatch) -> list[api.RunStep]:
    """Gives the sorting steps of all runs values: each shipment went to a hub of its own, and the first attempt failed.

    Returns:
        Those steps.
    """
    told = figures_of.detail
    attempts: dict[str, list[api.Attempt]] = {}
    sorting: list[api.RunStep] = []
    for number, (run_id, run) in enumerate(world.runs.items()):
        given = {"pickup": {"hub": f"<b>{number}</b>", "notes": "a\nb\nc", "parcels": list(range(30))}}
        first = {"pickup": {**given["pickup"], "notes": "a\nB\nc"}}
        result = {"hub": f"hub-{number}", "route": ["a", "b"]}
        steps = []
        for step in run.steps:
            if step.step == "sorting":
                tries = [("retry", first, None), ("ok", given, result)]
                attempts[step.node_id] = [attempt(at, world, *each) for at, each in enumerate(tries, 1)]
                seen = {"input": json.dumps(given)[:90], "result": json.dumps(result)}
                sorting.append(step.model_copy(update=seen))
            steps.append(sorting[-1] if step.step == "sorting" else step)
        world.runs[run_id] = run.model_copy(update={"steps": steps})

    def detail(world: World, node_id: str) -> api.NodeDetail:
        found = told(world, node_id)
        return found.model_copy(update={"attempts": attempts[node_id]}) if node_id in attempts else found

    monkeypatch.setattr(figures_of, "detail", detail)
    return sorting
