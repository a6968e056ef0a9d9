"""What programs wrote down while they worked."""

from datetime import datetime
from typing import Any

from pydantic import Field

from collector.models.base import Model


class LogRecord(Model):
    """One log record. `severity` is its name, as sent or after OpenTelemetry's ranges (`TRACE` to `FATAL`), empty where
    none is known; `body` is text, anything else as JSON. What is too long is cut, and `cut` says so."""

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
    """The first log records of a node, in order; `more` are left out."""

    items: list[LogRecord] = Field(default_factory=list)
    more: int = 0
