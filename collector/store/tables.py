"""The tables that hold what was sent: what an export chooses of each, and by what an import knows a row again."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Args:
        name: its name.
        chosen: which rows are within a range; `chosen_spans` holds the spans that are.
        identity: columns by which a row is known that is stored already.
        optional: those of them that may be NULL.
        sourced: whether its rows name a resource and a scope.
    """

    name: str
    chosen: str
    identity: tuple[str, ...]
    optional: tuple[str, ...] = ()
    sourced: bool = False


_BEGUN: Final = "start_ns >= $since_ns AND start_ns < $until_ns"
_OF_SPANS: Final = "(trace_id, span_id) IN (SELECT trace_id, span_id FROM chosen_spans)"
_SPAN: Final = ("trace_id", "span_id")
_TIME_OF_LOG: Final = "log_time(time_ns, observed_ns)"

#: In the order in which they are filled: what others name comes first.
TABLES: Final = (
    Table("resources", "resource_id IN (SELECT resource_id FROM chosen_sources)", ("resource_id",)),
    Table("scopes", "scope_id IN (SELECT scope_id FROM chosen_sources)", ("scope_id",)),
    Table("spans", _BEGUN, _SPAN, sourced=True),
    Table("superseded", _OF_SPANS, (*_SPAN, "record_hash"), sourced=True),
    Table("pending", _BEGUN, _SPAN, sourced=True),
    Table("span_events", _OF_SPANS, ("trace_id", "span_id", "position", "time_ns", "name")),
    Table(
        "span_links",
        _OF_SPANS,
        ("trace_id", "span_id", "position", "linked_trace_id", "linked_span_id"),
        ("linked_trace_id", "linked_span_id"),
    ),
    Table("logs", f"{_TIME_OF_LOG} >= $since_ns AND {_TIME_OF_LOG} < $until_ns", ("record_id",), sourced=True),
    Table("metric_points", "time_ns >= $since_ns AND time_ns < $until_ns", ("point_id",), sourced=True),
    Table("rejections", "at_ns >= $since_ns AND at_ns < $until_ns", ("at_ns", "reason", "spans", "kept"), ("kept",)),
    Table("replacements", "at_ns >= $since_ns AND at_ns < $until_ns", ("at_ns", "ended", "spans")),
    Table("own_channels", "true", ("channel",)),
)

#: Tables that the collector keeps for itself, which no export holds.
OWN: Final = (
    "schema_version",
    "rereading",
    "materialized",
    "materialized_work",
    "changed_work",
    "alerts",
    "alert_silences",
    "alert_notices",
)
