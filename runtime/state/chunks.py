"""What a run streams while it goes on: chunks of its steps, and what a reader is told beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: `chunk` is what a step streamed; `attempt` says that another attempt at a step has begun, which makes void what
#: earlier ones streamed; `lost` counts chunks of an attempt that could not be written down.
EntryKind = Literal["chunk", "attempt", "lost"]


@dataclass(frozen=True, slots=True)
class ChunkBatch:
    """Chunks of one attempt, in order, each as JSON text; the first one is its `first`, counted from 1. What is missing
    between two batches is lost."""

    first: int
    chunks: Sequence[str]


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry of a run's stream.

    Attributes:
        offset: its place, counted from 1; whoever has read so far goes on after it.
        kind: what it is.
        step: whose it is; `attempt` is which try at it.
        at_ms: when it was written down, ms since 1970 (UTC).
        value: JSON text of a chunk; of what is lost how many chunks it is.
    """

    offset: int
    kind: EntryKind
    step: str
    attempt: int
    at_ms: int
    value: str = ""


@dataclass(frozen=True, slots=True)
class StreamStretch:
    """A part of a run's stream, and how the run stood when it was read.

    Attributes:
        status: of the run; while it is none of `running`, nothing is added.
        first: offset of the oldest entry that is kept; 0 where there is none.
        last: offset of the newest entry; 0 where there is none.
        entries: those asked for, in order.
        error: why the run failed, in one sentence; empty where it has not.
    """

    status: str
    first: int
    last: int
    entries: Sequence[StreamEntry]
    error: str = ""
