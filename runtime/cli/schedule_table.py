"""What commands show of schedules; records in, drawings out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType

from runtime.cli.grid import add_row, grid
from runtime.cli.terminal import format_moment, plain

if TYPE_CHECKING:  # only a name in signatures; the package of records brings the bus along
    from runtime.admin import AppSchedule


def schedules_table(schedules: "Sequence[AppSchedule]") -> RenderableType:
    """Schedules, one a row."""
    if not schedules:
        return plain("no schedules: app.schedule(NAME, WORKFLOW, Cron('0 9 * * 1-5')) declares one")
    drawn = grid("schedule", "app", "workflow", "due", "next", "last run", "last at", "started", "skipped", "missed")
    for one in schedules:
        record, last = one.record, one.record.last
        add_row(
            drawn,
            record.name,
            one.app,
            record.workflow,
            one.when,
            _describe_next(one),
            last.tick.run if last else "",
            format_moment(last.noted_ms) if last else "",
            record.started,
            record.skipped,
            record.dropped,
        )
    return drawn


def _describe_next(one: "AppSchedule") -> str:
    record = one.record
    if record.paused_ms is not None:
        return f"paused by {record.paused_by or 'somebody'} since {format_moment(record.paused_ms)}"
    times = "\n".join(format_moment(at_ms) for at_ms in one.times)
    waiting = "\none waits for its run to end" if record.waiting else ""
    return times + waiting + ("" if one.workers else "\nno live worker declares it")
