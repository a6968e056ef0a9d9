"""Whoever searches where a text may be said finds all that says it."""

import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.otlp.decode.spans import decode
from collector.questions import events, runs
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store import rereading, text_loading, texts
from collector.store.database import Database, Session
from collector.store.records import RecordWriter
from collector.store.sightings import Stretch
from collector.store.texts import ANYWHERE, COLUMNS, Mentions, TextIndex
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.fresh import open_database
from tests.collector.store.exchange.exports import exported, loaded
from tests.collector.store.test_logged_exceptions import store
from tests.collector.store.test_queries import sql_files
from tests.collector.story import Story, place, uid
from tests.waiting import PATIENCE, until_sync


def said(**columns: list[str | None]) -> pa.Table:
    """Spans that say something in some columns."""
    count = len(next(iter(columns.values())))
    kind = pa.struct([("model", pa.string()), ("tool", pa.string())])
    named = {name: pa.array(columns.get(name, [None] * count), pa.string()) for name in COLUMNS}
    models: list[Any] = [model and {"model": model, "tool": None} for model in columns.get("model", [None] * count)]
    return pa.table({**named, "work": pa.array(models, kind)})


def known() -> TextIndex:
    """One that has read an empty store."""
    found = TextIndex()
    found.learn([], found.version)
    return found


def where(columns: set[str], *stretches: tuple[int, int]) -> Mentions:
    """Where a text may be said."""
    return Mentions(frozenset(columns), tuple(Stretch(*stretch) for stretch in stretches))


def test_a_text_is_in_the_columns_and_the_stretches_in_which_it_was_said() -> None:
    """Also a part of it, in whatever case; what nobody said is nowhere."""
    found = known()
    found.add(said(subject=["O-17", None], name=["pay", "pay"]), 1)
    found.add(said(subject=["O-18"], agent=["Payer"], model=["gpt-pay"]), 9)
    assert found.find_mentions("o-1") == where({"subject"}, (1, 1), (9, 9))
    assert found.find_mentions("pay") == where({"name", "agent", "model"}, (1, 1), (9, 9))
    assert found.find_mentions("o-18") == where({"subject"}, (9, 9))
    assert found.find_mentions("o-19") == where(set())


def test_what_may_be_anything_is_said_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that folds, that has escapes, and too much of it."""
    monkeypatch.setattr(texts, "_MOST", 20)
    found = known()
    found.add(said(subject=["Grüße"], name=["a"]), 1)
    found.add(said(subject=["\\u0041"], name=["a"]), 2)
    found.add(said(subject=["x" * 21], name=["a"]), 3)
    assert found.find_mentions("b") == where({"subject"}, (1, 1), (2, 2), (3, 3))


def test_before_all_is_known_a_text_may_be_anywhere() -> None:
    """And after something was stored that nobody told; what was told meanwhile is not forgotten."""
    found, outdated = TextIndex(), 0
    found.add(said(subject=["first"]), 5)
    assert found.find_mentions("nothing") == ANYWHERE
    found.forget()
    found.learn([], outdated)
    assert not found.is_known
    found.add(said(subject=["second"]), 6)
    found.learn([], found.version)
    assert (found.find_mentions("first"), found.find_mentions("second")) == (where(set()), where({"subject"}, (6, 6)))


def test_many_transactions_are_told_apart_as_far_as_a_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """However they are put together, nothing is lost, and a query keeps to few times."""
    monkeypatch.setattr(texts, "SPANS", 50)
    monkeypatch.setattr(texts, "_PARTS", 4)
    found, chance = known(), random.Random(1)
    told: dict[str, list[int]] = {}
    for at in range(300):
        subjects = [f"O-{chance.randrange(100, 900)}" for _ in range(chance.randrange(1, 9))]
        for subject in subjects:
            told.setdefault(subject.lower(), []).append(at)
        found.add(said(subject=list(subjects)), at)
    for text, times in told.items():
        stretches = found.find_mentions(text).stretches
        assert len(stretches) <= 4
        assert all(any(since <= at <= until for since, until in stretches) for at in times)
    rare = [found.find_mentions(text).stretches for text, times in told.items() if len(times) < 4]
    assert max(until - since for stretches in rare for since, until in stretches) < 60


def test_stretches_of_which_everything_is_gone_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or they would take room for ever."""
    monkeypatch.setattr(texts, "SPANS", 1)
    found = known()
    for at in range(3):
        found.add(said(subject=["same"]), at)
    found.drop(2)
    assert found.find_mentions("same") == where(
        {"subject"}, (0, 0), (1, 1), (2, 2)
    )  # somebody may still read what was there
    found.drop(2)
    assert found.find_mentions("same") == where({"subject"}, (2, 2))


