"""The alerts' own tables: what fired, what is kept silent, what is still to be told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from collector.alerts.rule import Finding, Rule, make_subject_key
from collector.models import Severity, Silence
from collector.questions.paging import EXTRA, PagePosition, split_page
from collector.store.database import Database, Row, Session
from collector.store.queries import Query
from collector.times import moment

#: Alerts that are kept once they are over.
HISTORY: Final = 10_000

#: Entries of the audit that one page holds at most beside the bus's own.
_ACTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert as it is kept. Times are nanoseconds since 1970."""

    id: UUID
    rule: str
    kind: str
    severity: Severity
    finding: Finding
    threshold: float | None
    started_ns: int
    announced_ns: int | None = None
    resolved_ns: int | None = None
    ended_as: str | None = None

    @classmethod
    def from_finding(cls, rule: Rule, finding: Finding, now_ns: int) -> "AlertRecord":
        """Returns a new alert."""
        return cls(uuid4(), rule.name, rule.kind, rule.severity, finding, rule.threshold, now_ns)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a webhook is still to be told; `body` is JSON."""

    id: UUID
    webhook: str
    body: str
    made_ns: int


class AlertStore:
    """Reads and writes the tables. Every change is one transaction.

    Args:
        database: the store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def load_open(self, now_ns: int) -> tuple[list[AlertRecord], list[Silence], list[Notice]]:
        """Returns what was firing, silent, and untold when the collector ended."""
        with self._database.reading() as session:
            fired = [_alert_from_row(row) for row in session.rows(Query.ALERTS_OPEN_ALERTS)]
            silences = [_silence_from_row(row) for row in session.rows(Query.ALERTS_OPEN_SILENCES, now_ns=now_ns)]
            notices = [
                Notice(row["notice_id"], row["webhook"], row["body"], row["made_ns"])
                for row in session.rows(Query.ALERTS_OPEN_NOTICES)
            ]
        return fired, silences, notices

    def save_changes(
        self,
        fired: Sequence[AlertRecord],
        announced: Sequence[AlertRecord],
        resolved: Sequence[AlertRecord],
        notices: Sequence[Notice],
    ) -> None:
        """Writes what changed."""
        if not (fired or announced or resolved or notices):
            return
        with self._database.writing() as session:
            for alert in fired:
                session.run(Query.ALERTS_INSERT_ALERT, **_alert_values(alert))
            for alert in announced:
                session.run(Query.ALERTS_ANNOUNCE_ALERT, alert_id=alert.id, at_ns=alert.announced_ns)
            for alert in resolved:
                _write_resolution(session, alert)
            for notice in notices:
                session.run(
                    Query.ALERTS_INSERT_NOTICE,
                    notice_id=notice.id,
                    webhook=notice.webhook,
                    made_ns=notice.made_ns,
                    body=notice.body,
                )
            if resolved:
                session.run(Query.ALERTS_FORGET_ALERTS, keep=HISTORY)

    def delete_notice(self, notice: Notice) -> None:
        """Forgets a notice: it was told, or was given up."""
        with self._database.writing() as session:
            session.run(Query.ALERTS_DELETE_NOTICE, notice_id=notice.id)

    def insert_silence(self, silence: Silence, made_ns: int, until_ns: int, ends: Sequence[UUID]) -> None:
        """Writes a silence down, and that it ends others."""
        with self._database.writing() as session:
            for id_ in ends:
                session.run(Query.ALERTS_END_SILENCE, silence_id=id_, operator=silence.operator, at_ns=made_ns)
            session.run(
                Query.ALERTS_INSERT_SILENCE,
                silence_id=UUID(silence.id),
                rule=silence.rule,
                about=None if silence.about is None else make_subject_key(silence.about),
                operator=silence.operator,
                reason=silence.reason,
                made_ns=made_ns,
                until_ns=until_ns,
            )

    def end_silence(self, id_: UUID, operator: str, at_ns: int) -> None:
        """Writes down that a silence ends now."""
        with self._database.writing() as session:
            session.run(Query.ALERTS_END_SILENCE, silence_id=id_, operator=operator, at_ns=at_ns)

    def read_history(self, place: PagePosition, limit: int, rule: str | None) -> tuple[list[AlertRecord], str | None]:
        """Returns a page of what is over, newest first, and the cursor of the next."""
        with self._database.reading() as session:
            rows = session.rows(
                Query.ALERTS_HISTORY,
                first_ns=place.within.first_ns,
                end_ns=place.within.end_ns,
                before_ns=place.before_ns,
                before_id=place.before_id,
                rule=rule,
                most=limit + EXTRA,
            )
        page, cursor = split_page(rows, place, limit, "alert_id")
        return [_alert_from_row(row) for row in page], cursor

    def find_operator_actions(self, after_ns: int, until_ns: int) -> list[Row]:
        """Returns what operators did to alerts after a time, and not after another; newest first."""
        with self._database.reading() as session:
            return session.rows(Query.ALERTS_SILENCED, after_ns=after_ns, until_ns=until_ns, most=_ACTS)


def _write_resolution(session: Session, alert: AlertRecord) -> None:
    session.run(
        Query.ALERTS_RESOLVE_ALERT,
        alert_id=alert.id,
        at_ns=alert.resolved_ns,
        ended_as=alert.ended_as,
        title=alert.finding.title,
        detail=alert.finding.detail,
        value=float(alert.finding.value),
    )


def _alert_values(alert: AlertRecord) -> dict[str, Any]:
    finding = alert.finding
    return {
        "alert_id": alert.id,
        "rule": alert.rule,
        "kind": alert.kind,
        "severity": alert.severity.value,
        "about": finding.key,
        "title": finding.title,
        "detail": finding.detail,
        "view": finding.view,
        "params": json.dumps(dict(finding.params)),
        "value": float(finding.value),
        "threshold": alert.threshold,
        "started_ns": alert.started_ns,
    }


def _alert_from_row(row: Row) -> AlertRecord:
    finding = Finding(
        json.loads(row["about"]), row["value"], row["title"], row["detail"], row["view"], json.loads(row["params"])
    )
    return AlertRecord(
        row["alert_id"],
        row["rule"],
        row["kind"],
        Severity(row["severity"]),
        finding,
        row["threshold"],
        row["started_ns"],
        row["announced_ns"],
        row["resolved_ns"],
        row["ended_as"],
    )


def _silence_from_row(row: Row) -> Silence:
    return Silence(
        id=str(row["silence_id"]),
        rule=row["rule"],
        about=None if row["about"] is None else json.loads(row["about"]),
        operator=row["operator"],
        reason=row["reason"],
        made_at=moment(row["made_ns"]),
        until=moment(row["until_ns"]),
    )
