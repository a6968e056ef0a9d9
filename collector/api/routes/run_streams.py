"""What runs stream while they go on."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from collector.api.head_requests import IS_HEAD
from collector.api.params import Id, Limit, as_id
from collector.api.run_stream import MEDIA_TYPE, PAGE_PATH, PATH, RunStreams, parse_last_seen
from collector.api.services import Services
from collector.models import RunStreamPage
from collector.operations import to_models
from collector.operations.streams import build_stream_event

#: The largest number that every reader of JSON has whole.
_LARGEST: Final = 2**53

After = Annotated[int, Query(ge=0, le=_LARGEST, description="Offset of the last event that the reader has")]
LastEvent = Annotated[
    str | None, Header(alias="Last-Event-ID", description="The same, as browsers send it; wins over `after`")
]

_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Server-sent events, whose data is a RunStreamEvent",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}  # a proxy must not gather it


def router(services: Services) -> APIRouter:
    """Returns the routes that tell what a run streams: as it comes, and what there is now."""
    routes = APIRouter(tags=["runs"])
    streams = RunStreams(services.operations, services.redactor)

    async def admit_stream() -> AsyncIterator[None]:
        """Counts a stream until it is sent, or nobody reads any more."""
        with streams.admit():
            yield

    @routes.get(PATH, response_class=StreamingResponse, responses=_ANSWERS, dependencies=[Depends(admit_stream)])
    async def stream(run_id: Id, request: Request, after: After = 0, last_event_id: LastEvent = None) -> Response:
        """What the steps of a run stream, as it comes, until the run has ended: the last event is of kind `end`. Where
        the connection ends before that, ask again after the last event."""
        id_, begin = as_id("run", run_id), parse_last_seen(after, last_event_id)
        async with services.operations.use() as operations:
            await operations.read_stream_page(id_, begin, 1)  # what is refused is refused before anything is sent
            if request.scope.get(IS_HEAD):
                return Response(media_type=MEDIA_TYPE, headers=_HEADERS)
            told = streams.encode_events(operations.stream(id_, begin))
        return StreamingResponse(told, media_type=MEDIA_TYPE, headers=_HEADERS)

    @routes.get(PAGE_PATH)
    async def streamed(run_id: Id, after: After = 0, limit: Limit = 500) -> RunStreamPage:
        """What the steps of a run have streamed after an offset, and how the run stands."""
        id_ = as_id("run", run_id)
        async with services.operations.use() as operations:
            page = await operations.read_stream_page(id_, after, limit)
        return RunStreamPage(
            items=[build_stream_event(event, services.redactor) for event in page.events],
            last=page.last,
            status=to_models.parse_run_status(page.status),
            complete=page.is_all,
        )

    return routes
