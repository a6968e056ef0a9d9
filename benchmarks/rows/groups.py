"""What groups that nobody serves cost those who publish, and runs whose steps publish."""

from collections.abc import Callable

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.testbed import Testbed


def _beside(dead: int) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        ground.redis.clear()
        with ground.ours("beside_groups", size, dead) as program:
            done = program.wait_until_ready().start().read_figures()
        return {
            "publish p50 ms": done["publish"],
            "publish p99 ms": done["publish_99"],
            "run p50 ms": done["run"],
            "run p99 ms": done["run_99"],
        }

    return run


ROWS = (
    Row(
        "dead_groups",
        "Publishing one by one, and runs of two steps of which one publishes, beside dead groups, traced",
        "flat: 1.2 of none",
        tuple(Contestant(name, _beside(dead)) for name, dead in (("ours", 0), ("beside 1", 1), ("beside 50", 50))),
        size=1000,
        quick_size=20,
    ),
)
