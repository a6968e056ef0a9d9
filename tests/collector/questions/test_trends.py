"""How a window went, and what changed against the time before it."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.models import AgentTrouble, Trends, Window
from collector.prices import parsing
from collector.prices.price_list import PriceBook
from collector.questions import beginning_traces, call_figures, services, top_runs, trends
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.sightings import EVERYTHING
from collector.times import moment
from runtime.semconv import NodeKind
from tests.collector.agents import sent
from tests.collector.agents.sent import SentTrace

PRICES = PriceBook((parsing.parse_prices("[models.m]\ninput = 1\noutput = 1\n", "mine", is_own=True)[0],))
BEGIN = moment(sent.START)
HOUR = timedelta(hours=1)
WINDOW = Window(start=BEGIN + HOUR, end=BEGIN + 2 * HOUR)


def tell(database: Database, seconds: int, number: int, *, failed: bool = False, took: int = 10) -> None:
    """An agent asked a model, so many seconds after the first hour began."""
    trace = SentTrace(number, service="desk")
    top = trace.span(
        "invoke_agent clerk",
        failed=failed,
        took=took,
        gen_ai__operation__name="invoke_agent",
        gen_ai__agent__name="clerk",
    )
    trace.span(
        "chat",
        top,
        gen_ai__operation__name="chat",
        gen_ai__request__model="m",
        gen_ai__usage__input_tokens=1_000_000,
        gen_ai__usage__output_tokens=0,
    )
    for resource in trace.request.resource_spans:
        for span in resource.scope_spans[0].spans:
            span.start_time_unix_nano += seconds * 10**9 - number * 10**9
            span.end_time_unix_nano += seconds * 10**9 - number * 10**9
    trace.store(database)


def asked(database: Database, window: Window = WINDOW) -> Trends:
    """The trends of a window."""
    with database.reading() as session:
        return trends.build_trends(session, window, PRICES)


def test_a_window_is_told_in_buckets_and_beside_the_time_before(database: Database) -> None:
    """Buckets sum up to the whole; what lies outside of both is in neither."""
    for number, seconds in enumerate((-5, 10, 3_599, 3_600, 5_000, 7_190, 7_201), start=1):
        tell(database, seconds, number, failed=seconds == 5_000, took=number * 100)

    found = asked(database)

    assert found.before is not None
    assert (found.before.runs, found.before.calls, found.before.cost_usd) == (2, 2, 2.0)
    assert (found.latest.runs, found.latest.runs_failed, found.latest.calls, found.latest.cost_usd) == (3, 1, 3, 3.0)
    assert found.latest.runs_p95_ms == pytest.approx(590.0)
    assert found.latest.p95_ms is None
    assert [point.runs for point in found.points] == [1, *[0] * 10, 1, *[0] * 17, 1]
    assert [point.cost_usd for point in found.points if point.runs] == [1.0, 1.0, 1.0]
    assert found.points[0].start == WINDOW.start
    assert found.before_window == Window(start=BEGIN, end=WINDOW.start)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_run_within_another_is_none_whenever_the_spans_around_it_came(database: Database, *, is_late: bool) -> None:
    """Long before it, or long after: neither an agent within another, nor a plain root beside one."""
    around, within = SentTrace(1), SentTrace(1)
    top = around.span("invoke_agent clerk", gen_ai__operation__name="invoke_agent")
    within.count = around.count
    within.span("invoke_agent helper", top, failed=True, gen_ai__operation__name="invoke_agent")
    within.span("GET /")
    for resource in within.request.resource_spans:
        resource.scope_spans[0].spans[0].start_time_unix_nano += 3_700 * 10**9
        resource.scope_spans[0].spans[0].end_time_unix_nano += 3_700 * 10**9
    records = RecordWriter(database)
    for trace in (within, around) if is_late else (around, within):
        with database.writing() as session:
            records.write(session, trace.batch())
        other = SentTrace(2 + is_late, service="desk")
        other.span("invoke_agent clerk", gen_ai__operation__name="invoke_agent")
        with database.writing() as session:
            records.write(session, other.batch())
    limits = Range.of(WINDOW)
    with database.reading() as session:
        stored = beginning_traces.find_stretch(session, limits)
        (service,) = services.find_service_figures(session, limits, stored)
        top_runs.offer_top_runs(session, limits)
        totals = session.one(
            Query.OVERVIEW_TOTALS,
            first_ns=limits.first_ns,
            end_ns=limits.end_ns,
            **EVERYTHING.bounds_of("named"),
        )
    assert stored != EVERYTHING
    assert totals["runs_of_others"] == 0
    assert service.foreign_failed_runs == 0
    assert asked(database).latest.runs == 0


def test_where_nothing_was_before_there_is_nothing_to_compare_with(database: Database) -> None:
    """No nought, from which everything would be an increase."""
    tell(database, 5_000, 1)
    assert asked(database).before is None


def test_the_beginning_of_all_times_has_no_time_before(database: Database) -> None:
    """A window of all time can't be compared, and holds all."""
    tell(database, -(sent.START // 10**9) + 10, 1)
    tell(database, 10, 2)
    window = Window(start=datetime(1970, 1, 1, tzinfo=UTC), end=BEGIN + HOUR)
    found = asked(database, window)
    assert found.before is None
    assert sum(point.runs for point in found.points) == found.latest.runs == 2


def test_more_calls_than_can_be_counted_in_passing_are_not_known(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is told."""
    monkeypatch.setattr(call_figures, "IN_PASSING", 1)
    for number in (1, 2):
        tell(database, 5_000, number)
    found = asked(database)
    assert (found.latest.calls, found.latest.cost_usd, found.latest.runs) == (None, None, 2)


def attempts_of(database: Database, agent: str, number: int, *outcomes: str) -> None:
    """Attempts of an agent of ours at one step."""
    ours = SentTrace(number, service="shop")
    about = {"causeline.node.kind": NodeKind.STEP.value, "causeline.agent": agent, "gen_ai.agent.name": agent}
    for attempt, outcome in enumerate(outcomes, 1):
        node = {"causeline.node.id": f"018f0000-0000-7000-8000-{number:012d}", "causeline.attempt": attempt}
        ours.add("step pack", 0, {**about, **node, "causeline.outcome": outcome})
    for resource in ours.request.resource_spans:
        for span in resource.scope_spans[0].spans:
            span.start_time_unix_nano += 4_000 * 10**9
            span.end_time_unix_nano += 4_000 * 10**9
    ours.store(database)


def test_who_waits_for_an_answer_has_not_tried_again(database: Database) -> None:
    """What follows goes on with the same attempt; a retry beside it still counts."""
    attempts_of(database, "approver", 1, "waiting", "ok")
    attempts_of(database, "buyer", 2, "waiting", "retry", "ok")
    (found,) = asked(database).worst_agents
    assert (found.agent, found.attempts, found.errors, found.retries) == ("buyer", 2, 1, 1)


def test_agents_that_failed_most_come_first(database: Database) -> None:
    """Ours by their attempts, others' by the spans that say whose they are; those without trouble are left out."""
    for number in range(1, 5):
        tell(database, 4_000, number, failed=number == 1)
    attempts_of(database, "packer", 9, "retry", "ok")

    assert asked(database).worst_agents == [
        AgentTrouble(agent="packer", app="shop", own=True, attempts=2, errors=1, retries=1, p95_ms=10.0),
        AgentTrouble(agent="clerk", app="desk", own=False, attempts=4, errors=1, retries=0, p95_ms=10.0),
    ]
