"""Events from a publisher through the server to a worker: how many a second, how late, and what each costs."""

from collections.abc import Callable

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.processes import Program
from benchmarks.testbed import Testbed

#: Events a second of the row of latencies.
STEADY = 200

_Start = Callable[[Testbed, str, int, float], Program]
"""Starts a program: `worker` or `publisher`, for so many events, at so many a second."""


def _ours(*, traced: bool, before: bool = False) -> _Start:
    def start(ground: Testbed, part: str, count: int, rate: float) -> Program:
        more = () if part == "worker" else (rate,)
        return ground.ours(f"event_{part}", count, *more, traced=traced, before=before)

    return start


def _faststream(*, traced: bool) -> _Start:
    def start(ground: Testbed, part: str, count: int, rate: float) -> Program:
        more = () if part == "worker" else (rate,)
        return ground.peer("faststream", f"faststream_{part}", count, *more, traced=traced)

    return start


def _raw(ground: Testbed, part: str, count: int, rate: float) -> Program:
    # By hundreds where it counts how many, one by one where it counts how soon.
    more = (rate,) if part == "publisher" else (1 if rate else 100, 1)
    return ground.ours(f"raw_{part}", count, *more)


def _end_to_end(start: _Start) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        done = _both(ground, start, size, 0)
        return {
            "events/s": size / (done["last"] - done["first"]),
            "CPU us/event": done["cpu"] / size * 1e6,
            "of it publisher": done["publisher"] / size * 1e6,
            "server CPU us/event": done["server"] / size * 1e6,
        }

    return run


def _latency(start: _Start) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        done = _both(ground, start, size, STEADY)
        return {"p50 ms": done["p50"], "p99 ms": done["p99"], "CPU us/event": done["cpu"] / size * 1e6}

    return run


def _both(ground: Testbed, start: _Start, size: int, rate: float) -> Figures:
    ground.redis.clear()
    with start(ground, "worker", size, rate) as worker, start(ground, "publisher", size, rate) as publisher:
        worker.wait_until_ready()
        publisher.wait_until_ready()
        server = ground.redis.cpu_s()
        worker.start()
        publisher.start()
        sent, handled = publisher.read_figures(), worker.read_figures()
        return {
            **handled,
            "first": sent["first"],
            "cpu": sent["cpu"] + handled["cpu"],
            "publisher": sent["cpu"],
            "server": ground.redis.cpu_s() - server,
        }


def _publish(start: _Start) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        ground.redis.clear()
        with start(ground, "publisher", size, 0) as publisher:
            server = ground.redis.cpu_s()
            done = publisher.wait_until_ready().start().read_figures()
            return {
                "events/s": size / (done["last"] - done["first"]),
                "CPU us/event": done["cpu"] / size * 1e6,
                "server CPU us/event": (ground.redis.cpu_s() - server) / size * 1e6,
            }

    return run


def _contestants(
    measure: Callable[[_Start], Callable[[Testbed, int], Figures]], *, traced: bool
) -> tuple[Contestant, ...]:
    return (
        Contestant("ours", measure(_ours(traced=traced))),
        Contestant("before", measure(_ours(traced=traced, before=True))),
        Contestant("FastStream", measure(_faststream(traced=traced)), "faststream"),
        Contestant("limit: redis-py", measure(_raw)),
    )


ROWS = (
    Row(
        "events",
        "Events end to end, one publisher and one worker process, traced",
        "4 times FastStream traced",
        _contestants(_end_to_end, traced=True),
        size=3000,
        quick_size=100,
    ),
    Row(
        "events-untraced",
        "Events end to end, one publisher and one worker process, untraced",
        "0.4 of redis-py",
        _contestants(_end_to_end, traced=False),
        size=3000,
        quick_size=100,
    ),
    Row(
        "latency",
        f"From publish to handler at {STEADY} events/s, traced",
        "no more than FastStream's, p50 and p99",
        _contestants(_latency, traced=True),
        size=1000,
        quick_size=50,
    ),
    Row(
        "publish",
        "Publishing from outside, traced",
        "3 times FastStream traced",
        _contestants(_publish, traced=True),
        size=3000,
        quick_size=100,
    ),
    Row(
        "publish-untraced",
        "Publishing from outside, untraced",
        "none; for comparison",
        _contestants(_publish, traced=False),
        size=3000,
        quick_size=100,
    ),
)
