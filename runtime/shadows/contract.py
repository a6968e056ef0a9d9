"""What the book of shadows promises to the engine, whatever keeps it.

- A step that was declared with a successor is in mode `shadow` until an operator says otherwise. What an operator has
  said holds for every attempt that asks afterwards, in whatever process and version of the app.
- A comparison counts once, however often its delivery is repeated.
- Comparisons are counted by the version of the app that made them: what another version's code did says nothing of
  this one's.

Every method raises `ServerUnavailableError` when the server can't answer now.
"""

from collections.abc import Mapping
from typing import Protocol

from runtime.bus.records import AuditRecord
from runtime.shadows.record import Comparison, Mode, ShadowRecord, StepAddress


class Shadows(Protocol):
    """The book of one server."""

    async def declare(self, app: str, version: str, successors: Mapping[StepAddress, tuple[str, str]]) -> None:
        """Notes an app's steps that have a successor, with its channel and group."""
        ...

    async def mode(self, place: StepAddress) -> Mode:
        """Who does a step now."""
        ...

    async def count_comparison(self, place: StepAddress, comparison: Comparison) -> bool:
        """Counts a comparison; false where it was counted before."""
        ...

    async def count_left_out(self, place: StepAddress, version: str) -> None:
        """Counts a run that was not compared."""
        ...

    async def all(self) -> list[ShadowRecord]:
        """All steps that anybody has declared with a successor, by name, without what operators did."""
        ...

    async def get(self, place: StepAddress) -> ShadowRecord | None:
        """One of them, with what operators did."""
        ...

    async def switch(self, place: StepAddress, mode: Mode, operator: str, reason: str) -> Mode | None:
        """Has a step be done in a mode from now on.

        Returns:
            The mode that it had; None when nobody knows the step.
        """
        ...

    async def begin_anew(self, place: StepAddress, operator: str, reason: str) -> bool:
        """Forgets the comparisons of a step, such as when its successor was mended; false when nobody knows it."""
        ...

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        """What operators did until a time (None: until now), newest first, each under a key of its own."""
        ...
