"""What is remembered of attempts at steps of agents of others never differs from what all spans say now."""

import random
from pathlib import Path

import pytest

from collector.errors import BusyError
from collector.models import StepFigures
from collector.questions import agent_attempts, steps
from collector.questions.steps import StepCriteria
from collector.questions.windows import Range
from collector.store import recollection, rereading, room
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.recollection import Recollection
from collector.store.records import RecordWriter
from collector.store.retention import removal
from collector.store.session import Session
from tests.collector.agents.piecemeal import EVER, ranges, single, store
from tests.collector.agents.programs import PROGRAMS
from tests.collector.agents.recording import read
from tests.collector.agents.sent import SentTrace, langgraph, pydantic_ai
from tests.collector.fresh import open_database
from tests.collector.store.exchange.exports import exported, loaded

MS = 10**6
DAY_NS = 86_400_000 * MS

#: Orders in which spans come; more of them in the battery.
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.battery) for seed in range(1, 4))]


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts into which programs of milliseconds are cut, too."""
    monkeypatch.setattr(recollection, "_LENGTHS_NS", (20 * MS, 500 * MS, 10_000 * MS, 86_400_000 * MS))


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One more for each time that spans are read for attempts."""
    times, table = [0], Session.table

    def counted(session: Session, query: Query, **values: object) -> object:
        times[0] += query is Query.STEPS_OTHERS
        return table(session, query, **values)

    monkeypatch.setattr(Session, "table", counted)
    return times


def figures(database: Database, within: Range = EVER) -> list[StepFigures]:
    """The figures of steps of others."""
    with database.reading() as session:
        return steps.find_figures(session, within, StepCriteria(source="others"))


def truth(database: Database, within: Range = EVER) -> list[StepFigures]:
    """The same, by one who remembers nothing."""
    kept, database.knowledge.recollection = database.knowledge.recollection, Recollection(database.sightings)
    found = figures(database, within)
    database.knowledge.recollection = kept
    return found


def told() -> SentTrace:
    """A graph, and an agent beside it."""
    langgraph(trace := SentTrace())
    pydantic_ai(trace)
    return trace


def alone(number: int) -> SentTrace:
    """A trace with one step."""
    trace = SentTrace(number=number)
    trace.span(f"alone {number}", openinference__span__kind="CHAIN")
    return trace


@pytest.mark.parametrize("seed", SEEDS)
def test_in_whatever_order_spans_come_figures_are_those_of_all_of_them(seed: int, database: Database) -> None:
    """Asked for again and again meanwhile, of all time and of parts of it."""
    chance = random.Random(seed)
    programs = [read(program.name)[0] for program in chance.sample(PROGRAMS, 3)]
    sent = list(single(programs))
    chance.shuffle(sent)
    records = RecordWriter(database)
    asked = list(ranges(programs))
    while sent:
        several = chance.randrange(1, 12)
        store(records, database, *sent[:several])
        sent = sent[several:]
        within = chance.choice(asked)
        assert figures(database, within) == truth(database, within)
    for within in asked:
        found = figures(database, within)
        assert found == truth(database, within)
        assert found or within is not EVER


def test_what_is_remembered_is_not_worked_out_again(database: Database, worked_out: list[int]) -> None:
    """But for the parts in which something came, or traces of which something came."""
    records = RecordWriter(database)
    store(records, database, told().request, alone(3).request)
    expected = figures(database)
    assert worked_out[0] > 0
    worked_out[0] = 0
    assert figures(database) == expected
    assert worked_out[0] == 0
    store(records, database, alone(2).request)
    assert len(figures(database)) == len(expected) + 1
    assert worked_out[0] == 1


