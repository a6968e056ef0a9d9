"""A choreographed hop: from a step that commits to the handlers of the many groups that its event is for."""

from collections.abc import Callable

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.processes import Program
from benchmarks.testbed import Testbed

#: Events a second.
RATE = 40

#: Groups that each is for.
GROUPS = 50

_Start = Callable[[Testbed, int], tuple[Program, Program]]
"""The programs, of so many events, that receive and that send."""


def _ours(state_url: Callable[[Testbed], str], *, before: bool = False) -> _Start:
    def start(ground: Testbed, count: int) -> tuple[Program, Program]:
        where = state_url(ground)
        groups = ground.ours("hop_groups", count, GROUPS, before=before, state_url=where)
        return groups, ground.ours("hop_steps", count, RATE, before=before, state_url=where)

    return start


def _raw(ground: Testbed, count: int) -> tuple[Program, Program]:
    return ground.ours("raw_worker", count, 1, GROUPS), ground.ours("raw_publisher", count, RATE)


def _redis(_: Testbed) -> str:
    return ""


def _postgres(ground: Testbed) -> str:
    return ground.postgres.create_database("hop")


def _hop(start: _Start) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        ground.redis.clear()
        receiving, sending = start(ground, size)
        with receiving as groups, sending as steps:
            groups.wait_until_ready()
            steps.wait_until_ready()
            groups.start()
            steps.start()
            sent, handled = steps.read_figures(), groups.read_figures()
        return {
            "p50 ms": handled["p50"],
            "p99 ms": handled["p99"],
            "CPU us/delivery": handled["cpu"] / size / GROUPS * 1e6,
            "CPU us/run": sent["cpu"] / size * 1e6,
        }

    return run


ROWS = (
    Row(
        "hop",
        f"From the last line of a step that publishes to the first of a handler, {RATE} events/s for {GROUPS} groups "
        "each, traced",
        "p50 10 ms, p99 100 ms",
        (
            Contestant("ours", _hop(_ours(_redis))),
            Contestant("ours, runs in PostgreSQL", _hop(_ours(_postgres))),
            Contestant("before", _hop(_ours(_redis, before=True))),
            Contestant("before, runs in PostgreSQL", _hop(_ours(_postgres, before=True))),
            Contestant("limit: redis-py", _hop(_raw)),
        ),
        size=400,
        quick_size=10,
    ),
)
