"""What a state store promises about steps that are set aside: for the workers of their agents, and for limits."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from runtime.resilience.limits import Limit
from runtime.state.runs import Lane
from runtime.state.tasks import Room, Task


class Lanes(Protocol):
    """Part of a `StateStore`."""

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
