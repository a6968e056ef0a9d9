"""What rules find in figures of a window: errors, latency, accuracy, attempts that hang."""

from collections.abc import Iterator

from collector.alerts.evaluation_context import EvaluationContext
from collector.alerts.measures import format_duration, format_percent
from collector.alerts.rule import Finding, Rule
from collector.questions import problems
from collector.questions.accuracy import compute_accuracy
from collector.store.database import Row
from collector.store.queries import Query
from collector.times import SECOND_NS
from runtime.semconv import NodeKind


def find_high_error_rates(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Steps, groups and services of others of which a larger share failed than the threshold."""
    for row in look.query_store(Query.ALERTS_PACE, **look.get_window_bounds(rule)):
        share = row["bad"] / row["nodes"] if row["nodes"] else 0.0
        if row["nodes"] >= problems.FEWEST and share > (rule.threshold or 0.0):
            detail = f"{row['bad']} of {row['nodes']} in {format_duration(rule.window)}."
            yield _build_finding(row, share, f"{format_percent(share)} of {_name_of_row(row)} failed", detail)


def find_high_latencies(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Steps, groups and services of others of whose attempts more than one in twenty took longer than the threshold."""
    for row in look.query_store(Query.ALERTS_PACE, **look.get_window_bounds(rule)):
        taken = row["p95_ms"] / 1_000
        if row["attempts"] >= problems.FEWEST and taken > (rule.threshold or 0.0):
            detail = f"p95 of {row['attempts']} attempts in {format_duration(rule.window)}."
            yield _build_finding(
                row, taken, f"One in twenty of {_name_of_row(row)} takes {format_duration(taken)} or longer", detail
            )


def find_low_accuracies(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Scores of steps and groups that are right less often than the threshold, with 95 % confidence."""
    for row in look.query_scores(rule):
        found = compute_accuracy(row["correct"], row["scored"])
        if found.value is not None and problems.is_below(found, rule.threshold or 0.0):
            score = row["score"]
            title = f"{_name_of_row(row)} is right in only {format_percent(found.value)}" + (
                f" by {score}" if score else ""
            )
            detail = (
                f"{row['correct']} of {row['scored']} scored in {format_duration(rule.window)}; 95 % interval: "
                f"{format_percent(found.low or 0.0)} to {format_percent(found.high or 0.0)}."
            )
            yield _build_finding(row, found.value, title, detail, score)


def find_hanging_attempts(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Steps and groups of which an attempt has gone on for longer than the threshold."""
    before_ns = look.now_ns - int((rule.threshold or 0.0) * SECOND_NS)
    for row in look.query_store(Query.ALERTS_HANGS, before_ns=before_ns):
        taken = max(0.0, (look.now_ns - row["begun_ns"]) / SECOND_NS)
        many = "" if row["attempts"] == 1 else f" {row['attempts']} of its attempts are as old."
        title = f"An attempt of {_name_of_row(row)} has gone on for {format_duration(taken)}"
        detail = f"It has neither ended nor failed: is it stuck? A timeout would end it.{many}"
        found = _build_finding(row, taken, title, detail)
        yield Finding(found.about, found.value, title, detail, "event", {"id": str(row["node_id"])}, found.traits)


def _name_of_row(row: Row) -> str:
    if not row["kind"]:
        return row["service"] or "a service without a name"
    return f"{row['step']} ({row['workflow']})" if row["workflow"] else str(row["step"])


def _build_finding(row: Row, value: float, title: str, detail: str, score: str | None = None) -> Finding:
    app = {"app": row["service"]}
    if not row["kind"]:
        return Finding(app, value, title, detail, "event", {"q": row["service"]})
    names = ("channel", "group") if row["kind"] == NodeKind.DELIVERY else ("workflow", "step")
    about = dict(zip(names, (row["workflow"], row["step"]), strict=True))
    where = {"workflow": row["workflow"], "step": row["step"], "kind": row["kind"]}
    if score is not None:
        about["score"] = score
    return Finding(about, value, title, detail, "steps", where, app)
