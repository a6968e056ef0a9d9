"""The state of all alerts: what stands, what fires, what is kept silent; and who is to be told of a change."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from collector.alerts import message
from collector.alerts.alert_store import AlertRecord, AlertStore, Notice
from collector.alerts.finding_states import FindingStates
from collector.alerts.rule import Finding, Rule
from collector.alerts.rule_file import RuleSet
from collector.alerts.webhook_table import Webhook
from collector.models import Severity, Silence
from collector.times import nanoseconds

_RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(slots=True)
class RuleResult:
    """What a look of one rule gave; `found` is None where it could not look."""

    found: list[Finding] | None
    error: str = ""
    took_ms: float = 0.0


@dataclass(slots=True)
class AlertChanges:
    """What is to be written down, and to be told."""

    fired: list[AlertRecord] = field(default_factory=list)
    announced: list[AlertRecord] = field(default_factory=list)
    resolved: list[AlertRecord] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def add(self, other: "AlertChanges") -> None:
        """Takes over what another one holds."""
        for name in ("fired", "announced", "resolved", "notices", "lines"):
            getattr(self, name).extend(getattr(other, name))


class AlertStates:
    """Keeps the state of all rules. Not safe across threads: whoever owns it holds a lock.

    Args:
        wall: nanoseconds since 1970, for what people read; all else goes by the clock that callers hand in.
    """

    def __init__(self, wall: Callable[[], int] = time.time_ns) -> None:
        self._wall = wall
        self._standing: dict[str, FindingStates] = {}
        self.fired: dict[tuple[str, str], AlertRecord] = {}
        self.silences: dict[str, Silence] = {}

    def restore(self, book: AlertStore, now: float) -> list[Notice]:
        """Takes over what fired, and was silent, when the collector ended. Returns what is still to be told."""
        fired, silences, notices = book.load_open(self._wall())
        for alert in fired:
            self.fired[alert.rule, alert.finding.key] = alert
            self._states_of_rule(alert.rule).restore(alert.finding, now)
        self.silences = {silence.id: silence for silence in silences}
        return notices

    def reset_durations(self, now: float) -> None:
        """Forgets how long things have lasted."""
        for standing in self._standing.values():
            standing.reset_durations(now)

    def exclude_time(self, seconds: float) -> None:
        """Has so much of the time that has just passed not count."""
        for standing in self._standing.values():
            standing.exclude_time(seconds)

    def count_findings(self, rule: str) -> tuple[int, int]:
        """Returns how much of a rule fires, and how much has not lasted long enough yet."""
        standing = self._standing.get(rule)
        return (len(standing.firing), standing.pending) if standing else (0, 0)

    def list_firing_subjects(self) -> dict[str, list[Mapping[str, str]]]:
        """Returns what fires now is about, by rule."""
        return {name: [finding.about for finding in standing.firing] for name, standing in self._standing.items()}

    def find_silence(self, alert: AlertRecord) -> Silence | None:
        """Returns what keeps an alert silent; None where nothing does."""
        now = self._wall()
        about = dict(alert.finding.about)
        return next(
            (
                silence
                for silence in self.silences.values()
                if silence.rule == alert.rule and silence.about in (None, about) and nanoseconds(silence.until) > now
            ),
            None,
        )

    def apply_results(self, rules: RuleSet, results: Mapping[str, RuleResult], now: float) -> AlertChanges:
        """Returns what looks change.

        Args:
            rules: those in force.
            results: what was found, by rule; those that did not look are left out.
            now: seconds of a clock that never goes back.
        """
        changed = AlertChanges()
        at_ns = self._wall()
        for name, result in results.items():
            if result.found is not None:
                self._apply_findings(rules.rules[name], result.found, now, at_ns, changed)
        self._resolve_removed_rules(rules, at_ns, changed)
        self._announce(at_ns, changed)
        self._expire_silences(at_ns)
        for alert in (*changed.announced, *(each for each in changed.resolved if each.announced_ns is not None)):
            changed.lines.append(message.format_log_line(alert))
            changed.notices += _build_notices(alert, rules, at_ns)
        return changed

    def _apply_findings(self, rule: Rule, found: list[Finding], now: float, at_ns: int, changed: AlertChanges) -> None:
        standing = self._states_of_rule(rule.name)
        moved = standing.update(rule, found, now)
        for key in moved.fired:
            alert = AlertRecord.from_finding(rule, standing.things[key].finding, at_ns)
            self.fired[rule.name, key] = alert
            changed.fired.append(alert)
        for key in moved.resolved:
            self._resolve(rule.name, key, "well", at_ns, changed)
        for key, thing in standing.things.items():
            alert_now = self.fired.get((rule.name, key))
            if alert_now is not None:
                self.fired[rule.name, key] = replace(alert_now, finding=thing.finding)

    def _resolve_removed_rules(self, rules: RuleSet, at_ns: int, changed: AlertChanges) -> None:
        """Ends what no rule looks for any more; a rule that can't be understood may be mended."""
        for name in list(self._standing):
            rule = rules.rules.get(name)
            if (rule is None or not rule.is_on) and name not in rules.bad:
                for key in self._standing.pop(name).things:
                    self._resolve(name, key, "rule gone", at_ns, changed)

    def _resolve(self, rule: str, key: str, ended_as: str, at_ns: int, changed: AlertChanges) -> None:
        alert = self.fired.pop((rule, key), None)
        if alert is not None:
            changed.resolved.append(replace(alert, resolved_ns=max(at_ns, alert.started_ns), ended_as=ended_as))

    def _announce(self, at_ns: int, changed: AlertChanges) -> None:
        for key, alert in self.fired.items():
            if alert.announced_ns is None and self.find_silence(alert) is None:
                self.fired[key] = replace(alert, announced_ns=at_ns)
                changed.announced.append(self.fired[key])

    def _expire_silences(self, at_ns: int) -> None:
        self.silences = {id_: each for id_, each in self.silences.items() if nanoseconds(each.until) > at_ns}

    def _states_of_rule(self, rule: str) -> FindingStates:
        return self._standing.setdefault(rule, FindingStates())

    def add_silence(
        self, rule: str, about: dict[str, str] | None, operator: str, reason: str, times: tuple[datetime, datetime]
    ) -> Silence:
        """Returns a new silence that holds from now on.

        Args:
            rule: whose alerts.
            about: the one thing; None for all of them.
            operator: who says so.
            reason: why.
            times: now, and when it ends.
        """
        silence = Silence(
            id=str(uuid4()), rule=rule, about=about, operator=operator, reason=reason, made_at=times[0], until=times[1]
        )
        self.silences[silence.id] = silence
        return silence


def _build_notices(alert: AlertRecord, rules: RuleSet, at_ns: int) -> Iterable[Notice]:
    for webhook in rules.webhooks.values():
        if _is_notified_of(webhook, alert):
            yield Notice(uuid4(), webhook.name, message.build_webhook_body(alert, rules.dashboard), at_ns)


def _is_notified_of(webhook: Webhook, alert: AlertRecord) -> bool:
    return _RANKS[alert.severity] >= _RANKS[webhook.severity]
