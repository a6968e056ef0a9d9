"""What Python says of attempts, of lives and of pages is what the database says, whatever was told."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from collector.causality import dead_letters, fates, lives, markers, tries
from collector.otlp.decode.spans import decode
from collector.questions import listed_events, listed_runs, newest_pages
from collector.store.database import Database, Row, Session
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.sightings import EVERYTHING
from runtime import semconv
from runtime.semconv import DeliveryOutcome, NodeKind, RunOutcome, StepOutcome
from tests.collector.fresh import open_database
from tests.collector.story import Story, Value, Where, place, uid

#: As the view of all work has it.
WORK = "SELECT * FROM work_where(true)"
RUNS = (
    "SELECT run_id, start_ns, life, is_resumed, begun_ns, outcome, failed_step, failed_place, end_ns "
    "FROM runs_where(true)"
)
LETTERS = "SELECT delivery_id, settled_by FROM letters_where(true)"

#: Runs and events that a story tells of.
MANY = 80

#: Where a page of a list begins that holds everything.
PAGE = {
    "most": 1_000,
    "first_ns": 0,
    "end_ns": 2**63 - 1,
    "as_of": 2**63 - 1,
    "before_ns": 2**63 - 1,
    "before_id": uid("none").__class__(int=2**128 - 1),
}


def told(seed: int) -> Story:
    """Runs and deliveries to which anything happens: attempts that end in any way or not at all, lives, letters."""
    chance, story = random.Random(seed), Story()
    for number in range(MANY):
        _run(chance, story, f"{seed}/{number}")
        _event(chance, story, f"{seed}/{number}")
    return story


def _run(chance: random.Random, story: Story, name: str) -> None:
    run = uid(f"run {name}")
    more: dict[str, Value] = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(run)}
    if chance.random() < 0.8:
        story.node(NodeKind.RUN, run, "start", place(name, "start"), at=chance.randrange(3), more=more)
    ends = [place(name, f"end {life}") for life in range(chance.choice((0, 0, 1, 1, 2)))]
    for life, end in enumerate(ends, 1):
        outcome = chance.choice([*RunOutcome, RunOutcome.FAILED, RunOutcome.FAILED])
        ended: dict[str, Value] = {semconv.OUTCOME: outcome, semconv.ATTEMPT: life}
        ended |= {semconv.STEP: chance.choice(("s0", "s1"))} if outcome == RunOutcome.FAILED else {}
        story.node(NodeKind.RUN, run, "end", end, at=life * 20, lasts=chance.randrange(30), more=more | ended)
    for step in range(chance.randrange(4)):
        about: dict[str, Value] = more | {semconv.STEP: f"s{step}"}
        about |= {semconv.PLACE: "~"} if chance.random() < 0.2 else {}
        above = chance.choice([None, place(name, "unknown"), *ends])
        _attempts(chance, story, NodeKind.STEP, f"{name} s{step}", about, above, list(StepOutcome))


def _event(chance: random.Random, story: Story, name: str) -> None:
    event = uid(f"event {name}")
    if chance.random() < 0.7:
        for times in range(chance.choice((1, 1, 2))):
            where = place(name, f"publish {times}")
            more: dict[str, Value] = {semconv.CHANNEL: "c", semconv.PAYLOAD: f'"{times}"'}
            story.node(NodeKind.EVENT, event, "publish c", where, at=chance.randrange(50), more=more)
    for group in range(chance.randrange(3)):
        for round_ in range(chance.choice((1, 1, 2))):
            key, node = f"{name} g{group} {round_}", uid(f"{name} g{group} {round_}")
            about: dict[str, Value] = {semconv.EVENT_ID: str(event), semconv.GROUP: f"g{group}", semconv.ROUND: round_}
            about |= {semconv.CHANNEL: "c"}
            _attempts(chance, story, NodeKind.DELIVERY, key, about, None, list(DeliveryOutcome))
            if chance.random() < 0.4:
                _letter(chance, story, key, about | {semconv.ATTEMPTS: chance.choice((0, 2))}, node)


def _letter(chance: random.Random, story: Story, key: str, about: dict[str, Value], node: Any) -> None:
    letter = uid(f"letter {key}")
    at = chance.randrange(100)
    story.node(NodeKind.DEAD_LETTER, letter, "letter", place(key, "letter"), cause=node, at=at, more=about)
    for kind in chance.choice(((), (NodeKind.REPLAY,), (NodeKind.DISCARD, NodeKind.REPLAY))):
        said: dict[str, Value] = {semconv.DEAD_LETTER_ID: str(letter)}
        story.node(kind, uid(f"{kind} {key}"), kind, place(key, kind), at=chance.randrange(100, 200), more=said)


def _attempts(
    chance: random.Random,
    story: Story,
    kind: NodeKind,
    key: str,
    about: dict[str, Value],
    above: Where | None,
    ways: Any,
) -> None:
    for attempt in range(chance.randrange(4)):
        said: dict[str, Value] = about | {semconv.ATTEMPT: attempt + chance.choice((0, 1, 1))}
        outcome, where = chance.choice([*ways, None, "", "ok", "failed"]), place(key, f"try {attempt}")
        parent = above
        if outcome == "":
            said |= {semconv.PENDING: True}
            parent = chance.choice((place(key, f"try {attempt + 1}"), place(key, f"work {attempt}")))
        elif outcome is not None:
            said |= {semconv.OUTCOME: outcome}
        at = attempt * 10 + chance.choice((0, 3, 90))
        story.node(kind, uid(key), "work", where, at=at, lasts=chance.randrange(12), parent=parent, more=said)


@pytest.fixture(scope="module", params=range(6))
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A snapshot of all that a story tells, stored in one transaction after the other."""
    database: Database = open_database(tmp_path_factory.mktemp("tries") / "causeline.duckdb")
    spans = told(request.param).spans
    random.Random(request.param).shuffle(spans)
    for first in range(0, len(spans), 50):
        with database.writing() as writing:
            RecordWriter(database).write(writing, decode(Story().request(spans[first : first + 50])))
    with database.reading() as reading:
        yield reading
    database.close()


