"""All about alerts, as the API gives it."""

from collections.abc import Mapping

from collector.alerts.alert_store import AlertRecord
from collector.alerts.engine import AlertEngine
from collector.alerts.measures import Unit
from collector.alerts.rule import Rule
from collector.alerts.rule_kinds import KINDS
from collector.models import Alert, AlertList, AlertRule, RuleState, Severity, Silence, WebhookState
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.times import moment, moment_or_none

_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def list_alerts(alerts: AlertEngine, rule: str | None, within: Range, limit: int, cursor: str | None) -> AlertList:
    """Returns what fires, a page of what is over, and how rules stand.

    Args:
        alerts: all of them.
        rule: what fires and is over of this rule only.
        within: when that ended which is over.
        limit: entries of the page.
        cursor: where it begins.

    Raises:
        BadQueryError: when the cursor is none.
    """
    over, following = alerts.book.read_history(PagePosition.read(cursor) or PagePosition(within), limit, rule)
    with alerts.lock:
        fired = [
            (each, alerts.ward.find_silence(each)) for each in alerts.ward.fired.values() if rule in (None, each.rule)
        ]
        return AlertList(
            firing=sorted((build_alert(each, silence) for each, silence in fired), key=_urgency_key),
            items=[build_alert(each) for each in over],
            next=following,
            rules=[
                *(_build_rule(alerts, each) for each in alerts.rules.rules.values()),
                *(
                    _build_bad_rule(name, why)
                    for name, why in alerts.rules.bad.items()
                    if name not in alerts.rules.rules
                ),
            ],
            silences=list(alerts.ward.silences.values()),
            webhooks=_webhook_states(alerts),
            file=alerts.rules.path,
            file_error=alerts.rules.error,
        )


def build_alert(fired: AlertRecord, silence: Silence | None = None) -> Alert:
    """Returns an alert, and what keeps it silent."""
    finding = fired.finding
    return Alert(
        id=str(fired.id),
        rule=fired.rule,
        kind=fired.kind,
        severity=fired.severity,
        title=finding.title,
        detail=finding.detail,
        about=dict(finding.about),
        value=finding.value,
        threshold=fired.threshold,
        unit=_unit_of_kind(fired.kind),
        started_at=moment(fired.started_ns),
        resolved_at=moment_or_none(fired.resolved_ns),
        ended_as=fired.ended_as,
        silence_id=None if silence is None else silence.id,
        silenced_until=None if silence is None else silence.until,
        view=finding.view,
        params=dict(finding.params),
    )


def _urgency_key(alert: Alert) -> tuple[bool, int, float]:
    return alert.silence_id is not None, _SEVERITIES.index(alert.severity), -alert.started_at.timestamp()


def _build_rule(alerts: AlertEngine, rule: Rule) -> AlertRule:
    kind, status = KINDS[rule.kind], alerts.statuses.get(rule.name)
    firing, pending = alerts.ward.count_findings(rule.name)
    error = alerts.rules.bad.get(rule.name, "")
    if error:
        error = f"what the file says of it can't be used, so it is as it was: {error}"
    elif status is not None:
        error = status.error
    return AlertRule(
        name=rule.name,
        kind=rule.kind,
        says=kind.says,
        severity=rule.severity,
        threshold=rule.threshold,
        unit=kind.unit.value,
        window_seconds=rule.window,
        for_seconds=rule.lasting,
        well_for_seconds=rule.well_for,
        filters={name: list(patterns) for name, patterns in rule.filters.items()},
        by=rule.by,
        is_default=rule.is_default,
        state=_rule_state(rule, firing, pending, is_bad=rule.name in alerts.rules.bad, error=error),
        firing=firing,
        pending=pending,
        evaluated_at=moment_or_none(status.evaluated_ns) if status else None,
        took_ms=status.took_ms if status else None,
        error=error,
    )


def _rule_state(rule: Rule, firing: int, pending: int, *, is_bad: bool, error: str) -> RuleState:
    states: Mapping[RuleState, bool] = {
        RuleState.BAD: is_bad,
        RuleState.OFF: not rule.is_on,
        RuleState.UNKNOWN: bool(error),
        RuleState.FIRING: firing > 0,
        RuleState.PENDING: pending > 0,
    }
    return next((state for state, holds in states.items() if holds), RuleState.OK)


def _build_bad_rule(name: str, why: str) -> AlertRule:
    return AlertRule(
        name=name,
        kind="",
        says="",
        severity=Severity.WARNING,
        window_seconds=0,
        for_seconds=0,
        well_for_seconds=0,
        is_default=False,
        state=RuleState.BAD,
        error=why,
    )


def _webhook_states(alerts: AlertEngine) -> list[WebhookState]:
    states = []
    for name, webhook in alerts.rules.webhooks.items():
        line = alerts.notifier.lines.get(name)
        states.append(
            WebhookState(
                name=name,
                place=webhook.place,
                severity=webhook.severity,
                waiting=len(line.waiting) if line else 0,
                last_sent_at=moment_or_none(line.sent_ns) if line else None,
                error=webhook.error or (line.error if line else ""),
            )
        )
    return states


def _unit_of_kind(kind: str) -> str:
    return (KINDS[kind].unit if kind in KINDS else Unit.NONE).value
