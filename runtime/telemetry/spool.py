"""Batches that wait for the collector: on disk, or in memory where there is no folder. Bounded; the oldest go first.

A folder may be shared by any number of processes. A batch is one file:

    {nanoseconds}-{writer}-{number}-{spans}.otlp.gz     a serialised request, gzip
    {...}.part                                          a file still being written; never read

A file is claimed by an advisory lock on it, which the kernel gives up when its holder dies. Renaming a claimed file to
its owner's process id was refused: ids are reused, and mean nothing between containers that share a volume.
"""

import gzip
import os
import secrets
import time
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from runtime.embedded import locks
from runtime.telemetry.losses import Losses

_SUFFIX: Final = ".otlp.gz"
_PART: Final = ".part"

#: Seconds after which what other processes put into the folder is measured again.
SURVEY_INTERVAL: Final = 5.0

#: Seconds after which a half-written file must be that of a dead process.
ABANDONED: Final = 3_600.0

OVERFLOW: Final = "too many waited for the collector"
HOMELESS: Final = "the process ended while the collector was away, and there is no folder to keep them in"
UNREADABLE: Final = "a batch that waited on disk can't be read"
UNWRITABLE: Final = "they could not be written to disk while the collector was away"


@dataclass(frozen=True, slots=True)
class SpanBatch:
    """A serialised `ExportTraceServiceRequest` and how many spans it holds."""

    body: bytes
    spans: int


class ClaimedBatch:
    """A batch that this process alone may send; it stays in the spool unless it is settled."""

    def __init__(self, batch: SpanBatch) -> None:
        self.batch = batch
        self.settled = False

    def settle(self) -> None:
        """The batch was sent, or never will be: it leaves the spool."""
        self.settled = True


class Spool(Protocol):
    """Keeps batches until they are settled."""

    is_durable: bool
    """Whether what it keeps survives the process."""

    def put(self, batch: SpanBatch) -> None:
        """Keeps a batch; what there is no room for is counted as lost. Never raises."""
        ...

    def claim_batches(self) -> Generator[ClaimedBatch, None, None]:
        """The batches that nobody else holds, oldest first; each is held while the caller looks at it."""
        ...

    def is_empty(self) -> bool:
        """Whether nothing waits."""
        ...

    def close(self) -> None:
        """The process ends: what does not survive it is counted as lost."""
        ...


class MemorySpool:
    """Keeps batches in memory: they die with the process."""

    is_durable = False

    def __init__(self, limit: int, losses: Losses) -> None:
        self._limit = limit
        self._losses = losses
        self._batches: deque[SpanBatch] = deque()
        self._size = 0

    def put(self, batch: SpanBatch) -> None:
        self._batches.append(batch)
        self._size += len(batch.body)
        while self._size > self._limit:
            self._losses.add(self._pop().spans, OVERFLOW)

    def claim_batches(self) -> Generator[ClaimedBatch, None, None]:
        while self._batches:
            claim = ClaimedBatch(self._batches[0])
            yield claim
            if not claim.settled:
                return
            self._pop()

    def is_empty(self) -> bool:
        return not self._batches

    def close(self) -> None:
        while self._batches:
            self._losses.add(self._pop().spans, HOMELESS)

    def _pop(self) -> SpanBatch:
        batch = self._batches.popleft()
        self._size -= len(batch.body)
        return batch


class DiskSpool:
    """Keeps batches in a folder.

    Args:
        folder: made when first needed, readable by its owner alone, for spans may carry payloads.
        limit: bytes that all files may take.
        losses: told what had to be dropped.
    """

    is_durable = True

    def __init__(self, folder: Path, limit: int, losses: Losses) -> None:
        self._folder = folder
        self._limit = limit
        self._losses = losses
        self._writer = f"{os.getpid()}{secrets.token_hex(3)}"
        self._written = 0
        self._size = 0
        self._surveyed_at = -SURVEY_INTERVAL

    def put(self, batch: SpanBatch) -> None:
        try:
            self._size += self._write(batch)
            self._enforce_limit()
        except OSError:
            self._losses.add(batch.spans, UNWRITABLE)

    def claim_batches(self) -> Generator[ClaimedBatch, None, None]:
        for path in self._list_waiting():
            with _lock_file(path) as descriptor:
                if descriptor is None:
                    continue
                claim = self._read(path, descriptor)
                if claim is None:
                    continue
                yield claim
                if not claim.settled:
                    return
                path.unlink(missing_ok=True)

    def is_empty(self) -> bool:
        return not self._list_waiting()

    def close(self) -> None:
        pass

    def _read(self, path: Path, descriptor: int) -> ClaimedBatch | None:
        try:
            with os.fdopen(os.dup(descriptor), "rb") as file:
                return ClaimedBatch(SpanBatch(gzip.decompress(file.read()), _count_spans(path)))
        except (OSError, EOFError, zlib.error):
            path.unlink(missing_ok=True)
            self._losses.add(_count_spans(path), UNREADABLE)
            return None

    def _write(self, batch: SpanBatch) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._written += 1
        name = f"{time.time_ns():020d}-{self._writer}-{self._written:06d}-{batch.spans}{_SUFFIX}"
        part = self._folder / (name + _PART)
        zipped = gzip.compress(batch.body, 1)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # Not synced: a killed process loses nothing, and after a dead machine telemetry may have gaps.
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(zipped)
            part.replace(self._folder / name)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        return len(zipped)

    def _enforce_limit(self) -> None:
        """Drops the oldest files while all take more than the limit.

        What this process writes is counted as it writes; what others write is seen at the next survey. A survey at
        every write would read thousands of names twice a second in every process of a long outage.
        """
        now = time.monotonic()
        if self._size <= self._limit and now - self._surveyed_at < SURVEY_INTERVAL:
            return
        self._surveyed_at = now
        self._sweep_parts()
        sizes = {path: _file_size(path) for path in self._list_waiting()}
        self._size = sum(sizes.values())
        for path, size in sizes.items():
            if self._size <= self._limit:
                return
            self._size -= size
            self._drop(path)

    def _drop(self, path: Path) -> None:
        with _lock_file(path) as descriptor:
            # Somebody is just sending it: then it leaves anyway.
            if descriptor is not None:
                path.unlink(missing_ok=True)
                self._losses.add(_count_spans(path), OVERFLOW)

    def _sweep_parts(self) -> None:
        for part in self._folder.glob(f"*{_PART}"):
            try:
                if time.time() - part.stat().st_mtime > ABANDONED:
                    part.unlink()
            except OSError:
                continue

    def _list_waiting(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if path.name.endswith(_SUFFIX))
        except OSError:
            return []


@contextmanager
def _lock_file(path: Path) -> Iterator[int | None]:
    """An open descriptor that holds the file's lock; None where it is gone or another holds it."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        yield None
        return
    try:
        yield descriptor if _try_lock(descriptor) else None
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        is_ours = locks.try_exclusive(descriptor)
    except OSError:  # a file system without locks
        return False
    # Its last holder may have sent and unlinked it between our open and our lock.
    return is_ours and os.fstat(descriptor).st_nlink > 0


def _count_spans(path: Path) -> int:
    count = path.name.removesuffix(_SUFFIX).rpartition("-")[2]
    return int(count) if count.isdecimal() else 1


def _file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
