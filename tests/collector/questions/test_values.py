"""What work was given and returned: kept once, shown whole of a node and briefly of a run, and found."""

import json

import pytest

from collector.client import CollectorClient
from collector.otlp.decode import spans
from collector.otlp.redaction.columns import ColumnRedactor
from collector.questions.values import EXCERPT
from collector.store.database import Database
from collector.store.records import RecordWriter
from runtime import semconv
from runtime.redaction.redactor import Redactor
from runtime.semconv import NodeKind
from tests.collector.agents.sent import SentTrace, langgraph
from tests.collector.live import LiveCollector
from tests.collector.story import Story, Value, foreign, place, uid

RUN, STEP = uid("run"), uid("step")


@pytest.fixture
def collector(emptied: LiveCollector) -> LiveCollector:
    """The module's collector, without a row."""
    return emptied


def step(story: Story, attempt: int, **said: Value) -> None:
    """One attempt at a step of a run."""
    more = {
        semconv.STEP: "s",
        semconv.WORKFLOW: "w",
        semconv.RUN_ID: str(RUN),
        semconv.ATTEMPT: attempt,
        **{f"causeline.{name}": value for name, value in said.items()},
    }
    story.node(NodeKind.STEP, STEP, "step s", place("t", str(attempt)), at=attempt, more=more)


def told(collector: LiveCollector) -> None:
    """A run with a step that fails once, and the second time returns something long."""
    story = Story()
    run = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(RUN)}
    story.node(NodeKind.RUN, RUN, "start w", place("t", "run"), more=run)
    step(story, 1, input='{"order":{"id":7}}', outcome="retry")
    step(story, 2, input='{"order":{"id":7}}', outcome="ok", result=json.dumps({"long": "x" * 30_000, "end": "zebra"}))
    collector.tell(story)


def test_each_attempt_tells_what_it_was_given_and_returned(collector: LiveCollector, client: CollectorClient) -> None:
    """A long one is cut, and had whole by its place; the trace's attributes have it as it was sent."""
    told(collector)
    first, second = client.node(str(STEP)).attempts
    assert (first.input, first.result) == ('{"order":{"id":7}}', None)
    assert second.result is not None
    assert second.result.endswith(" characters]")
    assert "causeline.input" not in second.attributes
    whole = client.node(str(STEP), full="/attempts/1/result").attempts[1].result
    assert json.loads(whole or "")["end"] == "zebra"
    sent = {span.span_id: span.attributes for span in client.trace(first.trace_id).spans}
    assert sent[first.span_id]["causeline.input"] == '{"order":{"id":7}}'
    assert "causeline.result" not in sent[first.span_id]


def test_a_run_tells_the_beginning_of_what_its_steps_newest_attempt_had(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Short enough for a table."""
    told(collector)
    (listed,) = client.run(str(RUN)).steps
    assert listed.input == '{"order":{"id":7}}'
    assert listed.result is not None
    assert listed.result.startswith('{"long": "xxx')
    assert len(listed.result) < EXCERPT + 60


def test_values_are_found_by_their_text(collector: LiveCollector, client: CollectorClient) -> None:
    """By the search of everything, and by the list of runs."""
    told(collector)
    assert [node.id for node in client.search("zebra").items] == [str(STEP)]
    assert [run.run_id for run in client.runs(q="zebra").items] == [str(RUN)]
    assert client.runs(q="giraffe").items == []


def test_events_are_found_by_what_their_handlers_returned(collector: LiveCollector, client: CollectorClient) -> None:
    """As by their payload."""
    story, event = Story(), uid("event")
    about: dict[str, Value] = {semconv.CHANNEL: "c", semconv.EVENT_ID: str(event)}
    story.node(NodeKind.EVENT, event, "publish c", place("t", "event"), more=about)
    done = {**about, semconv.GROUP: "g", semconv.RESULT: '{"receipt":"quince"}', semconv.OUTCOME: "ok"}
    story.node(NodeKind.DELIVERY, uid("delivery"), "process c", place("t", "d"), at=2, more=done)
    collector.tell(story)
    assert [found.event_id for found in client.events(q="quince").items] == [str(event)]
    (attempt,) = client.node(str(uid("delivery"))).attempts
    assert (attempt.input, attempt.result) == (None, '{"receipt":"quince"}')


@pytest.mark.parametrize(
    ("given", "returned"),
    [
        ("input.value", "output.value"),
        ("gen_ai.task.input", "gen_ai.task.output"),
        ("gen_ai.tool.call.arguments", "gen_ai.tool.call.result"),
        ("traceloop.entity.input", "traceloop.entity.output"),
        ("langfuse.observation.input", "langfuse.observation.output"),
    ],
)
def test_spans_of_others_say_it_in_their_own_names(
    collector: LiveCollector, client: CollectorClient, given: str, returned: str
) -> None:
    """And keep it among their attributes."""
    story = Story()
    story.add("work", place("t", "a"), attributes={given: '{"a":1}', returned: ["b", "c"]})
    collector.tell(story)
    (attempt,) = client.node(str(foreign(place("t", "a")))).attempts
    assert (attempt.input, attempt.result) == ('{"a":1}', '["b", "c"]')
    assert attempt.attributes[given] == '{"a":1}'


def test_steps_of_others_show_it_in_their_run(collector: LiveCollector, client: CollectorClient) -> None:
    """Here of a graph that OpenInference tells of."""
    trace = SentTrace()
    langgraph(trace)
    sent = (span for held in trace.request.resource_spans for span in held.scope_spans[0].spans)
    draft = next(span for span in sent if span.name == "draft")
    for name, value in (("input.value", '{"topic":"rain"}'), ("output.value", "y" * 5_000)):
        draft.attributes.add(key=name).value.string_value = value
    collector.post(trace.request.SerializeToString()).raise_for_status()
    (run,) = client.runs().items
    steps = {each.step: each for each in client.run(run.run_id).steps}
    assert steps["draft"].input == '{"topic":"rain"}'
    assert (steps["draft"].result or "").startswith("yyy")
    assert len(steps["draft"].result or "") < EXCERPT + 60
    assert (steps["plan"].input, steps["plan"].result) == (None, None)


def test_a_secret_in_a_value_is_nowhere_in_the_store(database: Database) -> None:
    """Whoever sent it: here a sender that took none out."""
    story = Story()
    said = {semconv.INPUT: '{"login":{"password":"hunter2-hunter2"}}', semconv.RESULT: '{"token":"hunter2-hunter2"}'}
    story.node(NodeKind.STEP, STEP, "step s", place("t", "1"), more=said)
    marker = {**said, semconv.PENDING: True}
    story.node(NodeKind.STEP, uid("other"), "pending step s", place("t", "2"), more=marker)
    with database.writing() as session:
        RecordWriter(database).write(session, ColumnRedactor(Redactor()).clean(spans.decode(story.request())))
    for table in ("spans", "pending"):
        ((kept, given),) = database._connection.table(table).project(f"{table}::VARCHAR, input").fetchall()
        assert "hunter2" not in kept
        assert given == '{"login":{"password":"[redacted]"}}'


def test_values_are_kept_once(database: Database) -> None:
    """They may be 8 KiB each, and have columns."""
    story = Story()
    story.add("step s", place("t", "s"), attributes={semconv.INPUT: "{}", semconv.RESULT: "1", "a": 1})
    with database.writing() as session:
        RecordWriter(database).write(session, spans.decode(story.request()))
    rows = database._connection.execute("SELECT input, result, keys_of(attributes) FROM spans").fetchall()
    assert rows == [("{}", "1", ["a"])]
