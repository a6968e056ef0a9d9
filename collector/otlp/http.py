"""OTLP over HTTP: `POST /v1/traces`, `/v1/logs` and `/v1/metrics`, in protobuf or JSON."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from collector.errors import OverloadedError, StoreError, TooLargeError, UndecodableError
from collector.otlp import responses
from collector.otlp.receiver import Receiver
from collector.otlp.signals import SIGNALS, Signal

#: Where requests are sent; also with the slash that senders leave at the end of a base address.
PATHS: Final = frozenset(f"{slash}{signal.path}" for signal in SIGNALS for slash in ("", "/"))


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
    # With the slash that senders leave at the end of a base address.
    @routes.post(signal.path)
    @routes.post(f"/{signal.path}")
    async def take(request: Request) -> Response:
        content_type = responses.plain_type(request.headers.get("content-type", ""))
        if content_type not in (responses.PROTOBUF, responses.JSON):
            return responses.unsupported(content_type)
        encoding = request.headers.get("content-encoding", "").strip().lower()
        try:
            batch = await receiver.receive(signal, request.stream(), encoding, is_json=content_type == responses.JSON)
        except (UndecodableError, TooLargeError, OverloadedError, StoreError) as error:
            return responses.refusal(error, content_type)
        return responses.success(signal, batch, content_type)
