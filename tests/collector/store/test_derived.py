"""What macros and views make of values that nobody expected."""

import math

from collector.otlp.decode.spans import decode
from collector.store.database import Database
from collector.store.records import RecordWriter
from runtime import semconv
from tests.collector.story import Story, place, uid


def store(database: Database, story: Story) -> None:
    """Commits a story."""
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))


def test_of_a_list_of_texts_only_the_texts_count(database: Database) -> None:
    """One list of numbers must not spoil an answer that shows many lists; the attribute itself keeps all."""
    story = Story()
    for number, keys in enumerate((["order", 1, True, "carrier"], [1, 2], [])):
        story.add("start w", place("t", str(number)), attributes={semconv.INPUT_KEYS: keys})
    store(database, story)
    rows = database._connection.execute("SELECT input_keys FROM spans ORDER BY row_number() OVER ()").fetchall()
    assert rows == [(["order", "carrier"],), ([],), ([],)]


def test_a_score_that_is_no_number_is_no_verdict(database: Database) -> None:
    """It is neither right nor wrong: NaN is larger than all thresholds to DuckDB."""
    story = Story()
    for name, score in (("good", 0.9), ("odd", math.nan), ("endless", math.inf)):
        attributes = {semconv.NODE_ID: str(uid(name)), semconv.NODE_KIND: "step"}
        event = story.add("step s", place("t", name), attributes=attributes).events.add(name="gen_ai.evaluation.result")
        event.attributes.add(key="gen_ai.evaluation.name").value.string_value = "correct"
        event.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = score
    store(database, story)
    rows = database._connection.execute("SELECT node_id, score FROM scores_where(true)").fetchall()
    assert rows == [(uid("good"), 0.9)]
