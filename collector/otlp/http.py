"""OTLP over HTTP: `POST /v1/traces`, `/v1/logs` and `/v1/metrics`, in protobuf or JSON."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from collector.errors import OverloadedError, StoreError, TooLargeError, TooSlowError, UndecodableError
from collector.otlp import responses
from collector.otlp.parcel import Parcel
from collector.otlp.receiver import Receiver
from collector.otlp.signals import SIGNALS, Signal

#: All methods, so that every other than POST is answered as the protocol has it.
_METHODS: Final = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE"]


def router(receiver: Receiver) -> APIRouter:
    """Returns the routes of all signals.

    Args:
        receiver: who takes what is sent.
    """
    routes = APIRouter(include_in_schema=False)
    for signal in SIGNALS:
        _add(routes, receiver, signal)
    return routes


def _add(routes: APIRouter, receiver: Receiver, signal: Signal) -> None:
    async def take(request: Request) -> Response:
        if request.method != "POST":
            return responses.not_allowed(request.method, request.headers.get("content-type", ""))
        content_type = responses.plain_type(request.headers.get("content-type", ""))
        if content_type not in (responses.PROTOBUF, responses.JSON):
            return responses.unsupported(content_type)
        try:
            batch = await receiver.receive(signal, _parcel(request, content_type))
        except (UndecodableError, TooLargeError, TooSlowError, OverloadedError, StoreError) as error:
            return responses.refusal(error, content_type)
        except ClientDisconnect:
            return Response()  # nobody is there to read it
        return responses.success(signal, batch, content_type)

    # With the slashes that senders leave at the end of a base address, or of the whole one.
    for path in (signal.path, f"/{signal.path}", f"{signal.path}/"):
        routes.add_api_route(path, take, methods=_METHODS, response_model=None)


def _parcel(request: Request, content_type: str) -> Parcel:
    host, port = request.client or ("", 0)
    return Parcel(
        chunks=request.stream(),
        host=host,
        port=port,
        encoding=",".join(request.headers.getlist("content-encoding")),
        is_json=content_type == responses.JSON,
    )
