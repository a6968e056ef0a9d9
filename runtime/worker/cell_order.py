"""What a cell is to run: one task, or one delivery, that a worker which is gone has left."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class CellOrder:
    """One piece of work for one cell.

    Attributes:
        consumer: the name that the cell goes by.
        task: the task in one word, or empty.
        channel, group, place: of the delivery, or empty.
    """

    consumer: str
    task: str = ""
    channel: str = ""
    group: str = ""
    place: str = ""

    @property
    def item(self) -> tuple[str, str, str, str]:
        """The work alone."""
        return self.task, self.channel, self.group, self.place

    def encode(self) -> bytes:
        """One line for a pipe."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, line: bytes) -> Self:
        """The order of a line."""
        return cls(**json.loads(line))
