"""Figures for Prometheus, in its text format."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from collector.api import exposition
from collector.api.routes.health import installed_version
from collector.api.services import Services
from collector.otlp.intake import CountedReceiver

#: https://prometheus.io/docs/instrumenting/exposition_formats/
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def router(services: Services, receiver: CountedReceiver) -> APIRouter:
    """Returns the route of figures."""
    routes = APIRouter(tags=["health"])

    @routes.get("/metrics", include_in_schema=False)  # for Prometheus, which has a format of its own
    def figures() -> PlainTextResponse:
        """What the collector takes in, what the bus owed when rules looked last, and how many alerts fire."""
        text = exposition.render_metrics(services.alerts, receiver, installed_version())
        return PlainTextResponse(text, media_type=_TYPE)

    return routes
