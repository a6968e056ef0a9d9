"""Steps as their authors declare them, and as the engine reads them once their workflow is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from runtime.causality.step_place import StepPlace
from runtime.codec.codec import Codec
from runtime.definitions.fan_out import FanOut
from runtime.definitions.key_limits import KeyLimit
from runtime.definitions.loops import Loop, LoopEnd
from runtime.definitions.signature import Signature
from runtime.errors import UndecodableError
from runtime.resilience.breaker import Breaker
from runtime.resilience.limits import Limit
from runtime.resilience.retry import Retry
from runtime.shadows.shadow import Shadow

#: What a step yields that was skipped: None, as it is stored.
SKIPPED: Final = "null"


class Buildable(Protocol):
    """A workflow that is a step of another."""

    name: str

    def build(self) -> "BuiltWorkflow":
        """Infers its DAG."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One declared step. `timeout` is seconds for one attempt; `record_values` is whether telemetry may tell what it is
    given and returns; `when` is asked whether it is to be done; `over`, `at_once` and `tolerate` fan it out; `ends` is
    the loop that it ends; `undo` takes it back; `child` is the workflow that it is, in place of a function; `limits`
    are its own, by key; `reads` are the keys of its run's state that it may read, None for any; `shadow`
    is its choreographed successor."""

    name: str
    function: Callable[..., Any]
    retry: Retry
    timeout: float | None
    breaker: Breaker | None
    publishes: str | None
    agent: str
    record_values: bool = True
    when: Callable[..., Any] | None = None
    over: str | None = None
    at_once: int | None = None
    tolerate: int | float = 0
    ends: LoopEnd | None = None
    undo: Callable[..., Any] | None = None
    child: Buildable | None = None
    limits: tuple[KeyLimit, ...] = ()
    reads: tuple[str, ...] | None = None
    shadow: Shadow | None = None


@dataclass(frozen=True, slots=True)
class BuiltStep:
    """A step that can run.

    Attributes:
        step: as declared.
        signature: its contract.
        upstream: the steps whose results it reads.
        waits_for: the steps that are committed before it is due: where it reads what a loop makes, the loop's last.
        downstream: the steps that wait for it.
        depth: steps on the longest way from the run's start to it, itself included.
        yields: reads what it yields: the result, or the list of all items'.
        may_be_skipped: it may yield None instead.
        condition: the contract of its `when=`.
        previous: the steps of which it reads the result of the round before.
        fan_out: how it is fanned out.
        loop: the loop that it is in.
        undo: the contract of its `undo=`.
        child: the workflow that it is.
        loops_read: for each step that it reads out of a loop that it is not in: that loop.
        limits: all that hold for it, that of its agent first.
        unused: parameters that its code never mentions.
    """

    step: Step
    signature: Signature
    upstream: tuple[str, ...]
    waits_for: tuple[str, ...]
    downstream: tuple[str, ...]
    depth: int
    yields: Codec
    may_be_skipped: bool = False
    condition: Signature | None = None
    previous: tuple[str, ...] = ()
    fan_out: FanOut | None = None
    loop: Loop | None = None
    loops_read: Mapping[str, Loop] = field(default_factory=dict)
    undo: Signature | None = None
    child: "BuiltWorkflow | None" = None
    limits: tuple[Limit, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def has_undo(self) -> bool:
        """Whether it is undone when its run fails or is cancelled."""
        return self.undo is not None or (self.child is not None and self.child.has_undo)

    def is_undone_at(self, place: StepPlace) -> bool:
        """Whether a place of it is undone: of a fan-out, that is each item by itself."""
        return self.has_undo and not place.is_undo and not self.is_fanned_out(place)

    @property
    def is_tail(self) -> bool:
        """Whether it is the last step of its loop."""
        return self.loop is not None and self.loop.tail == self.step.name

    def is_fanned_out(self, place: StepPlace) -> bool:
        """Whether a place of it stands for all items, not for one, or for none."""
        return self.fan_out is not None and place.index is None

    def limits_at(self, place: StepPlace) -> tuple[Limit, ...]:
        """What bounds it at a place; empty where nothing does, or none of its code runs there."""
        if not self.limits or self.child is not None or (self.is_fanned_out(place) and not place.is_undo):
            return ()
        return self.limits

    def results_read(self, place: StepPlace) -> tuple[str, ...]:
        """The steps whose results are claimed with it at a place."""
        if place.is_undo:
            return ()
        names = (*self.upstream, *self.previous)
        fan = self.fan_out
        if fan is None or place.index is None or any(self._whole_parameters(fan.over)):
            return names
        return tuple(name for name in names if name != fan.over)  # the item is all that it gets of the list

    def parts_read(self, place: StepPlace) -> tuple[str, ...]:
        """The parts of its run that are claimed with it at a place."""
        if place.is_undo:
            return (place.word, StepPlace(place.step, place.round, place.index).word, run_part(place))
        if not self.loops_read and self.fan_out is None and self.child is None:
            return ()
        parts = [loop.note for loop in self.loops_read.values()]
        if self.fan_out is not None:
            parts += [StepPlace(place.step, place.round).word, place.word]
        if self.child is not None:
            parts.append(run_part(place))
        return tuple(dict.fromkeys(parts))

    def _whole_parameters(self, name: str) -> list[str]:
        """Parameters that are given what has that name, as a whole."""
        asked = (*self.signature.parameters, *(self.condition.parameters if self.condition else ()))
        item = self.fan_out.item if self.fan_out else ""
        return [one.name for one in asked if one.name == name and one.name != item]


def run_part(place: StepPlace) -> str:
    """The part of a run that names the run which a place of it waits for."""
    return f"{place.word}:run"


@dataclass(frozen=True, slots=True)
class BuiltWorkflow:
    """A workflow that can run. `sinks` are the steps that nobody waits for: what they return is the run's result.
    `shape` is what a run keeps of it (`runtime.definitions.shape`), JSON, and `shape_digest` what that is known by;
    `deadline` is how long a run may take that is given none (`runtime.definitions.deadline`); `limits` are its own, by
    key, and `keys` those that any limit of its steps goes by."""

    name: str
    inputs: Mapping[str, Codec]
    steps: Mapping[str, BuiltStep]
    sinks: tuple[str, ...]
    shape: str = ""
    shape_digest: str = ""
    deadline: str = ""
    limits: tuple[KeyLimit, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def has_undo(self) -> bool:
        """Whether any of its steps is undone when a run fails or is cancelled."""
        return any(step.has_undo for step in self.steps.values())

    def can_be_left_out(self, name: str) -> bool:
        """Whether a run may be started without an input: its type takes None, and that is what it is then."""
        try:
            self.inputs[name].accept(None)
        except UndecodableError:
            return False
        return True

    @property
    def needs(self) -> dict[str, int]:
        """For each step the number of steps that it waits for."""
        return {name: len(step.waits_for) for name, step in self.steps.items()}
