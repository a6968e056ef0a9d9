"""Steps with a successor of a small company, and what operators do with them."""

from datetime import timedelta
from typing import Any

from collector import models as api
from tests.dashboard.world import World


def shadowed(world: World, step: str = "receipt", agreed: int = 95, n: int = 100, **facts: Any) -> api.ShadowedStep:
    """Adds a step of workflow `payment`, whose successor agreed so often; the last of the others is known."""
    event_id = next(iter(world.events))
    wrong = api.Disagreement(
        at=world.now - timedelta(minutes=5),
        event_id=event_id,
        subject="P7",
        differences=[api.Difference(field="fee", step="1", successor="2")],
    )
    share = api.Accuracy(n=n, value=agreed / n, low=0.888, high=0.978) if n else api.Accuracy(n=0)
    known = {
        "app": "bank",
        "workflow": "payment",
        "step": step,
        "mode": "shadow",
        "channel": "receipts",
        "group": "receipts",
        "agreement": share,
        "coverage": 0.5,
        "failed": 3,
        "last": [wrong],
    }
    world.shadows[step] = api.ShadowedStep.model_validate(known | facts)
    return world.shadows[step]


def act(world: World, action: str, body: dict[str, Any]) -> api.Model:
    """An operator switches a step, or has it be compared anew."""
    step = body["step"]
    was = world.shadows[step]
    if action == "anew":
        request = api.AnewRequest(**body)
        world.shadows[step] = was.model_copy(update={"agreement": api.Accuracy(n=0), "last": []})
        _note(world, "compare_anew", request.operator, request.reason, was)
        return world.shadows[step]
    switch = api.SwitchRequest(**body)
    world.shadows[step] = was.model_copy(update={"mode": switch.mode, "since": world.now, "by": switch.operator})
    _note(world, {"moved": "move_step"}.get(switch.mode, "shadow_step"), switch.operator, switch.reason, was)
    return api.SwitchAnswer(step=world.shadows[step], changed=was.mode != switch.mode)


def _note(world: World, action: str, operator: str, reason: str, step: api.ShadowedStep) -> None:
    place = {"app": step.app, "workflow": step.workflow, "step": step.step}
    world.audit.append(api.AuditEntry(at=world.now, action=action, operator=operator, reason=reason, **place))