def rows(session: Session, statement: str) -> list[Row]:
    """The rows of a statement of this file's."""
    found = session._cursor.execute(statement)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_work_stands_as_the_database_has_it(session: Session) -> None:
    """Each step and delivery: what became of it, whether it goes on, and when it was cut off."""
    wanted = {row["node_id"]: fates.Fate(row["outcome"], row["running"], row["cut_ns"]) for row in rows(session, WORK)}
    asked = [{"node_id": node_id, "node_kind": NodeKind.STEP} for node_id in wanted]
    assert len({fate.outcome for fate in wanted.values()}) > 8
    assert any(fate.running for fate in wanted.values())
    assert any(fate.cut_ns for fate in wanted.values())
    assert fates.find_fates(session, asked) == wanted


def test_attempts_are_counted_as_the_database_does(session: Session) -> None:
    """And of whom they are."""
    wanted = {row["node_id"]: row for row in rows(session, "SELECT * FROM tried_where(true)")}
    ids = list(wanted)
    found = session.rows(Query.WORK_RECORDS, ids=ids, **session.stretch(ids).bounds)
    each = tries.group_attempts(markers.drop_arrived_markers(session, found))
    assert each.keys() == wanted.keys()
    for node_id, row in wanted.items():
        one = each[node_id]
        said = (one.kind, one.step, one.place, one.run_id, one.event_id, one.round, one.attempts, one.is_open)
        names = ("kind", "step", "step_place", "run_id", "event_id", "round", "attempts", "is_open")
        assert said == tuple(row[name] for name in names)


@pytest.mark.parametrize("most", [lives.MOST_TRIES, 0])
def test_runs_stand_as_the_database_has_it(session: Session, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """In their latest lives; also where their attempts are too many to be read."""
    monkeypatch.setattr(lives, "MOST_TRIES", most)
    wanted = {row["run_id"]: lives.Life(**row) for row in rows(session, RUNS)}
    assert any(life.is_resumed for life in wanted.values())
    assert lives.read_lives(session, wanted) == wanted


def test_letters_are_settled_as_the_database_has_it(session: Session) -> None:
    """Of deliveries that gave up, the first that settled each."""
    wanted = {row["delivery_id"]: row["settled_by"] for row in rows(session, LETTERS)}
    assert set(wanted.values()) == {None, "replay", "discard"}
    assert dead_letters.find_settlements(session, list(wanted)) == wanted


@pytest.mark.parametrize("most", [lives.MOST_TRIES, 0])
def test_a_page_of_runs_is_that_of_the_list(session: Session, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """With all that is told of each; also where their attempts are too many to be read."""
    monkeypatch.setattr(listed_runs, "MOST_TRIES", most)
    which = dict.fromkeys(("workflow", "app", "agent", "model", "session", "outcomes", "waiting"))
    ids = [row["run_id"] for row in rows(session, RUNS)]
    wanted = session.rows(Query.RUNS_LIST, among=ids, is_found=False, **EVERYTHING.bounds, **PAGE, **which)
    found = listed_runs.list_runs_of_ids(session, which, ids, PAGE)
    assert sum(row["is_undoing"] for row in wanted) > 0
    assert sum(row["failed_steps"] for row in wanted) > 0
    assert found == [{name: row[name] for name in each} for each, row in zip(found, wanted, strict=True)]


def test_a_page_of_events_is_that_of_the_list(session: Session) -> None:
    """Those that were published, and those that who received them tells of alone."""
    which = {"channel": None, "status": None, "payload_most": 500}
    wanted = session.rows(Query.EVENTS_LIST, is_found=False, **newest_pages.UNKNOWN, **PAGE, **which)
    ids = [row["event_id"] for row in wanted]
    found = listed_events.list_events_of_ids(session, ids, PAGE, channel=None, payload_most=500)
    assert any(row["payload"] is None for row in wanted)
    kept = ("event_id", "channel", "start_ns", "listed_ns")
    assert [[row[name] for name in kept] for row in found] == [[row[name] for name in kept] for row in wanted]
    assert listed_events.list_events_of_ids(session, ids, PAGE, channel="none", payload_most=500) == []
