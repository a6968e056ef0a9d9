"""Events, asked for one by one and in lists."""

import pytest

from collector.client import CollectorClient
from collector.models import NodeStatus
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment
from tests.collector.story import Story, Value, place, uid


@pytest.mark.parametrize("published", [True, False])
def test_an_event_is_the_same_by_itself_and_in_a_list(
    collector: LiveCollector, client: CollectorClient, published: bool
) -> None:
    """Whether its publish is recorded or only what received it."""
    shipments = [Shipment(), Shipment(number=2, start=50)]
    for shipment in shipments:
        spans = [span for span in shipment.story.spans if published or not span.name.startswith("publish")]
        collector.post(shipment.story.request(spans)).raise_for_status()
    listed = client.events(q="S-00").items
    assert {event.event_id for event in listed} == {str(shipment.event) for shipment in shipments}
    for event in listed:
        alone = client.event(event.event_id)
        assert {name: getattr(alone, name) for name in type(event).model_fields} == dict(event)
        assert (event.payload is None) is not published


def test_a_group_fares_as_its_last_attempt_that_decided_something(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Stale and duplicate attempts decide nothing, and a marker is an attempt that goes on."""
    event, story = uid("event"), Story()
    tries = {"done": ["retry", "ok", "stale", "duplicate"], "trying": ["retry"], "at work": ["retry", None]}
    for group, outcomes in tries.items():
        for attempt, outcome in enumerate(outcomes, 1):
            about: dict[str, Value] = {semconv.GROUP: group, semconv.CHANNEL: "c", semconv.EVENT_ID: str(event)}
            about |= {semconv.ATTEMPT: attempt}
            about |= {semconv.OUTCOME: outcome} if outcome else {semconv.PENDING: True}
            where = place("t", f"{group} {attempt}")
            story.node(NodeKind.DELIVERY, uid(group), "process c", where, cause=event, at=attempt, more=about)
    collector.tell(story)

    assert {brief.group: (brief.status, brief.attempts) for brief in client.event(str(event)).deliveries} == {
        "done": (NodeStatus.OK, 4),
        "trying": (NodeStatus.RETRYING, 1),
        "at work": (NodeStatus.RUNNING, 2),
    }


def test_a_group_fares_as_its_own_records_say_whatever_became_of_a_run(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """A delivery that names a run which was cancelled was not cancelled with it: in lists, by itself, in its panel."""
    event, run, story = uid("event"), uid("run"), Story()
    ended = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(run), semconv.OUTCOME: "cancelled"}
    story.node(NodeKind.RUN, run, "invoke_workflow w", place("t", "end"), more=ended)
    about = {semconv.GROUP: "g", semconv.CHANNEL: "c", semconv.EVENT_ID: str(event), semconv.RUN_ID: str(run)}
    about |= {semconv.OUTCOME: "retry"}
    story.node(NodeKind.DELIVERY, uid("delivery"), "process c", place("t", "g"), cause=event, at=1, more=about)
    collector.tell(story)

    (listed,) = client.events().items
    for told in (listed, client.event(str(event))):
        assert [brief.status for brief in told.deliveries] == [NodeStatus.RETRYING]
    assert client.node(str(uid("delivery"))).node.status == NodeStatus.RETRYING