def test_what_is_said_by_a_clock_that_was_set_back_is_not_taken_to_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is older than what was the oldest when something was dropped last, and still there."""
    monkeypatch.setattr(texts, "SPANS", 1)
    found = known()
    found.add(said(subject=["same"]), 100)
    found.drop(100)
    found.add(said(subject=["same"]), 10)
    found.drop(10)
    assert found.find_mentions("same") == where({"subject"}, (10, 10), (100, 100))


def test_lists_look_into_columns_that_are_known() -> None:
    """Each of them is asked for by its name, or would never be found."""
    names = {f"in_{name}" for name in (*COLUMNS, *texts.WORK)}
    of = sql_files("collector.store.queries")
    asked = {part.split()[0] for text in of.values() for part in text.split("--[$") if part.startswith("in_")}
    assert asked == names


#: Orders in which records come; more of them in the battery.
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.battery) for seed in range(1, 3))]
SUBJECTS = ("O-17", "o-171", "Große O-17", "O 17", "\\u004f-17", "pay", "x" * 30)
ASKED = ("o-17", "O-171", "große", "pay", "17", "no such", "xx", "step 1", "nothing of this")


def told(chance: random.Random, number: int) -> Iterator[Span]:
    """A run with a step, an event with a delivery, an agent of others; each may come twice and say other things."""
    story = Story()
    for again in range(chance.choice((1, 1, 2))):
        about = {semconv.SUBJECT: chance.choice(SUBJECTS), semconv.WORKFLOW: chance.choice(SUBJECTS)}
        of_run = {**about, semconv.RUN_ID: str(uid(f"run {number}"))}
        at, name = {"at": number, "lasts": 5 + again}, f"{number}"
        yield story.node(NodeKind.RUN, uid(f"run {name}"), "run", place(name, "run"), more=of_run, **at)
        step = {**of_run, semconv.STEP: chance.choice(SUBJECTS), semconv.AGENT: chance.choice(SUBJECTS)}
        yield story.node(NodeKind.STEP, uid(f"step {name}"), "step 1", place(name, "step"), more=step, **at)
        event = {**about, semconv.CHANNEL: "c", semconv.EVENT_ID: str(uid(f"event {name}"))}
        yield story.node(NodeKind.EVENT, uid(f"event {name}"), "publish c", place(name, "event"), more=event, **at)
        received = {**event, semconv.GROUP: chance.choice(SUBJECTS), semconv.OUTCOME: "ok"}
        yield story.node(NodeKind.DELIVERY, uid(f"got {name}"), "process c", place(name, "got"), more=received, **at)
        agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": chance.choice(SUBJECTS)}
        yield story.add(chance.choice(SUBJECTS), place(f"other {name}", "root"), attributes=agent, **at)


def found(database: Database, asked: Sequence[str] = ASKED) -> list[Any]:
    """What searches find, of runs and of events."""
    with database.reading() as session:
        at = PagePosition(Range.everything(), session.as_of)
        return [
            (
                text,
                [run.run_id for run in runs.find_runs(session, at, RunCriteria(q=text), 50).items],
                [event.event_id for event in events.find_events(session, at, channel=None, q=text, limit=50).items],
            )
            for text in asked
        ]


def everywhere(database: Database, asked: Sequence[str] = ASKED) -> list[Any]:
    """The same, by reading everything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "mentions", lambda *_: ANYWHERE)
        return found(database, asked)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_whatever_order_records_come_a_search_finds_what_it_would_everywhere(
    seed: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one or together, also of a span that came before and says something else; known from the rows that come,
    and read anew."""
    monkeypatch.setattr(texts, "SPANS", 7)
    chance, records = random.Random(seed), RecordWriter(database)
    spans = [span for number in range(5) for span in told(chance, number)]
    chance.shuffle(spans)
    while spans:
        count = chance.choice((1, 8, 20))
        with database.writing() as session:
            records.write(session, decode(Story().request(spans[:count])))
        del spans[:count]
        if chance.random() < 0.3:
            database.texts.forget()
        if chance.random() < 0.7:
            text_loading.load_texts(database)
        some = chance.sample(ASKED, 2)
        assert found(database, some) == everywhere(database, some)
    text_loading.load_texts(database)
    assert database.texts.is_known
    assert found(database) == everywhere(database)
    assert [bool(of_runs) for _, of_runs, _ in found(database)] == [True] * 5 + [False, True, True, False]


def test_what_is_read_anew_is_found_by_what_it_says_now(database: Database) -> None:
    """By rules of today, which may find another agent."""
    about = {semconv.RUN_ID: str(uid("run")), semconv.AGENT: "today's"}
    step = Story().node(NodeKind.STEP, uid("step"), "step", place("run", "step"), more=about)
    records = RecordWriter(database)
    with database.writing() as session:
        records.write(session, decode(Story().request([step])))
    database._connection.execute("UPDATE spans SET agent = 'of old'")
    database.texts.forget()
    text_loading.load_texts(database)
    with database.reading() as session:
        assert session.mentions("today's").columns == set()
    while rereading.reread_slice(database):
        pass
    with database.reading() as session:
        assert session.mentions("today's").columns == session.mentions("of old").columns == {"agent"}


def test_texts_are_read_when_what_senders_wait_for_is(database: Database) -> None:
    """After a start, whose first spans are stored the sooner."""
    asked, may_begin = threading.Event(), threading.Event()
    database.texts.forget()
    beside = text_loading.background(database, first=0, may_begin=lambda: asked.set() or may_begin.is_set())
    beside.start()
    assert asked.wait(PATIENCE)
    assert not database.texts.is_known
    may_begin.set()
    until_sync(lambda: database.texts.is_known)
    beside.close()


def test_what_is_imported_is_found(database: Database, tmp_path: Path) -> None:
    """Once it is read; until then everywhere."""
    other = open_database(tmp_path / "other.duckdb")
    store(other, decode(Story().request(list(told(random.Random(1), 1)))))
    folder = exported(other, tmp_path / "some")
    other.close()
    text_loading.load_texts(database)
    loaded(database, folder)
    assert not database.texts.is_known
    text_loading.load_texts(database)
    assert found(database) == everywhere(database)
    assert any(of_runs for _, of_runs, _ in found(database))
