"""Topology as it is drawn: figures, drift, and where each part's rows are."""

from collector import models as api
from dashboard.views.topology import row_links
from tests.dashboard import topology_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.topology_of import Kind, flow, part
from tests.dashboard.views.drawing import draw, drawn_of, rows_of, text_of
from tests.dashboard.world import World


def test_the_picture_and_its_table_say_the_same(at_collector: FakeCollector) -> None:
    """What fails comes first, and leads to its dead letters."""
    app = draw("topology")
    (picture,) = drawn_of(app, "topology")
    assert len(picture["drawing"]["boxes"]) == len(topology_of.topology(at_collector.world).parts)
    first = next(row for row in rows_of(app) if "reacted" in str(row))
    assert [part["text"] for cell in first["cells"] for part in cell][:3] == [
        "shipment.delivered",
        "sms",
        "shipment.delivered",
    ]
    assert first["href"] == "dead-letters?channel=shipment.delivered&group=sms"
    assert "Steps" in text_of(app) or app.header[0].value == "Who talks to whom?"


def test_drift_is_named_with_what_it_is(at_collector: FakeCollector) -> None:
    """A loop is not called a fault."""
    said = text_of(draw("topology"))
    assert "A loop is not always a fault loop" in said
    assert "news was published to 60 times, and is read by nobody read by nobody" in said


def test_where_nothing_flows_it_says_what_to_do(at_collector: FakeCollector, world: World) -> None:
    """And draws nothing."""
    quiet = topology_of.topology(world).model_copy(update={"flows": [], "parts": []})
    at_collector.routes["topology"] = lambda _: quiet
    app = draw("topology")
    assert "Nothing has flowed in this time" in text_of(app)
    assert not drawn_of(app, "topology")


def test_every_part_and_flow_leads_to_its_rows() -> None:
    """Of others too; what failed leads to what failed."""
    step, others = part(Kind.STEP, "s", "w"), part(Kind.STEP, "s", "w", source="")
    group, channel, service = part(Kind.GROUP, "g", "c"), part(Kind.CHANNEL, "c"), part(Kind.SERVICE, "x", app="x")
    workflow = part(Kind.WORKFLOW, "w", source="langgraph")
    assert row_links.of_part(step) == ("steps", {"workflow": "w", "step": "s", "kind": "step", "source": None})
    assert row_links.of_part(others)[1]["source"] == "others"
    assert row_links.of_part(group) == ("steps", {"workflow": "c", "step": "g", "kind": "delivery"})
    assert row_links.of_part(part(Kind.GROUP, "g", "c", "mailer", source="")) == ("traces", {"service": "mailer"})
    assert row_links.of_part(channel) == ("event", {"channel": "c"})
    assert row_links.of_part(workflow) == ("runs", {"workflow": "w", "source": "others"})
    assert row_links.of_flow(flow(step, service, errors=1), service) == ("traces", {"service": "x", "status": "error"})
    assert row_links.of_flow(flow(step, workflow, errors=1), workflow)[1]["status"] == "failed"
    owed = api.Backlog(waiting=0, dead=2, consumers=1)
    assert row_links.of_flow(flow(channel, group, backlog=owed), group) == (
        "dead-letters",
        {"channel": "c", "group": "g"},
    )
    assert row_links.of_flow(flow(channel, group), group)[0] == "steps"
