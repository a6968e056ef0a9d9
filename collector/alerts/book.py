"""The alerts' own tables: what fired, what is kept silent, what is still to be told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from collector.alerts.rule import Finding, Rule, key_of
from collector.models import Severity, Silence
from collector.questions.paging import EXTRA, Place, split
from collector.store.database import Database, Row, Session
from collector.store.queries import Query
from collector.times import moment

#: Alerts that are kept once they are over.
HISTORY: Final = 10_000

#: Entries of the audit that one page holds at most beside the bus's own.
_ACTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Fired:
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
    def of(cls, rule: Rule, finding: Finding, now_ns: int) -> "Fired":
        """Returns a new alert."""
        return cls(uuid4(), rule.name, rule.kind, rule.severity, finding, rule.threshold, now_ns)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a webhook is still to be told; `body` is JSON."""

    id: UUID
    webhook: str
    body: str
    made_ns: int


class Book:
    """Reads and writes the tables. Every change is one transaction.

    Args:
        database: the store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def opened(self, now_ns: int) -> tuple[list[Fired], list[Silence], list[Notice]]:
        """Returns what was firing, silent, and untold when the collector ended."""
        with self._database.reading() as session:
            fired = [_fired(row) for row in session.rows(Query.ALERTS_OPEN_ALERTS)]
            silences = [_silence(row) for row in session.rows(Query.ALERTS_OPEN_SILENCES, now_ns=now_ns)]
            notices = [
                Notice(row["notice_id"], row["webhook"], row["body"], row["made_ns"])
                for row in session.rows(Query.ALERTS_OPEN_NOTICES)
            ]
        return fired, silences, notices

    def record(
        self,
        fired: Sequence[Fired],
        announced: Sequence[Fired],
        resolved: Sequence[Fired],
        notices: Sequence[Notice],
    ) -> None:
        """Writes what changed."""
        if not (fired or announced or resolved or notices):
            return
        with self._database.writing() as session:
            for alert in fired:
                session.run(Query.ALERTS_INSERT_ALERT, **_values(alert))
            for alert in announced:
                session.run(Query.ALERTS_ANNOUNCE_ALERT, alert_id=alert.id, at_ns=alert.announced_ns)
            for alert in resolved:
                _resolve(session, alert)
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

    def told(self, notice: Notice) -> None:
        """Forgets a notice: it was told, or was given up."""
        with self._database.writing() as session:
            session.run(Query.ALERTS_DELETE_NOTICE, notice_id=notice.id)

    def silence(self, silence: Silence, made_ns: int, until_ns: int, ends: Sequence[UUID]) -> None:
        """Writes a silence down, and that it ends others."""
        with self._database.writing() as session:
            for id_ in ends:
                session.run(Query.ALERTS_END_SILENCE, silence_id=id_, operator=silence.operator, at_ns=made_ns)
            session.run(
                Query.ALERTS_INSERT_SILENCE,
                silence_id=UUID(silence.id),
                rule=silence.rule,
                about=None if silence.about is None else key_of(silence.about),
                operator=silence.operator,
                reason=silence.reason,
                made_ns=made_ns,
                until_ns=until_ns,
            )

    def end_silence(self, id_: UUID, operator: str, at_ns: int) -> None:
        """Writes down that a silence ends now."""
        with self._database.writing() as session:
            session.run(Query.ALERTS_END_SILENCE, silence_id=id_, operator=operator, at_ns=at_ns)

    def history(self, place: Place, limit: int, rule: str | None) -> tuple[list[Fired], str | None]:
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
        page, cursor = split(rows, place, limit, "alert_id")
        return [_fired(row) for row in page], cursor

    def acts(self, after_ns: int, until_ns: int) -> list[Row]:
        """Returns what operators did to alerts after a time, and not after another; newest first."""
        with self._database.reading() as session:
            return session.rows(Query.ALERTS_SILENCED, after_ns=after_ns, until_ns=until_ns, most=_ACTS)


def _resolve(session: Session, alert: Fired) -> None:
    session.run(
        Query.ALERTS_RESOLVE_ALERT,
        alert_id=alert.id,
        at_ns=alert.resolved_ns,
        ended_as=alert.ended_as,
        title=alert.finding.title,
        detail=alert.finding.detail,
        value=float(alert.finding.value),
    )


def _values(alert: Fired) -> dict[str, Any]:
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


def _fired(row: Row) -> Fired:
    finding = Finding(
        json.loads(row["about"]), row["value"], row["title"], row["detail"], row["view"], json.loads(row["params"])
    )
    return Fired(
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


def _silence(row: Row) -> Silence:
    return Silence(
        id=str(row["silence_id"]),
        rule=row["rule"],
        about=None if row["about"] is None else json.loads(row["about"]),
        operator=row["operator"],
        reason=row["reason"],
        made_at=moment(row["made_ns"]),
        until=moment(row["until_ns"]),
    )
