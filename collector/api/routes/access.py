"""Who asks, and what they may do."""

from fastapi import APIRouter, Request

from collector.access import Access
from collector.api.admission import CALLER
from collector.models import AccessAnswer
from runtime.tokens import Caller


def router(access: Access) -> APIRouter:
    """Returns the route that says who asks.

    Args:
        access: knows whether tokens are asked for.
    """
    routes = APIRouter(prefix="/api/access", tags=["access"])

    @routes.get("")
    async def who(request: Request) -> AccessAnswer:
        """Whose token was presented, and what it is good for."""
        caller: Caller | None = request.scope.get(CALLER)
        if caller is None:
            return AccessAnswer(tokens_needed=access.is_needed())
        return AccessAnswer(tokens_needed=True, name=caller.name, scopes=sorted(caller.scopes))

    return routes
