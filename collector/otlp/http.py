"""OTLP over HTTP: `POST /v1/traces`. A sender is answered when its spans are committed, and not before."""

import asyncio
from typing import Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from collector.errors import OverloadedError, StoreError, TooLargeError, UndecodableError
from collector.otlp import body, responses
from collector.otlp.budget import Budget, Share
from collector.otlp.decode.spans import decode
from collector.store.batch import Batch
from collector.store.writer import Writer

#: Where spans are sent.
PATH: Final = "/v1/traces"

#: Requests that are decoded concurrently, in threads of their own so that readers of the API don't delay senders. Few,
#: because decoding takes several times a request's size in memory and is faster than the one writer anyway.
DECODERS: Final = 2


def router(writer: Writer, limit: int, budget: Budget) -> APIRouter:
    """Returns the receiver's routes.

    Args:
        writer: who stores the spans.
        limit: most bytes of a request once decompressed.
        budget: what all requests may hold at once.
    """
    routes = APIRouter(include_in_schema=False)
    decoders = CapacityLimiter(DECODERS)

    @routes.post(PATH)
    async def traces(request: Request) -> Response:
        content_type = responses.plain_type(request.headers.get("content-type", ""))
        if content_type != responses.PROTOBUF:
            return responses.unsupported(content_type)
        try:
            with budget.share() as share:
                packed = await body.read(request.stream(), limit, share)
                encoding = request.headers.get("content-encoding", "").strip().lower()
                batch = await to_thread.run_sync(_decoded, packed, encoding, limit, share, limiter=decoders)
                await asyncio.wrap_future(writer.submit(batch))
        except (UndecodableError, TooLargeError, OverloadedError, StoreError) as error:
            return responses.refusal(error)
        return responses.success(batch)

    return routes


def _decoded(packed: bytes, encoding: str, limit: int, share: Share) -> Batch:
    return decode(body.unpack(packed, encoding, limit, share))
