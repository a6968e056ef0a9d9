"""What a state store promises about steps that are due, some of which are set aside: for the workers of their agents,
and for limits."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from runtime.resilience.limits import Limit
from runtime.state.runs import Lane, LimitUse
from runtime.state.tasks import LimitRoom, Task

#: Turns that are looked at in one go, and goes: where none of so many may begin anything, the others come first next
#: time.
PAGE: Final = 100
GOES: Final = 3
#: Keys that are told of, and the steps of a lane among which they are looked for, the oldest first.
KEYS_TOLD: Final = 3
OLDEST: Final = 100
#: Of steps that take no turns by key.
NO_KEYS: Final[Mapping[Task, Sequence[Limit]]] = MappingProxyType({})


class LaneStore(Protocol):
    """Part of a `StateStore`."""

    async def list_due(self, limit: int, skip: int = 0, without: Collection[str] = ()) -> list[Task]:
        """Tasks that look due now, oldest first, without the first `skip`, and without those that were set aside for
        the agents in `without`. Others may see the same: `claim` decides."""
        ...

    async def set_aside(self, tasks: Mapping[Task, str], by_key: Mapping[Task, Sequence[Limit]] = NO_KEYS) -> None:
        """Leaves due tasks to the workers of their agents: whoever asks for what is due without such an agent is not
        told of them any more. What is under way stays; where its lease is over, it waits for a cell.

        Args:
            tasks: each with its agent.
            by_key: of those that take turns by key: the limits by key that hold for them. They are in the lane
                `turn_lane` their agent, by which they are left out of what is due.
        """
        ...

    async def rooms(self, limits: Sequence[Limit], wanted: int) -> list[LimitRoom]:
        """What each limit lets begin now, with `wanted` tasks of each lane at most."""
        ...

    async def list_next_turns(self, agents: Sequence[str], limits: Sequence[Limit], wanted: int) -> list[list[Task]]:
        """What may begin next of the steps that take turns by key, of each agent `wanted` tasks at most.

        Args:
            agents: whose.
            limits: all that may hold for them, of agents and by key.
            wanted: tasks at most.
        """
        ...

    async def list_limit_uses(self, limits: Sequence[Limit]) -> list[LimitUse]:
        """What of each limit of an agent is used now."""
        ...

    async def find_admissible(self, tasks: Mapping[Task, Sequence[Limit]]) -> list[Task]:
        """Those that may begin now, all of them together, by the limits that hold for each; the first come first."""
        ...

    async def spend(self, name: str, calls: int, tokens: int) -> None:
        """Counts what was spent now of what a limit holds for (`Limit.name_for_run`)."""
        ...

    async def announce_room(self, agents: Collection[str], names: Collection[str] = ()) -> None:
        """Wakes those who wait, where steps of agents wait for their limits; forgets of the limits that are named
        (`Limit.name_for_run`) the permits of attempts that have ended."""
        ...

    async def lanes(self) -> list[Lane]:
        """What was set aside, by agent."""
        ...

    async def wait(self, timeout: float, agents: Collection[str] = ()) -> None:
        """Returns when a task may be due, or may have been set aside for one of some agents; after `timeout` seconds at
        the latest."""
        ...
