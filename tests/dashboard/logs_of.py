"""What the stand-in says of log records: one of each span of a world's nodes, and one that names none."""

from collector import models as api
from tests.dashboard.world import World


def logs(world: World, params: dict[str, str]) -> api.LogPage:
    """The records that a filter lets through, as the collector narrows them."""
    nodes = [node for picture in world.pictures.values() for node in picture.nodes.values()]
    found = {
        node.id: api.LogRecord(
            time=world.now, severity="INFO", body=f"worked on {node.name}", service="shop", trace_id="t1", span_id="s1"
        )
        for node in nodes
    }
    loose = api.LogRecord(time=world.now, severity="ERROR", body="<b>disk</b> is full", trace_id="", span_id="")
    items = [found[params["node_id"]]] if "node_id" in params else [loose, *found.values()]
    items = [each for each in items if params.get("loose") is None or not each.span_id]
    items = [each for each in items if params.get("severity") in (None, "INFO", each.severity)]
    items = [each for each in items if params.get("q", "").lower() in each.body.lower()]
    return api.LogPage(items=items[: int(params.get("limit", 50))])
