"""What a worker and its parent say to each other, over two pipes, a line of JSON each.

The worker says that it is ready, and orders cells. The parent says which cells run, and how each has ended.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final, Literal, Self

from runtime.worker.cell_order import CellOrder

READY: Final = b"ready\n"

#: `lost`: a worker is gone; `killed`: a cell was killed by what ran in it; `ended`: a cell has ended; `running`: a cell
#: that an earlier worker has ordered still runs.
What = Literal["lost", "killed", "ended", "running"]


@dataclass(frozen=True, slots=True)
class News:
    """Something that the parent saw, about a worker or cell; `order` is the cell's, where it still runs."""

    what: What
    consumer: str
    order: CellOrder | None = None

    def encode(self) -> bytes:
        """One line for a pipe."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> Self:
        """The news of a line."""
        values = json.loads(line)
        order = values.pop("order")
        return cls(**values, order=CellOrder(**order) if order else None)


class Lines:
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


@dataclass(frozen=True, slots=True)
class ParentLink:
    """A worker's ends of the pipes."""

    news: Lines
    orders: int

    def ready(self) -> None:
        """Says that the worker works."""
        os.write(self.orders, READY)

    def order(self, order: CellOrder) -> None:
        """Has a cell started."""
        os.write(self.orders, order.encode())

    def read(self, take: Callable[[News], object]) -> bool:
        """Hands over what the parent said; False when the parent is gone."""
        lines = self.news.read()
        for line in lines or ():
            take(News.decode(line))
        return lines is not None
