"""Totals of runs of others say what their list says, whatever a trace looks like."""

from collections.abc import Callable

import pytest

from collector.client import CollectorClient
from tests.collector.agents.sent import SentTrace, langgraph
from tests.collector.live import LiveCollector

Shape = Callable[[SentTrace], object]
#: The id of a span that never comes.
LOST = 0x77


def node(trace: SentTrace, name: str, parent: int = LOST, *, failed: bool = False) -> int:
    """A node of a graph."""
    place = f'{{"langgraph_node": "{name}", "langgraph_step": 1}}'
    return trace.span(name, parent, failed=failed, openinference__span__kind="CHAIN", metadata=place)


def rootless(trace: SentTrace) -> None:
    """Nodes whose graph has not come: with a call below one, and one that failed."""
    trace.span("chat", node(trace, "plan"), gen_ai__operation__name="chat")
    node(trace, "write", failed=True)
    node(trace, "check")


def no_nodes(trace: SentTrace) -> None:
    """Metadata that contradicts itself: names of nodes without a place in a graph."""
    for name in ("plan", "write"):
        trace.span(name, LOST, openinference__span__kind="CHAIN", metadata=f'{{"langgraph_node": "{name}"}}')


def led_by_a_call(trace: SentTrace) -> None:
    """What comes first below the missing graph is no node."""
    trace.span("chat", LOST, gen_ai__operation__name="chat")
    node(trace, "write")


def led_by_a_plain_span(trace: SentTrace) -> None:
    """Nor plays it a part."""
    trace.span("read file", LOST)
    node(trace, "write")
    node(trace, "check")


def two_graphs(trace: SentTrace) -> None:
    """Both of one trace."""
    for parent in (LOST, LOST + 1):
        node(trace, "write", parent)
        node(trace, "check", parent)


def called_by_somebody_unknown(trace: SentTrace) -> None:
    """Calls below what never comes: no graph is known to hold them."""
    for name in ("one", "two"):
        trace.span(name, LOST, gen_ai__operation__name="chat")


def below_a_request(trace: SentTrace) -> None:
    """Plain spans above, and an agent that a tool starts."""
    agent = trace.span("agent", trace.span("GET /"), gen_ai__operation__name="invoke_agent")
    tool = trace.span("ask", agent, gen_ai__operation__name="execute_tool")
    trace.span("inner", tool, gen_ai__operation__name="invoke_agent", failed=True)


def failed_alone(trace: SentTrace) -> None:
    """An agent that failed."""
    trace.span("agent", failed=True, gen_ai__operation__name="invoke_agent")


def explained_by_nothing(trace: SentTrace) -> None:
    """A request with what it does, which no convention of agents explains."""
    trace.span("SELECT", trace.span("GET /"))


def two_plain_roots(trace: SentTrace) -> None:
    """Of which one failed."""
    trace.span("GET /")
    trace.span("POST /", failed=True)


def a_plain_root_beside_an_agent(trace: SentTrace) -> None:
    """The agent is the run."""
    trace.span("GET /")
    trace.span("agent", gen_ai__operation__name="invoke_agent")


SHAPES = (
    explained_by_nothing,
    two_plain_roots,
    a_plain_root_beside_an_agent,
    langgraph,
    rootless,
    no_nodes,
    led_by_a_call,
    led_by_a_plain_span,
    two_graphs,
    called_by_somebody_unknown,
    below_a_request,
    failed_alone,
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_trace_has_as_many_runs_in_the_totals_as_in_the_list(
    collector: LiveCollector, client: CollectorClient, shape: Shape
) -> None:
    """And as many that failed."""
    trace = SentTrace()
    shape(trace)
    collector.post(trace.request.SerializeToString())
    listed = client.runs(source="others", last="all").items
    totals = client.overview(last="all").totals
    assert listed
    assert totals.runs_of_others == len(listed)
    assert totals.failed_of_others == sum(run.status == "failed" for run in listed)
