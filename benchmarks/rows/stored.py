"""Durable steps whose runs are kept in PostgreSQL."""

from collections.abc import Callable

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.processes import Program
from benchmarks.testbed import Testbed


def _ours(ground: Testbed, runs: int, slots: int | None = None, *, before: bool = False) -> Program:
    ground.redis.clear()
    where = ground.postgres.create_database("ours")
    return ground.ours("steps", runs, 1, traced=False, before=before, state_url=where, slots=slots)


def _start_unbounded(ground: Testbed, runs: int) -> Program:
    """As many at once as there are runs, as DBOS has it by default."""
    return _ours(ground, runs, runs)


def _before(ground: Testbed, runs: int) -> Program:
    return _ours(ground, runs, before=True)


def _dbos(ground: Testbed, runs: int) -> Program:
    return ground.peer("dbos", "dbos_steps", runs, 1, ground.postgres.create_database("dbos"))


def _together(start: Callable[[Testbed, int], Program]) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        with start(ground, size) as program:
            program.wait_until_ready()  # its tables are there
            server = ground.postgres.cpu_s()
            done = program.start().read_figures()
            return {
                "steps/s": done["rate"],
                "CPU us/step": done["cpu"],
                "server CPU us/step": (ground.postgres.cpu_s() - server) / (size * 10) * 1e6,
            }

    return run


ROWS = (
    Row(
        "stored",
        "Durable steps in PostgreSQL, ten in a line, 100 runs together",
        "4 times DBOS on the same server",
        (
            Contestant("ours", _together(_ours)),
            Contestant("ours, a slot for each run", _together(_start_unbounded)),
            Contestant("DBOS", _together(_dbos), "dbos"),
            Contestant("before", _together(_before)),
        ),
        size=100,
        quick_size=3,
    ),
)
