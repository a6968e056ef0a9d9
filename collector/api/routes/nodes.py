"""One node: what is known of it, what caused it, what it caused."""

from contextlib import suppress
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from collector.api.params import Id
from collector.api.services import Services
from collector.api.since import Known
from collector.causality.cone import Direction
from collector.causality.graph import NODE_LIMIT
from collector.errors import BusUnavailableError
from collector.models import CausalGraph, DeadLetter, NodeDetail, NodeKind, NodeStatus
from collector.operations import to_models
from collector.operations.link import OperationsLink
from collector.questions import inferred, lookup, node


def router(services: Services) -> APIRouter:
    """Returns the routes of nodes."""
    routes = APIRouter(prefix="/api/nodes", tags=["causality"])

    def told(text: str) -> NodeDetail:
        with services.database.reading() as session:
            return lookup.answered(session, "node", text, partial(node.one, session))

    @routes.get("/{node_id:path}/causality")
    def causality(
        node_id: Id,
        direction: Annotated[
            Direction,
            Query(description="What caused it, what it caused, both, or all that its first cause brought about"),
        ] = Direction.BOTH,
        limit: Annotated[int, Query(ge=1, le=NODE_LIMIT, description="Nodes at most")] = NODE_LIMIT,
    ) -> CausalGraph:
        """The causal graph around a node: backward, forward, both, or all that its first cause brought about."""
        with services.database.reading() as session:
            return lookup.answered(session, "node", node_id, lambda id_: inferred.graph(session, id_, direction, limit))

    @routes.get("/{node_id:path}")
    async def one(node_id: Id, known: Known) -> NodeDetail:
        """A node with its attempts, errors, scores, payload, and the spans nested below it; a dead letter as the live
        bus has it, where that is there. The id of one of its spans leads to it, too."""
        known.unless_known()  # which no dead letter was answered with
        detail = await run_in_threadpool(told, node_id)
        if detail.node.kind != NodeKind.DEAD_LETTER:
            return detail
        letter = await _letter(services.operations, UUID(detail.node.id))
        known.unless_known(letter)
        return _settled(detail, letter)

    return routes


async def _letter(link: OperationsLink, id_: UUID) -> DeadLetter | None:
    with suppress(BusUnavailableError):
        async with link.use() as operations:
            letter = await operations.dead_letter(id_)
            return None if letter is None else to_models.dead_letter(letter)
    return None


def _settled(detail: NodeDetail, letter: DeadLetter | None) -> NodeDetail:
    """Returns a dead letter as the bus has it: that knows of a settlement before spans do."""
    if letter is None:
        return detail
    stands = detail.node.model_copy(update={"status": NodeStatus(letter.state)})
    return detail.model_copy(update={"node": stands, "letter": letter})
