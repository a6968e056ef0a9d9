"""Which workers of an app are there: what they promise each other, whatever carries it.

A worker is known to be gone when it has given no sign of life for a while and its connection has ended as well. One
that is paused, or whose code holds the interpreter's lock, keeps its connection and with it what it holds, until its
leases are over. Where connections can't be watched, leases alone decide.
"""

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from runtime.resilience.limits import Limit


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """A worker as it describes itself.

    `consumer` is its name, never used by two processes; `cells` says whether it runs in cells what workers that are
    gone have left; `is_cell` that it is one itself. `started_ms` is in ms since 1970 (UTC). `schedules` are those that
    its code declares, each with its rule. `agents` are those that it works for, empty for all; `only` is `steps` or
    `groups` where it does nothing else. `serves` are those of the agents that its code names whose work it does;
    `limits` bound agents, as its code declares them.
    """

    consumer: str
    host: str
    pid: int
    concurrency: int
    version: str
    started_ms: int
    cells: bool = False
    is_cell: bool = False
    schedules: tuple[tuple[str, str], ...] = ()
    agents: tuple[str, ...] = ()
    only: str = ""
    serves: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()

    def does_steps_for(self, agent: str) -> bool:
        """Whether it takes steps that are for an agent."""
        return self.only != "groups" and self._is_for(agent)

    def serves_groups_of(self, agent: str) -> bool:
        """Whether it serves groups that are an agent's."""
        return self.only != "steps" and self._is_for(agent)

    def _is_for(self, agent: str) -> bool:
        return not self.agents or agent in self.agents


@dataclass(frozen=True, slots=True)
class WorkPiece:
    """A piece of work under way: its name, for which agent it is, of which run where it is a step, and for how long."""

    name: str
    agent: str = ""
    run: str = ""
    for_ms: int = 0


@dataclass(frozen=True, slots=True)
class WorkerActivity:
    """What a worker has under way: how many attempts, and some of these, the oldest first."""

    under_way: int = 0
    pieces: tuple[WorkPiece, ...] = ()

    @property
    def oldest(self) -> tuple[str, ...]:
        """The names of those."""
        return tuple(piece.name for piece in self.pieces)


#: Nothing.
IDLE: Final = WorkerActivity()


@dataclass(frozen=True, slots=True)
class WorkerSighting:
    """A worker, how long ago it gave its last sign of life, in ms, and what it did then."""

    record: WorkerRecord
    silent_ms: int
    doing: WorkerActivity = IDLE

    def is_live(self, live_ms: int) -> bool:
        """Whether it is a worker, and no cell, that was heard of in the last `live_ms` milliseconds."""
        return self.silent_ms <= live_ms and not self.record.is_cell


def new_consumer() -> str:
    """A worker's name that no other process ever has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


class Presence(Protocol):
    """The workers of one app. Every method raises `ServerUnavailableError` when the server can't answer now."""

    async def register_app(self) -> None:
        """Has operators find the app, its runs and its workers."""
        ...

    async def declare_workflows(self, workflows: Mapping[str, tuple[str, ...]]) -> None:
        """Has operators know which workflows the app's code declares, each with its steps. Of two versions that differ
        the one that said it last holds."""
        ...

    async def get_declared_workflows(self) -> Mapping[str, tuple[str, ...]]:
        """Those; nothing where nobody has said it."""
        ...

    async def join(self, worker: WorkerRecord) -> None:
        """Announces a worker, and begins to hold the connection whose end tells others that it is gone."""
        ...

    async def beat(self, consumer: str, doing: WorkerActivity = IDLE) -> None:
        """Gives a sign of life, says what the worker does, and holds the connection again if it was lost."""
        ...

    async def leave(self, consumer: str) -> None:
        """Says goodbye: the worker holds nothing any more."""
        ...

    async def list_gone_workers(self, silent_ms: int) -> list[WorkerRecord]:
        """Workers that have been silent for `silent_ms` and whose connection has ended. `leave` forgets them."""
        ...

    async def workers(self) -> list[WorkerSighting]:
        """All that are known, those heard of last first."""
        ...

    async def count_live_workers(self, live_ms: int) -> int:
        """How many have given a sign of life in the last `live_ms` milliseconds, cells left out."""
        ...
