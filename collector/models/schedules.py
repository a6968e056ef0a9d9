"""Schedules, read from the live bus."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from collector.models.base import NAME_LIMIT, Model, Page


class Schedule(Model):
    """A schedule of an app: it starts runs of `workflow` when it is due.

    `when` is its rule in words, `times` its next ones; the first may have passed where no worker has claimed it yet,
    and where there are no `workers` that have it in their code it stands still. `missed` and `overlap` say what becomes
    of ticks that nobody was there for, or that come while a run goes on; how many of both did not start is `dropped`
    and `skipped`. `paused_at` says since when `paused_by` keeps it, `is_waiting` that a tick waits for a run to end.
    """

    app: str
    name: str
    workflow: str
    when: str
    times: list[datetime]
    workers: int
    missed: str
    overlap: str
    paused_at: datetime | None = None
    paused_by: str | None = None
    is_waiting: bool = False
    last_run_id: str | None = None
    last_at: datetime | None = None
    last_due: datetime | None = None
    started: int = 0
    skipped: int = 0
    dropped: int = 0
    skipped_at: datetime | None = None
    dropped_at: datetime | None = None


class ScheduleList(Page[Schedule]):
    """A page of schedules, by app and name, as they are at a moment."""

    at: datetime | None = None


class ScheduleRequest(Model):
    """Which schedule is to be paused, unpaused, run or removed, and who says so, for the audit."""

    app: str = Field(max_length=NAME_LIMIT)
    name: str = Field(max_length=NAME_LIMIT)
    operator: str = Field(default="", max_length=200)


class ScheduleAnswer(Model):
    """What became of a schedule. `changed` is false where that had been done before. Of one that goes on again:
    `dropped` ticks of the time that it was paused, and when it is due `next`. Of one that is to run now: whether a run
    is `started`, `waits` for the one that goes on, or is `skipped` because of that; `run_id` is the one that starts, or
    that goes on."""

    app: str
    name: str
    changed: bool
    dropped: int = 0
    next: datetime | None = None
    became: Literal["started", "waits", "skipped"] | None = None
    run_id: str | None = None
