"""The bus's schedules as the API gives them. Pure."""

from collector.models import Schedule, ScheduleAnswer
from collector.times import MILLISECOND_NS, moment
from runtime import admin as records


def build_schedule(entry: records.AppSchedule) -> Schedule:
    """Returns a schedule."""
    record, last = entry.record, entry.record.last
    return Schedule(
        app=entry.app,
        name=record.name,
        workflow=record.workflow,
        when=entry.when,
        times=[moment(at_ms * MILLISECOND_NS) for at_ms in entry.times],
        workers=entry.workers,
        missed=record.missed,
        overlap=record.overlap,
        paused_at=None if record.paused_ms is None else moment(record.paused_ms * MILLISECOND_NS),
        paused_by=record.paused_by or None,
        is_waiting=record.waiting is not None,
        last_run_id=str(last.tick.run) if last else None,
        last_at=moment(last.noted_ms * MILLISECOND_NS) if last else None,
        last_due=moment(last.tick.at_ms * MILLISECOND_NS) if last else None,
        started=record.started,
        skipped=record.skipped,
        dropped=record.dropped,
        skipped_at=None if record.skipped_ms is None else moment(record.skipped_ms * MILLISECOND_NS),
        dropped_at=None if record.dropped_ms is None else moment(record.dropped_ms * MILLISECOND_NS),
    )


def build_unpause_answer(app: str, name: str, entry: records.UnpauseResult) -> ScheduleAnswer:
    """Returns how a schedule goes on."""
    due = moment(entry.next_ms * MILLISECOND_NS)
    return ScheduleAnswer(app=app, name=name, changed=entry.changed, dropped=entry.dropped, next=due)


def build_run_answer(app: str, name: str, entry: records.TickResult) -> ScheduleAnswer:
    """Returns what became of a tick by hand."""
    answer = ScheduleAnswer(app=app, name=name, changed=True)
    if entry.tick is not None:
        return answer.model_copy(update={"became": "started", "run_id": str(entry.tick.tick.run)})
    became = "waits" if entry.status == "waits" else "skipped"
    return answer.model_copy(update={"became": became, "changed": became == "waits", "run_id": str(entry.run)})
