"""What programs wrote down while they worked."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from collector.models.base import Model, Page, Window


class LogRecord(Model):
    """One log record. `severity` is its name, as sent or after OpenTelemetry's ranges (`TRACE` to `FATAL`), empty where
    none is known; `body` is text, anything else as JSON. `trace_id` and `span_id` are empty where it names none. What
    is too long is cut, and `cut` says so."""

    time: datetime
    severity: str = ""
    event_name: str = ""
    body: str = ""
    service: str = ""
    trace_id: str
    span_id: str
    attributes: dict[str, Any] = Field(default_factory=dict)
    cut: bool = False


class LogExcerpt(Model):
    """The first log records of a node, in order, without those that tell of an error or a score; `more` are left out.
    `total` counts all."""

    items: list[LogRecord] = Field(default_factory=list)
    more: int = 0
    total: int = 0


#: Severities by OpenTelemetry's ranges of numbers, from the least.
SeverityName = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]


class LogPage(Page[LogRecord]):
    """One page of log records, newest first; `window` is the range that they were written in, None for all time. With a
    search a page may hold fewer entries and still have a `next`."""

    window: Window | None = None
