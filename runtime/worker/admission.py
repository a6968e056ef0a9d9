"""Which due steps a worker may begin: by the limits that hold for them, and in turn between all that wait."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain, zip_longest

from runtime.definitions.declarations import BuiltApp
from runtime.definitions.serving import Serving
from runtime.definitions.steps import BuiltStep
from runtime.resilience.limits import Limit, turn_lane
from runtime.state.contract import StateStore
from runtime.state.tasks import Claim, Task

#: Tasks that are looked at of the lane of an agent that has a limit.
_LOOK_AT = 100


class Admission:
    """Of one worker.

    Args:
        app: whose steps.
        store: of the app.
        serving: whose steps the worker does.

    Attributes:
        elsewhere: lanes that are not looked at as other due work is: of agents whose steps are left to others, and
            those of which as much is told as limits let begin.
    """

    def __init__(self, app: BuiltApp, store: StateStore, serving: Serving) -> None:
        self._workflows = app.workflows
        self._store = store
        self.left = serving.unserved_agents(app)
        self._together = [limit for agent, limit in app.limits.items() if agent not in self.left]
        self._limits: dict[str, Limit] = {}
        self._sharing: dict[str, set[str]] = {}
        by_key: set[str] = set()
        for step in _limited_steps(app):
            for limit in step.limits:
                self._limits[limit.name] = limit
                self._sharing.setdefault(limit.name, set()).add(step.step.agent)
                by_key |= {step.step.agent} if limit.key else set()
        self._by_key = sorted(by_key - self.left)
        self.elsewhere = self.left | app.limits.keys() | {turn_lane(agent) for agent in (*self.left, *self._by_key)}
        self._looks = 0

    def can_begin_at_once(self, task: Task) -> bool:
        """Whether a due task is begun where it is found; else it is set aside."""
        if not self.left and not self._limits:
            return True
        return self.agent(task) not in self.left and not self.limits(task)

    def agent(self, task: Task) -> str:
        """Whom a task is for that the worker knows."""
        return self._step(task).step.agent

    def limits(self, task: Task) -> Sequence[Limit]:
        """What holds for a task that the worker knows."""
        return self._step(task).limits_at(task.place)

    async def set_aside(self, tasks: Collection[Task]) -> None:
        """Puts due tasks into the lanes of their agents, or into turns there."""
        by_key = {task: [limit for limit in self.limits(task) if limit.key] for task in tasks}
        await self._store.set_aside({task: self.agent(task) for task in tasks}, by_key)

    async def choose_next_tasks(self, found: Sequence[Task], wanted: int, knows: Callable[[Task], bool]) -> list[Task]:
        """What to begin next: of due tasks that no limit holds for, and of lanes, in turn.

        Args:
            found: the due tasks, the oldest first.
            wanted: tasks at most.
            knows: whether the worker has the step of a task.
        """
        if not self._together and not self._by_key:
            return list(found[:wanted])
        waiting = [found, *await self._read_lanes(knows), *await self._read_turns(wanted, knows)]
        queues = [queue for queue in waiting if queue]
        first = self._looks % max(1, len(queues))  # or a worker with one free slot would come to the first alone
        self._looks += 1
        turns = chain.from_iterable(zip_longest(*queues[first:], *queues[:first]))
        return [task for task in turns if task is not None][:wanted]

    async def filter_within_limits(self, tasks: Collection[Task]) -> Collection[Task]:
        """Those of some tasks that may all begin now."""
        bounded = {task: self.limits(task) for task in tasks}
        return tasks if not any(bounded.values()) else await self._store.find_admissible(bounded)

    def permits(self, claim: Claim) -> Mapping[str, Collection[str]]:
        """For each limit that gave a claimed step a permit, by `Limit.name_for_run`: agents whose steps share it."""
        if not self._limits:
            return {}
        bounding = [limit for limit in self.limits(claim.task) if limit.at_once is not None]
        named = [(limit.name_for_run(claim.run.by), limit) for limit in bounding]
        return {name: self._sharing[limit.name] for name, limit in named if name is not None}

    async def announce_room(self, permits: Mapping[str, Collection[str]]) -> None:
        """Tells those who wait for limits that there is room again."""
        agents = {agent for sharing in permits.values() for agent in sharing}
        await self._store.announce_room(sorted(agents), list(permits))

    async def _read_lanes(self, knows: Callable[[Task], bool]) -> list[list[Task]]:
        if not self._together:
            return []
        rooms = await self._store.rooms(self._together, _LOOK_AT)
        return [[task for task in room.tasks[: room.free] if knows(task)] for room in rooms]

    async def _read_turns(self, wanted: int, knows: Callable[[Task], bool]) -> list[list[Task]]:
        if not self._by_key:
            return []
        told = await self._store.list_next_turns(self._by_key, list(self._limits.values()), wanted)
        strange = {task: agent for agent, tasks in zip(self._by_key, told, strict=True) for task in tasks}
        found = [[task for task in tasks if knows(task) and strange.pop(task)] for tasks in told]
        if strange:  # another version set them aside that may be gone: they take no turn of what waits behind them
            await self._store.set_aside(strange)
        return found

    def _step(self, task: Task) -> BuiltStep:
        return self._workflows[task.workflow].steps[task.place.step]


def _limited_steps(app: BuiltApp) -> list[BuiltStep]:
    """The steps for which any limit holds."""
    steps = (step for workflow in app.workflows.values() for step in workflow.steps.values())
    return [step for step in steps if step.limits and step.child is None]
