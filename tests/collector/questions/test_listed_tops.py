"""Runs of others that lie together in a trace, at any time, and are of several names: each is listed by its own."""

import random
from operator import attrgetter
from typing import Any, Final, NamedTuple

import pytest

from collector.otlp.decode.spans import decode
from collector.questions import candidates, listed_tops, newest_pages, runs, time_ranges
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store.database import Database, Row, Session
from collector.store.queries import Query
from collector.store.records import RecordWriter
from tests.collector.story import Story, place

AGENTS: Final = ("planner", "clerk", "judge", "porter")
TRACES: Final = 30
DAY_MS: Final = 86_400_000


class Begun(NamedTuple):
    """A run that a story tells of."""

    trace: int
    agent: str
    model: str
    at: float


def tell(database: Database) -> list[Begun]:
    """Stores traces in each of which some agents began over a day; returns these, newest first."""
    chance, told = random.Random(7), list[Begun]()
    for trace in range(TRACES):
        story, root = Story(), place(str(trace), "root")
        story.add("GET /", root, at=chance.randrange(DAY_MS))
        for number in range(4):  # a short time does not tell that these are no runs
            story.add("probe", place(str(trace), f"probe {number}"), at=chance.randrange(DAY_MS))
        for number in range(chance.randint(1, 4)):
            run = Begun(trace, chance.choice(AGENTS), chance.choice(("m-1", "m-2")), chance.randrange(DAY_MS))
            agent, said = place(str(trace), str(number)), {"gen_ai.operation.name": "invoke_agent"}
            story.add(
                run.agent, agent, at=run.at, parent=root, attributes={**said, "gen_ai.agent.name": run.agent}, lasts=9
            )
            called = {"gen_ai.operation.name": "chat", "gen_ai.request.model": run.model}
            story.add("chat", place(str(trace), f"call {number}"), at=run.at + 1, parent=agent, attributes=called)
            told.append(run)
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request()))
    return sorted(told, key=attrgetter("at"), reverse=True)


def list_names(database: Database, limit: int, **wanted: Any) -> list[tuple[str | None, float]]:
    """What the runs of all pages are called, and when they began, in milliseconds of the hour."""
    found, at = list[tuple[str | None, float]](), PagePosition(Range.everything())
    with database.reading() as session:
        while True:
            page = runs.find_runs(session, at, runs.RunCriteria(**wanted), limit)
            found += [(run.workflow, run.start.timestamp() * 1_000 % DAY_MS) for run in page.items]
            following = PagePosition.read(page.next)
            if following is None:
                return found
            at = following


@pytest.fixture(params=["as it is", "a few at a time", "many spans in a trace"])
def _looks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are looked at together, of which the newest may hold a page or not."""
    if request.param == "as it is":
        return
    monkeypatch.setattr(candidates, "_MOST_ROWS", 3)
    monkeypatch.setattr(time_ranges, "_FEW", 0)
    monkeypatch.setattr(time_ranges, "_SPANS", 60)
    monkeypatch.setattr(newest_pages, "_LOOKED", 2)
    if request.param == "many spans in a trace":
        monkeypatch.setattr(listed_tops, "MOST", 8)


@pytest.mark.usefixtures("_looks")
@pytest.mark.parametrize("limit", [3, 20])
def test_runs_are_listed_by_what_they_are_called_whoever_else_is_in_their_trace(database: Database, limit: int) -> None:
    """None of another name, and none left out that is older than others of a trace."""
    told = tell(database)
    for agent in AGENTS:
        listed = list_names(database, limit, workflow=agent)
        assert listed == [(agent, run.at) for run in told if run.agent == agent], agent


@pytest.mark.usefixtures("_looks")
@pytest.mark.parametrize("limit", [3, 20])
def test_runs_of_an_agent_and_a_model_are_those_in_whose_traces_both_have_a_part(
    database: Database, limit: int
) -> None:
    """As the filters say that of traces."""
    told = tell(database)
    with_clerk = {run.trace for run in told if run.agent == "clerk"}
    with_model = {run.trace for run in told if run.model == "m-2"}
    by_agent = [(run.agent, run.at) for run in told if run.trace in with_clerk]
    assert list_names(database, limit, agent="clerk") == by_agent
    both = [(run.agent, run.at) for run in told if run.trace in with_clerk & with_model]
    assert list_names(database, limit, agent="clerk", model="m-2") == both
    assert both != by_agent


@pytest.mark.parametrize("looked", [1, 10])
def test_runs_of_a_trace_are_listed_behind_newer_ones_of_traces_that_were_not_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch, looked: int
) -> None:
    """What a look at the newest spans ends with is where its page has to end: calls, which a short time takes for runs
    as their agent began before, lead to a trace whose runs are older than some of other traces."""
    monkeypatch.setattr(candidates, "_MOST_ROWS", 3)
    monkeypatch.setattr(time_ranges, "_FEW", 0)
    monkeypatch.setattr(time_ranges, "_SPANS", 14)
    monkeypatch.setattr(newest_pages, "_LOOKED", looked)
    story, clerk = Story(), {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "clerk"}
    story.add("clerk", place("busy", "first"), at=0, attributes=clerk, lasts=2_000)
    for number in range(8):
        above, said = place("busy", "first"), {"gen_ai.operation.name": "chat"}
        story.add("chat", place("busy", f"call {number}"), at=1_000 + number, parent=above, attributes=said)
    begun = range(907, 899, -1)
    for at in begun:
        story.add("clerk", place("busy" if at % 2 else f"quiet {at}", str(at)), at=at, attributes=clerk)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    assert list_names(database, 3, agent="clerk") == [("clerk", at) for at in (*begun, 0)]


@pytest.mark.parametrize("wanted", [{"agent": "clerk"}, {"model": "m-2"}, {"agent": "clerk", "model": "m-1"}])
def test_runs_that_lie_behind_many_others_are_looked_for_among_their_traces(
    database: Database, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, str]
) -> None:
    """Not among all that is stored, where what came since is of nothing that is asked for."""
    told, story = tell(database), Story()
    for number in range(400):
        story.add("GET /", place(f"later {number}", "root"), at=DAY_MS + number)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    monkeypatch.setattr(candidates, "_MOST_ROWS", 3)
    monkeypatch.setattr(time_ranges, "_FEW", 0)
    monkeypatch.setattr(time_ranges, "_SPANS", 60)
    monkeypatch.setattr(newest_pages, "_LOOKED", 2)
    asked, ask = list[Query](), Session.rows

    def note(self: Session, query: Query, **values: object) -> list[Row]:
        asked.append(query)
        return ask(self, query, **values)

    monkeypatch.setattr(Session, "rows", note)
    traces = set(range(TRACES))
    if "agent" in wanted:
        traces &= {run.trace for run in told if run.agent == wanted["agent"]}
    if "model" in wanted:
        traces &= {run.trace for run in told if run.model == wanted["model"]}
    assert list_names(database, 9, **wanted) == [(run.agent, run.at) for run in told if run.trace in traces]
    assert Query.AGENTS_RUNS not in asked
