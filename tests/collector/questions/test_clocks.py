"""How far ahead a clock is."""

from datetime import timedelta

from collector.otlp.decode import spans
from collector.questions import clocks
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.times import moment
from tests.collector.story import Story, place


def test_a_clock_is_as_far_ahead_as_it_was_when_its_span_came(database: Database) -> None:
    """However much later somebody asks."""
    story = Story(service="early bird")
    span = story.add("work", place("t", "s"))
    ((now_ns,),) = database._connection.execute("SELECT epoch_ns(now())").fetchall()
    span.start_time_unix_nano = now_ns + 7_200 * 10**9
    span.end_time_unix_nano = span.start_time_unix_nano + 1
    with database.writing() as session:
        RecordWriter(database).write(session, spans.decode(story.request()))
    with database.reading() as session:
        for later in (timedelta(0), timedelta(minutes=50)):
            (problem,) = clocks.find_problems(session, moment(now_ns) + later)
            assert problem.title == "The clock of early bird is ahead by 2 h"
