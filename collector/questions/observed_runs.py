"""Runs as advice looks at them: whoever ran them, and whatever tells of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ObservedStep:
    """A step of a run that has ended.

    Attributes:
        id: its node's.
        name: its step's; several nodes may have it, as items and rounds do.
        agent: who did it.
        start_ns, end_ns: when it began and ended; no end where that is not known.
        failed: whether it failed for good.
        causes: ids of the steps that it waited for.
        reads: names of the steps whose results it was given; None where nobody tells.
        returned: whether it returned anything; None where nobody tells.
        skipped: whether its condition said that it is not to be done: that was given its results, and others waited.
        moved: whether its successor does it: an event has what it was given.
    """

    id: str
    name: str
    agent: str
    start_ns: int
    end_ns: int | None
    failed: bool = False
    causes: Sequence[str] = ()
    reads: frozenset[str] | None = None
    returned: bool | None = None
    skipped: bool = False
    moved: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether it did its work to an end."""
        return (self.end_ns is not None or self.failed) and not self.skipped and not self.moved


@dataclass(frozen=True, slots=True)
class ObservedRun:
    """A run that has ended.

    Attributes:
        id: its node's.
        app: whose it is.
        workflow: its workflow's name.
        source: what told of it, as `Run.source` has it.
        failed: whether it failed.
        failed_step: the step that it failed of, where that is said.
        start_ns, end_ns: when it began and ended.
        steps: those that came to their turn, oldest first.
    """

    id: str
    app: str
    workflow: str
    source: str
    failed: bool
    start_ns: int
    end_ns: int
    steps: Sequence[ObservedStep]
    failed_step: str | None = None
    by_id: Mapping[str, ObservedStep] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {step.id: step for step in self.steps})

    @property
    def took_ms(self) -> float:
        """How long it took."""
        return max(self.end_ns - self.start_ns, 0) / 1e6
