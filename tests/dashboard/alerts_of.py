"""What rules would find in a `World`, and what operators keep silent there."""

from datetime import timedelta

from collector import models as api
from tests.dashboard.world import CHANNEL, World


def fire(world: World, group: str = "sms", severity: api.Severity = api.Severity.ERROR) -> api.Alert:
    """An event waits for too long."""
    about = {"channel": CHANNEL, "group": group}
    alert = api.Alert(
        id=world.new_id(),
        rule="unprocessed",
        kind="unprocessed",
        severity=severity,
        title=f"An event on {CHANNEL} has waited 41 min for {group}",
        detail="4 unprocessed in all.",
        about=about,
        value=2_460.0,
        threshold=300.0,
        unit="seconds",
        started_at=world.now - timedelta(minutes=12),
        view="groups",
        params=about,
    )
    world.fired.append(alert)
    return alert


def resolve(world: World, alert: api.Alert, ended_as: str = "well") -> None:
    """It waits no more."""
    world.fired.remove(alert)
    world.over.insert(0, alert.model_copy(update={"resolved_at": world.now, "ended_as": ended_as}))


def alerts(world: World, params: dict[str, str]) -> api.AlertList:
    """All about them, as the API gives it."""
    rule = params.get("rule")
    at, limit = int(params.get("cursor") or 0), int(params.get("limit") or 50)
    over = [alert for alert in world.over if rule in (None, alert.rule)]
    firing = [_seen(world, alert) for alert in world.fired if rule in (None, alert.rule)]
    return api.AlertList(
        firing=firing,
        items=over[at : at + limit],
        next=str(at + limit) if at + limit < len(over) else None,
        rules=[*world.rules, _rule("unprocessed", len(firing)), _rule("loop", 0)],
        silences=list(world.silences.values()),
        webhooks=world.webhooks,
        file=world.rule_file[0],
        file_error=world.rule_file[1],
    )


def silence(world: World, request: api.SilenceRequest) -> api.Silence:
    """Keeps something silent."""
    made = api.Silence(
        id=world.new_id(),
        rule=request.rule,
        about=request.about,
        operator=request.operator,
        reason=request.reason,
        made_at=world.now,
        until=world.now + timedelta(seconds=request.seconds or 0),
    )
    world.silences[made.id] = made
    world.audit.append(
        api.AuditEntry(at=world.now, action="silence", operator=made.operator, reason=made.reason, rule=made.rule)
    )
    return made


def _rule(name: str, firing: int) -> api.AlertRule:
    return api.AlertRule(
        name=name,
        kind=name,
        says=f"It looks for {name}",
        severity=api.Severity.ERROR,
        threshold=300.0,
        unit="seconds",
        window_seconds=0,
        for_seconds=60,
        well_for_seconds=60,
        is_default=True,
        firing=firing,
        state=api.RuleState.FIRING if firing else api.RuleState.OK,
    )


def _seen(world: World, alert: api.Alert) -> api.Alert:
    for kept in world.silences.values():
        if kept.rule == alert.rule and kept.about in (None, alert.about):
            return alert.model_copy(update={"silence_id": kept.id, "silenced_until": kept.until})
    return alert
