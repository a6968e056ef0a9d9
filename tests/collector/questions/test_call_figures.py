"""Figures of calls agree with the pages of runs, whatever was sent."""

import random
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest

from collector.agents import usage
from collector.models import CallFiguresList, CallsBy, CallsSort, Usage, Window
from collector.prices import parsing
from collector.prices.price_list import PriceBook
from collector.questions import agent_spans, call_figures, counted_calls, runs
from collector.questions.call_figures import CallCriteria, CallOrder
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.spending import Spending
from collector.questions.windows import Range
from collector.store.database import Database, Row
from collector.store.queries import Query
from collector.store.session import Session
from tests.collector.agents.random_trees import random_trees
from tests.collector.agents.sent import MS, START, SentTrace, Value

PRICES = PriceBook(
    (
        parsing.parse_prices("[models.own]\ninput = 9\noutput = 9\n", "mine", is_own=True)[0],
        parsing.parse_prices(
            """
            [models.m]
            input = 1
            output = 2
            cache_read = 0.1
            cache_write = 1.25
            cache_write_long = 2
            tiers = [{ above = 100, input = 3, output = 5 }]
            service_tiers = { flex = 0.5 }
            [models.n]
            input = 7
            output = 11
            """,
            "ours",
            is_own=False,
        )[0],
    )
)
ALL = Window(start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2030, 1, 1, tzinfo=UTC))
BY_NAME = CallOrder(CallsSort.NAME, descending=False)


def figures(database: Database, by: CallsBy, order: CallOrder = BY_NAME, **wanted: object) -> CallFiguresList:
    """Of all time."""
    with database.reading() as session:
        return call_figures.find_figures(session, ALL, CallCriteria(by, **wanted), order, PRICES)


