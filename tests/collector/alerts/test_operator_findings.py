"""What rules find that a person has to see to: it fires at once, and is over once somebody has seen to it."""

from dataclasses import replace
from uuid import UUID

from collector.models import Severity
from runtime.budgets.account import Account, BudgetLimits, Parked
from tests.collector.alerts.guarded import Guard
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import MS, ORIGIN_NS, uid

NOW_MS = ORIGIN_NS // MS


def account(id_: UUID, parked: int, app: str = "crew") -> Account:
    """A budget that is spent, as long as something is parked under it."""
    works = tuple(Parked(uid(f"node {n}"), "step 'write'", NOW_MS, app=app) for n in range(parked))
    return Account(
        id=id_,
        parent=None,
        app=app,
        what="run of write",
        status="spent" if parked else "open",
        opened_ms=NOW_MS,
        ends_ms=None,
        limits=BudgetLimits(micros=2_000_000, tokens=None, hops=7),
        micros=1_500_000,
        tokens=3,
        hops=7,
        parked=works,
    )


async def test_a_budget_that_is_spent(guard: Guard, bus: MemoryBus) -> None:
    """With how much waits, and the way to where it is raised."""
    id_ = uid("budget")
    bus.accounts = {id_: account(id_, 2)}
    await guard.look(after=1)
    (alert,) = guard.firing()
    assert (alert.rule, alert.severity, alert.value) == ("budget_spent", Severity.WARNING, 2.0)
    assert alert.title == "The budget of run of write is spent, and 2 steps and deliveries wait"
    assert alert.detail.startswith("Of crew: $1.50 of $2.00, 7 of 7 hops. Raise it")
    assert (alert.view, alert.params) == ("runs", {"budget": str(id_)})
    bus.accounts = {id_: account(id_, 1)}
    await guard.look(after=10)
    assert [alert.value for alert in guard.firing()] == [1.0]
    bus.accounts = {id_: account(id_, 0)}
    await guard.lasting(70)
    assert guard.firing() == []


async def test_an_undo_that_has_failed(guard: Guard, bus: MemoryBus) -> None:
    """Until somebody tries it again."""
    run = bus.accept(
        uid("run"), status="failed", ended_ms=NOW_MS, is_undone=True, undo_failed=("pay",), undo_error="no"
    )
    await guard.look(after=1)
    (alert,) = guard.firing()
    assert (alert.rule, alert.severity) == ("undo_failed", Severity.ERROR)
    assert alert.title == "What pay of a run of w did could not be undone"
    assert (alert.view, alert.params) == ("runs", {"run": str(run.id)})
    bus.runs[run.id] = replace(run, undo_failed=())
    await guard.lasting(70)
    assert guard.firing() == []


async def test_they_are_told_apart_by_app(guard: Guard, bus: MemoryBus) -> None:
    """As all rules that look at the bus are."""
    guard.say('[rules.budget_spent]\napp = "other"\n[rules.undo_failed]\nworkflow = "other"')
    bus.accounts = {uid(app): account(uid(app), 1, app) for app in ("crew", "other")}
    bus.accept(uid("run"), status="failed", ended_ms=NOW_MS, is_undone=True, undo_failed=("pay",), undo_error="no")
    await guard.look(after=1)
    assert [alert.params for alert in guard.firing()] == [{"budget": str(uid("other"))}]
