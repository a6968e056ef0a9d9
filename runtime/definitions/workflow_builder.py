"""Builds a workflow of the steps that were declared: who reads what, who waits for whom, and whether that can be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Union

from runtime.codec.codec import Codec
from runtime.definitions import graph
from runtime.definitions.conditions import infer_types, read_condition, require_none_accepted
from runtime.definitions.fan_out import (
    FailedItem,
    FanOut,
    find_item_parameter,
    require_failures_accepted,
    require_list,
    require_nones_accepted,
)
from runtime.definitions.loops import Loop, find_loop_bodies, is_from_previous_round
from runtime.definitions.shadowing import require_unread
from runtime.definitions.shape import shape_of
from runtime.definitions.signature import Parameter, Signature, read_signature
from runtime.definitions.steps import BuiltStep, BuiltWorkflow, Step
from runtime.definitions.undoing import undo_signature
from runtime.definitions.unused_parameters import find_unused_parameters


def build_workflow(workflow: str, steps: Mapping[str, Step], inputs: Mapping[str, Any]) -> BuiltWorkflow:
    """Infers the DAG.

    Args:
        workflow: its name.
        steps: as declared, by name.
        inputs: the types of its inputs, by name.

    Raises:
        DefinitionError: an unknown parameter (naming the nearest), a cycle, a duplicate, no step at all, a condition
            that can't be asked, a fan-out over what is no list, a loop that does not close, or a reader that can't take
            what it may be given.
    """
    built = _WorkflowBuilder(workflow, steps, inputs).build()
    shape = shape_of(built)
    return replace(built, shape=shape.text, shape_digest=shape.digest)


class _WorkflowBuilder:
    def __init__(self, workflow: str, steps: Mapping[str, Step], inputs: Mapping[str, Any]) -> None:
        self.workflow = workflow
        self.steps = steps
        self.inputs = inputs
        self.named = frozenset((*inputs, *steps))
        self.children = {name: step.child.build() for name, step in steps.items() if step.child is not None}
        self.signatures = {name: self._read_signature(name, step) for name, step in steps.items()}
        self.fans = {name: self._build_fan_out(name, step) for name, step in steps.items() if step.over is not None}
        self.asks = {
            name: read_condition(step.when, name, "when") for name, step in steps.items() if step.when is not None
        }
        self.asks = {name: self._without_defaults(name, one) for name, one in self.asks.items()}
        self.ends = {name: step.ends for name, step in steps.items() if step.ends is not None}
        self.untils = {name: read_condition(end.until, name, "until") for name, end in self.ends.items()}
        self.asked = {name: self._names_asked_for(name) for name in steps}
        self.bodies = find_loop_bodies(self.ends, self.asked)
        self.previous = {name: self._previous_steps(name) for name in steps}
        self.skipped: set[str] = set()

    def build(self) -> BuiltWorkflow:
        forward = {name: [one for one in asked if one not in self.previous[name]] for name, asked in self.asked.items()}
        dag = graph.build_graph(self.workflow, forward, list(self.inputs))
        self._check_types(dag)
        require_unread(self.steps, {name: {one for one in dag.order if name in self.asked[one]} for name in dag.order})
        loops = {tail: self._build_loop(tail, dag) for tail in self.bodies}
        within = {name: loops[tail] for tail, body in self.bodies.items() for name in body}
        waits = {name: self._waits_for(name, dag, within) for name in dag.order}
        steps = {
            name: BuiltStep(
                step=self.steps[name],
                signature=self.signatures[name],
                upstream=dag.upstream[name],
                waits_for=waits[name],
                downstream=tuple(other for other in dag.order if name in waits[other]),
                depth=dag.depth[name],
                yields=self._result_codec(name),
                may_be_skipped=name in self.skipped,
                condition=self.asks.get(name),
                previous=self.previous[name],
                fan_out=self.fans.get(name),
                loop=within.get(name),
                loops_read=_loops_read(dag.upstream[name], within, within.get(name)),
                undo=self._undo_signature(name),
                child=self.children.get(name),
                unused=self._unused_parameters(name),
            )
            for name in dag.order
        }
        inputs = {
            name: Codec(kind, f"input {name!r} of workflow {self.workflow}") for name, kind in self.inputs.items()
        }
        return BuiltWorkflow(self.workflow, inputs, steps, self._find_sinks(dag, steps))

    def _read_signature(self, name: str, step: Step) -> Signature:
        child = self.children.get(name)
        signature = (
            _workflow_signature(child, f"step {name!r}") if child else read_signature(step.function, f"step {name!r}")
        )
        return self._without_defaults(name, signature)

    def _unused_parameters(self, name: str) -> tuple[str, ...]:
        if name in self.children:
            return ()
        found = find_unused_parameters(self.steps[name].function)
        return tuple(one.name for one in self.signatures[name].parameters if one.name in found)

    def _undo_signature(self, name: str) -> Signature | None:
        undo = self.steps[name].undo
        return undo_signature(name, undo, frozenset(self.inputs), self.fans.get(name)) if undo is not None else None

    def _build_fan_out(self, name: str, step: Step) -> FanOut:
        over = step.over or ""
        item = find_item_parameter(name, over, self.signatures[name], self.named)
        return FanOut(over, item, step.at_once, step.tolerate)

    def _names_asked_for(self, name: str) -> list[str]:
        """What a step asks for, with its conditions and the list that it goes over, each once."""
        fan = self.fans.get(name)
        own = [one.name for one in self.signatures[name].parameters if fan is None or one.name != fan.item]
        parameters = [*own, *([fan.over] if fan else ())]
        parameters += [one.name for one in self.asks[name].parameters] if name in self.asks else []
        if name in self.untils:
            parameters += [one.name for one in self.untils[name].parameters if one.name != name]
        return list(dict.fromkeys(parameters))

    def _previous_steps(self, name: str) -> tuple[str, ...]:
        for tail, body in self.bodies.items():
            if name in body:
                head = self.ends[tail].back_to
                return tuple(one for one in self.asked[name] if is_from_previous_round(name, one, body, head))
        return ()

    def _build_loop(self, tail: str, dag: graph.Graph) -> Loop:
        end = self.ends[tail]
        body = {
            name: sum(up in self.bodies[tail] for up in dag.upstream[name])
            for name in dag.order
            if name in self.bodies[tail]
        }
        return Loop(end.back_to, tail, body, self.untils[tail], end)

    def _waits_for(self, name: str, dag: graph.Graph, within: Mapping[str, Loop]) -> tuple[str, ...]:
        own = within.get(name)
        return tuple(
            dict.fromkeys(up if up not in within or within[up] is own else within[up].tail for up in dag.upstream[name])
        )

    def _find_sinks(self, dag: graph.Graph, steps: Mapping[str, BuiltStep]) -> tuple[str, ...]:
        """The steps that nobody reads; a verdict that has ended a loop counts as read where what the loop made is. What
        may be moved is left out: what a run yields is not to depend on who does that."""
        own = tuple(name for name in dag.order if self.steps[name].shadow is None)
        left = {name: [one for one in dag.downstream[name] if one in own] for name in own}
        return tuple(
            name for name in own if not left[name] and not any(one in own for one in steps[name].downstream)
        ) or tuple(name for name in own if not left[name])

    def _check_types(self, dag: graph.Graph) -> None:
        kinds = {**self.inputs, **{name: self._result_type(name) for name in self.steps}}
        absent = {name for name, child in self.children.items() if _can_yield_none(child)}
        fanned, absent = absent & self.fans.keys(), absent - self.fans.keys()
        skipped = self.skipped = set(self.asks) | absent
        for name in dag.order:  # what goes over the None of a skipped step is skipped as well
            if name in self.fans and self.fans[name].over in skipped:
                skipped.add(name)
        self.asks = {name: infer_types(one, kinds, skipped) for name, one in self.asks.items()}
        self.untils = {name: infer_types(one, kinds, skipped - {name}) for name, one in self.untils.items()}
        for name, fan in self.fans.items():
            require_list(name, fan.over, Union[kinds[fan.over], None] if fan.over in skipped else kinds[fan.over])  # noqa: UP007 - what is annotated may be a text, which has no `|`
        for name, signature in self.signatures.items():
            item = self.fans[name].item if name in self.fans else ""
            reader = replace(signature, parameters=tuple(one for one in signature.parameters if one.name != item))
            what = f"step {name!r}"
            require_none_accepted(what, reader, absent, "where the last step of that workflow is skipped (when=)")
            require_none_accepted(what, reader, skipped, "where that step is skipped (when=)")
            require_nones_accepted(what, reader, fanned)
            require_none_accepted(what, reader, self.previous[name], "in the first round")
            require_failures_accepted(what, reader, self.fans)
        for which, asks in (("when=", self.asks), ("until=", self.untils)):
            for name, signature in asks.items():
                others = skipped - ({name} - absent) if which == "until=" else skipped  # who is skipped ends its loop
                require_none_accepted(
                    f"{which} of step {name!r}", signature, others, "where that step is skipped (when=)"
                )

    def _result_type(self, name: str) -> Any:
        """The type of what a step yields."""
        kind = self.signatures[name].result.annotation
        return _list_of(kind) if name in self.fans else kind

    def _result_codec(self, name: str) -> Codec:
        own = self.signatures[name].result
        if name not in self.fans:
            return own
        kind = own.annotation
        tolerant = Union[kind, FailedItem] if self.fans[name].tolerate and kind is not Any else kind  # noqa: UP007 - as above
        return Codec(_list_of(tolerant), own.what)

    def _without_defaults(self, step: str, signature: Signature) -> Signature:
        """Leaves parameters out that have a default and that nothing is called like: the default is theirs."""
        has_loops = any(one.ends is not None for one in self.steps.values())  # within one, a step may read itself
        filled = self.named if has_loops else self.named - {step}
        kept = tuple(one for one in signature.parameters if one.name in filled or not one.is_optional)
        return replace(signature, parameters=kept)


def _loops_read(upstream: Sequence[str], within: Mapping[str, Loop], own: Loop | None) -> dict[str, Loop]:
    return {name: within[name] for name in upstream if name in within and within[name] is not own}


def _workflow_signature(child: BuiltWorkflow, what: str) -> Signature:
    """The contract of a step that is a workflow: its inputs, and what its last steps yield."""
    parameters = tuple(
        Parameter(name, Codec(codec.annotation, f"input {name!r} of {what}"), child.can_be_left_out(name))
        for name, codec in child.inputs.items()
    )
    kind: Any = dict[str, Any]
    if len(child.sinks) == 1:
        last = child.steps[child.sinks[0]]
        kind = Union[last.yields.annotation, None] if _can_yield_none(child) else last.yields.annotation  # noqa: UP007 - as above
    return Signature(parameters, None, Codec(kind, f"the result of {what}"))


def _can_yield_none(child: BuiltWorkflow) -> bool:
    """Whether the result of a workflow is that of one step, which may be skipped."""
    return len(child.sinks) == 1 and child.steps[child.sinks[0]].may_be_skipped


def _list_of(kind: Any) -> Any:
    return list[kind]
