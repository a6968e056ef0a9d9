"""How a node stands, from what its records say. Pure."""

from typing import Final

from collector.models import NodeStatus
from runtime.semconv import CallOutcome, DeliveryOutcome, NodeKind, RunOutcome, StepOutcome

#: OTLP's status code of a span that failed.
SPAN_ERROR: Final = 2

_BY_OUTCOME: Final[dict[str, NodeStatus]] = {
    StepOutcome.OK: NodeStatus.OK,
    StepOutcome.RETRY: NodeStatus.RETRYING,
    StepOutcome.LOST: NodeStatus.RETRYING,
    StepOutcome.FAILED: NodeStatus.FAILED,
    StepOutcome.CANCELLED: NodeStatus.CANCELLED,
    StepOutcome.SKIPPED: NodeStatus.SKIPPED,
    StepOutcome.MOVED: NodeStatus.MOVED,
    StepOutcome.SPREAD: NodeStatus.RUNNING,
    StepOutcome.GATHERED: NodeStatus.OK,
    StepOutcome.WAITING: NodeStatus.WAITING,
    DeliveryOutcome.DEAD_LETTER: NodeStatus.DEAD,
    DeliveryOutcome.DUPLICATE: NodeStatus.DUPLICATE,
    DeliveryOutcome.EXPIRED: NodeStatus.EXPIRED,
}

#: Outcomes of attempts that ran no code of their step or group; in SQL: `has_worked`.
IDLE: Final = frozenset(
    {
        StepOutcome.SKIPPED,
        StepOutcome.MOVED,
        StepOutcome.SPREAD,
        StepOutcome.GATHERED,
        DeliveryOutcome.EXPIRED,
    }
)

#: Outcomes of attempts after which the node goes on without one, until something else is there.
PAUSED: Final = frozenset({StepOutcome.WAITING, StepOutcome.SPREAD})

_BY_ENDING: Final[dict[str | None, NodeStatus]] = {
    StepOutcome.OK: NodeStatus.OK,
    StepOutcome.RETRY: NodeStatus.RETRYING,
    StepOutcome.CANCELLED: NodeStatus.CANCELLED,
    StepOutcome.FAILED: NodeStatus.FAILED,
    "waiting": NodeStatus.WAITING,
    CallOutcome.PARKED: NodeStatus.WAITING,
    CallOutcome.RECORDED: NodeStatus.OK,
}


def of_work(outcome: str | None, *, running: bool) -> NodeStatus:
    """Returns the status of a step or a delivery.

    Args:
        outcome: what became of it, as `fate_of` has it; None where that is not known.
        running: whether an attempt is known to be going on.
    """
    if running:
        return NodeStatus.RUNNING
    return _BY_OUTCOME.get(outcome or "", NodeStatus.UNKNOWN)


def of_settled(outcome: str | None, settled_by: str | None, *, running: bool) -> NodeStatus:
    """Returns the status of a delivery in a list of its event's: one that gave up reads as its dead letter does.

    Args:
        outcome: what became of it.
        settled_by: kind of the node that settled its dead letter, or None.
        running: whether an attempt is known to be going on.
    """
    found = of_work(outcome, running=running)
    return of_dead_letter(settled_by) if found == NodeStatus.DEAD else found


def of_run(outcome: str | None) -> NodeStatus:
    """Returns the status of a run, by the outcome of its latest life; without one it still runs."""
    if outcome is None:
        return NodeStatus.RUNNING
    if outcome in (RunOutcome.OK, RunOutcome.FAILED, RunOutcome.CANCELLED):
        return NodeStatus(outcome)
    return NodeStatus.UNKNOWN


def of_dead_letter(settled_by: str | None) -> NodeStatus:
    """Returns the status of a dead letter.

    Args:
        settled_by: kind of the node that settled it, or None while it waits.
    """
    if settled_by == NodeKind.REPLAY:
        return NodeStatus.REPLAYED
    if settled_by == NodeKind.DISCARD:
        return NodeStatus.DISCARDED
    return NodeStatus.DEAD


def of_span(status_code: int, ended: str | None = None) -> NodeStatus:
    """Returns the status of anything else that a span records.

    Args:
        status_code: OTLP's.
        ended: how it ended where the code does not tell, as `store/endings.py` reads it.
    """
    if ended in _BY_ENDING:
        return _BY_ENDING[ended]
    return NodeStatus.FAILED if status_code == SPAN_ERROR else NodeStatus.OK
