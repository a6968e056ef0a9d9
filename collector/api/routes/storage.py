"""How much is stored, and since when."""

from fastapi import APIRouter

from collector.api.services import Services
from collector.models import Storage
from collector.questions import storage


def router(services: Services) -> APIRouter:
    """Returns the route of what is stored."""
    routes = APIRouter(prefix="/api/storage", tags=["storage"])

    @routes.get("")
    def stored() -> Storage:
        """What is stored now and since when, how much room it takes, what is kept, and the last cleaning."""
        with services.database.reading() as session:
            return storage.describe_storage(session, services.database, services.keeper)

    return routes
