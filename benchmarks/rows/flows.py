"""Flows: a fan-out, runs that wait, recorded calls, and a loop of many rounds."""

from collections.abc import Callable
from uuid import uuid4

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.testbed import Testbed

_Run = Callable[[Testbed, int], Figures]


def _ours(which: str, **names: str) -> _Run:
    """Runs a flow of ours; `names` maps what it tells to what a table calls that."""

    def run(ground: Testbed, size: int) -> Figures:
        ground.redis.clear()
        with ground.ours("flows", which, size) as program:
            done = program.wait_until_ready().start().read_figures()
        return {name: done[told] * (100 if name.startswith("%") else 1) for told, name in names.items()}

    return run


def _step(ground: Testbed, size: int) -> Figures:
    ground.redis.clear()
    with ground.ours("steps", 1, max(1, size // 10)) as program:
        done = program.wait_until_ready().start().read_figures()
    return {"ms": done["ms"] / 10, "CPU us": done["cpu"]}


def _langgraph(*, durable: bool) -> _Run:
    def run(ground: Testbed, size: int) -> Figures:
        file = ground.folder / f"checkpoints-{uuid4().hex}.sqlite" if durable else ""
        with ground.peer("langgraph", "langgraph_fan_out", size, file) as program:
            done = program.wait_until_ready().start().read_figures()
        return {"ms": done["ms"], "CPU us/item": done["cpu"]}

    return run


ROWS = (
    Row(
        "fan_out",
        "A fan-out of 1,000 items and a step that adds up, traced: from its start to its result",
        "a third of LangGraph's 1,000 Sends with SQLite checkpoints",
        (
            Contestant("ours", _ours("fan_out", ms="ms", cpu="CPU us/item")),
            Contestant("LangGraph, SQLite checkpoints", _langgraph(durable=True), "langgraph"),
            Contestant("LangGraph, in memory", _langgraph(durable=False), "langgraph"),
        ),
        size=1000,
        quick_size=20,
    ),
    Row(
        "waits",
        "10,000 runs that wait for an answer, traced: what they cost, and 200 answers one by one, to the run's result",
        "under 1 % of a core; 50 ms each",
        (Contestant("ours", _ours("waits", share="% of a core", p50="ms p50", p99="ms p99")),),
        size=10_000,
        quick_size=20,
    ),
    Row(
        "calls",
        "A recorded call within a step, beside a step of a run alone, traced",
        "less than a step",
        (Contestant("a recorded call", _ours("calls", ms="ms", cpu="CPU us")), Contestant("a step", _step)),
        size=500,
        quick_size=10,
    ),
    Row(
        "rounds",
        "A loop of 1,000 rounds, traced, after another one: what of memory is left in the worker",
        "flat",
        (Contestant("ours", _ours("rounds", more="MiB more", memory="MiB", ms="ms/round")),),
        size=1000,
        quick_size=10,
    ),
)
