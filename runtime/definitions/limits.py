"""Limits of agents as their author declares them."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from runtime.definitions.options import checked_agent
from runtime.definitions.steps import BuiltWorkflow
from runtime.definitions.subscription import Subscription
from runtime.errors import DefinitionError
from runtime.resilience.limits import Limit


def limited(agent: object, at_once: int | None, calls_per_minute: int | None, tokens_per_minute: int | None) -> Limit:
    """A limit as `App.agent` is given it.

    Raises:
        DefinitionError: the agent has no name, a bound is no whole number from 0 on, or there is none at all.
    """
    name = checked_agent("app.agent()", agent)
    bounds: dict[str, object] = {
        "at_once": at_once,
        "calls_per_minute": calls_per_minute,
        "tokens_per_minute": tokens_per_minute,
    }
    for what, bound in bounds.items():
        if bound is not None and (not isinstance(bound, int) or isinstance(bound, bool) or bound < 0):
            raise DefinitionError(f"{what} of agent {name!r} can't be {bound!r}: give a whole number; 0 pauses it")
    if not name or all(bound is None for bound in bounds.values()):
        raise DefinitionError(
            f"agent {name!r} is given no limit: say at_once=, calls_per_minute= or tokens_per_minute="
        )
    return Limit(name, at_once, calls_per_minute, tokens_per_minute)


def require_bounded(
    app: str,
    limits: Mapping[str, Limit],
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
            near = get_close_matches(agent, agents, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise DefinitionError(
                f"agent {agent!r} of app {app} has limits and no step: {hint}steps are for "
                f"{', '.join(agents) or 'nobody, as there is none'}"
            )
