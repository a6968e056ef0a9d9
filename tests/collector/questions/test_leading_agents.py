"""Agents that ask models themselves, and have others work for them."""

from collector.client import CollectorClient
from collector.models import CallsBy
from tests.collector.agents.sent import SentTrace
from tests.collector.live import LiveCollector

ASKED = {"gen_ai__operation__name": "chat", "gen_ai__request__model": "m", "gen_ai__usage__input_tokens": 10}


def agent(trace: SentTrace, name: str, parent: int = 0, *, asks: int = 0) -> int:
    """An agent, with calls of a model."""
    span = trace.span(name, parent, gen_ai__operation__name="invoke_agent", gen_ai__agent__name=name)
    for _ in range(asks):
        trace.span("chat", span, **ASKED)
    return span


def rows(client: CollectorClient) -> set[tuple[str, str, int]]:
    """The rows of Steps: the run's name, the step's, and how many there were."""
    return {(row.workflow, row.step, row.nodes) for row in client.steps(last="all").items}


def test_an_agent_that_asks_models_itself_is_a_step_beside_those_that_work_for_it(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Its calls and tokens are its own, theirs are theirs, and nothing counts twice."""
    trace = SentTrace()
    leader = agent(trace, "leader", asks=2)
    helper = agent(trace, "helper", leader, asks=1)
    agent(trace, "clerk", helper, asks=3)
    collector.post(trace.request.SerializeToString())
    assert rows(client) == {("leader", "leader", 1), ("leader", "helper", 1), ("leader", "clerk", 1)}
    answer = client.call_figures(CallsBy.AGENT, last="all")
    spent = {row.name: (row.calls, row.usage.input_tokens) for row in answer.items}
    assert spent == {"leader": (2, 20), "helper": (1, 10), "clerk": (3, 30)}
    assert (answer.total.calls, answer.total.usage.input_tokens) == (6, 60)


def test_an_agent_that_only_has_others_work_is_no_step(collector: LiveCollector, client: CollectorClient) -> None:
    """Nor is one that calls a tool: all that it does itself is to choose who works."""
    trace = SentTrace()
    leader = agent(trace, "leader")
    trace.span("hand over", leader, gen_ai__operation__name="execute_tool", gen_ai__tool__name="hand over")
    agent(trace, "helper", leader, asks=1)
    collector.post(trace.request.SerializeToString())
    assert rows(client) == {("leader", "helper", 1)}
