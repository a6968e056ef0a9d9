"""OTLP over HTTP: `POST /v1/traces`, `/v1/logs` and `/v1/metrics`, in protobuf or JSON."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from collector.otlp import refusals, responses
from collector.otlp.parcel import Parcel
from collector.otlp.receiver import Receiver
from collector.otlp.signals import SIGNALS, Signal


def router(receiver: Receiver) -> APIRouter:
    """Returns the routes of all signals.

    Args:
        receiver: who takes what is sent.
    """
    routes = APIRouter(include_in_schema=False)
    for signal in SIGNALS:
        _add(routes, receiver, signal)
    for beneath in ("/v1", "/v1/{path:path}", "//v1/{path:path}"):
        routes.routes.append(Route(beneath, _AnyMethod(_unknown), include_in_schema=False))
    return routes


class _AnyMethod:
    """Answers requests whatever their method is: a route of a function answers those that it lists, and others in a
    shape that is not the protocol's.

    Args:
        take: answers one request.
    """

    def __init__(self, take: Callable[[Request], Awaitable[Response]]) -> None:
        self._take = take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        response = await self._take(Request(scope, receive))
        await response(scope, receive, send)


async def _unknown(request: Request) -> Response:
    return responses.make_not_found(request.url.path, request.headers.get("content-type", ""))


def _add(routes: APIRouter, receiver: Receiver, signal: Signal) -> None:
    async def take(request: Request) -> Response:
        if request.method != "POST":
            return responses.make_not_allowed(request.method, request.headers.get("content-type", ""))
        content_type = responses.plain_type(request.headers.get("content-type", ""))
        if content_type not in (responses.PROTOBUF, responses.JSON):
            return responses.make_unsupported(content_type)
        try:
            batch = await receiver.receive(signal, _parcel(request, content_type))
        except refusals.REFUSED as error:
            return responses.make_refusal(error, content_type)
        except ClientDisconnect:
            return Response()  # nobody is there to read it
        return responses.make_success(signal, batch, content_type)

    # With the slashes that senders leave at the end of a base address, of the whole one, or of both.
    for path in (signal.path, f"/{signal.path}", f"{signal.path}/", f"/{signal.path}/"):
        routes.routes.append(Route(path, _AnyMethod(take), include_in_schema=False))


def _parcel(request: Request, content_type: str) -> Parcel:
    host, port = request.client or ("", 0)
    return Parcel(
        chunks=request.stream(),
        host=host,
        port=port,
        encoding=",".join(request.headers.getlist("content-encoding")),
        is_json=content_type == responses.JSON,
    )
