"""The shape of a workflow: which steps it has, who waits for whom, and what each of them is. A run keeps the one that
it began with. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final, Self

from runtime.definitions.steps import BuiltStep, BuiltWorkflow

#: Hexadecimal digits of a digest.
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class StepShape:
    """A step as a shape has it: what it waits for, and a digest of what it is. Code within it may change."""

    digest: str
    waits_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A workflow's shape.

    Attributes:
        steps: by name, in an order in which each comes after those that it waits for.
        sinks: the steps whose results are the run's.
    """

    steps: Mapping[str, StepShape]
    sinks: tuple[str, ...]

    @property
    def text(self) -> str:
        """As JSON, as stores keep it."""
        steps = {name: [one.digest, *one.waits_for] for name, one in self.steps.items()}
        return json.dumps({"steps": steps, "sinks": self.sinks}, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """What it is known by."""
        return _digest(self.text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `text`."""
        said = json.loads(text)
        steps = {name: StepShape(digest, tuple(waits)) for name, (digest, *waits) in said["steps"].items()}
        return cls(steps, tuple(said["sinks"]))


def shape_of(workflow: BuiltWorkflow) -> Shape:
    """The shape of a workflow as its code has it."""
    return Shape(
        {name: StepShape(digest_of(one), one.waits_for) for name, one in workflow.steps.items()}, workflow.sinks
    )


def adapt_workflow(workflow: BuiltWorkflow, shape: Shape) -> BuiltWorkflow:
    """A workflow as it can do the steps of runs that began with another shape: those alone that are what they were,
    with the followers that they had."""
    steps = {
        name: replace(one, downstream=tuple(after for after, its in shape.steps.items() if name in its.waits_for))
        for name, one in workflow.steps.items()
        if name in shape.steps and shape.steps[name].digest == digest_of(one)
    }
    return replace(workflow, steps=steps, sinks=shape.sinks)


def digest_of(step: BuiltStep) -> str:
    """The digest of a step as its code has it."""
    return _digest(json.dumps(_facts(step)))


def _facts(step: BuiltStep) -> list[Any]:
    """What of a step other steps, the store and its own results depend on."""
    loop, fan = step.loop, step.fan_out
    item = fan.item if fan else ""
    return [
        sorted(one.name for one in step.signature.parameters if not one.is_optional and one.name != item),
        sorted(step.waits_for),
        sorted(step.previous),
        [loop.head, loop.tail, sorted(loop.body)] if loop else None,
        fan.over if fan else None,
        step.condition is not None,
        step.child.name if step.child else None,
        step.has_undo,
    ]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_DIGITS]
