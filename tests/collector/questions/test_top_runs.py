"""What is remembered of runs of others never differs from what all spans say now."""

import random
from typing import Any

import pytest

from collector.questions import remembered_rows, top_runs
from collector.questions.windows import Range
from collector.store import recollection
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.retention import removal
from collector.store.session import Session
from collector.store.sightings import EVERYTHING
from tests.collector.agents.piecemeal import ranges, single, store
from tests.collector.agents.programs import PROGRAMS
from tests.collector.agents.random_trees import random_trees
from tests.collector.agents.recording import read
from tests.collector.agents.sent import MS, START, SentTrace, Value

#: Orders in which spans come; more of them in the battery.
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.battery) for seed in range(1, 8))]
WHOLE = Range(START, START + 20_000 * MS, None)
STEP: dict[str, Value] = {
    "causeline.node.id": "018f0000-0000-7000-8000-000000000001",
    "causeline.node.kind": "step",
    "causeline.step.name": "quote",
}


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts into which programs of milliseconds are cut, too."""
    monkeypatch.setattr(recollection, "_LENGTHS_NS", (20 * MS, 1_000 * MS, 10_000 * MS, 86_400_000 * MS))


def found(database: Database, within: Range = WHOLE) -> list[tuple[Any, ...]]:
    """The runs of others that began in a range, as they are remembered."""
    with database.reading() as session:
        top_runs.offer_top_runs(session, within)
        return listed(session, within)


def truth(database: Database, within: Range = WHOLE) -> list[tuple[Any, ...]]:
    """The same, by one who remembers nothing and reads everything."""
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns, **EVERYTHING.bounds}
    with database.reading() as session:
        session.register("found_tops", session.table(Query.TOPS_FOUND, traces=None, **bounds))
        return listed(session, within)


def listed(session: Session, within: Range) -> list[tuple[Any, ...]]:
    """Those of the table, in an order."""
    rows = session._cursor.execute("FROM tops_of('found_tops', $1, $2)", [within.first_ns, within.end_ns]).fetchall()
    return sorted(rows, key=str)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_whatever_order_spans_come_runs_are_those_of_all_of_them(
    seed: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for again and again meanwhile, of all time and of parts of it, while the oldest are removed."""
    random_ = random.Random(seed)
    monkeypatch.setattr(remembered_rows, "_TOGETHER", random_.choice([3, 20, 50_000]))
    requests = [trace.request for trace in random_trees(random_, 8)]
    programs = [read(program.name)[0] for program in random_.sample(PROGRAMS, 2)]
    asked = [WHOLE, *list(ranges(requests))[1:], *list(ranges(programs))[1:]]
    sent = list(single([*requests, *programs, *steps()]))
    random_.shuffle(sent)
    records = RecordWriter(database)
    while sent:
        several = random_.randrange(1, 12)
        store(records, database, *sent[:several])
        sent = sent[several:]
        if random_.random() < 0.1:
            with database.writing(outdates=False) as session:
                session.run(Query.INGEST_PURGE_PENDING)
        if random_.random() < 0.02:
            sum(removal.cut_spans(database, START + random_.randrange(5_000) * MS, None))
        within = random_.choice(asked)
        assert found(database, within) == truth(database, within)
    for within in asked:
        assert found(database, within) == truth(database, within) != []


def steps() -> list[Any]:
    """Calls in steps of ours, some of which go on."""
    requests = []
    for number in range(11, 15):
        trace = SentTrace(number)
        trace.add("chat", trace.id(3), {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"})
        trace.add("pending step quote", trace.id(3), {**STEP, "causeline.pending": True}, scope="causeline")
        if number % 2:
            trace.add("step quote", 0, STEP, scope="causeline")
        requests.append(trace.request)
    return requests


def test_a_late_span_above_takes_away_a_run(database: Database) -> None:
    """And what is new is one."""
    trace = SentTrace()
    agent = trace.span("agent", trace.id(2), gen_ai__operation__name="invoke_agent")
    assert trace.span("crew", gen_ai__operation__name="invoke_agent") != agent
    below, above = single([trace.request])
    records = RecordWriter(database)
    assert found(database) == []
    store(records, database, below)
    ((begun_ns, *_),) = found(database)
    store(records, database, above)
    ((later_ns, *_),) = found(database)
    assert later_ns == begun_ns + MS


def test_what_lies_below_work_of_ours_is_a_run_once_that_is_gone(database: Database) -> None:
    """Nothing is stored of its trace then."""
    trace = SentTrace()
    trace.add("chat", 999, {"gen_ai.operation.name": "chat"})
    trace.add("pending step quote", 999, {**STEP, "causeline.pending": True}, scope="causeline")
    trace.store(database)
    assert found(database) == []
    database._connection.execute("DELETE FROM pending")
    assert len(found(database)) == 1
