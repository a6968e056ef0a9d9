"""What fires, which rules look, and what operators keep silent."""

from datetime import UTC, datetime

from fastapi import APIRouter

from collector.alerts import answers, silencing
from collector.api.operator import Who
from collector.api.params import PAGE, Cursor, Limit, OfRule, Within
from collector.api.services import Services
from collector.models import AlertList, Silence, SilenceRequest, UnsilenceRequest
from collector.questions.windows import get_asked_range


def router(services: Services) -> APIRouter:
    """Returns the routes of alerts."""
    routes = APIRouter(prefix="/api/alerts", tags=["alerts"])

    @routes.get("")
    def find(within: Within, rule: OfRule = None, limit: Limit = PAGE, cursor: Cursor = None) -> AlertList:
        """What fires now, a page of what is over (newest first), and how rules, silences and webhooks stand. `rule`
        narrows what fires and what is over to one rule; a time range is of when that ended which is over, all time
        where there is none."""
        return answers.list_alerts(services.alerts, rule, get_asked_range(within, datetime.now(UTC)), limit, cursor)

    @routes.post("/silence")
    def silence(request: SilenceRequest, who: Who) -> Silence:
        """Has nobody told of alerts for a while; they still fire and are shown. The audit keeps who said so and why."""
        return silencing.create_silence(services.alerts, request, who.resolve_name(request.operator))

    @routes.post("/unsilence")
    def unsilence(request: UnsilenceRequest, who: Who) -> Silence:
        """Ends a silence: what fires and was not told is told at the next look."""
        return silencing.end_silence(services.alerts, request, who.resolve_name(request.operator))

    return routes
