"""What rules find in what calls of models cost, and in their tokens, over a window."""

from collections.abc import Iterator, Mapping
from typing import Final

from collector.alerts.evaluation_context import EvaluationContext
from collector.alerts.measures import format_duration, format_usd
from collector.alerts.rule import Finding, Rule
from collector.models import CallsBy, CallsSort
from collector.store.database import Row

#: What a rule may put calls together by, the usual first.
BY: Final = (CallsBy.RUN, CallsBy.USER, CallsBy.MODEL, CallsBy.AGENT, CallsBy.SESSION, CallsBy.APP)

#: What calls can be narrowed to.
DIMS: Final = ("app", "agent", "model", "session", "user")

#: Models without a price that are named.
_NAMED: Final = 3


def find_high_costs(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Runs, users, models and others whose calls cost more within the window than the threshold."""
    for row in look.query_spending(rule, CallsSort.COST):
        value = row["cost_usd"]
        if value is not None and value > (rule.threshold or 0.0):
            title = f"Calls of {_spender_name(rule, row)} cost {format_usd(value)} in {format_duration(rule.window)}"
            yield _build_finding(rule, row, value, title, f"{_calls_text(row)}.{_missing_cost_text(row)}")


def find_high_token_use(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Runs, users, models and others whose calls took more tokens within the window than the threshold."""
    for row in look.query_spending(rule, CallsSort.TOKENS):
        read, written = row["input_tokens"] or 0, row["output_tokens"] or 0
        if read + written > (rule.threshold or 0.0):
            title = (
                f"Calls of {_spender_name(rule, row)} took {read + written:,.0f} tokens in "
                f"{format_duration(rule.window)}"
            )
            silent = f" {row['unreported']:,} of them told no tokens: it may be more." if row["unreported"] else ""
            yield _build_finding(
                rule, row, read + written, title, f"{_calls_text(row)}, {read:,.0f} in and {written:,.0f} out.{silent}"
            )


def _calls_text(row: Row) -> str:
    return "1 call" if row["calls"] == 1 else f"{row['calls']:,} calls"


def _missing_cost_text(row: Row) -> str:
    """Returns how much a cost lacks: what has no price is not nothing."""
    if row["unpriced"]:
        models = [name for name in row["unpriced_models"] or () if name]
        more = f" and {len(models) - _NAMED:,} more" if len(models) > _NAMED else ""
        named = f" ({', '.join(models[:_NAMED])}{more})" if models else ""
        return f" {row['unpriced']:,} of them have no price, or told no tokens{named}: it is more."
    return " It may be more: some told less than they are paid for." if row["at_least"] else ""


def _spender_name(rule: Rule, row: Row) -> str:
    if rule.by == CallsBy.RUN:
        return f"one run of {row['some_agent'] or row['some_app']}"
    return f"{rule.by} {row['name']}"


def _build_finding(rule: Rule, row: Row, value: float, title: str, detail: str) -> Finding:
    about = {rule.by: row["name"]}
    traits = {name: row[f"some_{name}"] or "" for name in DIMS}
    view, params = _view_of_calls(rule.by, row["name"])
    return Finding(about, value, title, detail, view, params, traits)


def _view_of_calls(by: str, name: str) -> tuple[str, Mapping[str, str]]:
    """Returns where a reader sees which calls those are."""
    return ("steps", {"by": "user"}) if by == CallsBy.USER else ("runs", {by: name})
