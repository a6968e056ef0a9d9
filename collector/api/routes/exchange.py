"""A time range as a file, out of the store and into it, while it takes spans."""

import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from collector.api.head_requests import IS_HEAD
from collector.api.services import Services
from collector.errors import BadQueryError, OverloadedError
from collector.models import ImportAnswer
from collector.store.exchange import archive
from collector.store.exchange.export import export
from collector.store.exchange.load import load
from collector.store.exchange.workspace import open_workspace, remove_leftovers, require_room
from collector.times import nanoseconds

TAR: Final = "application/x-tar"

#: Bytes after which is looked whether the disk still has room.
_LOOK: Final = 16 * 2**20

Since = Annotated[datetime | None, Query(description="Begin of the range (RFC 3339); default: all that is stored")]
Until = Annotated[datetime | None, Query(description="End of the range (RFC 3339), exclusive; default: now")]


_HEADERS: Final = {"content-disposition": 'attachment; filename="causeline-export.tar"'}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "The tar", "content": {TAR: {}}}}


def router(services: Services) -> APIRouter:
    """Returns the routes of export and import; one of them is answered at a time."""
    routes = APIRouter(prefix="/api", tags=["exchange"])
    turn = _Turn(services.database.path)

    async def hold_turn() -> AsyncIterator[Path]:
        """Holds the turn until the last byte is sent, or nobody reads any more. Async, for the end of a sync one does
        not come where the request is cancelled."""
        with turn.hold() as space:
            yield space

    @routes.get("/export", response_class=StreamingResponse, responses=_ANSWERS)
    def take_out(
        request: Request, space: Annotated[Path, Depends(hold_turn)], since: Since = None, until: Until = None
    ) -> Response:
        """A tar with a manifest and a Parquet file for each table: what began in the range."""
        first_ns = 0 if since is None else nanoseconds(since)
        end_ns = nanoseconds(until or datetime.now(UTC))
        if end_ns <= first_ns:
            raise BadQueryError("the range ends before it begins")
        require_room(space, services.database.used_bytes)
        if request.scope.get(IS_HEAD):  # nobody would read it
            return Response(media_type=TAR, headers=_HEADERS)
        export(services.database, space, first_ns, end_ns)
        return StreamingResponse(_stream_archive(space), media_type=TAR, headers=_HEADERS)

    @routes.post("/import")
    async def put_in(request: Request) -> ImportAnswer:
        """Takes such a tar; what is stored already is left out, so that it may be sent again."""
        if request.headers.get("content-type", "").partition(";")[0] != TAR:
            raise BadQueryError(f"content-type has to be {TAR}")
        with turn.hold() as space:
            file = space / "sent.tar"
            await _save_body(request, file)
            return await run_in_threadpool(_import_file, services, file, space)

    return routes


class _Turn:
    """Lets one in at a time: each needs room on the disk.

    Args:
        database: beside which each works.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._lock = threading.Lock()

    @contextmanager
    def hold(self) -> Iterator[Path]:
        """Holds the turn, with a folder that goes with it.

        Raises:
            OverloadedError: when another has it.
            ArchiveError: when no folder can be made.
        """
        if not self._lock.acquire(blocking=False):
            raise OverloadedError("an export or an import is under way")
        try:
            remove_leftovers(self._database)  # a thread that nobody waits for any more may have written after its turn
            with open_workspace(self._database) as space:
                yield space
        finally:
            self._lock.release()


def _stream_archive(space: Path) -> Iterator[bytes]:
    try:
        yield from archive.pack(space)
    finally:
        shutil.rmtree(space, ignore_errors=True)  # in a thread: to remove what is large keeps others waiting


async def _save_body(request: Request, file: Path) -> None:
    since_look = _LOOK
    with file.open("wb") as sent:
        async for chunk in request.stream():
            since_look += len(chunk)
            if since_look >= _LOOK:
                require_room(file.parent, _LOOK)
                since_look = 0
            sent.write(chunk)


def _import_file(services: Services, file: Path, space: Path) -> ImportAnswer:
    folder, work = space / "export", space / "work"
    folder.mkdir()
    work.mkdir()
    with file.open("rb") as sent:
        archive.unpack(sent, folder)
    file.unlink()
    found = load(services.database, folder, work)
    days = services.keeper.policy.days if services.keeper else 0
    return ImportAnswer(rows=found.rows, added=found.added, since=found.since, until=found.until, kept_days=days)
