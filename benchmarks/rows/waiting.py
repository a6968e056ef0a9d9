"""What waiting costs: a worker that has nothing to do, and retries that fall due all at once."""

from collections.abc import Callable

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.testbed import Testbed


def _idle(*, before: bool) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        ground.redis.clear()
        with ground.ours("idle_worker", size, before=before) as program:
            program.wait_until_ready()
            server = ground.redis.cpu_s()
            done = program.start().read_figures()
            return {"% of a core": done["share"] * 100, "server %": (ground.redis.cpu_s() - server) / size * 100}

    return run


def _retries(*, before: bool) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        ground.redis.clear()
        with ground.ours("retry_worker", size, before=before) as program:
            done = program.wait_until_ready().start().read_figures()
        return {"s": done["late"], "CPU us/retry": done["cpu"]}

    return run


def _contestants(measure: Callable[..., Callable[[Testbed, int], Figures]]) -> tuple[Contestant, ...]:
    return (Contestant("ours", measure(before=False)), Contestant("before", measure(before=True)))


ROWS = (
    Row(
        "idle",
        "A worker with ten groups that has nothing to do, traced; seconds watched",
        "under 1 % of a core",
        _contestants(_idle),
        size=10,
        quick_size=1,
    ),
    Row(
        "retries",
        "10,000 retries that fall due within one second, traced: until the last is handled",
        "5 s",
        _contestants(_retries),
        size=10_000,
        quick_size=50,
    ),
)
