"""Limits of agents as their author declares them, and all limits that hold for a step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from runtime.definitions.key_limits import KeyLimit, checked_limits, require_bounds
from runtime.definitions.key_values import require_input
from runtime.definitions.name_suggestion import suggest_name
from runtime.definitions.options import checked_agent
from runtime.definitions.steps import BuiltStep, BuiltWorkflow
from runtime.definitions.subscription import Subscription
from runtime.errors import DefinitionError
from runtime.resilience.limits import Limit


@dataclass(frozen=True, slots=True)
class AgentLimits:
    """What bounds the steps of one agent.

    Attributes:
        together: all of them; None where nothing does.
        by_key: for each value of a key.
    """

    together: Limit | None
    by_key: tuple[KeyLimit, ...] = ()


def build_agent_limits(
    agent: object,
    at_once: int | None,
    calls_per_minute: int | None,
    tokens_per_minute: int | None,
    limits: Sequence[KeyLimit] | None,
) -> AgentLimits:
    """Limits as `App.agent` is given them.

    Raises:
        DefinitionError: the agent has no name, a bound is no whole number from 0 on, a limit by key can't be, or there
            is none at all.
    """
    name = checked_agent("app.agent()", agent)
    if not name:
        raise DefinitionError("an agent has no name: say whose limits these are, such as 'research'")
    by_key = checked_limits(f"agent {name!r}", limits)
    bounds = (at_once, calls_per_minute, tokens_per_minute)
    if by_key and bounds == (None, None, None):
        return AgentLimits(None, by_key)
    require_bounds(f"agent {name!r}", *bounds)
    return AgentLimits(Limit(name, *bounds), by_key)


def apply_limits(workflow: BuiltWorkflow, agents: Mapping[str, AgentLimits]) -> BuiltWorkflow:
    """A workflow whose steps know all limits that hold for them: of their agents, of the workflow, and their own.

    Raises:
        DefinitionError: the workflow has no such input as one of them goes by.
    """

    def apply_to_step(step: BuiltStep) -> BuiltStep:
        agent, name = step.step.agent, step.step.name
        of_agent = agents.get(agent, AgentLimits(None))
        limits = [of_agent.together] if of_agent.together else []
        limits += [one.limit_for(f"agent {agent}") for one in of_agent.by_key]
        limits += [one.limit_for(f"workflow {workflow.name}") for one in workflow.limits]
        limits += [one.limit_for(f"step {name} of {workflow.name}") for one in step.step.limits]
        child = apply_limits(step.child, agents) if step.child else None
        return replace(step, limits=tuple(limits), child=child)

    steps = {name: apply_to_step(one) for name, one in workflow.steps.items()}
    own = [step for step in steps.values() if step.child is None]
    if workflow.limits and not own:
        raise DefinitionError(
            f"workflow {workflow.name} has limits, which hold for steps that are functions, and all of its steps are "
            "workflows: give those the limits"
        )
    by_key = {one.key: one.name for step in own for one in step.limits if one.key}
    for key, name in by_key.items():
        require_input(workflow, key, f"the limit of {name}")
    return replace(workflow, steps=steps, keys=tuple(by_key))


def require_limits_used(
    app: str,
    limits: Iterable[str],
    workflows: Iterable[BuiltWorkflow],
    subscriptions: Iterable[Subscription],
) -> None:
    """Checks that each limit bounds something, and nothing that it does not hold for.

    Raises:
        DefinitionError: no step is for the agent, or a handler is.
    """
    agents = sorted({built.step.agent for workflow in workflows for built in workflow.steps.values()})
    handlers = {one.agent: one.group for one in subscriptions}
    for agent in limits:
        if agent in handlers:
            raise DefinitionError(
                f"agent {agent!r} of app {app} has limits, which hold for steps alone, but group {handlers[agent]!r} "
                "is for it, too: give the group another agent=, and start a run in its handler"
            )
        if agent not in agents:
            raise DefinitionError(
                f"agent {agent!r} of app {app} has limits and no step: {suggest_name(agent, agents)}steps are for "
                f"{', '.join(agents) or 'nobody, as there is none'}"
            )
