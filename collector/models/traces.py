"""Traces, and spans as they were received."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from collector.models.base import Model, Page, Window


class TraceBrief(Model):
    """One trace of a list. Its name, and its first `service`, are those of its root: the span without a parent, or the
    earliest where that never came (`has_root` is false). `status` is `error` where a span of it says so, else `ok`."""

    trace_id: str
    name: str
    service: str
    node_id: str
    """The node that the root is."""
    start: datetime
    duration_ms: float | None
    status: Literal["ok", "error"]
    spans: int
    errors: int
    services: list[str] = Field(default_factory=list)
    has_root: bool = True


class TracePage(Page[TraceBrief]):
    """One page of traces; `window` is the range that they began in, None for all time. What is older than `kept_since`
    is kept no longer."""

    window: Window | None = None
    kept_since: datetime | None = None


class SpanEvent(Model):
    """An event on a span; `time` is RFC 3339 with nanoseconds."""

    name: str
    time: str
    attributes: dict[str, Any] = Field(default_factory=dict)


class SpanLink(Model):
    """A link of a span; ids in hex."""

    trace_id: str
    span_id: str
    attributes: dict[str, Any] = Field(default_factory=dict)


class Span(Model):
    """A span as it was received; ids in hex, times RFC 3339 with nanoseconds. Without an `end` it had none when it was
    sent."""

    trace_id: str
    span_id: str
    parent_span_id: str | None = None
    name: str
    kind: str
    start: str
    end: str | None
    status: str
    status_message: str = ""
    attributes: dict[str, Any] = Field(default_factory=dict)
    events: list[SpanEvent] = Field(default_factory=list)
    links: list[SpanLink] = Field(default_factory=list)
    resource: dict[str, Any] = Field(default_factory=dict)
    scope: str = ""
    service: str = ""
    node_id: str | None = None
    """The node that it is, or tells of."""
    node_kind: str | None = None


class Trace(Model):
    """The spans of one trace, by start time. `truncated`: there are more, and the latest were left out.

    `superseded` are other records that came under the ids of spans: sent before these had ended, or contradicting them.
    """

    spans: list[Span]
    superseded: list[Span] = Field(default_factory=list)
    truncated: bool = False
