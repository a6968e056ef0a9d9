"""What an app guards with which breaker. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import fields

from runtime.definitions.steps import BuiltWorkflow
from runtime.definitions.subscription import Subscription
from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker

#: What each place may say for itself: which of its errors tell nothing.
_OWN = "ignores"


#: A breaker, and what it guards, in words.
Use = tuple[Breaker, str]


def breakers_of(workflows: Iterable[BuiltWorkflow], subscriptions: Iterable[Subscription]) -> Iterator[Use]:
    """The breakers that steps and handlers declare, each with what it guards, in words."""
    for workflow in workflows:
        for built in workflow.steps.values():
            if built.step.breaker is not None:
                yield built.step.breaker, f"step {built.step.name!r} of {workflow.name}"
    for one in subscriptions:
        if one.breaker is not None:
            yield one.breaker, f"group {one.group} of {one.channel}"


def require_same_settings(found: Iterable[Use]) -> None:
    """Makes sure that what shares a breaker by its name agrees on when that opens, and for how long.

    Raises:
        DefinitionError: names the breaker, both places, and what they say.
    """
    first: dict[str, Use] = {}
    for breaker, what in found:
        other, where = first.setdefault(breaker.name, (breaker, what))
        for name in (one.name for one in fields(Breaker) if one.name != _OWN):
            here, there = getattr(breaker, name), getattr(other, name)
            if here != there:
                raise DefinitionError(
                    f"breaker {breaker.name!r} has {name}={there!r} at {where}, and {name}={here!r} at {what}: they "
                    "share one, so make one Breaker(...) and give it to both, or use two names"
                )
