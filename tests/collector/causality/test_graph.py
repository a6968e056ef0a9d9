"""The causal graph, edge by edge, whatever arrives and in whatever order."""

import random

import pytest

from collector.causality import graph as module
from collector.client import ApiError, CollectorClient
from collector.models import NodeStatus
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.causality.edges import edge, edges_of
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment
from tests.collector.story import CONSUMER, PRODUCER, Story, Value, foreign, place, uid


def test_an_event_has_every_cause_and_effect_of_its_shipment(collector: LiveCollector, client: CollectorClient) -> None:
    """Run, steps, event, three groups, dead letter, replay: no edge is missing, none is extra."""
    shipment = Shipment()
    collector.tell(shipment.story, Shipment(number=2, start=50).story)

    graph = client.causality(str(shipment.event))

    assert edges_of(graph) == shipment.edges
    assert graph.holes == []
    assert not graph.truncated
    assert {node.id: node.status for node in graph.nodes} == {
        str(shipment.run): NodeStatus.OK,
        **{str(step): NodeStatus.OK for step in shipment.steps.values()},
        str(shipment.event): NodeStatus.OK,
        str(shipment.deliveries["billing"]): NodeStatus.OK,
        str(shipment.deliveries["board"]): NodeStatus.OK,
        str(shipment.deliveries["sms"]): NodeStatus.DEAD,
        str(shipment.letter): NodeStatus.REPLAYED,
        str(shipment.replay): NodeStatus.OK,
        str(shipment.replayed): NodeStatus.OK,
    }
    sorting = next(node for node in graph.nodes if node.name == "sorting")
    assert [(bar.attempt, bar.outcome) for bar in sorting.bars] == [(1, "retry"), (2, "ok")]
    assert (sorting.attempts, sorting.agent, sorting.workflow) == (2, "sorting", "shipment")


def test_causes_and_effects_are_the_two_cones(collector: LiveCollector, client: CollectorClient) -> None:
    """A delivery's cone holds what led to it and what it led to, and no sibling."""
    shipment = Shipment()
    collector.tell(shipment.story)
    dead = str(shipment.deliveries["sms"])

    behind = {node.id for node in client.causality(dead, direction="causes").nodes}
    ahead = {node.id for node in client.causality(dead, direction="effects").nodes}
    both = {node.id for node in client.causality(dead).nodes}

    assert behind == {str(node) for node in (shipment.run, *shipment.steps.values(), shipment.event)} | {dead}
    assert ahead == {dead, str(shipment.letter), str(shipment.replay), str(shipment.replayed)}
    assert both == behind | ahead


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_changes_nothing(collector: LiveCollector, client: CollectorClient, seed: int) -> None:
    """Spans come late, twice, in any order and in any batches; the answer is the same text."""
    shipment = Shipment()
    collector.tell(shipment.story)
    expected = client.causality(str(shipment.event)).model_dump_json()
    other = Shipment(number=2)
    shuffled = [*other.story.spans, *random.Random(seed).sample(other.story.spans, 5)]
    random.Random(seed).shuffle(shuffled)
    for index in range(0, len(shuffled), 4):
        collector.post(other.story.request(shuffled[index : index + 4])).raise_for_status()
    fresh = client.causality(str(other.event))

    assert edges_of(fresh) == other.edges
    assert client.causality(str(shipment.event)).model_dump_json() == expected