def test_spenders_are_not_asked_for_where_nothing_is_called(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules look for them again and again, also beside agents that call no model."""
    asked: list[Query] = []
    rows = Session.rows

    def counted(self: Session, query: Query, **values: object) -> list[Row]:
        asked.append(query)
        return rows(self, query, **values)

    monkeypatch.setattr(Session, "rows", counted)

    def spenders() -> list[object]:
        wanted = CallCriteria(CallsBy.MODEL).values
        with database.reading() as session:
            asked.clear()
            found = call_figures.find_spenders(session, Range.of(ALL), wanted, BY_NAME, PRICES)
        return [row["name"] for row in found]

    trace = SentTrace(1)
    trace.add("alone", 0, {})
    trace.store(database)
    assert spenders() == []
    assert not {Query.CALLS_CALLED, Query.CALLS_FIGURES} & {*asked}
    trace = SentTrace(2)
    trace.add("chat", 0, {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"})
    trace.store(database)
    assert spenders() == ["m"]
    assert Query.CALLS_FIGURES in asked


def test_figures_agree_with_what_is_read_of_the_trees(database: Database) -> None:
    """The rules are written twice, in Python for pages and in SQL for figures: over random trees they say the same."""
    random_ = random.Random(7)
    traces = {trace.service: trace for trace in random_trees(random_, 150)}
    together = SentTrace()
    for trace in traces.values():
        together.request.MergeFrom(trace.request)
    together.store(database)
    found = {each.name: each.usage for each in figures(database, CallsBy.APP, CallOrder(limit=1_000)).items}
    with database.reading() as session:
        trees, _ = agent_spans.read_trees(session, {UUID(int=trace.number) for trace in traces.values()})
    spent = {
        app: Spending(usage.find_uncounted(tree), PRICES).sum_usage(tree.spans)
        for app, trace in traces.items()
        for tree in (trees[UUID(int=trace.number)],)
    }
    assert {app: rounded(each) for app, each in found.items() if each.calls or each.input_tokens is not None} == {
        app: rounded(each) for app, each in spent.items() if each
    }
    total = [each for each in spent.values() if each]
    assert sum(each.calls for each in total) > 500
    assert sum(each.reported for each in total) > 20
    assert sum(each.at_least for each in total) > 20
    assert sum(len(usage.find_uncounted(tree)) for tree in trees.values()) > 100
    assert sum(len(tree.elsewhere) for tree in trees.values()) > 5


def rounded(used: Usage) -> Usage:
    """Sums of prices differ in their last digits by the order in which they are added."""
    return used.model_copy(update={"cost_usd": None if used.cost_usd is None else round(used.cost_usd, 9)})


@pytest.mark.parametrize("per_app", [False, True])
def test_all_together_are_what_the_groups_are(database: Database, per_app: bool) -> None:
    """By whatever they are told apart; and how long calls took is as exact of all as of a few."""
    together = SentTrace()
    for trace in random_trees(random.Random(11), 40):
        together.request.MergeFrom(trace.request)
    together.store(database)
    for by in (CallsBy.MODEL, CallsBy.AGENT, CallsBy.APP, CallsBy.DAY):
        found = figures(database, by, CallOrder(limit=1_000), per_app=per_app)
        assert found.groups == len(found.items) > 0
        for name in ("calls", "errors"):
            assert sum(getattr(each, name) for each in found.items) == getattr(found.total, name) > 0
        assert sum(each.usage.cost_usd or 0 for each in found.items) == pytest.approx(found.total.usage.cost_usd)
        assert found.total.latest == max(each.latest for each in found.items if each.latest)
    with database.reading() as session:
        assert call_figures.find_total(session, ALL, PRICES) == found.total.usage
        calls = counted_calls.find_calls_between(session, Range.of(ALL)).to_pylist()
    counted = [call for call in calls if call["is_call"] and call["counted_in"] is None]
    took = [call["duration_ms"] for call in counted if call["duration_ms"] is not None]
    assert (found.total.p50_ms, found.total.p95_ms) == pytest.approx(tuple(np.quantile(took, [0.5, 0.95])))


def test_where_there_are_no_calls_none_are_all_of_them(database: Database) -> None:
    """An answer always says what all calls are together."""
    found = figures(database, CallsBy.MODEL)
    assert (found.items, found.groups, found.total.calls, found.total.p50_ms) == ([], 0, 0, None)


def test_calls_are_put_together_by_what_is_asked_for(database: Database) -> None:
    """A call without an agent, a session or a user of its own has that of the nearest span above it."""
    trace = SentTrace(service="shop")
    agent = trace.add(
        "invoke_agent",
        0,
        {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": "writer",
            "session.id": "s-1",
            "user.id": "ada",
        },
    )
    chat = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 50, "gen_ai.usage.output_tokens": 50}
    trace.add("chat", agent, {**chat, "gen_ai.request.model": "m"}, took=20)
    trace.add("chat", agent, {**chat, "gen_ai.request.model": "m-mini"}, took=40, failed=True)
    tool = trace.add("tool", agent, {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}, took=7)
    other = trace.add("invoke_agent", tool, {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "reader"})
    trace.add("chat", other, {**chat, "gen_ai.request.model": "n", "gen_ai.response.time_to_first_chunk": 0.002})
    trace.store(database)
    SentTrace(2, service="desk").store(database)
    models = figures(database, CallsBy.MODEL)
    assert [(each.name, each.calls, each.errors, each.usage.cost_usd) for each in models.items] == [
        ("m", 1, 0, pytest.approx(150e-6)),
        ("m-mini", 1, 1, None),
        ("n", 1, 0, pytest.approx(900e-6)),
    ]
    assert models.items[1].unpriced_models == ["m-mini"]
    assert models.items[2].first_chunk_p95_ms == 2.0
    total = models.total
    assert (total.calls, total.errors, total.usage.unpriced, total.p50_ms) == (3, 1, 1, 20)
    assert total.usage.cost_usd == pytest.approx(1050e-6)
    assert [(each.name, each.calls, each.tool_calls) for each in figures(database, CallsBy.AGENT).items] == [
        ("reader", 1, 0),
        ("writer", 2, 1),
    ]
    (search,) = figures(database, CallsBy.TOOL).items
    assert (search.name, search.calls, search.p50_ms, search.usage.cost_usd) == ("search", 1, 7, None)
    for by, name in (
        (CallsBy.SESSION, "s-1"),
        (CallsBy.USER, "ada"),
        (CallsBy.APP, "shop"),
        (CallsBy.DAY, "2026-09-21"),
    ):
        (only,) = figures(database, by).items
        assert (only.name, only.calls) == (name, 3)
    assert [each.app for each in figures(database, CallsBy.MODEL, per_app=True).items] == ["shop"] * 3
    assert [each.name for each in figures(database, CallsBy.MODEL, agent="reader").items] == ["n"]
    assert figures(database, CallsBy.MODEL, app="desk").items == []


def test_figures_are_sorted_by_any_column(database: Database) -> None:
    """What has none of it comes last, both ways; the total is of all, however few are shown."""
    trace = SentTrace()
    for model, tokens in (("m", 90), ("n", 10), ("x", 20), ("silent", 0)):
        said = {"gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": tokens} if tokens else {}
        trace.add("chat", 0, {"gen_ai.operation.name": "chat", "gen_ai.request.model": model, **said}, took=tokens)
    trace.store(database)

    def names(sort: CallsSort, *, descending: bool) -> list[str]:
        return [each.name for each in figures(database, CallsBy.MODEL, CallOrder(sort, descending=descending)).items]

    for sort in CallsSort:
        assert sorted(names(sort, descending=True)) == ["m", "n", "silent", "x"], sort
    for sort in (CallsSort.INPUT_TOKENS, CallsSort.P95):
        assert names(sort, descending=False) == ["n", "x", "m", "silent"]
        assert names(sort, descending=True) == ["m", "x", "n", "silent"]
    assert names(CallsSort.COST, descending=True) == ["m", "n", "silent", "x"]
    assert names(CallsSort.NAME, descending=True) == ["x", "silent", "n", "m"]
    few = figures(database, CallsBy.MODEL, CallOrder(limit=2))
    assert (len(few.items), few.groups, few.total.usage.input_tokens) == (2, 4, 120)


def test_the_overview_has_the_sum_of_the_window(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """None where no model was called, or too many calls were made to count them in passing."""

    def total() -> Usage | None:
        with database.reading() as session:
            return call_figures.find_total(session, ALL, PRICES)

    assert total() is None
    trace = SentTrace()
    said = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 50, "gen_ai.usage.output_tokens": 50}
    for model in ("m", "m", "x"):
        trace.add("chat", 0, {**said, "gen_ai.request.model": model})
    trace.store(database)
    used = total()
    assert used is not None
    assert (used.calls, used.unpriced, used.cost_usd) == (3, 1, pytest.approx(300e-6))
    monkeypatch.setattr(call_figures, "IN_PASSING", 2)
    assert total() is None


def test_a_name_is_no_pattern(database: Database) -> None:
    """Whoever asks for a model whose name has a star means that one alone."""
    trace = SentTrace()
    for model in ("m*", "m-2", "[m]"):
        trace.add("chat", 0, {"gen_ai.operation.name": "chat", "gen_ai.request.model": model})
    trace.store(database)
    for name in ("m*", "[m]"):
        assert [each.name for each in figures(database, CallsBy.MODEL, model=name).items] == [name]


def test_scores_of_calls_are_told_by_name(database: Database) -> None:
    """Each with its interval; what was given to something else is not theirs."""
    trace = SentTrace()
    for number, right in enumerate((1.0, 1.0, 0.0), 1):
        trace.add("chat", 0, {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"})
        span = trace.request.resource_spans[-1].scope_spans[0].spans[0]
        event = span.events.add(name="gen_ai.evaluation.result", time_unix_nano=span.start_time_unix_nano + number)
        event.attributes.add(key="gen_ai.evaluation.name").value.string_value = "grounded"
        event.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = right
    trace.add("chat", 0, {"gen_ai.operation.name": "chat", "gen_ai.request.model": "n"})
    trace.store(database)
    m, n = figures(database, CallsBy.MODEL).items
    (score,) = m.scores
    assert (score.name, score.accuracy.n, score.accuracy.value) == ("grounded", 3, pytest.approx(2 / 3))
    assert n.scores == []


def test_a_tool_that_two_instrumentations_tell_of_counts_once(database: Database) -> None:
    """One that calls itself counts as often as it says."""
    trace = SentTrace()
    for inner in ("two", "one"):
        outer = trace.add("search", 0, {"openinference.span.kind": "TOOL", "tool.name": "search"}, scope="one")
        told = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
        sent = trace.add("POST", outer, {}, scope="http")
        trace.add("execute_tool search", sent, told, scope=inner)
    trace.store(database)
    (search,) = figures(database, CallsBy.TOOL).items
    assert (search.name, search.calls) == ("search", 3)


def test_an_embedding_costs_what_its_input_costs(database: Database) -> None:
    """It has no output that might be missing; an answer has."""
    for number, operation in enumerate(("embeddings", "chat"), 1):
        trace = SentTrace(number)
        said = {"gen_ai.operation.name": operation, "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 50}
        trace.add(operation, 0, {**said, "gen_ai.agent.name": operation})
        trace.store(database)
    chat, embeddings = figures(database, CallsBy.AGENT).items
    assert (chat.usage.at_least, embeddings.usage.at_least) == (1, 0)


def test_a_call_that_two_traces_tell_of_counts_once(database: Database) -> None:
    """Where the id, the model, the tokens and the times agree: two instrumentations, each with an exporter of its
    own. It says so, in the run whose call does not count."""
    said: dict[str, Value] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.response.id": "r-1",
        "gen_ai.usage.input_tokens": 50,
        "gen_ai.usage.output_tokens": 50,
    }
    for number, scope, more in (
        (1, "openai", {}),
        (2, "langchain", {}),
        (4, "langchain", {"gen_ai.usage.input_tokens": 51}),
        (6, "langchain", {"gen_ai.request.model": "n"}),
        (7, "openai", {}),
    ):
        trace = SentTrace(number)
        trace.add("chat", 0, said | more, scope=scope)
        if number < 7:
            for span in trace.request.resource_spans[0].scope_spans[0].spans:
                span.start_time_unix_nano = START + number * MS
                span.end_time_unix_nano = START + 50 * MS
        trace.store(database)
    (model, other) = figures(database, CallsBy.MODEL).items
    assert [(each.name, each.calls, each.usage.input_tokens) for each in (model, other)] == [
        ("m", 3, 151),
        ("n", 1, 50),
    ]
    with database.reading() as session:
        found = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50).items
        details = [runs.find_run(session, UUID(run.run_id)) for run in found]
    assert sum(run.usage.calls for run in found if run.usage) == 4
    (again,) = [call for detail in details for step in detail.steps for call in step.calls if call.uncounted]
    assert again.uncounted == f"seen by two instrumentations: the call in trace {1:032x} counts"
