"""Workflows as their authors declare them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, overload

from runtime.definitions import workflow_builder
from runtime.definitions.callables import name_of
from runtime.definitions.deadline import Within, encode_time_limit
from runtime.definitions.fan_out import check_fan_out
from runtime.definitions.key_limits import KeyLimit, checked_limits
from runtime.definitions.key_rules import checked_reads
from runtime.definitions.loops import build_loop_end
from runtime.definitions.options import check_options, checked_agent, checked_flag
from runtime.definitions.shadowing import check_shadowed
from runtime.definitions.steps import BuiltWorkflow, Step
from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry
from runtime.server.names import checked_name
from runtime.shadows.shadow import Shadow, checked_shadow

Function = TypeVar("Function", bound="Callable[..., Any] | Workflow")

_RESERVED_INPUTS = frozenset({"budget", "subject", "correlation_id", "key", "deadline", "limits"})


class Workflow:
    """A DAG of steps, declared one by one; made by `App.workflow`.

    Args:
        name: unique in its app.
        inputs: types of its inputs, by name.
        deadline: how long a run may take; None for as long as it takes.
        limits: of the steps of its runs together, by key.
    """

    def __init__(
        self,
        name: str,
        inputs: Mapping[str, Any],
        deadline: Within | None = None,
        limits: Sequence[KeyLimit] | None = None,
    ) -> None:
        self.name = checked_name("workflow", name)
        self._deadline = encode_time_limit(f"workflow {name}", deadline)
        self._limits = checked_limits(f"workflow {name}", limits)
        for key in inputs:
            if key in _RESERVED_INPUTS:
                raise DefinitionError(
                    f"workflow {name} can't have an input named {key!r}: the name is taken, choose another"
                )
        self._inputs = dict(inputs)
        self._steps: dict[str, Step] = {}
        self._is_being_built = False

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the steps declared so far."""
        return tuple(self._steps)

    @property
    def children(self) -> dict[str, "Workflow"]:
        """Workflows that are steps of this one, by the step's name."""
        return {name: one.child for name, one in self._steps.items() if isinstance(one.child, Workflow)}

    @overload
    def step(self, function: Function, /) -> Function: ...

    @overload
    def step(
        self,
        function: "Workflow",
        /,
        *,
        name: str | None = None,
        publishes: str | None = None,
        agent: str | None = None,
        record_values: bool = True,
        when: Callable[..., Any] | None = None,
        over: str | None = None,
        at_once: int | None = None,
        tolerate: int | float = 0,  # noqa: PYI041 - as below
        until: Callable[..., Any] | None = None,
        max_rounds: int | None = None,
        back_to: str | None = None,
    ) -> "Workflow": ...

    @overload
    def step(
        self,
        /,
        *,
        name: str | None = None,
        retry: Retry | None = None,
        timeout: float | None = None,
        breaker: Breaker | None = None,
        publishes: str | None = None,
        agent: str | None = None,
        record_values: bool = True,
        when: Callable[..., Any] | None = None,
        over: str | None = None,
        at_once: int | None = None,
        tolerate: int | float = 0,  # noqa: PYI041 - a share is a float, and a number of items is none
        until: Callable[..., Any] | None = None,
        max_rounds: int | None = None,
        back_to: str | None = None,
        undo: Callable[..., Any] | None = None,
        limits: Sequence[KeyLimit] | None = None,
        reads: Sequence[str] | None = None,
        shadow: str | Shadow | None = None,
    ) -> Callable[[Function], Function]: ...

    def step(
        self,
        function: Any = None,
        /,
        *,
        name: str | None = None,
        retry: Retry | None = None,
        timeout: float | None = None,
        breaker: Breaker | None = None,
        publishes: str | None = None,
        agent: str | None = None,
        record_values: bool = True,
        when: Callable[..., Any] | None = None,
        over: str | None = None,
        at_once: int | None = None,
        tolerate: int | float = 0,  # noqa: PYI041 - a share is a float, and a number of items is none
        until: Callable[..., Any] | None = None,
        max_rounds: int | None = None,
        back_to: str | None = None,
        undo: Callable[..., Any] | None = None,
        limits: Sequence[KeyLimit] | None = None,
        reads: Sequence[str] | None = None,
        shadow: str | Shadow | None = None,
    ) -> Any:
        """Declares a step; its parameters name the inputs and upstream steps that it reads, nothing else reaches it.

        Args:
            function: sync or async; the decorated function itself. Or a workflow of the same app: then the step is a
                run of that, whose inputs are filled by name as parameters are, and yields its result.
            name: by default the function's name.
            retry: how often it is tried; by default `Retry()`.
            timeout: seconds for one attempt; by default none.
            breaker: guards it together with all other work that declares the same name.
            publishes: the channel that its result is published to when it is committed.
            agent: who does it; by default the step's name. `causeline worker --agent` takes the work of some agents
                alone, and telemetry tells of them by that name.
            record_values: whether its spans carry redacted copies of what it is given and returns. Where they don't,
                spans of the steps that read its result leave that out, too; what it publishes is told by its event.
            when: a sync function whose parameters name inputs and upstream steps, as the step's do; without an
                annotation they have the type of what they name. Where it returns nothing that counts as true, the step
                is skipped: it yields None, and publishes nothing.
            over: an input or step that yields a list: the step is done for each item, and yields the list of what it
                returned, in the order of the items. An item is given to the parameter that is called like neither an
                input nor a step, or else to the one that is called as the list. What it publishes, it publishes once.
            at_once: how many items are under way at once; by default all.
            tolerate: how many items may fail for good, or which share as a float: a `FailedItem` stands in the list
                for each. One more fails the run.
            until: what ends a loop: it is asked after this step, as `when` is, and may ask for the step's own result
                by its name. Where it returns nothing that counts as true, another round begins.
            max_rounds: how many rounds there are at most; the step fails when the last one was not enough.
            back_to: the step that each round begins with; by default this one. It may read results of the round before
                by the names of the loop's steps, as each step may read its own; they are None in the first round.
            undo: takes back what the step has done, when its run fails or is cancelled: the steps that were done last
                are undone first, each tried as often as the step itself. It may ask for the step's result by the step's
                name (None where nobody knows whether it was done), for inputs, the item and a `Context`.
            limits: what bounds it for each value of a key, such as `[limit(key="tenant", at_once=2)]`.
            reads: names of the keys of its run's state (`ctx.state`) that it reads; any other is refused. By default
                it may read any.
            shadow: the channel of the handler that is to do it in the end, or a `Shadow` that says more; for a step
                whose result nobody reads. At first that handler runs beside it, without effect, and what the two return
                is compared; once an operator has moved the step (`causeline shadows move`), the handler does it alone.

        Raises:
            DefinitionError: when the workflow has a step of that name, or an option can't be.
        """

        def declare(callable_: Function) -> Function:
            step = checked_name("step", name or _name_of(callable_))
            if step in self._steps:
                raise DefinitionError(f"workflow {self.name} has two steps named {step!r}: rename one of them")
            if publishes is not None:
                checked_name("channel", publishes)
            check_options(f"step {step!r}", retry, timeout, breaker)
            child = callable_ if isinstance(callable_, Workflow) else None
            if child is not None and (retry or timeout or breaker or undo or limits or reads is not None):
                raise DefinitionError(
                    f"step {step!r} is workflow {child.name}, whose own steps have retry=, timeout=, breaker=, undo=, "
                    "limits= and reads=: declare them there"
                )
            check_fan_out(step, over, at_once, tolerate)
            checked_flag(f"record_values of step {step!r}", record_values)
            self._steps[step] = Step(
                step,
                child.build if child is not None else callable_,  # type: ignore[arg-type]  # what is no workflow
                retry or Retry(),
                timeout,
                breaker,
                publishes,
                checked_agent(f"step {step!r}", agent) or step,
                record_values,
                when,
                over,
                at_once,
                tolerate,
                build_loop_end(step, until, max_rounds, back_to),
                undo,
                child,
                checked_limits(f"step {step!r}", limits),
                checked_reads(f"step {step!r}", reads),
                checked_shadow(f"step {step!r}", shadow),
            )
            check_shadowed(self._steps[step])
            return callable_

        return declare(function) if function is not None else declare

    def build(self) -> BuiltWorkflow:
        """Infers the DAG.

        Raises:
            DefinitionError: an unknown parameter (naming the nearest), a cycle, a duplicate, no step at all, a
                condition that can't be asked, a fan-out over what is no list, a loop that does not close, or a reader
                that can't take what it may be given.
        """
        if self._is_being_built:
            raise DefinitionError(
                f"workflow {self.name} is a step of itself: start a run of it in a step, with `app.start`, where that "
                "is meant to end"
            )
        self._is_being_built = True
        try:
            built = workflow_builder.build_workflow(self.name, self._steps, self._inputs)
            return replace(built, deadline=self._deadline, limits=self._limits)
        finally:
            self._is_being_built = False


def _name_of(declared: object) -> str:
    return declared.name if isinstance(declared, Workflow) else name_of(declared, "step")  # type: ignore[arg-type]  # refuses what can't be called
