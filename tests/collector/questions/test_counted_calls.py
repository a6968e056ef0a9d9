"""What is remembered of calls of models never differs from what all spans say now."""

import random
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.models import CallsBy, Window
from collector.prices import parsing
from collector.prices.price_list import PriceBook
from collector.questions import call_figures, counted_calls, remembered_rows
from collector.questions.call_figures import CallCriteria, CallOrder
from collector.questions.windows import Range
from collector.store import recollection, rereading
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.recollection import Recollection
from collector.store.records import RecordWriter
from collector.store.retention import removal
from collector.store.session import Session
from collector.store.sightings import EVERYTHING
from collector.times import moment
from tests.collector.agents.piecemeal import ranges, single, store
from tests.collector.agents.random_trees import random_trees, spoken
from tests.collector.agents.sent import MS, START, SentTrace, Value
from tests.collector.fresh import open_database
from tests.collector.store.exchange.exports import exported, loaded

#: Orders in which spans come, and of how many traces; more of both in the battery: each look takes two plans of a tenth
#: of a second. In the suite is one in which a single trace has changed now and then, too.
ORDERS = [(1, 7), *(pytest.param(seed, 14, marks=pytest.mark.battery) for seed in range(12))]
#: All that is sent here.
WHOLE = Range(START, START + 20_000 * MS, None)
CHAT: dict[str, Value] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "m",
    "gen_ai.response.id": "r-1",
    "gen_ai.usage.input_tokens": 50,
    "gen_ai.usage.output_tokens": 5,
}