def test_however_many_pieces_there_are_they_take_the_memory_of_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them takes four seconds here: more memory is wanted for one that takes more than five."""
    now, wanted, table = [100.0], [], Session.table
    monkeypatch.setattr(agent_attempts, "_TOGETHER", 1)
    monkeypatch.setattr(room.time, "monotonic", lambda: now[0])

    def slow(session: Session, query: Query, **values: object) -> object:
        if query is Query.STEPS_OTHERS:
            now[0] += 4
            wanted.append(database._room.allowed_mib())
        return table(session, query, **values)

    monkeypatch.setattr(Session, "table", slow)
    store(RecordWriter(database), database, told().request, alone(3).request)
    assert figures(database)
    assert len(wanted) > 3
    assert set(wanted) == {database._room.usual_mib}


def test_a_question_that_is_ended_again_and_again_is_answered_at_last(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time when it has worked out one part: that is remembered, and never worked out again."""
    for number in range(4):
        store(RecordWriter(database), database, alone(number).request)
    expected, done, table = truth(database), [0, 0], Session.table

    def ending(session: Session, query: Query, **values: object) -> object:
        if query is Query.STEPS_OTHERS:
            if done[1]:
                raise BusyError("it took too long")
            done[0], done[1] = done[0] + 1, 1
        return table(session, query, **values)

    monkeypatch.setattr(Session, "table", ending)
    tries = 0
    while True:
        tries, done[1] = tries + 1, 0
        try:
            found = figures(database)
            break
        except BusyError:
            assert tries <= 20
    assert done[0] == tries > 1
    assert found == expected != []


def test_what_is_removed_is_in_no_figure(database: Database) -> None:
    """The oldest part of it, or all."""
    records = RecordWriter(database)
    store(records, database, told().request)
    whole = figures(database)
    ((middle_ns,),) = database._connection.execute("SELECT CAST(median(start_ns) AS BIGINT) FROM spans").fetchall()
    assert sum(removal.cut_spans(database, middle_ns, None)) > 0
    assert figures(database) == truth(database) != whole
    assert sum(removal.cut_spans(database, middle_ns + 3_600_000 * MS, None)) > 0
    assert figures(database) == []


def test_where_whole_traces_are_removed_nothing_else_is_worked_out_again(
    database: Database, worked_out: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As cleanings do: what is remembered of the parts that none of them plays a part in is believed on."""
    monkeypatch.setattr(recollection, "_LENGTHS_NS", (DAY_NS,))
    records = RecordWriter(database)
    store(records, database, told().request)
    database._connection.execute("UPDATE spans SET start_ns = start_ns - $day, end_ns = end_ns - $day", {"day": DAY_NS})
    records = RecordWriter(database)
    store(records, database, alone(2).request, alone(3).request)
    before, times = figures(database), worked_out[0]
    ((until_ns,),) = database._connection.execute(
        "SELECT max(end_ns) - $day FROM spans", {"day": DAY_NS // 2}
    ).fetchall()
    portions = removal.find_old_chains(database, until_ns, None, keep_unfinished=False)
    assert portions
    for portion in portions:
        removal.remove_chains(database, portion)
    after = figures(database)
    assert worked_out[0] == times > 0
    assert after == truth(database) != before
    assert after != []


def test_what_is_read_anew_is_worked_out_anew(database: Database) -> None:
    """Rules of today may find another name."""
    store(RecordWriter(database), database, told().request)
    database._connection.execute("UPDATE spans SET step = 'old', agent = 'old' WHERE role IS NOT NULL")
    assert "old" in {step.agent for step in figures(database)}
    while rereading.reread_slice(database):
        pass
    assert "old" not in {step.agent for step in figures(database)}
    assert figures(database) == truth(database)


def test_what_is_stored_by_a_clock_that_was_set_back_is_in_all_figures(database: Database) -> None:
    """By its time it was stored before what is remembered."""
    sent = list(single([told().request]))
    records = RecordWriter(database)
    store(records, database, *sent[::2])
    hour_us = 3_600 * 10**6
    database._connection.execute("UPDATE spans SET stored_us = stored_us + $us", {"us": hour_us})
    database._committed_us += hour_us
    records = RecordWriter(database)
    figures(database)
    store(records, database, *sent[1::2])
    assert figures(database) == truth(database) != []


def test_what_is_imported_is_in_all_figures(database: Database, tmp_path: Path) -> None:
    """It is stored by others than the writer."""
    other = open_database(tmp_path / "other.duckdb")
    store(RecordWriter(other), other, told().request)
    folder = exported(other, tmp_path / "some")
    other.close()
    store(RecordWriter(database), database, *list(single([told().request]))[:4])
    before = figures(database)
    loaded(database, folder)
    assert figures(database) == truth(database) != before


def test_what_does_not_fit_is_forgotten_and_worked_out_again(database: Database, worked_out: list[int]) -> None:
    """That which was asked for longest ago goes first."""
    database.knowledge.recollection = Recollection(database.sightings, most=1)
    store(RecordWriter(database), database, told().request)
    expected = figures(database)
    worked_out[0] = 0
    assert figures(database) == expected
    assert worked_out[0] > 0
