"""Where views of agents' work go wrong elsewhere, each with what is right."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from collector.models import NodeStatus, RunDetail
from collector.models.conversations import Conversation
from collector.otlp.decode import metrics
from collector.otlp.redaction.columns import ColumnRedactor
from collector.prices import parsing
from collector.prices.price_list import PriceBook
from collector.questions import conversations, runs, sessions
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.records import RecordWriter
from runtime.redaction.configured_redactor import get_redactor
from tests.collector.agents.sent import MS, START, SentTrace
from tests.collector.agents.talk import Agent, text

PRICES = PriceBook((parsing.parse_prices("[models.m]\ninput = 1\noutput = 2\n", "ours", is_own=False)[0],))
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
TOLD = {**CHAT, "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 2}
#: Words of keys under which conventions say what was said.
WHAT_IS_SAID = (
    "messages,instructions,prompt,prompts,completion,content,arguments,result,input value,output value,entity input,"
    "entity output,response text,definitions,invocation parameters,json schema"
)
AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a"}


def opened(database: Database) -> tuple[RunDetail, Conversation]:
    """The only run there is, and what was said in it."""
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50, PRICES).items
        return (
            runs.find_run(session, UUID(run.run_id), prices=PRICES),
            conversations.find_conversation(session, UUID(run.run_id), prices=PRICES),
        )


def test_what_an_agent_reports_of_itself_is_no_truth(database: Database) -> None:
    """Where it reports what the session used so far, that is said, and the calls count."""
    trace = SentTrace()
    top = trace.add("agent", 0, {**AGENT, "gen_ai.usage.input_tokens": 900, "gen_ai.usage.output_tokens": 50})
    trace.add("chat", top, TOLD)
    trace.store(database)
    run, said = opened(database)
    assert run.run.usage is not None
    assert (run.run.usage.input_tokens, run.run.usage.output_tokens) == (10, 2)
    assert any("agent reports 900 tokens in and 50 out" in note for note in said.notes)


def test_metrics_of_tokens_are_not_added_to_those_of_spans(database: Database) -> None:
    """Both tell of the same calls."""
    trace = SentTrace()
    trace.add("chat", trace.add("agent", 0, AGENT), TOLD)
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="gen_ai.client.token.usage")
    metric.histogram.aggregation_temporality = 2
    point = metric.histogram.data_points.add(time_unix_nano=START + 2_000 * MS, count=1, sum=10.0, bucket_counts=[1])
    point.attributes.add(key="gen_ai.request.model").value.string_value = "m"
    with database.writing() as session:
        RecordWriter(database).write(session, metrics.decode(request.SerializeToString()))
    trace.store(database)
    usage = opened(database)[0].run.usage
    assert usage is not None
    assert (usage.calls, usage.input_tokens) == (1, 10)


def test_a_stream_that_was_left_off_is_neither_well_nor_a_failure(database: Database) -> None:
    """What came is kept, and costs at least that much."""
    trace = SentTrace()
    top = trace.add("agent", 0, AGENT)
    trace.add("chat", top, {**CHAT, "gen_ai.usage.input_tokens": 1_000_000}, failed=True)
    event = trace.request.resource_spans[-1].scope_spans[0].spans[0].events.add(name="exception")
    event.attributes.add(key="exception.type").value.string_value = "GeneratorExit"
    trace.store(database)
    run, _ = opened(database)
    ((call,),) = [step.calls for step in run.steps]
    assert (run.run.status, call.status) == (NodeStatus.OK, NodeStatus.CANCELLED)
    assert call.usage is not None
    assert (call.usage.input_tokens, call.usage.output_tokens, call.usage.cost_usd, call.usage.at_least) == (
        1_000_000,
        None,
        1.0,
        1,
    )


def test_each_try_counts_and_a_run_that_got_over_its_errors_is_well(database: Database) -> None:
    """The tries are those of one call; the step that failed stays one that did."""
    trace = Agent()
    top = trace.begin()
    trace.chat(top, [text("user", "hi")], None, failed=True)
    trace.chat(top, [text("user", "hi")], text("assistant", "yes"))
    trace.store(database)
    run, said = opened(database)
    assert (run.run.status, run.run.failed_steps) == (NodeStatus.OK, 1)
    assert run.run.usage is not None
    assert (run.run.usage.calls, run.run.usage.input_tokens) == (2, 20)
    assert [turn.attempt for turn in said.turns] == [1, 2]


def test_a_run_ends_with_what_ends_last_within_it(database: Database) -> None:
    """A decorator closes the span of a stream before that is read; what began after it is said, and not moved."""
    trace = SentTrace()
    top = trace.add("agent", 0, AGENT, took=1)
    trace.count = 40
    trace.add("chat", top, TOLD, took=100)
    trace.store(database)
    run, _ = opened(database)
    assert run.run.duration_ms == 140
    assert [call.notes for step in run.steps for call in step.calls] == [["it began when what it lies in had ended"]]


@pytest.mark.parametrize(("seconds", "expected"), [(0.002, 2.0), (0.0998, None)])
def test_a_first_chunk_that_came_with_the_last_one_was_not_measured(
    seconds: float, expected: float | None, database: Database
) -> None:
    """It is what instrumentations tell that look when the stream has ended."""
    trace = SentTrace()
    top = trace.add("agent", 0, AGENT)
    trace.add("chat", top, {**TOLD, "gen_ai.response.time_to_first_chunk": seconds}, took=100)
    trace.store(database)
    ((call,),) = [step.calls for step in opened(database)[0].steps]
    assert call.first_chunk_ms == expected
    assert [note for note in call.notes if "not measured" in note] == call.notes[: expected is None]


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_an_answer_that_was_cut_off_is_no_error(reason: str, database: Database) -> None:
    """It says why it ended."""
    trace = Agent()
    trace.chat(trace.begin(), [text("user", "hi")], {**text("assistant", "ye"), "finish_reason": reason})
    trace.store(database)
    run, said = opened(database)
    assert (run.run.status, said.turns[0].call.status) == (NodeStatus.OK, NodeStatus.OK)
    assert [message.finish for message in said.turns[0].answer] == [reason]


def test_the_nearest_id_of_a_session_is_a_runs(database: Database) -> None:
    """That of the trace is for what says none; two that are told within a run are no session of it, nor is the user."""
    traces = [SentTrace(number) for number in (1, 2, 3)]
    above = traces[0].add("POST", 0, {"session.id": "of the request"})
    traces[0].add("agent", above, AGENT)
    traces[0].add("agent", above, {**AGENT, "session.id": "its own"})
    top = traces[1].add("agent", 0, {**AGENT, "user.id": "ada"})
    for name in ("one", "two"):
        traces[1].add("chat", top, {**TOLD, "session.id": name})
    traces[2].add("chat", traces[2].add("agent", 0, AGENT), {**TOLD, "session.id": "only"})
    for trace in traces:
        trace.store(database)
    with database.reading() as session:
        found = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50).items
    assert [run.session for run in reversed(found)] == ["of the request", "its own", None, "only"]


def test_a_session_costs_what_its_runs_do_and_names_all_its_users(database: Database) -> None:
    """Though its root alone says which session it is."""
    for number, user in ((1, "ada"), (2, "bob")):
        trace = SentTrace(number)
        trace.add("chat", trace.add("agent", 0, {**AGENT, "session.id": "s", "user.id": user}), TOLD)
        trace.store(database)
    with database.reading() as session:
        (told,) = sessions.find_sessions(session, PagePosition(Range.everything()), None, None, 50, PRICES).items
    assert (told.users, told.runs) == (["ada", "bob"], 2)
    assert told.usage is not None
    assert (told.usage.calls, told.usage.input_tokens) == (2, 20)
    assert told.usage.cost_usd == pytest.approx(2 * 14 / 1e6)


def test_what_a_framework_wraps_round_a_message_is_shown_as_it_came(database: Database) -> None:
    """An unknown shape is never blank."""
    trace = Agent()
    wrapped = [{"role": "user", "content": ["one", "two"]}, {"RunResponse": {"state": {"a": 1}}}]
    trace.chat(trace.begin(), wrapped, text("assistant", "ok"))
    trace.store(database)
    told = [part.text or "" for message in opened(database)[1].turns[0].messages for part in message.parts]
    assert told[:2] == ["one", "two"]
    assert json.loads(told[2]) == {"RunResponse": {"state": {"a": 1}}}


def test_what_was_said_can_be_left_out_and_tokens_and_cost_stay(database: Database) -> None:
    """By the words of keys, of whatever convention, before anything is stored; numbers are no secrets."""
    said = "Where is Zurich?"
    message = json.dumps([{"role": "user", "parts": [{"type": "text", "content": said}]}])
    asked = {
        "gen_ai.input.messages": message,
        "gen_ai.output.messages": message,
        "gen_ai.system_instructions": message,
        "gen_ai.tool.call.arguments": json.dumps({"city": said}),
        "gen_ai.tool.call.result": said,
        "gen_ai.tool.definitions": message,
        "gen_ai.prompt.0.content": said,
        "gen_ai.completion.0.content": said,
        "llm.input_messages.0.message.content": said,
        "llm.output_messages.0.message.content": said,
        "input.value": said,
        "output.value": said,
        "llm.prompts": [said],
        "traceloop.entity.input": said,
        "ai.prompt.messages": message,
        "ai.response.text": said,
        "llm.invocation_parameters": message,
        "llm.tools.0.tool.json_schema": message,
    }
    trace = SentTrace()
    trace.add("chat", trace.add("agent", 0, AGENT), {**TOLD, **asked, "gen_ai.usage.prompt_tokens": 10})
    event = trace.request.resource_spans[-1].scope_spans[0].spans[0].events.add(name="gen_ai.user.message")
    event.attributes.add(key="content").value.string_value = said
    redactor = get_redactor(active=True, words=WHAT_IS_SAID, pattern="")
    batch = ColumnRedactor(redactor).clean(trace.batch())
    assert said not in str([table.to_pylist() for table in batch.tables.values()])
    with database.writing() as session:
        RecordWriter(database).write(session, batch)
    usage = opened(database)[0].run.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.cost_usd) == (10, 2, pytest.approx(14 / 1e6))


def test_the_page_of_settings_says_how_to_leave_out_what_was_said() -> None:
    """In the words that were tried."""
    assert f"`{WHAT_IS_SAID}`" in (Path(__file__).parents[3] / "docs" / "settings.md").read_text(encoding="utf-8")
