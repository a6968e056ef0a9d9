"""Schedules of a small company, and what operators do with them."""

from datetime import timedelta

from collector import models as api
from tests.dashboard.world import World


def plan(world: World, name: str = "nightly", **facts: object) -> api.Schedule:
    """Adds a schedule that is due in an hour, and ran last as the first run there is."""
    known = {
        "app": "logistics",
        "name": name,
        "workflow": "shipment",
        "when": "0 * * * * (UTC)",
        "times": [world.now + timedelta(hours=hours) for hours in (1, 2, 3)],
        "workers": 1,
        "missed": "latest",
        "overlap": "skip",
        "last_run_id": next(iter(world.runs)),
        "last_at": world.now - timedelta(minutes=5),
        "started": 4,
    }
    world.schedules.append(schedule := api.Schedule(**(known | facts)))
    return schedule


def act(world: World, action: str, request: api.ScheduleRequest) -> api.ScheduleAnswer:
    """An operator does something with a schedule."""
    (at,) = [at for at, one in enumerate(world.schedules) if one.name == request.name]
    changes: dict[str, dict[str, object]] = {
        "pause": {"paused_at": world.now, "paused_by": request.operator},
        "unpause": {"paused_at": None, "paused_by": None, "dropped": 2},
        "run": {},
    }
    world.schedules[at] = world.schedules[at].model_copy(update=changes[action])
    answer = api.ScheduleAnswer(app=request.app, name=request.name, changed=True)
    if action == "run":
        return answer.model_copy(update={"became": "skipped", "run_id": next(iter(world.runs)), "changed": False})
    return answer.model_copy(update={"dropped": 2} if action == "unpause" else {})
