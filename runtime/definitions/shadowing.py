"""Steps with a choreographed successor: what such a step may not be, and which handler is beside it. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from runtime.definitions.steps import BuiltStep, BuiltWorkflow, Step
from runtime.definitions.subscription import ShadowOf, Subscription
from runtime.errors import DefinitionError
from runtime.resilience.retry import Retry
from runtime.shadows.record import StepAddress
from runtime.shadows.shadow import Shadow, comparison_channel

#: Deliveries beside steps that one worker has under way at most, of each successor: it has other work to do.
_AT_ONCE = 4


def check_shadowed(step: Step) -> None:
    """Makes sure that a step can be moved to its successor.

    Raises:
        DefinitionError: it has what an event can't do; names that, and what to do.
    """
    if step.shadow is None:
        return
    has = {
        "publishes=": step.publishes is not None,
        "over=": step.over is not None,
        "until=": step.ends is not None,
        "undo=": step.undo is not None,
        "breaker=": step.breaker is not None,
        "a workflow": step.child is not None,
    }
    found = next((name for name, is_there in has.items() if is_there), None)
    if found is not None:
        raise DefinitionError(
            f"step {step.name!r} has a shadow= and {found}: its successor is given what the step is given, once, and "
            f"nothing of {found} could be done for it; {_suggest_instead(found)}"
        )


def _suggest_instead(found: str) -> str:
    if found == "breaker=":
        return "guard the handler, and calls within the step, by ctx.once(breaker=)"
    return "have another step before it do that"


def require_unread(steps: Mapping[str, Step], readers: Mapping[str, Collection[str]]) -> None:
    """Makes sure that nobody reads what a step returns that may be moved: then nobody would wait for it.

    Args:
        steps: as declared, by name.
        readers: the steps that read each.

    Raises:
        DefinitionError: names the step and its readers.
    """
    for name, step in steps.items():
        if step.shadow is None or not readers[name]:
            continue
        read_by = ", ".join(sorted(readers[name]))
        raise DefinitionError(
            f"step {name!r} has a shadow=, and its result is read by {read_by}: once it is moved there is none. Only a "
            "step whose result nobody reads can be choreographed"
        )


@dataclass(frozen=True, slots=True)
class Successor:
    """A step that has a successor, and the handler that it is."""

    place: StepAddress
    shadow: Shadow
    subscription: Subscription


def find_successors(
    app: str, workflows: Iterable[BuiltWorkflow], subscriptions: Sequence[Subscription]
) -> tuple[Successor, ...]:
    """The successors of all steps that have one.

    Args:
        app: whose.
        workflows: of the app.
        subscriptions: of the app, as declared.

    Raises:
        DefinitionError: no handler of the app can be the successor of a step, or several can, or one would be that of
            two steps.
    """
    found, taken = [], dict[tuple[str, str], str]()
    for workflow in workflows:
        for built in workflow.steps.values():
            shadow = built.step.shadow
            if shadow is None:
                continue
            what = f"step {built.step.name!r} of workflow {workflow.name}"
            one = _find_handler(app, what, shadow, subscriptions)
            other = taken.setdefault((one.channel, one.group), what)
            if other != what:
                raise DefinitionError(
                    f"{what} and {other} have the same successor, group {one.group} of channel {one.channel}: give "
                    "each a channel of its own, or nobody could tell whose event it is"
                )
            found.append(Successor(StepAddress(app, workflow.name, built.step.name), shadow, one))
    return tuple(found)


def resolve_successors(workflow: BuiltWorkflow, found: Iterable[Successor]) -> BuiltWorkflow:
    """A workflow whose steps know the groups of their successors."""
    groups = {one.place.step: one.subscription.group for one in found if one.place.workflow == workflow.name}
    steps = {
        name: built
        if built.step.shadow is None
        else replace(built, step=replace(built.step, shadow=replace(built.step.shadow, group=groups[name])))
        for name, built in workflow.steps.items()
    }
    return replace(workflow, steps=steps) if groups else workflow


def shadow_subscriptions(
    found: Iterable[Successor], workflows: Mapping[str, BuiltWorkflow]
) -> tuple[Subscription, ...]:
    """What the successors of steps subscribe to while they are compared."""
    return tuple(_shadow_subscription(one, workflows[one.place.workflow].steps[one.place.step]) for one in found)


def _find_handler(app: str, what: str, shadow: Shadow, subscriptions: Sequence[Subscription]) -> Subscription:
    of_channel = [one for one in subscriptions if one.channel == shadow.channel]
    found = [one for one in of_channel if not shadow.group or one.group == shadow.group]
    if not found:
        named = f"group {shadow.group} of channel {shadow.channel}" if shadow.group else f"channel {shadow.channel}"
        raise DefinitionError(
            f"the successor of {what} is {named}, and app {app} has no handler there: declare it, with "
            f'@app.subscribe("{shadow.channel}")'
        )
    if len(found) > 1:
        raise DefinitionError(
            f"the successor of {what} can be {', '.join(one.group for one in found)}: say which, by "
            f'Shadow("{shadow.channel}", group=...)'
        )
    one = found[0]
    if one.ephemeral or one.wants_envelope:
        kind = "ephemeral" if one.ephemeral else "one that sends events on"
        raise DefinitionError(
            f"the successor of {what}, group {one.group} of channel {one.channel}, is {kind}: it returns nothing that "
            "could be compared, and nobody would know whether it did the work"
        )
    return one


def _shadow_subscription(one: Successor, built: BuiltStep) -> Subscription:
    """The handler as it runs beside its step: tried once, with a time limit of its own, and few at a time."""
    shadow, subscription = one.shadow, one.subscription
    is_told = built.step.record_values and subscription.record_values
    return replace(
        subscription,
        channel=comparison_channel(subscription.channel),
        former="",
        start="earliest",
        retry=Retry(attempts=1),
        timeout=min(shadow.timeout, subscription.timeout or shadow.timeout),
        breaker=None,
        at_once=min(_AT_ONCE, subscription.at_once or _AT_ONCE),
        shadow_of=ShadowOf(one.place, shadow.ignore, shadow.unordered, is_told),
    )
