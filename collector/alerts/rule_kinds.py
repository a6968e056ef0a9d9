"""What rules can look for: the words of `when`, what each measures, and what it is by default."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from collector.alerts import (
    bus_findings,
    causal_findings,
    figure_findings,
    ingest_findings,
    operator_findings,
    spending_findings,
)
from collector.alerts.evaluation_context import EvaluationContext
from collector.alerts.measures import Unit
from collector.alerts.rule import Finding, Rule
from collector.models import Severity
from collector.questions import problems, standstill, windows

_MINUTE: Final = 60.0
_HOUR: Final = 3_600.0

_OF_GROUPS: Final = ("app", "channel", "group")
_OF_WORK: Final = ("app", "channel", "group", "workflow", "step")


@dataclass(frozen=True, slots=True)
class RuleKind:
    """One thing that rules can look for."""

    says: str
    find: Callable[[EvaluationContext, Rule], Iterator[Finding]]
    severity: Severity
    dims: tuple[str, ...] = ()
    """What it can be filtered by."""
    unit: Unit = Unit.NONE
    threshold: float | None = None
    window: float = 15 * _MINUTE
    """Seconds; 0 for what looks at this moment alone."""
    lasting: float = 0.0
    within: float | None = None
    by: tuple[str, ...] = ()
    """What it may put calls together by, the usual first."""
    is_costly: bool = False
    """Whether it looks less often: some questions cost more than others."""
    needs_bus: bool = False


KINDS: Final[dict[str, RuleKind]] = {
    standstill.UNPROCESSED: RuleKind(
        "An event has waited for longer than the threshold, and nobody has processed it",
        bus_findings.find_unprocessed_events,
        Severity.ERROR,
        _OF_GROUPS,
        Unit.SECONDS,
        standstill.OLD_SECONDS,
        window=0.0,
        needs_bus=True,
    ),
    "dead_letters": RuleKind(
        "More deliveries died within the window than the threshold, and wait for somebody",
        bus_findings.find_dead_letters,
        Severity.ERROR,
        _OF_GROUPS,
        Unit.COUNT,
        0.0,
        needs_bus=True,
    ),
    standstill.NO_CONSUMER: RuleKind(
        "A group owes events, and no live worker serves it",
        bus_findings.find_unserved_groups,
        Severity.ERROR,
        _OF_GROUPS,
        lasting=_MINUTE,
        needs_bus=True,
        window=0.0,
    ),
    standstill.NO_WORKER: RuleKind(
        "Steps of an app wait, and nobody works for it",
        bus_findings.find_unserved_apps,
        Severity.ERROR,
        ("app",),
        lasting=_MINUTE,
        needs_bus=True,
        window=0.0,
    ),
    standstill.STANDSTILL: RuleKind(
        "Runs or events stand still although workers are alive",
        bus_findings.find_standstills,
        Severity.ERROR,
        _OF_GROUPS,
        lasting=_MINUTE,
        needs_bus=True,
        window=0.0,
    ),
    "budget_spent": RuleKind(
        "A budget is spent, and steps or deliveries wait for it to be raised or cancelled",
        operator_findings.find_spent_budgets,
        Severity.WARNING,
        ("app",),
        needs_bus=True,
        window=0.0,
    ),
    "undo_failed": RuleKind(
        "What a step of a run did could not be undone, and is left to a person",
        operator_findings.find_failed_undos,
        Severity.ERROR,
        ("app", "workflow"),
        needs_bus=True,
        window=0.0,
    ),
    "hangs": RuleKind(
        "An attempt has gone on for longer than the threshold",
        figure_findings.find_hanging_attempts,
        Severity.WARNING,
        _OF_WORK,
        Unit.SECONDS,
        30 * _MINUTE,
        is_costly=True,
        window=0.0,
    ),
    "missing_effect": RuleKind(
        "What usually follows an event, or is declared to follow it, did not come in time",
        causal_findings.find_missing_effects,
        Severity.ERROR,
        ("app", "channel", "effect_channel", "effect_group"),
        Unit.COUNT,
        0.0,
        window=_HOUR,
        within=2 * _MINUTE,
        is_costly=True,
    ),
    "loop": RuleKind(
        "One channel comes more often along one chain of causes than the threshold",
        causal_findings.find_loops,
        Severity.ERROR,
        ("app", "channel"),
        Unit.COUNT,
        10.0,
        window=_HOUR,
        is_costly=True,
    ),
    "error_rate": RuleKind(
        "A larger share of a step, a group or a service of others failed in the window than the threshold",
        figure_findings.find_high_error_rates,
        Severity.ERROR,
        _OF_WORK,
        Unit.SHARE,
        problems.ERROR_RATE_ERROR,
        lasting=_MINUTE,
    ),
    "latency": RuleKind(
        "One attempt in twenty (p95) took longer in the window than the threshold",
        figure_findings.find_high_latencies,
        Severity.WARNING,
        _OF_WORK,
        Unit.SECONDS,
        _MINUTE,
        lasting=_MINUTE,
    ),
    "accuracy": RuleKind(
        "A score is right less often in the window than the threshold, with 95 % confidence",
        figure_findings.find_low_accuracies,
        Severity.WARNING,
        (*_OF_WORK, "score"),
        Unit.SHARE,
        problems.ACCURACY,
        window=_HOUR,
        is_costly=True,
    ),
    "cost": RuleKind(
        "The calls of one run, user, model, agent, session or app cost more in the window than the threshold",
        spending_findings.find_high_costs,
        Severity.WARNING,
        spending_findings.DIMS,
        Unit.USD,
        20.0,
        window=_HOUR,
        by=spending_findings.BY,
        is_costly=True,
    ),
    "tokens": RuleKind(
        "The calls of one run, user, model, agent, session or app took more tokens in the window than the threshold",
        spending_findings.find_high_token_use,
        Severity.WARNING,
        spending_findings.DIMS,
        Unit.COUNT,
        10_000_000.0,
        window=_HOUR,
        by=spending_findings.BY,
        is_costly=True,
    ),
    "refused": RuleKind(
        "More spans, log records or data points were refused within the window than the threshold",
        ingest_findings.find_refused_records,
        Severity.WARNING,
        (),
        Unit.COUNT,
        0.0,
    ),
    "dropped": RuleKind(
        "Processes lost more spans than the threshold before they could send them",
        ingest_findings.find_dropped_spans,
        Severity.WARNING,
        ("app",),
        Unit.COUNT,
        0.0,
        is_costly=True,
    ),
    "clock_ahead": RuleKind(
        "A service sends spans that begin later from now than the threshold",
        ingest_findings.find_clocks_ahead,
        Severity.WARNING,
        ("app",),
        Unit.SECONDS,
        windows.AHEAD.total_seconds(),
    ),
    "open_breaker": RuleKind(
        "A breaker is open, half open or held",
        bus_findings.find_open_breakers,
        Severity.WARNING,
        ("breaker",),
        lasting=_MINUTE,
        needs_bus=True,
        window=0.0,
    ),
    "bus_away": RuleKind(
        "The bus does not answer, so that nothing that waits is known",
        bus_findings.find_unreachable_bus,
        Severity.ERROR,
        lasting=_MINUTE,
        window=0.0,
    ),
}
"""By the word that a rule says under `when`."""

#: Seconds that something must be found no more before it is resolved.
WELL_FOR: Final = 60.0


def build_default_rules() -> dict[str, Rule]:
    """Returns the rules that look where no file says otherwise: one of each kind, named after it."""
    return {
        name: Rule(
            name=name,
            kind=name,
            severity=kind.severity,
            threshold=kind.threshold,
            window=kind.window,
            lasting=kind.lasting,
            well_for=WELL_FOR,
            within=kind.within or 0.0,
            by=kind.by[0] if kind.by else "",
            filters={},
        )
        for name, kind in KINDS.items()
    }
