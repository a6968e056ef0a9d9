"""What operators do with groups; what they owe is told with their channels."""

from fastapi import APIRouter

from collector.api.operator import Who
from collector.api.services import Services
from collector.models import RetiredGroup, RetireRequest
from collector.operations import to_models


def router(services: Services) -> APIRouter:
    """Returns the route that retires a group."""
    routes = APIRouter(prefix="/api/groups", tags=["bus"])

    @routes.post("/retire")
    async def retire(request: RetireRequest, who: Who) -> RetiredGroup:
        """Removes a group that no code serves any more, with all that it owes; its dead letters stay readable. 409
        while live workers serve it."""
        operator = who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            retired = await operations.retire(request.channel, request.group, operator, request.reason)
        return to_models.build_retired_group(retired)

    return routes
