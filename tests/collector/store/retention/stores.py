"""A store that tests fill with days of shipments, and clean at a day of their choice."""

from collections.abc import Iterator

from collector.otlp.decode.spans import decode
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.store.retention.cleaning import Cleaning, RemovedCounts
from collector.store.retention.policy import Policy
from tests.collector.shipment import Shipment
from tests.collector.story import ORIGIN_NS, Story

DAY_MS = 86_400_000.0
DAY_NS = 86_400 * 10**9


def tell(database: Database, *stories: Story) -> None:
    """Stores stories, each in a transaction of its own."""
    for story in stories:
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request()))


def shipped(database: Database, *days: float, first: int = 0) -> list[Shipment]:
    """Stores a shipment for each day, numbered from `first`; its chain has three traces, and is over within seconds."""
    shipments = [Shipment(number=number, start=day * DAY_MS) for number, day in enumerate(days, first)]
    tell(database, *(shipment.story for shipment in shipments))
    return shipments


def clean(database: Database, day: float, policy: Policy) -> RemovedCounts:
    """Cleans as if it were a day after the origin."""
    return Cleaning(database, policy, lambda: None, ORIGIN_NS + int(day * DAY_NS)).run()


def counts(database: Database) -> dict[str, int]:
    """Rows of each table that holds something."""
    tables = ("spans", "pending", "span_events", "span_links", "logs", "metric_points", "resources", "scopes")
    found = {name: database._connection.table(name).count("*").fetchall()[0][0] for name in (*tables, "rejections")}
    return {name: rows for name, rows in found.items() if rows}


def names(database: Database) -> set[str]:
    """The names of all spans."""
    return set(_texts(database, "SELECT name FROM spans"))


def subjects(database: Database) -> set[str]:
    """The shipments that have spans."""
    return set(_texts(database, "SELECT DISTINCT subject FROM spans"))


def _texts(database: Database, statement: str) -> Iterator[str]:
    yield from (row[0] for row in database._connection.execute(statement).fetchall())
