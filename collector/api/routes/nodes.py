"""One node: what is known of it, what caused it, what it caused."""

from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.params import Id, as_id
from collector.api.services import Services
from collector.causality.cone import Direction
from collector.causality.graph import NODE_LIMIT, causal_graph
from collector.models import CausalGraph, NodeDetail
from collector.questions import node


def router(services: Services) -> APIRouter:
    """Returns the routes of nodes."""
    routes = APIRouter(prefix="/api/nodes", tags=["causality"])

    @routes.get("/{node_id}")
    def one(node_id: Id) -> NodeDetail:
        """A node with its attempts, errors, scores, payload, and the spans nested below it."""
        with services.database.reading() as session:
            return node.one(session, as_id("node", node_id))

    @routes.get("/{node_id}/causality")
    def causality(
        node_id: Id,
        direction: Direction = Direction.BOTH,
        limit: Annotated[int, Query(ge=1, le=NODE_LIMIT)] = NODE_LIMIT,
    ) -> CausalGraph:
        """The causal graph around a node: backward, forward, both, or all that its first cause brought about."""
        with services.database.reading() as session:
            return causal_graph(session, as_id("node", node_id), direction, limit)

    return routes
