"""The critical path of a run: the steps that its end had to wait for, one after the other. Pure."""

from collections.abc import Sequence
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


def worked(steps: Sequence[RunStep]) -> timedelta:
    """Returns how long the steps of a critical path worked; the rest of the run they waited."""
    return sum((max(_end(step) - step.start, timedelta()) for step in steps), timedelta())


def _end(step: RunStep) -> datetime:
    return step.end or step.start
