"""Durable steps: many runs together, and one alone."""

from collections.abc import Callable
from uuid import uuid4

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.processes import Program
from benchmarks.testbed import Testbed

_Start = Callable[[Testbed, int, int], Program]
"""Starts a program that does so many runs together, so many times."""


def _ours(*, before: bool = False) -> _Start:
    def start(ground: Testbed, runs: int, times: int) -> Program:
        ground.redis.clear()
        return ground.ours("steps", runs, times, before=before)

    return start


def _langgraph(*, durable: bool) -> _Start:
    def start(ground: Testbed, runs: int, times: int) -> Program:
        file = ground.folder / f"checkpoints-{uuid4().hex}.sqlite" if durable else ""
        return ground.peer("langgraph", "langgraph_steps", runs, times, file)

    return start


def _together(start: _Start) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        server = ground.redis.cpu_s()
        with start(ground, size, 1) as program:
            done = program.wait_until_ready().start().read_figures()
        return {
            "steps/s": done["rate"],
            "CPU us/step": done["cpu"],
            "server CPU us/step": (ground.redis.cpu_s() - server) / (size * 10) * 1e6,
        }

    return run


def _alone(start: _Start) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        with start(ground, 1, size) as program:
            done = program.wait_until_ready().start().read_figures()
        return {"ms": done["ms"], "CPU us/step": done["cpu"]}

    return run


def _contestants(measure: Callable[[_Start], Callable[[Testbed, int], Figures]]) -> tuple[Contestant, ...]:
    return (
        Contestant("ours", measure(_ours())),
        Contestant("before", measure(_ours(before=True))),
        Contestant("LangGraph, SQLite checkpoints", measure(_langgraph(durable=True)), "langgraph"),
        Contestant("LangGraph, in memory", measure(_langgraph(durable=False)), "langgraph"),
    )


ROWS = (
    Row(
        "steps",
        "Durable steps, ten in a line, 50 runs together, traced",
        "5 times LangGraph with SQLite checkpoints",
        _contestants(_together),
        size=50,
        quick_size=3,
    ),
    Row(
        "run",
        "One run of ten steps, alone, traced: from its start to its result",
        "a third of LangGraph with SQLite checkpoints",
        _contestants(_alone),
        size=20,
        quick_size=2,
    ),
)
