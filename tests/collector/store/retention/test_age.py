"""What is old goes, in whole chains; what is tied to the young, or not done, stays for a while."""

import pytest

from collector.otlp.decode import logs, metrics
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.retention.policy import STRETCH, Policy
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.shipment import CHANNEL, Shipment
from tests.collector.store.retention.signals import log, points
from tests.collector.store.retention.stores import DAY_MS, clean, counts, names, shipped, subjects, tell
from tests.collector.story import CONSUMER, PRODUCER, Story, place, uid

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")

TEN_DAYS = Policy(days=10)
SPANS = len(Shipment().story.spans)


def test_a_chain_goes_once_all_of_it_is_old(database: Database) -> None:
    """With its events and links; what names its resource keeps that, and the last one takes it along."""
    shipped(database, 0, 5, 20)
    assert clean(database, 9.9, TEN_DAYS).spans == 0
    assert clean(database, 12, TEN_DAYS).spans == SPANS
    assert subjects(database) == {"S-0001", "S-0002"}
    assert counts(database) == {"spans": 30, "span_events": 6, "span_links": 22, "resources": 1, "scopes": 1}
    assert clean(database, 31, TEN_DAYS).spans == 2 * SPANS
    assert counts(database) == {}


def test_without_limits_all_is_kept(database: Database) -> None:
    """For ever."""
    shipped(database, 0)
    before = counts(database)
    assert clean(database, 100_000, Policy()).records == 0
    assert counts(database) == before


def chained(tie: str) -> Story:
    """An old trace `early`, and a young one `late` that belongs to it."""
    story = Story()
    ids: dict[str, dict[str, object]] = {
        "cause": {"cause": uid("early")},
        "causes": {"more": {semconv.CAUSES: [str(uid("early"))]}},
        "correlation": {"correlation": uid("all")},
        "link": {"links": [place("early", "early")]},
        "event": {"more": {semconv.EVENT_ID: str(uid("early"))}},
        "run": {"more": {semconv.RUN_ID: str(uid("early"))}},
        "": {},
    }
    more = {semconv.CHANNEL: CHANNEL}
    story.node(NodeKind.EVENT, uid("early"), "early", place("early", "early"), correlation=uid("all"), more=more)
    story.node(NodeKind.STEP, uid("late"), "late", place("late", "late"), at=15 * DAY_MS, **ids[tie])
    return story


@pytest.mark.parametrize("tie", ["cause", "causes", "correlation", "link", "event", "run"])
def test_a_beginning_stays_while_its_end_is_young(database: Database, tie: str) -> None:
    """By whatever the two belong together, and until both are old."""
    tell(database, chained(tie))
    clean(database, 20, TEN_DAYS)
    assert names(database) == {"early", "late"}
    clean(database, 26, TEN_DAYS)
    assert names(database) == set()


def test_what_belongs_to_nothing_young_goes(database: Database) -> None:
    """The same two without a tie."""
    tell(database, chained(""))
    clean(database, 20, TEN_DAYS)
    assert names(database) == {"late"}


def test_a_long_chain_is_held_by_its_young_end_alone(database: Database) -> None:
    """Each trace is linked to the one before; only the last is young."""
    story = Story()
    for number in range(40):
        links = [place(str(number - 1), "s")] if number else []
        story.add(str(number), place(str(number), "s"), at=number * DAY_MS / 4, links=links)
    tell(database, story)
    clean(database, 19, TEN_DAYS)
    assert len(names(database)) == 40
    clean(database, 20, TEN_DAYS)
    assert names(database) == set()


def test_foreign_events_tie_those_who_receive_them(database: Database) -> None:
    """They know the message's id alone."""
    story = Story()
    message = {"messaging.message.id": "m-1", "messaging.destination.name": "mail"}
    story.add("sent", place("a", "a"), kind=PRODUCER, attributes=message)
    story.add("received", place("b", "b"), kind=CONSUMER, at=15 * DAY_MS, attributes=message)
    tell(database, story)
    clean(database, 20, TEN_DAYS)
    assert names(database) == {"sent", "received"}


def open_run() -> Story:
    """A run that has no end."""
    story = Story()
    story.node(NodeKind.RUN, uid("run"), "run", place("r", "r"), more={semconv.WORKFLOW: "w"})
    return story


def dead_letter() -> Story:
    """A dead letter that nobody settled."""
    story = Story()
    story.node(NodeKind.DEAD_LETTER, uid("letter"), "letter", place("l", "l"), more={semconv.ATTEMPTS: 1})
    return story


def delivery_under_way() -> Story:
    """The marker of a delivery whose span has not come."""
    story = Story()
    where = place("d", "marker")
    more = {semconv.PENDING: True, semconv.CHANNEL: CHANNEL}
    story.node(NodeKind.DELIVERY, uid("d"), "marker", where, parent=place("d", "d"), more=more)
    return story


@pytest.mark.parametrize("story", [open_run, dead_letter, delivery_under_way])
def test_work_that_is_not_done_is_kept_longer(database: Database, story: object) -> None:
    """Three times as long, and no longer."""
    tell(database, story())
    before = counts(database)
    clean(database, 10 * STRETCH - 1, TEN_DAYS)
    assert counts(database) == before
    clean(database, 10 * STRETCH + 1, TEN_DAYS)
    assert counts(database) == {}


def test_a_chain_that_never_ends_loses_its_beginning_in_the_end(database: Database) -> None:
    """One trace that goes on each day: nothing in it is older than three times the age."""
    story = Story()
    for day in range(60):
        story.add(str(day), place("t", str(day)), at=day * DAY_MS).events.add(name="noted")
    tell(database, story)
    clean(database, 60.5, TEN_DAYS)
    assert names(database) == {str(day) for day in range(31, 60)}
    assert counts(database)["span_events"] == 29


def test_log_records_go_with_their_trace_or_by_their_age(database: Database) -> None:
    """One of a stored trace stays as long as that; one of none goes by its own time."""
    shipments = shipped(database, 0, 20)
    trace_ids = [shipment.story.spans[0].trace_id for shipment in shipments]
    with database.writing() as session:
        for body in (
            log("gone", trace_ids[0], 0),
            log("kept", trace_ids[1], 0),
            log("stray", b"", 0),
            log("new", b"", 15),
        ):
            RecordWriter(database).write(session, logs.decode(body))
    assert clean(database, 21, TEN_DAYS).logs == 1
    found = database._connection.execute("SELECT severity_text FROM logs ORDER BY ALL").fetchall()
    assert found == [("kept",), ("new",)]


def test_metrics_have_an_age_of_their_own(database: Database) -> None:
    """And go though spans stay; what names their resource is theirs alone."""
    with database.writing() as session:
        for day in (0, 5):
            RecordWriter(database).write(session, metrics.decode(points(day)))
    assert clean(database, 9, Policy(days=10, metrics_days=7)).points == 1
    assert counts(database) == {"metric_points": 1, "resources": 1, "scopes": 1}


def test_what_was_refused_is_forgotten_when_it_is_old(database: Database) -> None:
    """It is counted by the time that it was refused at."""
    with database.writing() as session:
        for at_ns in (1, 2**62):
            session.run(Query.INGEST_INSERT_REJECTION, at_ns=at_ns, reason="r", records=1, kept=False)
    clean(database, 0, TEN_DAYS)
    assert counts(database) == {"rejections": 1}
