"""What a worker, its parent and its cells say to each other, over pipes, a line each.

The worker says that it is ready, and orders cells. The parent says which cells run, what each says, and how it has
ended. A cell says that it has its work, that its code waits or goes on, and that its work is settled.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Final, Literal, Self

from runtime.worker.cell_order import CellOrder

#: What a worker says once it works.
READY: Final = b"ready"
#: What a cell says: it has its work; its code waits for other work; it goes on; its work is settled.
HOLDS: Final = b"holds"
RESTS: Final = b"rests"
WORKS: Final = b"works"
DONE: Final = b"done"

#: `lost`: a worker is gone; `killed`: a cell was killed by what ran in it; `ended`: a cell has ended; `running`: a cell
#: that an earlier worker has ordered still runs; `ending`: all that the parent has started is to end; the others are
#: what a cell says.
What = Literal["lost", "killed", "ended", "running", "ending", "holds", "rests", "works"]


@dataclass(frozen=True, slots=True)
class ParentMessage:
    """Something that the parent saw of a worker or cell, or does itself; `order` is the cell's, where it still runs."""

    what: What
    consumer: str
    order: CellOrder | None = None

    def encode(self) -> bytes:
        """One line for a pipe."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, line: bytes) -> Self:
        """The news of a line."""
        values = json.loads(line)
        order = values.pop("order")
        return cls(**values, order=CellOrder(**order) if order else None)


class LineReader:
    """Lines out of a descriptor that does not block."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._rest = b""
        os.set_blocking(descriptor, False)

    def read(self) -> list[bytes] | None:
        """The lines that have come; None when the other end is closed and nothing is left."""
        try:
            data = os.read(self.descriptor, 65_536)
        except BlockingIOError:
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines if data or lines else None

    def close(self) -> None:
        """Closes the descriptor."""
        os.close(self.descriptor)


class LineWriter:
    """Lines into a descriptor that does not block: what there is no room for waits, in its order."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._unsaid: deque[bytes] = deque()
        os.set_blocking(descriptor, False)

    @property
    def count_waiting(self) -> int:
        """How many lines wait, at least in part."""
        return len(self._unsaid)

    def write(self, line: bytes) -> None:
        """Writes a line, or has it wait; one that nobody is left to read is lost."""
        self._unsaid.append(line + b"\n")
        self.flush()

    def flush(self) -> None:
        """Writes what waits, as far as there is room."""
        try:
            while self._unsaid:
                rest = self._unsaid[0][os.write(self.descriptor, self._unsaid[0]) :]
                if rest:
                    self._unsaid[0] = rest
                else:
                    self._unsaid.popleft()
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._unsaid.clear()

    def close(self) -> None:
        """Closes the descriptor."""
        os.close(self.descriptor)


def write_line(descriptor: int, line: bytes) -> None:
    """Writes a line to the parent, which always reads; one that nobody is left to read is lost."""
    with suppress(BrokenPipeError):
        os.write(descriptor, line + b"\n")


@dataclass(frozen=True, slots=True)
class ParentLink:
    """A worker's ends of the pipes."""

    news: LineReader
    orders: int

    def send_ready(self) -> None:
        """Says that the worker works."""
        write_line(self.orders, READY)

    def order_cell(self, order: CellOrder) -> None:
        """Has a cell started."""
        write_line(self.orders, order.encode())

    def read_messages(self, take: Callable[[ParentMessage], object]) -> bool:
        """Hands over what the parent said; False when the parent is gone."""
        lines = self.news.read()
        for line in lines or ():
            take(ParentMessage.decode(line))
        return lines is not None


class CellLink:
    """A cell's end of its pipe. Args: `descriptor`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waits = 0

    def send_holds(self) -> None:
        """Says that the cell has its work: where that waits for a cell again, it has lost it."""
        write_line(self._descriptor, HOLDS)

    def send_done(self) -> None:
        """Says that the work is settled: whatever ends the cell now was not killed by it."""
        write_line(self._descriptor, DONE)

    @contextmanager
    def rest(self) -> Iterator[None]:
        """Entered while the cell's code waits for other work; several waits at once are one."""
        self._waits += 1
        if self._waits == 1:
            write_line(self._descriptor, RESTS)
        try:
            yield
        finally:
            self._waits -= 1
            if self._waits == 0:
                write_line(self._descriptor, WORKS)


def open_pipe(opened: ExitStack) -> tuple[int, int]:
    """Returns the ends of a pipe to read from and to write to, closed where what it is for does not come about."""
    read, write = os.pipe()
    opened.callback(os.close, read)
    opened.callback(os.close, write)
    return read, write
