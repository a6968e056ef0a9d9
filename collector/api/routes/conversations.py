"""Conversations: what was said in a run, in one call, and in the runs of a session."""

from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.params import Id
from collector.api.services import Services
from collector.models.conversations import CallDetail, Conversation
from collector.questions import calls, conversations, lookup


def router(services: Services) -> APIRouter:
    """Returns the routes of conversations."""
    routes = APIRouter(prefix="/api", tags=["conversations"])

    @routes.get("/runs/{run_id}/conversation")
    def conversation(
        run_id: Id,
        first: Annotated[int, Query(ge=0, description="Turns before the first one of the answer")] = 0,
        limit: Annotated[
            int, Query(ge=1, le=conversations.PAGE_LIMIT, description="Turns of an answer")
        ] = conversations.PAGE,
    ) -> Conversation:
        """What was said in a run, of ours or of others: each message where it was new, calls of tools with their
        answers, tries and failures in their place."""
        prices = services.prices.current()
        with services.database.reading() as session:
            return lookup.answer_about_node(
                session, "run", run_id, lambda id_: conversations.find_conversation(session, id_, first, limit, prices)
            )

    @routes.get("/calls/{node_id}")
    def call(node_id: Id) -> CallDetail:
        """One call of a model or a tool: how it was asked, all messages, the answer, and what it used."""
        prices = services.prices.current()
        with services.database.reading() as session:
            return lookup.answer_about_node(session, "call", node_id, lambda id_: calls.find_call(session, id_, prices))

    return routes