def test_an_event_whose_publish_never_arrived_exists_all_the_same(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Groups received it, so it was; only what caused it is gone."""
    shipment = Shipment()
    kept = [span for span in shipment.story.spans if not span.name.startswith("publish")]
    collector.post(shipment.story.request(kept))

    graph = client.causality(str(shipment.event))

    node = next(node for node in graph.nodes if node.id == str(shipment.event))
    assert (node.kind, node.status, node.name) == (NodeKind.EVENT, NodeStatus.UNKNOWN, "shipment.delivered")
    assert edges_of(graph) == {
        (*names, evidence, coordination)
        for *names, evidence, coordination in shipment.edges
        if str(shipment.event) != names[1] and names[1] not in {str(step) for step in shipment.steps.values()}
    }
    assert graph.holes == []


def test_a_cause_that_never_arrived_is_a_hole(collector: LiveCollector, client: CollectorClient) -> None:
    """It is named by its effects, and can be asked about itself."""
    shipment = Shipment()
    lost = shipment.steps["transit"]
    kept = [span for span in shipment.story.spans if span.name != "step transit"]
    collector.post(shipment.story.request(kept))

    graph = client.causality(str(shipment.event))
    of_the_hole = client.causality(str(lost))

    assert [(hole.id, hole.named_by) for hole in graph.holes] == [(str(lost), [str(shipment.steps["delivery"])])]
    assert str(lost) not in {node.id for node in graph.nodes}
    assert edge(lost, shipment.steps["delivery"], "declared", "commanded") in edges_of(graph)
    assert of_the_hole.focus == of_the_hole.holes[0].id == str(lost)


def test_a_gap_before_a_letter_that_was_not_sampled_is_no_loss(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Dead letters and replays are always told; of an unsampled chain they are all that is."""
    story = Story()
    letters = {name: (uid(f"delivery of {name}"), uid(name)) for name in ("sampled", "unsampled")}
    for name, (delivery, letter) in letters.items():
        more: dict[str, Value] = {semconv.SAMPLED: False} if name == "unsampled" else {}
        about = {**more, semconv.CHANNEL: "c", semconv.GROUP: "g"}
        story.node(NodeKind.DEAD_LETTER, letter, "dead_letter c", place("a", name), cause=delivery, more=about)
    collector.tell(story)

    for name, reason in (("sampled", "missing"), ("unsampled", "not_sampled")):
        delivery, letter = letters[name]
        for focus in (delivery, letter):
            (hole,) = client.causality(str(focus)).holes
            assert (hole.id, hole.named_by, hole.reason) == (str(delivery), [str(letter)], reason)


def test_a_step_that_only_a_marker_tells_of_is_running(collector: LiveCollector, client: CollectorClient) -> None:
    """It hangs below its run as it will when it is done."""
    run, step = uid("run"), uid("step")
    story = Story()
    about = {semconv.STEP: "slow", semconv.WORKFLOW: "w", semconv.RUN_ID: str(run), semconv.ATTEMPT: 1}
    story.node(NodeKind.RUN, run, "start w", place("t", "run"), span_kind=PRODUCER, more={semconv.WORKFLOW: "w"})
    story.node(
        NodeKind.STEP,
        step,
        "pending step slow",
        place("t", "marker"),
        cause=run,
        parent=place("t", "step"),
        more={**about, semconv.PENDING: True},
    )
    collector.tell(story)
    before = client.causality(str(step))
    story.node(NodeKind.STEP, step, "step slow", place("t", "step"), cause=run, more={**about, semconv.OUTCOME: "ok"})
    collector.tell(story)
    after = client.causality(str(step))

    assert edges_of(before) == edges_of(after) == {edge(run, step, "declared", "commanded")}
    assert [(node.name, node.status, node.end is None) for node in before.nodes] == [
        ("w", NodeStatus.RUNNING, True),
        ("slow", NodeStatus.RUNNING, True),
    ]
    assert [(node.name, node.status, node.attempts) for node in after.nodes][1] == ("slow", NodeStatus.OK, 1)


def test_the_last_attempt_that_decided_something_gives_the_status(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Stale and duplicate attempts decide nothing; an attempt whose worker was killed is counted by its number."""
    node = uid("delivery")
    story = Story()
    for attempt, outcome in ((2, "retry"), (3, "ok"), (4, "stale"), (5, "duplicate")):
        story.node(
            NodeKind.DELIVERY,
            node,
            "process c",
            place("t", str(attempt)),
            cause=uid("event"),
            span_kind=CONSUMER,
            at=attempt,
            more={semconv.ATTEMPT: attempt, semconv.OUTCOME: outcome, semconv.GROUP: "g", semconv.CHANNEL: "c"},
        )
    collector.tell(story)

    found = client.node(str(node)).node

    assert (found.status, found.attempts, len(found.bars)) == (NodeStatus.OK, 5, 4)


def test_a_loop_of_events_ends(collector: LiveCollector, client: CollectorClient) -> None:
    """Two that declare each other: nonsense, but no reason to hang, nor to draw a circle."""
    story = Story()
    story.node(NodeKind.EVENT, uid("a"), "publish c", place("t", "a"), cause=uid("b"))
    story.node(NodeKind.EVENT, uid("b"), "publish c", place("t", "b"), cause=uid("a"))
    collector.tell(story)
    (kept,) = edges_of(client.causality(str(uid("a"))))
    assert edges_of(client.causality(str(uid("b")))) == {kept}


def test_a_large_graph_is_cut_and_says_so(collector: LiveCollector, client: CollectorClient) -> None:
    """The nearest nodes are kept; nothing that was cut away looks like a hole."""
    shipment = Shipment()
    collector.tell(shipment.story)

    graph = client.causality(str(shipment.event), limit=5)

    assert graph.truncated
    assert {node.id for node in graph.nodes} == {
        str(node) for node in (shipment.event, shipment.steps["delivery"], *shipment.deliveries.values())
    }
    assert len(graph.edges) == 4
    assert graph.holes == []


def test_a_late_event_of_a_trace_larger_than_is_looked_at_has_its_whole_cone(
    collector: LiveCollector, client: CollectorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A nightly job that starts everything in one trace: the nearest nodes count, not the oldest."""
    monkeypatch.setattr(module.chains, "WALK_LIMIT", 12)
    story = Story()
    job = place("job", "job")
    story.add("nightly job", job)
    shipments = [(uid(f"run {number}"), uid(f"step {number}"), uid(f"event {number}")) for number in range(40)]
    for number, (run, step, event) in enumerate(shipments):
        spans = [place("job", f"{kind} {number}") for kind in ("start", "step", "publish")]
        story.node(NodeKind.RUN, run, "start w", spans[0], span_kind=PRODUCER, parent=job, at=10 * number)
        story.node(NodeKind.STEP, step, "step s", spans[1], cause=run, parent=spans[0], at=10 * number + 1)
        story.node(NodeKind.EVENT, event, "publish c", spans[2], cause=step, parent=spans[1], at=10 * number + 2)
    collector.tell(story)

    for run, step, event in (shipments[0], shipments[-1]):
        graph = client.causality(str(event))
        assert edges_of(graph) == {
            edge(foreign(job), run, "parent", "commanded"),
            edge(run, step, "declared", "commanded"),
            edge(step, event, "declared", "reacted"),
        }
        assert (graph.holes, graph.truncated) == ([], False)
    of_the_job = client.causality(str(foreign(job)))
    assert of_the_job.truncated
    assert len(of_the_job.nodes) == 12


@pytest.mark.parametrize("limit", range(1, 10))
def test_a_chain_that_is_cut_while_it_is_read_answers_no_edge_without_its_ends(
    collector: LiveCollector, client: CollectorClient, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """A storm of events must not take the collector down; what was cut away is not said to have never arrived."""
    monkeypatch.setattr(module.chains, "CLAIM_LIMIT", limit)
    shipment = Shipment()
    collector.tell(shipment.story)

    graph = client.causality(str(shipment.event))

    assert graph.truncated
    assert str(shipment.event) in {node.id for node in graph.nodes}
    assert {end for each in graph.edges for end in (each.cause, each.effect)} <= {node.id for node in graph.nodes}
    assert graph.holes == []


def test_an_unknown_node_is_not_found_with_a_hint_to_search(client: CollectorClient) -> None:
    """Whether it is no id at all or one that nobody has."""
    for unknown in (str(uid("nobody")), "S-0042"):
        with pytest.raises(ApiError) as raised:
            client.causality(unknown)
        assert (raised.value.status, raised.value.code) == (404, "not_found")
        assert "/api/events?q=" in raised.value.hint


def test_a_tick_is_the_cause_of_its_run(collector: LiveCollector, client: CollectorClient) -> None:
    """It commands it, and is called like its schedule; told twice, it is one node."""
    story, tick, run = Story(), uid("tick"), uid("run")
    for _ in range(2):
        story.node(NodeKind.TICK, tick, "tick eu/nightly", place("t", "tick"), correlation=tick, span_kind=PRODUCER)
    about: dict[str, Value] = {semconv.WORKFLOW: "report", semconv.RUN_ID: str(run)}
    start = place("t", "start")
    story.node(NodeKind.RUN, run, "start report", start, cause=tick, parent=place("t", "tick"), more=about)
    collector.tell(story)

    graph = client.causality(str(run), direction="whole")

    assert edges_of(graph) == {edge(tick, run, "declared", "commanded")}
    assert [(node.kind, node.name) for node in graph.nodes if node.id == str(tick)] == [(NodeKind.TICK, "eu/nightly")]
    assert client.node(str(tick)).node.status == NodeStatus.OK
