"""What workers tell of themselves, by agent: who serves it, what is under way, its limit, what waits. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from collector.models import AgentDue, AgentLimit, AppBacklog, UnderWay, Worker, WorkerList


@dataclass(slots=True)
class Agent:
    """What is known of an agent of an app.

    Attributes:
        app: whose it is.
        name: what its code calls it; empty for all work that is for no agent of a name.
        workers: live ones that do its work.
        work: attempts for it that are under way, as far as workers name them.
        limit: what bounds it.
        due: steps that are due for it, or wait for its limit.
        is_served: whether some live worker takes those.
    """

    app: str
    name: str
    workers: list[Worker] = field(default_factory=list)
    work: list[UnderWay] = field(default_factory=list)
    limit: AgentLimit | None = None
    due: AgentDue | None = None
    is_served: bool = True

    @property
    def versions(self) -> list[str]:
        """Versions of the workers' code, each once."""
        return sorted({worker.version for worker in self.workers if worker.version})

    @property
    def is_full(self) -> bool:
        """Whether its limit lets nothing more begin now."""
        one = self.limit
        if one is None:
            return False
        pairs = (
            (one.at_once_used, one.at_once),
            (one.calls_used, one.calls_per_minute),
            (one.tokens_used, one.tokens_per_minute),
        )
        return any(bound is not None and used >= bound for used, bound in pairs)


def find_live_workers(app: AppBacklog, workers: Iterable[Worker]) -> list[Worker]:
    """Returns the workers of an app that are live: so many, of those that were heard of last."""
    of_app = (worker for worker in workers if worker.app == app.app and not worker.is_cell)
    return sorted(of_app, key=lambda worker: worker.silent_seconds)[: app.workers]


def list_agents(found: WorkerList) -> list[Agent]:
    """Returns the agents of all apps: those that nobody serves first, then those whose limit is reached and for which
    something waits, and of each app last what is for no agent of a name."""
    agents = [agent for app in found.apps for agent in _of_app(app, found.items)]
    return sorted(agents, key=_urgency)


def _urgency(one: Agent) -> tuple[bool, bool, str, bool, str]:
    return one.is_served, not (one.is_full and one.due), one.app, not one.name, one.name


def _of_app(app: AppBacklog, workers: Sequence[Worker]) -> list[Agent]:
    there = find_live_workers(app, workers)
    limits = {limit.agent: limit for limit in app.limits}
    due = _due(app.lanes)
    said = {name for worker in there for name in (*worker.agents, *worker.serves)}
    unserved = {one.agent for one in app.unserved}
    busy = [worker for worker in workers if worker.app == app.app]
    agents = [
        Agent(
            app=app.app,
            name=name,
            workers=[worker for worker in there if name in worker.agents or name in worker.serves],
            work=[work for worker in busy for work in worker.work if work.agent == name],
            limit=limits.get(name),
            due=due.get(name),
            is_served=name not in unserved,
        )
        for name in sorted(said | limits.keys() | due.keys())
    ]
    rest = _rest(app, there, busy, {agent.name for agent in agents})
    return [*agents, rest] if rest.workers or rest.work or rest.due or not agents else agents


def _due(lanes: Iterable[AgentDue]) -> dict[str, AgentDue]:
    """Returns what is due for each agent; of one some of whose steps take turns by key there are two lanes."""
    found: dict[str, AgentDue] = {}
    for lane in lanes:
        known = found.get(lane.agent)
        if known is None:
            found[lane.agent] = lane
        else:
            oldest = max(known.oldest, lane.oldest, key=lambda step: step.seconds)
            found[lane.agent] = AgentDue(agent=lane.agent, due=known.due + lane.due, oldest=oldest)
    return found


def _rest(app: AppBacklog, there: Sequence[Worker], busy: Iterable[Worker], named: set[str]) -> Agent:
    """Returns what is for no agent of a name: whoever is there for all does it."""
    count = app.due - sum(lane.due for lane in app.lanes)
    oldest = app.oldest if app.oldest is not None and not app.oldest.agent else None
    return Agent(
        app=app.app,
        name="",
        workers=[worker for worker in there if not worker.agents],
        work=[work for worker in busy for work in worker.work if work.agent not in named],
        due=AgentDue(agent="", due=count, oldest=oldest) if count > 0 and oldest is not None else None,
        is_served=bool(there) or count <= 0,
    )
