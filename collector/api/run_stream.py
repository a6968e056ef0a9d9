"""A run's stream as server-sent events: as it comes, with signs of life between."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from collector.errors import BadQueryError, BusUnavailableError, BusyError
from collector.models import RunStreamEvent
from collector.operations.link import OperationsLink
from collector.operations.streams import build_stream_event
from runtime.admin import CauselineError, StreamEvent
from runtime.redaction.redactor import Redactor

#: Where it is served, and where what there is now of it comes as one answer.
PATH: Final = "/api/runs/{run_id}/stream"
PAGE_PATH: Final = "/api/runs/{run_id}/streamed"

MEDIA_TYPE: Final = "text/event-stream"

#: Streams that are open at once: each holds a connection, of which there are a few hundred for all.
MOST: Final = 200

#: Seconds without an event after which a sign of life is sent: proxies cut off what is silent.
QUIET: Final = 15.0

#: Milliseconds after which a browser asks again whose connection was lost.
_RETRY_MS: Final = 1_000


class RunStreams:
    """The streams that are being read.

    Args:
        operations: of the live bus.
        redactor: takes secrets out of what is told.
    """

    def __init__(self, operations: OperationsLink, redactor: Redactor) -> None:
        self._operations = operations
        self._redactor = redactor
        self._open = 0

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Counts one that is read, from before it is looked for: many may be asked for at once.

        Raises:
            BusyError: there are too many.
        """
        if self._open >= MOST:
            raise BusyError(f"{self._open} streams are being read, and no more at once")
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def encode_events(self, reading: AsyncGenerator[StreamEvent]) -> AsyncIterator[bytes]:
        """Yields a stream as it is sent. Where the bus is lost meanwhile, it ends without the run's end: whoever reads
        asks again, after the last event."""
        yield f"retry: {_RETRY_MS}\n\n".encode()
        upcoming = asyncio.ensure_future(anext(reading, None))
        try:
            while True:
                if not (await asyncio.wait({upcoming}, timeout=QUIET))[0]:
                    yield b": still there\n\n"
                    continue
                with suppress(CauselineError, BusUnavailableError):
                    event = upcoming.result()
                    if event is not None:
                        yield encode_event(build_stream_event(event, self._redactor))
                        upcoming = asyncio.ensure_future(anext(reading, None))
                        continue
                return
        finally:
            upcoming.cancel()
            await asyncio.wait({upcoming})
            await reading.aclose()


def encode_event(event: RunStreamEvent) -> bytes:
    """Returns an event as it is sent; its id is the offset to go on after."""
    data = event.model_dump_json(exclude_none=event.kind != "chunk")
    return f"id: {event.offset}\nevent: {event.kind}\ndata: {data}\n\n".encode(errors="replace")


def parse_last_seen(after: int, header: str | None) -> int:
    """Returns the offset to go on after: a browser that has lost its connection names the last event that it has, at
    the address at which it began.

    Raises:
        BadQueryError: the header `Last-Event-ID` holds no offset.
    """
    if header is None:
        return after
    if not header.isascii() or not header.isdigit() or len(header) > len(str(2**53)):
        raise BadQueryError(f"Last-Event-ID: {header!r:.40} is not an offset: send the id of the last event you have")
    return int(header)
