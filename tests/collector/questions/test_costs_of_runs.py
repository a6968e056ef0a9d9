"""What runs, steps and calls of agents cost."""

from datetime import UTC, datetime
from uuid import UUID

from collector.models import CallsBy, RunDetail, Usage, Window
from collector.otlp.decode.spans import decode
from collector.prices import parsing
from collector.prices.price_list import PriceBook
from collector.questions import call_figures, runs
from collector.questions.agent_runs import NO_PRICES
from collector.questions.call_figures import CallCriteria, CallOrder
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database, Session
from collector.store.records import RecordWriter
from tests.collector.agents.sent import SentTrace
from tests.collector.shipment import Shipment
from tests.collector.story import Where

PRICES = PriceBook((parsing.parse_prices("[models.m]\ninput = 1\noutput = 2\n", "ours", is_own=False)[0],))

ALL = Window(start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2030, 1, 1, tzinfo=UTC))

M = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
TOLD = {**M, "gen_ai.usage.input_tokens": 1_000_000, "gen_ai.usage.output_tokens": 500_000}


def opened(database: Database, prices: PriceBook = PRICES) -> RunDetail:
    """The one run there is, by its page; the list says the same of it."""
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50, prices).items
        detail = runs.find_run(session, UUID(run.run_id), prices=prices)
    assert detail.run == run
    return detail


def test_a_run_costs_what_its_calls_cost_that_count(database: Database) -> None:
    """The sum that the agent reports is not added; calls without a price are counted."""
    trace = SentTrace()
    agent = trace.add(
        "invoke_agent a",
        0,
        {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.usage.input_tokens": 9_000_000,
            "gen_ai.usage.cost": 99.0,
        },
    )
    trace.add("chat m", agent, TOLD)
    trace.add("chat x", agent, {**TOLD, "gen_ai.request.model": "m-mini"})
    trace.add("chat m", agent, M)
    trace.store(database)
    detail = opened(database)
    assert detail.run.usage is not None
    usage = detail.run.usage
    assert (usage.calls, usage.cost_usd, usage.unpriced, usage.unreported) == (3, 2.0, 2, 1)
    calls = [call for step in detail.steps for call in step.calls]
    assert [call.usage and call.usage.cost_usd for call in calls] == [2.0, None, None]
    assert [call.cost_note for call in calls] == [
        "m at $1 in, $2 out a million, by ours",
        "no price of 'm-mini'",
        "it told no tokens",
    ]
    assert [step.usage and step.usage.cost_usd for step in detail.steps] == [2.0, None, None]


def test_what_a_sender_reports_of_a_call_is_shown_as_reported(database: Database) -> None:
    """And not added to ours."""
    trace = SentTrace()
    trace.add("chat m", 0, {**TOLD, "llm.cost.total": 3.5})
    trace.store(database)
    usage = opened(database).run.usage
    assert usage is not None
    assert (usage.cost_usd, usage.reported, usage.unpriced) == (3.5, 1, 0)


def test_without_prices_nothing_costs_nothing(database: Database) -> None:
    """None is not zero."""
    trace = SentTrace()
    trace.add("chat m", 0, TOLD)
    trace.store(database)
    usage = opened(database, NO_PRICES).run.usage
    assert usage is not None
    assert (usage.cost_usd, usage.unpriced) == (None, 1)


def test_a_run_of_ours_costs_what_is_called_within_its_steps(database: Database) -> None:
    """Whatever framework calls it; another run's calls are not its own, and figures by run have its id."""
    shipment, other = Shipment(1), Shipment(2, start=50)
    step = next(span for span in shipment.story.spans if "pickup" in span.name)
    story = shipment.story
    here = Where(int.from_bytes(step.trace_id), int.from_bytes(step.span_id))
    story.add("plain", Where(here.trace, 71), parent=here, at=1)
    story.add("chat", Where(here.trace, 72), parent=Where(here.trace, 71), at=1, attributes=TOLD)
    with database.writing() as session:
        for request in (story.request(), other.story.request()):
            RecordWriter(database).write(session, decode(request))
    with database.reading() as session:
        used = runs.find_run(session, shipment.run, prices=PRICES).run.usage
        assert runs.find_run(session, other.run, prices=PRICES).run.usage is None
        assert listed(session) == {str(shipment.run): (used, None), str(other.run): (None, None)}
        (row,) = call_figures.find_figures(session, ALL, CallCriteria(CallsBy.RUN), CallOrder(), PRICES).items
    assert used is not None
    assert (used.calls, used.cost_usd) == (1, 2.0)
    assert (row.name, row.calls) == (str(shipment.run), 1)


def listed(session: Session) -> dict[str, tuple[Usage | None, Usage | None]]:
    """What runs of our runtime used, by the list of them: with the agents that they started, and of that their own."""
    found = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(source="own"), 50, PRICES).items
    return {run.run_id: (run.usage, run.own_usage) for run in found}


def test_a_run_of_ours_costs_also_what_its_agents_call(database: Database) -> None:
    """An agent of others that a step starts is a run of its own: told apart, in the list as on the run's page."""
    shipment = Shipment(1)
    step = next(span for span in shipment.story.spans if "pickup" in span.name)
    story = shipment.story
    here = Where(int.from_bytes(step.trace_id), int.from_bytes(step.span_id))
    story.add("chat", Where(here.trace, 71), parent=here, at=1, attributes=TOLD)
    agent = Where(here.trace, 72)
    story.add("agent", agent, parent=here, at=1, attributes={"gen_ai.operation.name": "invoke_agent"})
    story.add("chat", Where(here.trace, 73), parent=agent, at=1, attributes=TOLD)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    with database.reading() as session:
        run = runs.find_run(session, shipment.run, prices=PRICES)
        assert listed(session) == {str(shipment.run): (run.run.usage, run.run.own_usage)}
    assert run.run.usage is not None
    assert run.run.own_usage is not None
    assert (run.run.usage.calls, run.run.usage.cost_usd) == (2, 4.0)
    assert (run.run.own_usage.calls, run.run.own_usage.cost_usd) == (1, 2.0)
    assert [child.usage and child.usage.calls for child in run.children] == [1]
