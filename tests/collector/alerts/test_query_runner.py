"""Questions of rules: bounded in time, and no reason for the collector not to end."""

import threading

import duckdb
import pytest

from collector.alerts import bus_findings
from collector.alerts.query_runner import QueryRunner
from collector.errors import RuleTooSlowError
from collector.models import RuleState
from collector.store.database import Database, Session
from collector.store.queries import Query
from tests.collector.alerts.guarded import Guard

ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = b.range % 11"


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Makes one question take for ever; set once it is asked."""
    asked = threading.Event()
    rows = Session.rows

    def slow(session: Session, query: Query, **values: object) -> list[dict[str, object]]:
        if query is not Query.ALERTS_CLOCKS:
            return rows(session, query, **values)
        asked.set()
        return session._cursor.execute(ENDLESS).fetchall()

    monkeypatch.setattr(Session, "rows", slow)
    return asked


def test_a_question_that_takes_too_long_is_cut_off(database: Database, endless: threading.Event) -> None:
    """And the next one is answered."""
    asking = QueryRunner(database, deadline=0.05)
    with pytest.raises(RuleTooSlowError, match=r"it took longer than 0\.05 s"):
        asking.query_rows(Query.ALERTS_CLOCKS, {"horizon_ns": 0}, {})
    assert asking.query_rows(Query.ALERTS_OPEN_ALERTS, {}, {}) == []


def test_the_end_cuts_off_what_is_being_asked(database: Database, endless: threading.Event) -> None:
    """Whatever its deadline; nothing is asked after it."""
    asking = QueryRunner(database, deadline=60)
    ending = threading.Thread(target=lambda: (endless.wait(10), asking.end()))
    ending.start()
    with pytest.raises(RuleTooSlowError):
        asking.query_rows(Query.ALERTS_CLOCKS, {"horizon_ns": 0}, {})
    ending.join()
    with pytest.raises(RuleTooSlowError, match="the collector ends"):
        asking.query_rows(Query.ALERTS_OPEN_ALERTS, {}, {})


async def test_a_rule_that_takes_too_long_says_so_looks_less_often_and_keeps_nobody_up(
    guard: Guard, endless: threading.Event
) -> None:
    """All others look."""
    guard.alerts._asking = QueryRunner(guard.database, deadline=0.05)
    await guard.look(after=1)
    slow = guard.rule("clock_ahead")
    assert (slow.state, slow.error) == (RuleState.UNKNOWN, "it took longer than 0.05 s: give it a shorter window")
    assert guard.rule("refused").state is RuleState.OK
    endless.clear()
    await guard.look(after=10)
    assert not endless.is_set()
    await guard.look(after=30)
    assert endless.is_set()


async def test_a_rule_that_fails_keeps_no_other_from_looking(
    guard: Guard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said which."""

    def broken(*_: object) -> None:
        raise duckdb.BinderException("no such column")

    monkeypatch.setattr(bus_findings.standstill, "find_standstills", broken)
    await guard.look(after=1)
    assert guard.rule("no_worker").error == "it failed (BinderException); the log says more"
    assert "Traceback" in caplog.text
    assert guard.rule("unprocessed").state is RuleState.OK
