"""What a run streams, as its readers are told it: chunks in order, and by name whatever is missing."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from runtime.codec.json_text import parse
from runtime.errors import QueryError, RunNotFoundError
from runtime.state.chunks import StreamEntry, StreamStretch
from runtime.state.contract import StateStore

#: Entries that are read in one go.
_PAGE: Final = 500
#: Seconds between two looks at a stream of which one hears, and at one of which one can't.
_LOOK: Final = 1.0
_BLIND_LOOK: Final = 0.2
_GOING_ON: Final = frozenset({"running", "undoing"})


class StreamEventKind(StrEnum):
    """What an event of a stream is."""

    CHUNK = "chunk"
    ATTEMPT = "attempt"
    """Another attempt at the step has begun: what the step has streamed before is void."""
    LOST = "lost"
    """So many chunks of the attempt could not be written down."""
    GAP = "gap"
    """So many entries up to this offset are gone: of a long stream only the newest are kept."""
    END = "end"
    """The run has ended; nothing comes after it, unless the run is resumed."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a run's stream.

    Attributes:
        kind: what it is.
        offset: its place; whoever has read so far goes on `after` it.
        step: whose it is; `attempt` is which try at it (1-based).
        at_ms: when it was written down, ms since 1970 (UTC).
        value: a chunk, as plain JSON.
        count: how many are lost, or gone.
        status: of the run at its end: `ok`, `failed` or `cancelled`.
        error: why it failed; empty where it has not.
    """

    kind: StreamEventKind
    offset: int
    step: str = ""
    attempt: int = 0
    at_ms: int | None = None
    value: Any = field(default=None, hash=False)
    count: int = 0
    status: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class StreamPage:
    """A part of a run's stream: its events, the offset to go on after, and how the run stands. `is_all` says that there
    is no more now."""

    events: Sequence[StreamEvent]
    last: int
    status: str
    is_all: bool


async def read_page(store: StateStore, run: UUID, after: int, limit: int) -> StreamPage:
    """A part of a run's stream; its last event is the end where the run has ended, and nothing is left.

    Args:
        store: of its app.
        run: its id.
        after: offset behind which it begins; 0 for the oldest that is kept.
        limit: entries at most.

    Raises:
        QueryError: nothing has that offset yet, or it is none.
        RunNotFoundError: there is no such run.
    """
    given: object = after
    if not isinstance(given, int) or isinstance(given, bool):
        raise QueryError(f"run {run} can't be read after {after!r}: give the offset of an event, or 0")
    stretch = await store.read_stream(run, after, limit)
    if stretch is None:
        raise RunNotFoundError(f"no run has the id {run} on this server: was its data removed?")
    if not 0 <= after <= stretch.last:
        raise QueryError(
            f"run {run} has streamed nothing with offset {after}: the last one is {stretch.last}; "
            "0 begins with the oldest that is kept"
        )
    events = list(_page_events(stretch, after))
    last = max((event.offset for event in events), default=after)
    is_all = last >= stretch.last
    if is_all and stretch.status not in _GOING_ON:
        events.append(StreamEvent(StreamEventKind.END, last, status=stretch.status, error=stretch.error))
    return StreamPage(events, last, stretch.status, is_all)


async def follow_stream(
    store: StateStore, run: UUID, after: int, rest: Callable[[], AbstractContextManager[None]] = nullcontext
) -> AsyncGenerator[StreamEvent]:
    """Yields what a run streams until it has ended; the last event says how. Arguments and errors are those of
    `read_page`; `rest` is entered while it waits."""
    found = await read_page(store, run, after, _PAGE)
    for event in found.events:
        yield event
    if found.is_all and found.status not in _GOING_ON:
        return
    async with store.listen_to_stream(run) as heard:
        while not found.is_all or found.status in _GOING_ON:
            heard.come.clear()  # what is told from now on may be later than what is read
            found = await read_page(store, run, found.last, _PAGE)
            for event in found.events:
                yield event
            if found.is_all and found.status in _GOING_ON:
                with rest():
                    await heard.wait(_LOOK if heard.is_sure else _BLIND_LOOK)


def _page_events(stretch: StreamStretch, after: int) -> Iterator[StreamEvent]:
    if stretch.first > after + 1:
        yield StreamEvent(StreamEventKind.GAP, stretch.first - 1, count=stretch.first - 1 - after)
    yield from (_build_event(entry) for entry in stretch.entries)


def _build_event(entry: StreamEntry) -> StreamEvent:
    kind = StreamEventKind(entry.kind)
    is_lost = kind is StreamEventKind.LOST
    return StreamEvent(
        kind,
        entry.offset,
        entry.step,
        entry.attempt,
        entry.at_ms,
        value=parse(entry.value) if kind is StreamEventKind.CHUNK else None,
        count=int(entry.value) if is_lost else 0,
    )
