"""Breakers of a small company, and what operators do with them."""

from datetime import timedelta

from collector import models as api
from tests.dashboard.world import World


def guard(
    world: World, name: str = "carrier-api", state: str = "closed", deferred: int = 0, **facts: object
) -> api.Breaker:
    """Adds a breaker; one that is not closed has been so for five minutes, and steps of the first run there is wait."""
    run_id = next(iter(world.runs))
    is_closed = state == "closed"
    waiting = [
        api.DeferredWork(
            node_id=world.new_id(),
            what=f"step {number}",
            since=world.now - timedelta(minutes=4),
            app="logistics",
            run_id=run_id,
            workflow="shipment",
            step=f"step-{number}",
            times=number + 1,
            until=world.now + timedelta(minutes=1),
        )
        for number in range(deferred)
    ]
    since = None if is_closed else world.now - timedelta(minutes=5)
    why = "" if is_closed else "5 in a row failed: OSError: no route"
    changes = [] if since is None else [api.BreakerChange(at=since, state="open", why=why)]
    known = {
        "name": name,
        "state": state,
        "since": since,
        "why": why,
        "settings": {"failures": 5, "cooldown": 600},
        "guards": {"logistics": ["step 'sorting' of shipment"]},
        "waiting": waiting,
        "waiting_total": deferred,
        "changes": changes,
        "next_probe": None if is_closed else world.now + timedelta(minutes=5),
    }
    world.breakers[name] = api.Breaker.model_validate(known | facts)
    return world.breakers[name]


def listed(world: World) -> api.BreakerList:
    """All of them, those first that are not closed."""
    items = sorted(world.breakers.values(), key=lambda one: one.state == "closed")
    return api.BreakerList(items=items, outages=world.outages, at=world.now)


def act(world: World, action: str, request: api.BreakerRequest) -> api.BreakerAnswer:
    """An operator opens, holds or closes one."""
    was, state = world.breakers[request.name], {"open": "open", "hold": "held", "close": "closed"}[action]
    change = api.BreakerChange.model_validate(
        {"at": world.now, "state": state, "why": request.reason, "by": request.operator}
    )
    now = {
        "state": state,
        "why": request.reason,
        "by": request.operator,
        "since": None if state == "closed" else world.now,
        "changes": [change, *was.changes],
        "next_probe": None,
    }
    if state == "closed":
        now |= {"waiting": [], "waiting_total": 0}
    world.breakers[request.name] = was.model_copy(update=now)
    world.audit.append(
        api.AuditEntry(
            at=world.now,
            action=f"{action}_breaker",
            operator=request.operator,
            reason=request.reason,
            breaker=request.name,
        )
    )
    return api.BreakerAnswer(breaker=world.breakers[request.name], changed=was.state != state)
