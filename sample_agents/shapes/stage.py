"""A trial as its processes know it: what it is, when it began, and the outside world that they all call."""

import asyncio
import json
import os
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

from sample_agents.daybook import Daybook
from sample_agents.shapes.faults import PACE, SMS, AgentAwayError, Faults, Trouble

#: Names the folder of a trial to its processes.
VARIABLE: Final = "SHAPES_TRIAL"

#: The file of a trial's description, of its beginning, of the day book, and the socket of the coordinator in memory.
_TRIAL, _BEGAN, _BOOK, _SOCKET = "trial.json", "began", "daybook.sqlite", "s"

#: Asks the coordinator in memory whether it has done all that it knows of.
HAS_DONE: Final = "has done?"

#: In the day book: an order was placed; its caller has the answer; it needs nothing more.
ORDERED, ANSWERED, CLOSED = "ordered", "answered", "closed"

#: The agents of the critical path between the first and the last, and the first of those who listen.
_FIRST, _BETWEEN, _LAST = "pickup", ("sorting", "transit"), "delivery"
_LISTENING: Final = (SMS, "billing", "board")


class Shape(StrEnum):
    """How a trial is coordinated."""

    PURE = "pure"
    """One DAG, driven by one coordinator in memory; what it had accepted is gone when it is killed."""
    REREAD = "pure, rereads"
    """The same, and it looks into the shop's book when it starts: what is not closed it does again from the start."""
    HYBRID = "hybrid"
    """The critical path as durable runs, everybody else by a channel; one worker, which is killed."""
    PAIR = "hybrid, 2 workers"
    """The same, and a second worker that is not killed: coordination in memory can't have one."""

    @property
    def is_hybrid(self) -> bool:
        """Whether workers of ours coordinate."""
        return self in (Shape.HYBRID, Shape.PAIR)


@dataclass(frozen=True)
class Trial:
    """One shape under the faults of one seed.

    Attributes:
        shape: how it is coordinated.
        seed: of its faults.
        orders: how many.
        critical: agents of the critical path: 2 or 4.
        listening: agents beside it.
        trouble: how much goes wrong.
    """

    shape: Shape
    seed: int
    orders: int
    critical: int
    listening: int
    trouble: Trouble

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The one of a folder."""
        said = json.loads((folder / _TRIAL).read_text())
        return cls(**said | {"shape": Shape(said["shape"]), "trouble": Trouble(said["trouble"])})

    def write(self, folder: Path) -> None:
        """Describes it to its processes."""
        (folder / _TRIAL).write_text(json.dumps(asdict(self)))

    @property
    def path(self) -> tuple[str, ...]:
        """The agents of the critical path, in their order."""
        return (_FIRST, *_BETWEEN[: self.critical - 2], _LAST)

    @property
    def others(self) -> tuple[str, ...]:
        """The agents beside it."""
        more = (f"agent-{number}" for number in range(len(_LISTENING) + 1, self.listening + 1))
        return (*_LISTENING[: self.listening], *more)

    @cached_property
    def faults(self) -> Faults:
        """What goes wrong."""
        return Faults(self.seed, PACE * self.orders, self.trouble)


class World:
    """Everybody outside whom agents call; each notes in the day book what it has done.

    Args:
        folder: of the trial.
    """

    def __init__(self, folder: Path) -> None:
        self.trial = Trial.read(folder)
        self.socket = folder / _SOCKET
        self.book = Daybook(folder / _BOOK)
        self._began = folder / _BEGAN

    @classmethod
    def of_process(cls) -> Self:
        """The one of the trial that this process is part of."""
        return cls(Path(os.environ[VARIABLE]))

    def begin(self) -> None:
        """The first order comes now."""
        self._began.write_text(str(time.time()))

    def moment(self) -> float:
        """Seconds since the first order."""
        return time.time() - self._start

    @cached_property
    def _start(self) -> float:
        return float(self._began.read_text())

    async def call(self, agent: str, number: int, attempt: int) -> None:
        """Has an agent do its part of an order. All know by the order's number what they have done, but for the gateway
        of text messages, which sends as often as it is asked.

        Raises:
            Away: it does not answer.
        """
        faults, took = self.trial.faults, self.trial.faults.takes(agent, number, attempt, self.moment())
        if faults.refuses(agent, self.moment()):
            raise AgentAwayError(f"{agent} does not answer")
        await asyncio.sleep(took / 2)
        if faults.fails(agent, number, attempt):
            raise AgentAwayError(f"{agent} does not answer about order {number}")
        key = uuid4().hex if agent == SMS else str(number)
        await asyncio.to_thread(self.book.enter, agent, str(number), key)
        await asyncio.sleep(took / 2)

    async def note(self, what: str, number: int) -> None:
        """Notes in the shop's part of the book what has become of an order."""
        await asyncio.to_thread(self.book.enter, what, str(number), str(number))
