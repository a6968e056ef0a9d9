"""Whoever asks for what was stored within the stretch of some ids misses nothing that names them."""

import random
from uuid import UUID

import pyarrow as pa
import pytest

from collector.otlp.decode.spans import decode
from collector.questions import node
from collector.store import sightings, uuids
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.store.sightings import EVERYTHING, NOTHING, Sightings, Stretch
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.story import Story, foreign, place, uid


def table(**columns: list[UUID | None] | list[list[UUID]]) -> pa.Table:
    """Spans that name ids."""
    count = len(next(iter(columns.values())))
    none: list[UUID | None] = [None] * count
    texts = {name: columns.get(name, none) for name in sightings.COLUMNS}
    named = {
        name: uuids.to_uuid_type(pa.array([id_ and id_.bytes for id_ in ids], uuids.KIND))  # type: ignore[union-attr]  # no lists
        for name, ids in texts.items()
    }
    lists = pa.array([[str(id_) for id_ in ids] for ids in columns.get("causes", [[]] * count)], pa.list_(pa.string()))  # type: ignore[union-attr]  # lists alone
    items = uuids.to_uuid_type(uuids.parse_uuids(lists.flatten()))
    return pa.table({**named, "causes": pa.ListArray.from_arrays(lists.offsets, items)})


def known() -> Sightings:
    """One that has read an empty store."""
    seen = Sightings()
    seen.learn([], seen.forget())
    return seen


def test_an_id_is_within_the_stretch_in_which_it_was_named() -> None:
    """In whatever column; of several from the first to the last. What nobody named is nowhere."""
    seen, ids = known(), [uid(str(number)) for number in range(9)]
    for at, name in enumerate(sightings.COLUMNS):
        seen.add(table(**{name: [ids[at], None]}), 10 * at)
    seen.add(table(causes=[[ids[7], ids[8]], []]), 90)
    for at in range(len(sightings.COLUMNS)):
        assert seen.find_stretch([ids[at]]) == (10 * at, 10 * at)
    assert seen.find_stretch([ids[8]]) == (90, 90)
    assert seen.find_stretch([ids[1], ids[3], uid("nobody's")]) == (10, 30)
    assert seen.find_stretch([uid("nobody's")]) == seen.find_stretch([]) == NOTHING


def test_what_is_not_known_may_be_anywhere() -> None:
    """Before what is stored was read, and after something was stored that nobody told."""
    seen = Sightings()
    assert (seen.find_stretch([uid("1")]), seen.is_known) == (EVERYTHING, False)
    seen.add(table(node_id=[uid("1")]), 5)
    assert seen.find_stretch([uid("1")]) == EVERYTHING
    outdated = seen.forget()
    version = seen.forget()
    seen.learn([], outdated)
    assert not seen.is_known
    seen.learn([], version)
    assert seen.find_stretch([uid("1")]) == NOTHING


def test_many_transactions_are_told_apart_as_far_as_a_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """However they are put together, nothing is lost; what lies far away is not read."""
    monkeypatch.setattr(sightings, "SPANS", 50)
    monkeypatch.setattr(sightings, "_PARTS", 4)
    seen, chance = known(), random.Random(1)
    told: dict[UUID, list[int]] = {}
    for at in range(300):
        ids = [uid(str(chance.randrange(2_000))) for _ in range(chance.randrange(1, 9))]
        for id_ in ids:
            told.setdefault(id_, []).append(at)
        seen.add(table(node_id=list(ids)), at)
    widths = []
    for id_, times in told.items():
        found = seen.find_stretch([id_])
        assert found.since_us <= min(times) <= max(times) <= found.until_us
        widths.append((found.until_us - found.since_us) - (max(times) - min(times)))
    assert max(widths) < 60


def test_stretches_of_which_everything_is_gone_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or they would take room for ever."""
    monkeypatch.setattr(sightings, "SPANS", 2)
    seen = known()
    assert [seen.add(table(node_id=[uid(str(at))]), at) for at in range(4)] == [False, True, False, True]
    seen.drop(2)
    assert seen.find_stretch([uid("0")]) == (0, 1)  # somebody may still read what was there
    seen.drop(2)
    assert [seen.find_stretch([uid(str(at))]) for at in range(4)] == [NOTHING, NOTHING, (2, 3), (2, 3)]


def test_what_is_stored_by_a_clock_that_was_set_back_is_not_taken_to_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is older than what was the oldest, and still there; to believe that it is not has it stored again."""
    monkeypatch.setattr(sightings, "SPANS", 2)
    seen = known()
    for at in (100, 101, 10, 11, 12, 13):
        if seen.add(table(node_id=[uid(str(at))]), at):
            seen.drop(100 if at > 100 else 10)
    assert [seen.find_stretch([uid(str(at))]) for at in (100, 10, 12)] == [(100, 101), (10, 11), (12, 13)]


