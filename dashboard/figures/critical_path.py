"""The critical path of a run: the steps that its end had to wait for, one after the other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.models import RunStep


def path(steps: Sequence[RunStep]) -> list[RunStep]:
    """Returns the steps that a run's end waited for, in their order.

    Back from the step that ended last, each time to the cause that ended last: to make any other step quicker would
    not have ended the run earlier. What still goes on is no part of it.

    Args:
        steps: of one run; causes that a framework's order tells of count as well as those that were declared.
    """
    ended = {step.node_id: step for step in steps if step.end is not None}
    found: list[RunStep] = []
    at = max(ended.values(), key=_end, default=None)
    while at is not None and at not in found:
        found.append(at)
        causes = [ended[cause] for cause in (*at.causes, *at.inferred) if cause in ended]
        at = max(causes, key=_end, default=None)
    return found[::-1]


@dataclass(frozen=True)
class TimeSpent:
    """What became of the time of a critical path.

    Attributes:
        worked: while code of its steps ran.
        answers: while a step of it waited for an answer, or for a run that it is.
        queued: the rest: until a step was taken up, and between two attempts.
    """

    worked: timedelta
    answers: timedelta
    queued: timedelta


def measure_time_spent(steps: Sequence[RunStep], begin: datetime) -> TimeSpent:
    """Returns what became of the time of a critical path.

    Args:
        steps: the path; not empty.
        begin: when its run began.
    """
    worked = sum((timedelta(milliseconds=get_worked_ms(step) or 0) for step in steps), timedelta())
    answers = sum((timedelta(milliseconds=step.answer_ms or 0) for step in steps), timedelta())
    whole = max(_end(step) for step in steps) - min(begin, *(step.start for step in steps))
    return TimeSpent(worked, answers, max(whole - worked - answers, timedelta()))


def get_worked_ms(step: RunStep) -> float | None:
    """Returns for how many milliseconds a step worked; where only that is known, from its begin to its end."""
    return step.duration_ms if step.worked_ms is None else step.worked_ms


def _end(step: RunStep) -> datetime:
    return step.end or step.start
