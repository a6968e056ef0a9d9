"""What the live bus knows of a run before spans tell it: that it was cancelled, resumed, or accepted at all. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from collector.models import NodeStatus, Run, RunLife, RunOnServer, RunStep, places

#: How a step can stand that has not ended, as far as spans tell.
_OPEN: Final = (NodeStatus.RUNNING, NodeStatus.RETRYING, NodeStatus.WAITING, NodeStatus.UNKNOWN)

#: How a step can stand at the end of a run that failed, and be tried again once that is resumed.
_UNDONE: Final = (NodeStatus.FAILED, NodeStatus.CANCELLED)


def merge_run(told: Run, server: RunOnServer | None) -> Run:
    """Returns a run as it stands: by whichever knows the later life, and of one life its end.

    Args:
        told: the run as spans tell of it.
        server: the same, as the live bus has it.
    """
    if server is None or told.life > server.life or (told.life == server.life and told.end is not None):
        return told
    known = {
        "status": server.status,
        "life": server.life,
        "end": server.ended_at,
        "duration_ms": _latest_life_ms(server),
    }
    return told.model_copy(update=known | {"version": server.version or told.version})


def build_run_of_server(run_id: UUID, server: RunOnServer) -> Run:
    """Returns a run that only the live bus knows."""
    return Run(
        run_id=str(run_id),
        workflow=server.workflow,
        service=server.app,
        status=server.status,
        start=server.accepted_at,
        end=server.ended_at,
        duration_ms=_latest_life_ms(server),
        subject=server.subject,
        correlation_id=server.correlation_id,
        version=server.version,
        life=server.life,
    )


def merge_step(step: RunStep, told: Run, run: Run, server: RunOnServer | None) -> RunStep:
    """Returns a step of a run as it stands where the live bus knows better.

    Args:
        step: as spans tell of it.
        told: its run, as spans tell of it.
        run: its run, as it stands.
        server: its run, as the live bus has it.
    """
    if server is None or told.status == run.status:
        return step
    if run.status == NodeStatus.RUNNING:
        return step.model_copy(update={"status": NodeStatus.RETRYING}) if step.status in _UNDONE else step
    if step.status not in _OPEN or run.status == NodeStatus.OK:
        return step
    failed = f"{step.step}{step.place or ''}" == server.failed_step
    ended = {"end": step.end or run.end, "status": NodeStatus.FAILED if failed else NodeStatus.CANCELLED}
    return step.model_copy(update=ended)


def merge_lives(ended: Sequence[RunLife], run: Run, server: RunOnServer | None) -> list[RunLife]:
    """Returns all lives of a run, oldest first; the last says how it stands.

    Args:
        ended: those whose end spans tell of.
        run: the run as it stands.
        server: the same, as the live bus has it; knows what it failed of, and when it was resumed.
    """
    if any(life.life == run.life for life in ended):
        return list(ended)
    latest = RunLife(life=run.life, status=run.status, start=run.start, end=run.end)
    if server is not None and server.life == run.life:
        begun = server.resumed_at or server.accepted_at
        failed = server.failed_step and places.of_word(server.failed_step)
        latest = latest.model_copy(update={"start": begun, "failed_step": failed, "error": server.error})
    elif ended:
        latest = latest.model_copy(update={"start": max(life.end or life.start for life in ended)})
    return [*ended, latest]


def _latest_life_ms(server: RunOnServer) -> float | None:
    """Returns the milliseconds of its latest life."""
    if server.ended_at is None:
        return None
    return (server.ended_at - (server.resumed_at or server.accepted_at)) / timedelta(milliseconds=1)
