"""Streams the chunks of one attempt at a step: those of one turn of the event loop, and those that come while others
are on their way, are written down together."""

import asyncio
import logging
from collections import deque
from typing import Any, Final

from runtime.codec.encode import encode
from runtime.codec.json_text import dump
from runtime.codec.masking import mask_secrets
from runtime.definitions.buffer import Buffer
from runtime.errors import AttemptStaleError, ServerError, UnencodableError
from runtime.state.chunks import ChunkBatch
from runtime.state.tasks import Claim
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Bytes of a chunk, at most.
LARGEST: Final = 64 * 1024
#: Bytes that wait to be written down, at most: then whoever streams waits, for so many seconds, and after that the
#: oldest are dropped.
MOST_WAITING: Final = 256 * 1024
PATIENCE: Final = 1.0
#: Chunks that are written down in one script: the server does nothing else meanwhile.
AT_ONCE: Final = 256
#: Seconds between two tries to write down what the server does not take.
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0


class ChunkStream:
    """A `runtime.definitions.calls.Streams`.

    Args:
        equipment: of the worker.
        claim: of the step.
        what: the step, for messages.
        buffer: of the attempt, which counts its chunks.
    """

    def __init__(self, equipment: Equipment, claim: Claim, what: str, buffer: Buffer) -> None:
        self._kit = equipment
        self._claim = claim
        self._what = what
        self._buffer = buffer
        self._waiting: deque[str] = deque()
        self._bytes = 0
        self._written = 0
        self._is_stale = False
        self._writing: asyncio.Task[None] | None = None

    async def stream(self, chunk: Any) -> None:
        """See `runtime.definitions.context.Context.stream`."""
        what = f"a chunk that {self._what} streams"
        text = dump(mask_secrets(encode(chunk, what)))
        size = len(text.encode(errors="replace"))
        if size > LARGEST:
            raise UnencodableError(
                f"{what} has {size:,} bytes as JSON, and may have {LARGEST:,}: stream it in parts, or return it"
            )
        if self._bytes + size > MOST_WAITING and self._writing is not None:
            await asyncio.wait({self._writing}, timeout=PATIENCE)
        if self._is_stale:
            raise AttemptStaleError(
                f"another worker has taken {self._what} over, or its run has ended: what it streams is not taken"
            )
        self._waiting.append(text)
        self._buffer.chunks += 1
        self._bytes += size
        self._drop_excess()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name=f"causeline stream of {self._what}")
        await asyncio.sleep(0)  # code that streams without end must let others go on, whoever writes it down among them

    async def drain(self) -> None:
        """Waits for a while until what was streamed is written down; what is not by then is lost."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        try:
            await asyncio.wait({writing}, timeout=PATIENCE)
        finally:
            writing.cancel()
        if self._waiting and not self._is_stale:
            lost = len(self._waiting)
            self._drop_oldest(lost)
            _log.warning("%s streamed %d chunks that the server did not take in time: they are lost", self._what, lost)

    def _drop_excess(self) -> None:
        while self._bytes > MOST_WAITING and len(self._waiting) > 1:
            self._drop_oldest(1)

    def _drop_oldest(self, count: int) -> None:
        """Loses the oldest chunks that wait; readers see that some are missing."""
        for _ in range(count):
            self._bytes -= len(self._waiting.popleft().encode(errors="replace"))
        self._written += count
        self._buffer.chunks_lost += count

    async def _write(self) -> None:
        pause = _FIRST_PAUSE
        while self._waiting and not (self._is_stale or self._buffer.closed):
            batch = [self._waiting[at] for at in range(min(AT_ONCE, len(self._waiting)))]
            first = self._written + 1
            try:
                self._is_stale = not await self._kit.store.stream(self._claim, ChunkBatch(first, batch))
            except ServerError as error:
                _log.debug("what %s streams waits to be written down: %s", self._what, error)
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)
            else:
                pause = _FIRST_PAUSE
                self._forget_written(first, batch)

    def _forget_written(self, first: int, batch: list[str]) -> None:
        """Forgets what is written down, unless it was dropped meanwhile: that was taken after all."""
        dropped = self._written + 1 - first
        self._buffer.chunks_lost -= min(dropped, len(batch))
        for text in batch[dropped:]:
            self._waiting.popleft()
            self._bytes -= len(text.encode(errors="replace"))
        self._written = max(self._written, first - 1 + len(batch))
