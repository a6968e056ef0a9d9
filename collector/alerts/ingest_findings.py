"""What rules find in what is sent: what was refused, what was lost before it came, clocks that are wrong."""

from collections.abc import Iterator
from typing import Final

from collector.alerts.evaluation_context import EvaluationContext
from collector.alerts.measures import format_duration
from collector.alerts.rule import Finding, Rule
from collector.store.queries import Query
from collector.times import SECOND_NS

#: Reasons that are named at most.
_REASONS: Final = 5


def find_refused_records(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Spans, log records and data points that were refused in the window, if they are more than the threshold."""
    rows = [
        row
        for row in look.query_store(Query.OVERVIEW_REJECTIONS, first_ns=look.get_window_bounds(rule)["first_ns"])
        if not row["kept"]
    ]
    total = sum(row["records"] for row in rows)
    if total > (rule.threshold or 0.0):
        rows.sort(key=lambda row: -row["records"])
        detail = "; ".join(f"{row['records']}: {row['reason']}" for row in rows[:_REASONS])
        title = f"{total} spans, log records or data points were refused"
        yield Finding({}, total, title, detail, "overview")


def find_dropped_spans(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Services whose processes lost more spans than the threshold, of those that the window heard of."""
    for row in look.query_store(Query.OVERVIEW_DROPPED_SPANS, **look.get_window_bounds(rule)):
        if row["recently"] > (rule.threshold or 0.0):
            about = {"app": row["service"]}
            title = f"{row['service'] or 'A service without a name'} dropped {row['recently']} spans"
            detail = "Its processes could neither send nor keep them: what they would have told is missing."
            yield Finding(about, row["recently"], title, detail, "overview")


def find_clocks_ahead(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Services that send spans which begin in the future, by more than the threshold."""
    horizon_ns = look.now_ns + int((rule.threshold or 0.0) * SECOND_NS)
    rows = look.query_store(Query.ALERTS_CLOCKS, horizon_ns=horizon_ns, now_ns=look.now_ns)
    seen = look.clocks[rule.name]
    seen.record_counts({row["service"]: row["spans"] for row in rows})
    for row in rows:
        if seen.has_grown_within(row["service"], rule.window):
            ahead = row["ahead_ns"] / SECOND_NS
            name = row["service"] or "a service without a name"
            title = f"The clock of {name} is ahead by {format_duration(ahead)}"
            detail = f"{row['spans']} of its spans begin in the future. Set the clock of its machine."
            yield Finding({"app": row["service"]}, ahead, title, detail, "overview")
