"""Workflows as their authors declare them, and as the engine reads them once they are built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, overload

from runtime.codec.codec import Codec
from runtime.definitions import graph
from runtime.definitions.callables import name_of
from runtime.definitions.conditions import condition, require_none_taken, typed
from runtime.definitions.options import check_options, checked_flag
from runtime.definitions.signature import Signature, read
from runtime.errors import DefinitionError, UndecodableError
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry
from runtime.server.names import checked_name

Function = TypeVar("Function", bound=Callable[..., Any])

#: What a step yields that was skipped: None, as it is stored.
SKIPPED: Final = "null"

_RESERVED_INPUTS = frozenset({"subject", "correlation_id", "key"})


@dataclass(frozen=True, slots=True)
class Step:
    """One declared step. `timeout` is seconds for one attempt; `record_values` is whether telemetry may tell what it is
    given and returns; `when` is asked whether it is to be done."""

    name: str
    function: Callable[..., Any]
    retry: Retry
    timeout: float | None
    breaker: Breaker | None
    publishes: str | None
    agent: str
    record_values: bool = True
    when: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True)
class BuiltStep:
    """A step that can run: its contract, that of its condition where it has one, and its place in the graph."""

    step: Step
    signature: Signature
    upstream: tuple[str, ...]
    downstream: tuple[str, ...]
    depth: int
    condition: Signature | None = None


@dataclass(frozen=True, slots=True)
class BuiltWorkflow:
    """A workflow that can run. `sinks` are the steps that nobody waits for: what they return is the run's result."""

    name: str
    inputs: Mapping[str, Codec]
    steps: Mapping[str, BuiltStep]
    sinks: tuple[str, ...]

    def may_be_left_out(self, name: str) -> bool:
        """Whether a run may be started without an input: its type takes None, and that is what it is then."""
        try:
            self.inputs[name].accept(None)
        except UndecodableError:
            return False
        return True

    @property
    def needs(self) -> dict[str, int]:
        """For each step the number of its upstream steps."""
        return {name: len(step.upstream) for name, step in self.steps.items()}


class Workflow:
    """A DAG of steps, declared one by one; made by `App.workflow`.

    Args:
        name: unique in its app.
        inputs: types of its inputs, by name.
    """

    def __init__(self, name: str, inputs: Mapping[str, Any]) -> None:
        self.name = checked_name("workflow", name)
        for key in inputs:
            if key in _RESERVED_INPUTS:
                raise DefinitionError(
                    f"workflow {name} can't have an input named {key!r}: the name is taken, choose another"
                )
        self._inputs = dict(inputs)
        self._steps: dict[str, Step] = {}

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the steps declared so far."""
        return tuple(self._steps)

    @overload
    def step(self, function: Function, /) -> Function: ...

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
    ) -> Any:
        """Declares a step; its parameters name the inputs and upstream steps that it reads, nothing else reaches it.

        Args:
            function: sync or async; the decorated function itself.
            name: by default the function's name.
            retry: how often it is tried; by default `Retry()`.
            timeout: seconds for one attempt; by default none.
            breaker: guards it together with all other work that declares the same name.
            publishes: the channel that its result is published to when it is committed.
            agent: who does it, as telemetry calls it; by default the step's name.
            record_values: whether its spans carry redacted copies of what it is given and returns. Where they don't,
                spans of the steps that read its result leave that out, too; what it publishes is told by its event.
            when: a sync function whose parameters name inputs and upstream steps, as the step's do; without an
                annotation they have the type of what they name. Where it returns nothing that counts as true, the step
                is skipped: it yields None, and publishes nothing.

        Raises:
            DefinitionError: when the workflow has a step of that name, or an option can't be.
        """

        def declare(callable_: Function) -> Function:
            step = checked_name("step", name or name_of(callable_, "step"))
            if step in self._steps:
                raise DefinitionError(f"workflow {self.name} has two steps named {step!r}: rename one of them")
            if publishes is not None:
                checked_name("channel", publishes)
            check_options(f"step {step!r}", retry, timeout, breaker)
            checked_flag(f"record_values of step {step!r}", record_values)
            self._steps[step] = Step(
                step, callable_, retry or Retry(), timeout, breaker, publishes, agent or step, record_values, when
            )
            return callable_

        return declare(function) if function is not None else declare

    def build(self) -> BuiltWorkflow:
        """Infers the DAG.

        Raises:
            DefinitionError: an unknown parameter (naming the nearest), a cycle, a duplicate, no step at all, a
                condition that can't be asked, or a reader that can't take the None of a step that may be skipped.
        """
        signatures = {name: read(step.function, f"step {name!r}") for name, step in self._steps.items()}
        signatures = {name: self._without_defaults(name, signature) for name, signature in signatures.items()}
        asks = {name: condition(step.when, name) for name, step in self._steps.items() if step.when is not None}
        asks = {name: self._without_defaults(name, signature) for name, signature in asks.items()}
        asked = {name: _names(signature, asks.get(name)) for name, signature in signatures.items()}
        dag = graph.build(self.name, asked, list(self._inputs))
        for name, signature in signatures.items():
            require_none_taken(f"step {name!r}", signature, asks)
        kinds = {**{name: signature.result.annotation for name, signature in signatures.items()}, **self._inputs}
        asks = {name: typed(signature, kinds, asks) for name, signature in asks.items()}
        for name, signature in asks.items():
            require_none_taken(f"when= of step {name!r}", signature, asks)
        steps = {
            name: BuiltStep(
                self._steps[name],
                signatures[name],
                dag.upstream[name],
                dag.downstream[name],
                dag.depth[name],
                asks.get(name),
            )
            for name in dag.order
        }
        inputs = {name: Codec(kind, f"input {name!r} of workflow {self.name}") for name, kind in self._inputs.items()}
        return BuiltWorkflow(self.name, inputs, steps, tuple(name for name in dag.order if not dag.downstream[name]))

    def _without_defaults(self, step: str, signature: Signature) -> Signature:
        """Leaves parameters out that have a default and that nothing is called like: the default is theirs."""
        filled = {*self._inputs, *self._steps} - {step}
        kept = tuple(one for one in signature.parameters if one.name in filled or not one.is_optional)
        return replace(signature, parameters=kept)


def _names(signature: Signature, asked: Signature | None) -> list[str]:
    """What a step asks for, and its condition, each once."""
    parameters = [*signature.parameters, *(asked.parameters if asked else ())]
    return list(dict.fromkeys(one.name for one in parameters))
