"""What of an app a worker does: all of it, or what is for some agents, or steps or groups alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from runtime.definitions.bridges import Inbound
from runtime.definitions.declarations import BuiltApp
from runtime.definitions.name_suggestion import suggest_name
from runtime.definitions.subscription import Subscription
from runtime.errors import DefinitionError

#: Whether a worker does steps alone, or groups alone.
Only = Literal["", "steps", "groups"]


@dataclass(frozen=True, slots=True)
class Serving:
    """What a worker takes.

    Attributes:
        agents: for whom it works, by the `agent=` of steps and handlers; empty: for all.
        only: `steps` or `groups`; empty: both.
    """

    agents: frozenset[str] = frozenset()
    only: Only = ""

    def can_take_steps_of(self, agent: str) -> bool:
        """Whether it takes steps that are for an agent."""
        return self.only != "groups" and self._is_for(agent)

    def groups(self, app: BuiltApp) -> list[Subscription]:
        """The groups of an app that it serves."""
        return [] if self.only == "steps" else [one for one in app.subscriptions if self._is_for(one.agent)]

    def inbounds(self, app: BuiltApp) -> list[Inbound]:
        """The queues of RabbitMQ that it reads for an app."""
        return [] if self.only == "steps" else [one for one in app.inbounds if self._is_for(one.agent)]

    def unserved_agents(self, app: BuiltApp) -> frozenset[str]:
        """The agents of an app whose steps it leaves to others."""
        return frozenset(agent for agent in _step_agents(app) if not self.can_take_steps_of(agent))

    def served_agents(self, app: BuiltApp) -> list[str]:
        """Of the agents that an app names, or bounds, those whose work it does, sorted. A step or group without
        `agent=` is one of its own, which says nothing of who is there."""
        steps = (built.step for workflow in app.workflows.values() for built in workflow.steps.values())
        done = {one.agent for one in steps if one.agent != one.name or one.agent in app.limits}
        served = {one.agent for one in self.groups(app) if not f".{one.group}".endswith(f".{one.agent}")}
        return sorted({agent for agent in done if self.can_take_steps_of(agent)} | served)

    def require_work(self, app: BuiltApp) -> None:
        """Refuses what would never have anything to do.

        Raises:
            DefinitionError: nothing in the app is for one of the agents, or nothing is left of it.
        """
        if not app.workflows and not app.subscriptions and not app.inbounds:
            raise DefinitionError(f"app {app.name} has nothing to do: declare a workflow or a subscription")
        known = sorted(
            {*_step_agents(app), *(one.agent for one in app.subscriptions), *(one.agent for one in app.inbounds)}
        )
        for agent in sorted(self.agents):
            if agent not in known:
                raise DefinitionError(
                    f"nothing in app {app.name} is for agent {agent!r}: {suggest_name(agent, known)}its steps "
                    "and handlers "
                    f"are for {', '.join(known)}"
                )
        has_channels = self.groups(app) or self.inbounds(app)
        if not has_channels and not any(self.can_take_steps_of(agent) for agent in _step_agents(app)):
            whom = f" for {', '.join(sorted(self.agents))}" if self.agents else ""
            raise DefinitionError(f"app {app.name} has no {self.only}{whom}: such a worker would have nothing to do")

    def __str__(self) -> str:
        """What it leaves out, for logs; empty where it does all."""
        of = f": agents {', '.join(sorted(self.agents))}" if self.agents else ""
        return of + (f", {self.only} only" if self.only else "")

    def _is_for(self, agent: str) -> bool:
        return not self.agents or agent in self.agents


#: A worker that does all there is.
ALL = Serving()


def _step_agents(app: BuiltApp) -> Iterable[str]:
    return {built.step.agent: None for workflow in app.workflows.values() for built in workflow.steps.values()}
