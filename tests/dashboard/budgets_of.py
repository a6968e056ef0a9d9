"""Budgets and undos of a small company, and what operators do with them."""

from datetime import timedelta

from collector import models as api
from tests.dashboard.world import World


def grant(world: World, what: str = "run of feature", parked: int = 0, **facts: object) -> api.Budget:
    """Adds a budget of 5 hops; steps of the first run there is wait for it, the first since seven minutes."""
    run_id = next(iter(world.runs))
    waiting = [
        api.ParkedWork(
            node_id=world.new_id(),
            what=f"step {number}",
            since=world.now - timedelta(minutes=7 - number),
            app="logistics",
            run_id=run_id,
            workflow="shipment",
            step=f"step-{number}",
        )
        for number in range(parked)
    ]
    known = {
        "id": world.new_id(),
        "app": "logistics",
        "what": what,
        "status": "spent" if parked else "open",
        "opened_at": world.now - timedelta(minutes=20),
        "usd": 0.0,
        "tokens": 0,
        "hops": 5 if parked else 2,
        "hops_limit": 5,
        "parked": waiting,
        "parked_total": parked,
    }
    budget = api.Budget.model_validate(known | facts)
    world.budgets[budget.id] = budget
    return budget


def listed(world: World, params: dict[str, str]) -> api.BudgetList:
    """The newest first, or those that something waits for."""
    found = [one for one in reversed(world.budgets.values()) if one.parked or "spent" not in params]
    return api.BudgetList(items=found, at=world.now)


def act(world: World, budget_id: str, action: str, body: dict[str, object]) -> api.BudgetAnswer:
    """An operator raises or cancels a budget."""
    was = world.budgets[budget_id]
    changes: dict[str, object] = {"status": "cancelled", "by": body["operator"]}
    if action == "raise":
        request = api.RaiseRequest.model_validate(body)
        changes = {"status": "open", "hops_limit": (was.hops_limit or 0) + (request.hops or 0)}
    now = was.model_copy(update={**changes, "parked": [], "parked_total": 0})
    world.budgets[budget_id] = now
    world.audit.append(
        api.AuditEntry(
            at=world.now,
            action=f"{action}_budget",
            operator=str(body["operator"]),
            app=was.app,
            budget_id=budget_id,
            budget=was.what,
            reason="hops +7" if action == "raise" else "",
        )
    )
    return api.BudgetAnswer(budget=now, parked=was.parked_total)


def fail_undo(world: World, run_id: str, *steps: str, error: str = "OSError: the bank is away") -> None:
    """A run failed, and some of its undos did as well."""
    world.stand(run_id, api.NodeStatus.FAILED, step="delivery", error="OSError: no route")
    server(world, run_id, is_undone=True, undo_failed=list(steps), undo_error=error)


def server(world: World, run_id: str, **facts: object) -> None:
    """Changes what the server says of a run."""
    detail = world.runs[run_id]
    assert detail.server is not None
    world.runs[run_id] = detail.model_copy(update={"server": detail.server.model_copy(update=facts)})


def failures(world: World) -> list[api.UndoFailure]:
    """Runs of which an undo has failed."""
    return [
        api.UndoFailure(
            run_id=run_id,
            app="logistics",
            workflow=detail.run.workflow,
            subject=detail.run.subject,
            steps=detail.server.undo_failed,
            error=detail.server.undo_error,
            ended_at=detail.run.end,
        )
        for run_id, detail in world.runs.items()
        if detail.server and detail.server.undo_failed
    ]


def undo(world: World, run_id: str) -> api.RunAnswer:
    """An operator undoes a run."""
    detail = world.runs[run_id]
    world.stand(run_id, api.NodeStatus.RUNNING, life=detail.run.life + 1)
    server(world, run_id, is_undoing=True, is_undone=True, ending=api.NodeStatus.FAILED)
    return api.RunAnswer(run_id=run_id, status=api.NodeStatus.RUNNING, changed=True)
