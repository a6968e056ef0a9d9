"""OTLP over HTTP: `POST /v1/traces`. A sender is answered when its spans are committed, and not before."""

import asyncio
from typing import Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from collector.errors import OverloadedError, StoreError, TooLargeError, UndecodableError
from collector.otlp import answers, body
from collector.otlp.batch import Batch
from collector.otlp.decode import decode
from collector.store.writer import Writer

#: Where spans are sent.
PATH: Final = "/v1/traces"


def router(writer: Writer, limit: int) -> APIRouter:
    """The receiver's routes.

    Args:
        writer: who stores the spans.
        limit: most bytes of a request once decompressed.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.post(PATH)
    async def traces(request: Request) -> Response:
        content_type = answers.plain_type(request.headers.get("content-type", ""))
        if content_type != answers.PROTOBUF:
            return answers.unsupported(content_type)
        try:
            packed = await body.read(request.stream(), limit)
            encoding = request.headers.get("content-encoding", "").strip().lower()
            batch = await run_in_threadpool(_decoded, packed, encoding, limit)
            await asyncio.wrap_future(writer.submit(batch))
        except (UndecodableError, TooLargeError, OverloadedError, StoreError) as error:
            return answers.refusal(error)
        return answers.success(batch)

    return routes


def _decoded(packed: bytes, encoding: str, limit: int) -> Batch:
    return decode(body.unpack(packed, encoding, limit))
