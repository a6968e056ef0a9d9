"""One node: what is known of it, what caused it, what it caused."""

from contextlib import suppress
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from collector.api.conditional_requests import Known
from collector.api.params import Id, IdSaid
from collector.api.services import Services
from collector.causality.cone import Direction
from collector.causality.graph import NODE_LIMIT
from collector.errors import BusUnavailableError
from collector.models import CausalGraph, DeadLetter, NodeDetail, NodeKind, NodeStatus
from collector.operations import to_models
from collector.operations.link import OperationsLink
from collector.questions import inferred_graph, lookup, node

Around = Annotated[
    Direction, Query(description="What caused it, what it caused, both, or all that its first cause brought about")
]
Most = Annotated[int, Query(ge=1, le=NODE_LIMIT, description="Nodes at most")]


def router(services: Services) -> APIRouter:
    """Returns the routes of nodes."""
    routes = APIRouter(prefix="/api", tags=["causality"])

    def read_node(text: str) -> NodeDetail:
        with services.database.reading() as session:
            return lookup.answer_about_node(session, "node", text, partial(node.find_node, session))

    def read_graph(text: str, direction: Direction, limit: int) -> CausalGraph:
        with services.database.reading() as session:
            return lookup.answer_about_node(
                session, "node", text, lambda id_: inferred_graph.build_graph(session, id_, direction, limit)
            )

    @routes.get("/causality")
    def causality_of(said: IdSaid, direction: Around = Direction.BOTH, limit: Most = NODE_LIMIT) -> CausalGraph:
        """The causal graph around a node, whatever its id is: backward, forward, both, or all that its first cause
        brought about."""
        return read_graph(said, direction, limit)

    @routes.get("/nodes/{node_id:path}/causality")
    def causality(node_id: Id, direction: Around = Direction.BOTH, limit: Most = NODE_LIMIT) -> CausalGraph:
        """The causal graph around a node: backward, forward, both, or all that its first cause brought about."""
        return read_graph(node_id, direction, limit)

    @routes.get("/node")
    async def node_of(said: IdSaid, known: Known) -> NodeDetail:
        """A node as `/api/nodes/{node_id}` tells it, whatever its id is."""
        return await read_detail(said, known)

    @routes.get("/nodes/{node_id:path}")
    async def one(node_id: Id, known: Known) -> NodeDetail:
        """A node with its attempts, errors, scores, payload, and the spans nested below it; a dead letter as the live
        bus has it, where that is there. The id of one of its spans leads to it, too."""
        return await read_detail(node_id, known)

    async def read_detail(node_id: str, known: Known) -> NodeDetail:
        known.require_changed()  # which no dead letter was answered with
        detail = await run_in_threadpool(read_node, node_id)
        if detail.node.kind != NodeKind.DEAD_LETTER:
            return detail
        letter = await _find_letter(services.operations, UUID(detail.node.id))
        known.require_changed(letter)
        return _apply_settlement(detail, letter)

    return routes


async def _find_letter(link: OperationsLink, id_: UUID) -> DeadLetter | None:
    with suppress(BusUnavailableError):
        async with link.use() as operations:
            letter = await operations.dead_letter(id_)
            return None if letter is None else to_models.build_dead_letter(letter)
    return None


def _apply_settlement(detail: NodeDetail, letter: DeadLetter | None) -> NodeDetail:
    """Returns a dead letter as the bus has it: that knows of a settlement before spans do."""
    if letter is None:
        return detail
    stands = detail.node.model_copy(update={"status": NodeStatus(letter.state)})
    return detail.model_copy(update={"node": stands, "letter": letter})
