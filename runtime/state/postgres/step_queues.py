"""Which of several queues of steps may begin something next, by what limits leave. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from runtime.state.tasks import Task


@dataclass(frozen=True, slots=True)
class StepQueue:
    """Steps that begin one after the other, and the names of the limits that hold for all of them."""

    names: Sequence[str]
    tasks: Sequence[Task]


def take_in_turn(queues: Sequence[StepQueue], free: Mapping[str, int | None], wanted: int) -> list[Task]:
    """One of each queue that no limit keeps waiting, then a second of each, and so on, where there are no more others.

    Args:
        queues: in their order.
        free: how many more each limit lets begin, by its name; None, or no entry: any number.
        wanted: tasks at most.
    """
    left = {name: inf if free.get(name) is None else free[name] or 0 for queue in queues for name in queue.names}
    taken, found = [0] * len(queues), list[Task]()
    while True:
        before = len(found)
        for place, queue in enumerate(queues):
            if len(found) == wanted:
                return found
            if taken[place] < len(queue.tasks) and all(left[name] > 0 for name in queue.names):
                found.append(queue.tasks[taken[place]])
                taken[place] += 1
                for name in queue.names:
                    left[name] -= 1
        if len(found) == before:
            return found
