"""The causal graph of a whole shipment, edge by edge."""

from collector.api.client import CollectorClient
from collector.api.models import CausalGraph, NodeStatus
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment


def edges_of(graph: CausalGraph) -> set[tuple[str, str, str, str]]:
    """Edges as a set, so that a missing one and an extra one both show."""
    return {(edge.cause, edge.effect, edge.evidence.value, edge.coordination.value) for edge in graph.edges}


def test_an_event_has_every_cause_and_effect_of_its_shipment(collector: LiveCollector, client: CollectorClient) -> None:
    """Run, steps, event, three groups, dead letter, replay: no edge is missing, none is extra."""
    shipment = Shipment()
    collector.tell(shipment.story, Shipment(number=2, start=50).story)

    graph = client.causality(str(shipment.event))

    assert edges_of(graph) == shipment.edges
    assert graph.holes == []
    assert not graph.truncated
    statuses = {node.id: node.status for node in graph.nodes}
    assert statuses == {
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
