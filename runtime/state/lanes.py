"""What a state store promises about steps that are due, some of which are set aside: for the workers of their agents,
and for limits."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from runtime.resilience.limits import Limit
from runtime.state.runs import Lane
from runtime.state.tasks import Room, Task


class Lanes(Protocol):
    """Part of a `StateStore`."""

    async def due(self, limit: int, skip: int = 0, without: Collection[str] = ()) -> list[Task]:
        """Tasks that look due now, oldest first, without the first `skip`, and without those that were set aside for
        the agents in `without`. Others may see the same: `claim` decides."""
        ...

    async def set_aside(self, tasks: Mapping[Task, str]) -> None:
        """Leaves due tasks to the workers of their agents: whoever asks for what is due without such an agent is not
        told of them any more. What is under way stays; where its lease is over, it waits for a cell."""
        ...

    async def rooms(self, limits: Sequence[Limit], wanted: int) -> list[Room]:
        """What each limit lets begin now, with `wanted` tasks of each lane at most."""
        ...

    async def spend(self, agent: str, calls: int, tokens: int) -> None:
        """Counts what an agent that has a limit has spent now."""
        ...

    async def made_room(self, agent: str) -> None:
        """Wakes those who wait, where steps of an agent wait for its limit."""
        ...

    async def lanes(self) -> list[Lane]:
        """What was set aside, by agent."""
        ...

    async def wait(self, timeout: float, agents: Collection[str] = ()) -> None:
        """Returns when a task may be due, or may have been set aside for one of some agents; after `timeout` seconds at
        the latest."""
        ...
