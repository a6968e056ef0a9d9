"""What a state store promises of flows: fan-outs, runs that steps wait for, undos, shapes. Part of `contract.py`."""

from collections.abc import Sequence
from typing import Final, Protocol
from uuid import UUID

from runtime.state.runs import Awaiting, EndedRun, HeldUndo, MoveResult, MovingStep, RunRecord, ShapeRunCount, Undoing
from runtime.state.tasks import Claim

#: Items of a fan-out that are due and not begun, where as many may be under way as there are slots for.
DUE_AT_FIRST: Final = 100


class FlowStore(Protocol):
    """Part of a `StateStore`."""

    async def get_shape(self, digest: str) -> str:
        """A shape that runs began with, JSON; empty where none did."""
        ...

    async def find_unbegun_places(self, run: UUID) -> set[str]:
        """Words of the places of a run of which no attempt has begun."""
        ...

    async def count_runs_by_shape(self) -> list[ShapeRunCount]:
        """How many runs go on of each workflow, by the shape that they began with."""
        ...

    async def fan_out(self, claim: Claim, items: Sequence[str], at_once: int | None) -> bool:
        """Makes items (JSON) of the claimed step due: `at_once` of them, and each further one when one is committed;
        without a number some of them, and each further one when one is begun. The attempt is over; the step is due
        again when all items are committed. False when stale."""
        ...

    async def list_item_results(self, claim: Claim, count: int) -> list[str]:
        """The results of all items of the claimed step, in order."""
        ...

    async def move(
        self, run: UUID, workflow: str, digest: str, shape: str, steps: Sequence[MovingStep], operator: str
    ) -> MoveResult:
        """Gives a run that goes on, or has failed, another shape of its workflow, `steps` being those of it, each after
        those that it waits for: what is committed stays where a step is what it was and all that it waits for stays."""
        ...

    async def has_undos(self, run: UUID) -> bool:
        """Whether something of a run is left to undo: done and not undone, or undone in vain."""
        ...

    async def find_held_undo(self, run: UUID) -> HeldUndo | None:
        """The undo of a run that comes next, while it waits for the end of the lease of an attempt that was
        cut off."""
        ...

    async def undo(self, run: UUID, operator: str) -> Undoing | None:
        """Undoes the steps of a run that has ended: those that are done still, and those whose undo has failed. None
        when there is none."""
        ...

    async def fail_undo(self, claim: Claim, error: str) -> EndedRun | None:
        """Leaves a claimed undo that has failed for good to a person; None when stale. The next one is due, or the run
        ends."""
        ...

    async def undo_failures(self, limit: int) -> list[RunRecord]:
        """Runs of which an undo has failed for good, those first that are so the longest."""
        ...

    async def await_run(self, claim: Claim, awaited: UUID) -> Awaiting:
        """Waits for the end of a run: as long as that goes on the attempt is over, it holds nothing any more, and the
        step is due again when the run ends."""
        ...

    async def leave(self, claim: Claim, delay_ms: int) -> bool:
        """Gives an attempt up that has begun and can't go on now: the next one is due later, and nobody is blamed.
        False when stale."""
        ...

    async def wake(self, task: str) -> None:
        """Makes a task due now that is due later (`Task.member`), also one that waits for a cell; one that is under way
        is left alone."""
        ...
