"""What is kept, since when, and how much room it takes."""

from datetime import datetime

from pydantic import Field

from collector.models.base import Model


class RetentionLimits(Model):
    """What is kept: days of chains and logs, GiB of the file in use, days of metrics; 0 is without a limit."""

    days: float
    gib: float
    metrics_days: float


class Cleaned(Model):
    """The last look for what is old or too much, since the collector started: when it was over, what it removed."""

    at: datetime
    spans: int
    logs: int
    points: int


class Storage(Model):
    """What is stored now. What is older than `kept_since` was removed, or never arrived: nobody can say which. Of the
    file's bytes some are in use, and some are free for later records; `causeline collector vacuum` gives those back."""

    kept_since: datetime | None
    spans: int
    logs: int
    points: int
    file_bytes: int = Field(ge=0)
    used_bytes: int = Field(ge=0)
    free_bytes: int = Field(ge=0)
    limits: RetentionLimits | None = None
    cleaned: Cleaned | None = None
