"""How a node stands, whoever asks and whatever became of its attempts."""

from itertools import product

from collector.client import CollectorClient
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import Story, Value, place, uid

#: What a record says of its attempt: an outcome, none, or that it is only a marker.
SAID = ("ok", "retry", "stale", "duplicate", "", "marker")


def test_a_step_stands_the_same_in_its_run_and_in_the_graph(collector: LiveCollector, client: CollectorClient) -> None:
    """Up to three attempts that ended in every way, and two records that claim to be of the same attempt."""
    run, story = uid("run"), Story()
    about: dict[str, Value] = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(run)}
    story.node(NodeKind.RUN, run, "start w", place("run", "start"), more=about)
    ways = [[*enumerate(said, 1)] for tries in (1, 2, 3) for said in product(SAID, repeat=tries)]
    ways += [[(1, one), (1, "marker")] for one in SAID]
    for way in ways:
        for number, (attempt, said) in enumerate(way):
            more = about | {semconv.STEP: str(way), semconv.ATTEMPT: attempt}
            more |= {semconv.PENDING: True} if said == "marker" else {semconv.OUTCOME: said} if said else {}
            where = place("run", f"{way} {number}")
            story.node(NodeKind.STEP, uid(str(way)), "step", where, cause=run, at=number, more=more)
    collector.tell(story)

    in_run = {step.step: (step.status, step.attempts) for step in client.run(str(run)).steps}
    graph = client.causality(str(run), direction="effects")

    assert len(in_run) == len(ways)
    assert {node.name: (node.status, node.attempts) for node in graph.nodes if node.kind == NodeKind.STEP} == in_run
