"""The whole picture that a node is a part of, in one request."""

import pytest

from collector.client import CollectorClient
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment
from tests.collector.story import Story, place, uid


@pytest.fixture
def shipment(collector: LiveCollector) -> Shipment:
    """One shipment among others, stored."""
    shipment = Shipment()
    collector.tell(shipment.story, Shipment(number=2, start=50).story)
    return shipment


def test_any_node_leads_to_all_that_its_first_cause_brought_about(client: CollectorClient, shipment: Shipment) -> None:
    """Siblings too, which are in neither cone; the node that was asked about is named."""
    expected = client.causality(str(shipment.run), direction="effects")
    assert len(expected.nodes) == 12

    for node in (shipment.run, shipment.event, shipment.deliveries["billing"], shipment.replayed):
        whole = client.causality(str(node), direction="whole")
        assert whole == expected.model_copy(update={"focus": str(node)})


def test_a_node_that_the_limit_would_cut_out_is_shown_with_its_cones(
    client: CollectorClient, shipment: Shipment
) -> None:
    """A picture without the node that was asked about would answer another question."""
    replayed = str(shipment.replayed)

    cut = client.causality(replayed, direction="whole", limit=5)

    assert cut == client.causality(replayed, limit=5)
    assert replayed in {node.id for node in cut.nodes}


def test_a_first_cause_that_never_arrived_is_one_all_the_same(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """It is a hole on top; asked about itself, it shows the same."""
    story = Story()
    for name in ("one", "other"):
        story.node(NodeKind.EVENT, uid(name), "publish c", place("t", name), cause=uid("lost"))
    collector.tell(story)

    for focus in (uid("one"), uid("lost")):
        whole = client.causality(str(focus), direction="whole")
        assert {node.id for node in whole.nodes} == {str(uid("one")), str(uid("other"))}
        assert [hole.id for hole in whole.holes] == [str(uid("lost"))]


def test_a_circle_is_shown_from_the_node_that_was_asked_about(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Nothing in it is the first."""
    story = Story()
    story.node(NodeKind.EVENT, uid("a"), "publish c", place("t", "a"), cause=uid("b"))
    story.node(NodeKind.EVENT, uid("b"), "publish c", place("t", "b"), cause=uid("a"))
    collector.tell(story)

    assert {node.id for node in client.causality(str(uid("a")), direction="whole").nodes} == {
        str(uid("a")),
        str(uid("b")),
    }