def test_numbers_that_begin_alike_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a key 32 bits lie in one array, and sixteen in another."""
    seen = known()
    numbers = [(7 << 16 | low) << 16 for low in (3, 40_000)]
    monkeypatch.setattr(sightings.keys, "hash_uuids", lambda ids: sightings.np.array(list(ids), "uint64"))
    monkeypatch.setattr(sightings, "_collect_ids", lambda spans: sightings.np.array(numbers, "uint64"))
    seen.add(table(node_id=[uid("1")]), 5)
    assert [seen.find_stretch([(7 << 16 | low) << 16]) for low in (3, 4, 40_000, 259)] == [
        (5, 5),
        NOTHING,
        (5, 5),
        NOTHING,
    ]  # type: ignore[list-item]  # numbers stand for ids


def test_of_very_many_ids_none_seems_to_be_among_what_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them that does has everything read since: 500,000 are looked for among four millions of others."""
    random_numbers = sightings.np.random.default_rng(5)
    monkeypatch.setattr(sightings.keys, "hash_uuids", lambda ids: ids)
    monkeypatch.setattr(
        sightings, "_collect_ids", lambda spans: random_numbers.integers(2**64, size=2_000_000, dtype="uint64")
    )
    seen = known()
    for at in range(2):
        seen.add(table(node_id=[uid("1")]), at)
    assert seen.find_stretch(random_numbers.integers(2**64, size=500_000, dtype="uint64")) == NOTHING


def store(database: Database, story: Story) -> None:
    """Writes what a story tells in a transaction of its own, as a collector that was started anew."""
    records = RecordWriter(database)
    with database.writing() as session:
        records.write(session, decode(story.request()))


def story_of_all_kinds(name: str) -> tuple[Story, list[UUID]]:
    """A run with what hangs on it, a span of others; and ids that are named."""
    story, run, step, event = Story(), uid(f"run {name}"), uid(f"step {name}"), uid(f"event {name}")
    about = {semconv.RUN_ID: str(run)}
    story.node(NodeKind.RUN, run, "run w", place(name, "run"), more=about)
    causes = [str(uid(f"cause {name}"))]
    story.node(NodeKind.STEP, step, "step s", place(name, "s"), more={**about, semconv.CAUSES: causes})
    story.node(NodeKind.EVENT, event, "publish c", place(name, "e"), more={semconv.CAUSATION_ID: str(step)})
    received = {semconv.EVENT_ID: str(event), semconv.DEAD_LETTER_ID: str(uid(f"letter {name}"))}
    story.node(NodeKind.REPLAY, uid(f"replay {name}"), "replay c", place(name, "r"), more=received)
    story.add("call", place(name, "call"))
    ids = [run, step, event, uid(f"cause {name}"), uid(f"letter {name}"), foreign(place(name, "call"))]
    return story, ids


def test_what_is_stored_is_known_from_when_it_was_stored_and_after_a_start(database: Database) -> None:
    """By the same ids, from the rows that come and from the table; of those of an old stretch no more is read."""
    for name in ("a", "b"):
        store(database, story_of_all_kinds(name)[0])
    records = RecordWriter(database)
    story, ids = story_of_all_kinds("c")
    with database.writing() as session:
        records.write(session, decode(story.request()))
    times = [
        row[0] for row in database._connection.execute("SELECT DISTINCT stored_us FROM spans ORDER BY ALL").fetchall()
    ]
    with database.reading() as session:
        assert {session.stretch([id_]) for id_ in ids} == {Stretch(times[2], times[2])}
        assert {session.stretch([id_]) for id_ in story_of_all_kinds("b")[1]} == {Stretch(times[0], times[1])}
        assert session.stretch([uid("nobody's")]) == NOTHING
    RecordWriter(database).load_stored_ids()
    with database.reading() as session:
        assert {session.stretch([id_]) for id_ in ids} == {Stretch(times[0], times[2])}
        assert session.stretch([uid("nobody's")]) == NOTHING


def test_a_node_is_found_that_was_stored_behind_the_writers_back(database: Database) -> None:
    """As an import does, which says so."""
    store(database, story_of_all_kinds("a")[0])
    hidden = uid("hidden")
    with database.writing() as session:
        database.note_import()
        session.count("UPDATE spans SET node_id = $id WHERE node_kind = 'step'", {"id": hidden})
    with database.reading() as session:
        assert session.stretch([hidden]) == EVERYTHING
        assert node.find_node(session, hidden).node.id == str(hidden)
    store(database, story_of_all_kinds("b")[0])
    with database.reading() as session:
        assert session.stretch([hidden]) != EVERYTHING
        assert node.find_node(session, hidden).node.id == str(hidden)
