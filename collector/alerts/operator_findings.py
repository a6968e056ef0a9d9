"""What rules find that a person has to see to: budgets that are spent, and undos that have failed for good."""

from collections.abc import Iterator

from collector.alerts.evaluation_context import EvaluationContext
from collector.alerts.rule import Finding, Rule
from collector.models import Budget


def find_spent_budgets(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Budgets that something waits for."""
    for budget in look.bus.spent_budgets:
        count = budget.parked_total
        waits = "1 step or delivery waits" if count == 1 else f"{count:,} steps and deliveries wait"
        title = f"The budget of {budget.what} is spent, and {waits}"
        detail = f"{_budget_use_text(budget)}. Raise it, and they go on; or cancel it, and they end."
        about = {"budget": budget.id}
        yield Finding(about, float(count), title, detail, "runs", about, {"app": budget.app})


def find_failed_undos(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Runs of which an undo has failed for good, and that nobody has tried again."""
    for failure in look.bus.undo_failures:
        steps = ", ".join(failure.steps)
        title = f"What {steps} of a run of {failure.workflow} did could not be undone"
        detail = (
            f"{failure.error or 'Nobody knows why'}. Put it right, or have it undone again: Undo, on the run's page."
        )
        about = {"run": failure.run_id}
        traits = {"app": failure.app, "workflow": failure.workflow}
        yield Finding(about, float(len(failure.steps)), title, detail, "runs", about, traits)


def _budget_use_text(budget: Budget) -> str:
    """What of each of its limits is used."""
    parts = [] if budget.usd_limit is None else [f"${budget.usd:,.2f} of ${budget.usd_limit:,.2f}"]
    parts += [] if budget.tokens_limit is None else [f"{budget.tokens:,} of {budget.tokens_limit:,} tokens"]
    parts += [] if budget.hops_limit is None else [f"{budget.hops:,} of {budget.hops_limit:,} hops"]
    parts += [] if budget.ends_at is None else [f"its time ends at {budget.ends_at:%Y-%m-%d %H:%M} UTC"]
    return f"Of {budget.app}: {', '.join(parts)}"
