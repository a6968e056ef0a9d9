"""Steps of a run that goes on which have not begun, as steps that can be placed in its graph. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from collector.models import NodeStatus, RunStep, StepToCome

#: What ids of such steps begin with; no node has such a one.
_PREFIX: Final = "to-come:"


def make_pending_steps(steps: Sequence[RunStep], to_come: Sequence[StepToCome], at: datetime) -> list[RunStep]:
    """Makes steps of those that are to come, each caused by the last round of what it waits for, or by another one that
    is to come.

    Args:
        steps: that have begun.
        to_come: each after those that it waits for.
        at: now; they begin after all others.
    """
    last = {step.step: step.node_id for step in sorted(steps, key=lambda step: step.start)}
    found: list[RunStep] = []
    for one in to_come:
        if one.step in last:  # it has begun since the server was asked
            continue
        last[one.step] = _PREFIX + one.step
        causes = [last[name] for name in one.waits_for if name in last]
        found.append(
            RunStep(
                node_id=last[one.step],
                step=one.step,
                agent="",
                status=NodeStatus.UNKNOWN,
                depth=0,
                attempts=0,
                start=at,
                causes=causes,
            )
        )
    return found


def is_to_come(node_id: str) -> bool:
    """Returns whether that is the id of a step that has not begun: there is nothing to be read of it."""
    return node_id.startswith(_PREFIX)
