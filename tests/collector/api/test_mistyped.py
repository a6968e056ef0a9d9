"""Attributes of conventions that are of another type than those say."""

import pytest

from collector.client import CollectorClient
from tests.collector.agents.sent import SentTrace
from tests.collector.live import LiveCollector
from tests.collector.story import Value


@pytest.mark.parametrize("operation", [7, 2.5, True])
def test_an_operation_that_is_no_text_hides_no_other_conventions_kind(
    collector: LiveCollector, client: CollectorClient, operation: Value
) -> None:
    """The span is what the other one calls it, and its node says what was not understood."""
    trace = SentTrace()
    agent = trace.span("writer", openinference__span__kind="AGENT", gen_ai__operation__name=operation)
    trace.span("ask", agent, openinference__span__kind="LLM", gen_ai__operation__name=operation)
    collector.post(trace.request.SerializeToString())
    (run,) = client.runs(last="all").items
    detail = client.run(run.run_id)
    assert [call.role for step in (*detail.steps, detail) for call in step.calls] == ["model"]
    (note,) = client.node(run.run_id).notes
    assert note == f"gen_ai.operation.name is {operation!r}, which is not text: it names no operation, and was not used"


def test_a_node_whose_attributes_are_understood_says_nothing(collector: LiveCollector, client: CollectorClient) -> None:
    """Nor does one that names no operation."""
    trace = SentTrace()
    trace.span("writer", trace.span("agent", gen_ai__operation__name="invoke_agent"))
    collector.post(trace.request.SerializeToString())
    (run,) = client.runs(last="all").items
    assert client.node(run.run_id).notes == []