Call = dict[str, Any]


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts into which programs of milliseconds are cut, too."""
    monkeypatch.setattr(recollection, "_LENGTHS_NS", (20 * MS, 1_000 * MS, 10_000 * MS, 86_400_000 * MS))


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """How many traces were read for calls, each time they were; None for all of a range."""
    times: list[int | None] = []
    table = Session.table

    def counted(session: Session, query: Query, **values: Any) -> object:
        if query is Query.CALLS_FOUND:
            times.append(None if values["traces"] is None else len(values["traces"]))
        return table(session, query, **values)

    monkeypatch.setattr(Session, "table", counted)
    return times


def calls(database: Database, within: Range = WHOLE) -> list[Call]:
    """The calls that began in a range, as they are remembered."""
    with database.reading() as session:
        return listed(counted_calls.find_calls_between(session, within).to_pylist(), within)


def truth(database: Database, within: Range = WHOLE) -> list[Call]:
    """The same, by one who remembers nothing and reads everything."""
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns, **EVERYTHING.bounds}
    with database.reading() as session:
        return listed(session.table(Query.CALLS_FOUND, traces=None, **bounds).to_pylist(), within)


def listed(rows: list[Call], within: Range) -> list[Call]:
    """Those of a range, in an order."""
    return sorted(
        (row for row in rows if within.first_ns <= row["start_ns"] < within.end_ns), key=lambda row: row["node_id"]
    )


def chat(number: int, scope: str, at: int, *, took: int = 50, **more: Value) -> SentTrace:
    """A trace with one call, so many milliseconds after the start."""
    trace = SentTrace(number)
    trace.add("chat", 0, CHAT | {key.replace("__", "."): value for key, value in more.items()}, scope=scope)
    span = trace.request.resource_spans[0].scope_spans[0].spans[0]
    span.start_time_unix_nano, span.end_time_unix_nano = START + at * MS, START + (at + took) * MS
    return trace


def counting(rows: list[Call]) -> list[int]:
    """The numbers of the traces whose calls count."""
    return [int.from_bytes(row["trace_id"]) for row in rows if row["counted_in"] is None]


def changed(random_: random.Random, sent: ExportTraceServiceRequest) -> ExportTraceServiceRequest:
    """Another record of a span, which says something else and ends later."""
    again = ExportTraceServiceRequest()
    again.CopyFrom(sent)
    span = again.resource_spans[0].scope_spans[0].spans[0]
    span.start_time_unix_nano += random_.choice([0, 0, -15, 700]) * MS
    span.end_time_unix_nano = span.start_time_unix_nano + random_.choice([60, 80]) * MS
    said = {each.key: each for each in span.attributes}
    for key, value in spoken(random_).items():
        if key in said and isinstance(value, int) and said[key].value.WhichOneof("value") == "int_value":
            said[key].value.int_value = value
    if "gen_ai.response.id" in said and random_.random() < 0.5:
        said["gen_ai.response.id"].value.string_value = random_.choice("xyzv")
    return again


@pytest.mark.parametrize(("seed", "traces"), ORDERS)
def test_in_whatever_order_spans_come_calls_are_those_of_all_of_them(
    seed: int, traces: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for again and again meanwhile, of all time and of parts of it, while some say something else later, and the
    oldest are removed."""
    random_ = random.Random(seed)
    monkeypatch.setattr(remembered_rows, "_TOGETHER", random_.choice([3, 20, 50_000]))
    requests = [trace.request for trace in random_trees(random_, traces)]
    sent = list(single(requests))
    sent += [changed(random_, random_.choice(sent)) for _ in range(len(sent) // 3)]
    random_.shuffle(sent)
    records = RecordWriter(database)
    asked = [WHOLE, *list(ranges(requests))[1:]]
    told_twice = 0
    while sent:
        several = random_.randrange(1, 12)
        store(records, database, *sent[:several])
        sent = sent[several:]
        if random_.random() < 0.03:
            sum(removal.cut_spans(database, START + random_.randrange(5_000) * MS, None))
        within = random_.choice(asked)
        rows = calls(database, within)
        assert rows == truth(database, within)
        told_twice += sum(row["counted_in"] is not None for row in rows)
    for within in asked:
        assert calls(database, within) == truth(database, within) != []
    assert told_twice


def test_what_is_remembered_is_not_read_again(database: Database, found: list[int | None]) -> None:
    """But for the traces of which something came, however many calls there are beside them."""
    records = RecordWriter(database)
    store(records, database, *(chat(number, "one", 5 * number, took=1).request for number in range(1, 40)))
    first = calls(database)
    assert (len(first), set(found)) == (39, {None})
    found.clear()
    assert calls(database) == first
    assert found == []
    store(records, database, chat(50, "one", 3, took=1).request, SentTrace(60).request)
    assert len(calls(database)) == 40
    assert found == [1]
    found.clear()
    store(records, database, SentTrace(61).request)
    calls(database)
    assert found == []


def test_a_late_span_takes_away_what_its_trace_counted(database: Database) -> None:
    """A call within a call: the innermost counts, whenever that is known."""
    outer, inner = single([nested().request])
    records = RecordWriter(database)
    store(records, database, outer)
    assert len(calls(database)) == 1
    store(records, database, inner)
    assert [row["input_tokens"] for row in calls(database)] == [7]


def test_a_trace_of_which_no_call_counts_in_a_part_may_have_one_that_does(database: Database) -> None:
    """What lies within a call was one, and then says that it is something else."""
    outer, inner = single([nested(apart=1_500).request])
    records = RecordWriter(database)
    store(records, database, outer, inner)
    only = Range(START + 1_000 * MS, START + 2_000 * MS, None)
    assert calls(database, only) == []
    span = inner.resource_spans[0].scope_spans[0].spans[0]
    span.end_time_unix_nano += MS
    del span.attributes[:]
    store(records, database, inner)
    assert [row["input_tokens"] for row in calls(database, only)] == [50]


def nested(apart: int = 1) -> SentTrace:
    """A call within a call, so many milliseconds later."""
    trace = SentTrace(1)
    outer = trace.add("chat", 0, CHAT, took=5_000)
    trace.add("chat", outer, CHAT | {"gen_ai.usage.input_tokens": 7, "gen_ai.response.id": "r-2"})
    span = trace.request.resource_spans[1].scope_spans[0].spans[0]
    span.start_time_unix_nano += apart * MS
    span.end_time_unix_nano += apart * MS
    return trace


def test_a_late_span_of_another_trace_takes_away_what_counted(database: Database) -> None:
    """Two instrumentations tell of one call; which of them counts is known when the first of them came."""
    records = RecordWriter(database)
    store(records, database, chat(1, "one", 10).request)
    assert counting(calls(database)) == [1]
    store(records, database, chat(2, "two", 5).request)
    assert counting(calls(database)) == counting(truth(database)) == [2]


def test_a_call_counts_again_where_the_other_trace_tells_of_it_no_longer(database: Database) -> None:
    """That which began first says that it used something else, or nothing comes of it."""
    records = RecordWriter(database)
    earlier, later = chat(1, "one", 5), chat(2, "two", 1_010)
    earlier.request.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano += 2_000 * MS
    store(records, database, earlier.request, later.request)
    only = Range(START + 1_000 * MS, START + 2_000 * MS, None)
    assert counting(calls(database)) == [1]
    assert counting(calls(database, only)) == []
    again = chat(1, "one", 5, took=3_000, gen_ai__response__id="r-9", gen_ai__usage__input_tokens=3)
    store(records, database, again.request)
    assert sorted(counting(calls(database))) == [1, 2]
    assert counting(calls(database, only)) == [2]


def test_who_opened_a_snapshot_before_sees_what_it_holds(database: Database, found: list[int | None]) -> None:
    """What was remembered since is not of it, and what was known before that is not worked out again."""
    records = RecordWriter(database)
    store(records, database, chat(1, "one", 10).request)
    calls(database)
    with database.reading() as session:
        session.one(Query.LISTS_EXTENT)  # a snapshot begins with its first question
        store(records, database, chat(2, "one", 30, gen_ai__response__id="r-2").request)
        assert len(calls(database)) == 2
        found.clear()
        assert counted_calls.find_calls_between(session, WHOLE).num_rows == 1
        assert None not in found
    assert len(calls(database)) == 2


def test_what_is_removed_is_in_no_figure(database: Database) -> None:
    """The oldest part of it, or all."""
    store(RecordWriter(database), database, *(chat(number, "one", 900 * number).request for number in (1, 2, 3)))
    assert len(calls(database)) == 3
    assert sum(removal.cut_spans(database, START + 1_000 * MS, None)) == 1
    assert len(calls(database)) == len(truth(database)) == 2
    assert sum(removal.cut_spans(database, START + 10_000 * MS, None)) == 2
    assert calls(database) == []


def test_what_is_read_anew_is_found_anew(database: Database) -> None:
    """Rules of today may find another name."""
    store(RecordWriter(database), database, chat(1, "one", 10).request)
    database._connection.execute("UPDATE spans SET agent = 'old', name = 'old'")
    assert [row["agent"] for row in calls(database)] == ["old"]
    while rereading.reread_slice(database):
        pass
    assert calls(database) == truth(database)
    assert [row["agent"] for row in calls(database)] == ["writer"]


def test_what_is_stored_by_a_clock_that_was_set_back_is_found(database: Database) -> None:
    """By its time it was stored before what is remembered."""
    store(RecordWriter(database), database, chat(1, "one", 10).request)
    hour_us = 3_600 * 10**6
    database._connection.execute("UPDATE spans SET stored_us = stored_us + $us", {"us": hour_us})
    database._committed_us += hour_us
    calls(database)
    store(RecordWriter(database), database, chat(2, "one", 30).request)
    assert len(calls(database)) == 2


def test_what_is_imported_is_found(database: Database, tmp_path: Path) -> None:
    """It is stored by others than the writer."""
    other = open_database(tmp_path / "other.duckdb")
    store(RecordWriter(other), other, chat(1, "two", 5).request)
    folder = exported(other, tmp_path / "some")
    other.close()
    store(RecordWriter(database), database, chat(2, "one", 10).request)
    assert counting(calls(database)) == [2]
    loaded(database, folder)
    assert counting(calls(database)) == [1]


def test_more_traces_than_are_read_one_by_one_are_read_as_a_whole(
    database: Database, found: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a night in which nobody looked."""
    monkeypatch.setattr(remembered_rows, "_MOST_TRACES", 2)
    records = RecordWriter(database)
    store(records, database, chat(1, "one", 10).request)
    calls(database)
    store(records, database, *(chat(number, "one", 10 * number).request for number in range(2, 6)))
    found.clear()
    assert calls(database) == truth(database)
    assert set(found) == {None}


def test_what_does_not_fit_is_forgotten_and_found_again(
    database: Database, found: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That which was asked for longest ago goes first."""
    monkeypatch.setattr(database.knowledge, "recollection", Recollection(database.sightings, most=1))
    store(RecordWriter(database), database, chat(1, "one", 10).request)
    expected = calls(database)
    found.clear()
    assert calls(database) == expected
    assert None in found


def test_work_that_was_cut_off_goes_on_where_it_was(
    database: Database, found: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule has two seconds: what was worked out until then is remembered."""
    monkeypatch.setattr(remembered_rows, "_TOGETHER", 1)
    store(RecordWriter(database), database, *(chat(number, "one", 900 * number).request for number in range(1, 6)))

    remember, times = Session.remember, [0]

    def cut_off(session: Session, *kept: Any) -> None:
        times[0] += 1
        if times[0] > 2:
            raise TimeoutError
        remember(session, *kept)

    monkeypatch.setattr(Session, "remember", cut_off)
    with pytest.raises(TimeoutError):
        calls(database)
    monkeypatch.setattr(Session, "remember", remember)
    found.clear()
    assert len(calls(database)) == 5
    left = len(found)
    database.knowledge.recollection = Recollection(database.sightings)
    found.clear()
    assert len(calls(database)) == 5
    assert len(found) > left


def test_prices_of_today_hold_for_calls_that_are_remembered(database: Database, found: list[int | None]) -> None:
    """They are no part of it."""
    store(RecordWriter(database), database, chat(1, "one", 10).request)
    window = Window(start=moment(WHOLE.first_ns), end=moment(WHOLE.end_ns))

    def cost(rate: int) -> float | None:
        prices = parsing.parse_prices(f"[models.m]\ninput = {rate}\noutput = 0\n", "mine", is_own=True)[0]
        with database.reading() as session:
            answer = call_figures.find_figures(
                session, window, CallCriteria(CallsBy.MODEL), CallOrder(), PriceBook((prices,))
            )
        return answer.total.usage.cost_usd

    assert cost(1) == pytest.approx(50e-6)
    found.clear()
    assert cost(3) == pytest.approx(150e-6)
    assert found == []
