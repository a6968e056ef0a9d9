"""Messages of RabbitMQ's: from a queue to a handler, and from a publish to RabbitMQ's confirmation."""

from collections.abc import Callable

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.processes import Program
from benchmarks.testbed import Testbed

_PEER = "faststream_rabbit"

_Start = Callable[[Testbed, str, int, str], Program]
"""Starts a program: `worker` or `sender`, for so many messages, of a queue."""


def _ours(*, before: bool = False) -> _Start:
    def start(ground: Testbed, part: str, count: int, queue: str) -> Program:
        ground.redis.clear()
        return ground.ours(f"bridge_{part}", count, queue, before=before, rabbitmq_url=ground.rabbit.url)

    return start


def _faststream(ground: Testbed, part: str, count: int, queue: str) -> Program:
    return ground.peer(_PEER, f"faststream_rabbit_{part}", count, queue, traced=True, rabbitmq_url=ground.rabbit.url)


def _through(start: _Start, part: str) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        queue = ground.rabbit.queue(size if part == "worker" else 0)
        with start(ground, part, size, queue) as program:
            done = program.wait_until_ready().start().read_figures()
        return {"messages/s": size / (done["last"] - done["first"]), "CPU us/message": done["cpu"] / size * 1e6}

    return run


def _contestants(part: str) -> tuple[Contestant, ...]:
    return (
        Contestant("ours", _through(_ours(), part)),
        Contestant("before", _through(_ours(before=True), part)),
        Contestant("FastStream", _through(_faststream, part), _PEER),
    )


ROWS = (
    Row(
        "bridge-in",
        "Messages of a RabbitMQ queue to a handler, traced",
        "half of FastStream on the same server",
        _contestants("worker"),
        size=3000,
        quick_size=50,
    ),
    Row(
        "bridge-out",
        "Events to RabbitMQ, until it has confirmed them, traced",
        "half of FastStream on the same server",
        _contestants("sender"),
        size=3000,
        quick_size=50,
    ),
)
