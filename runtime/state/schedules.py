"""Schedules as a server keeps them, and what is promised of that, whatever carries it.

- A tick is claimed once: by whoever still finds it next. The one that follows is set in the same step.
- Ticks that are due, that were missed, that waited and those by hand pass one gate, which knows whether the run before
  still goes on.
- A tick that passed is noted until its run is started and its fact is exported: the run's id follows from the tick, so
  whoever starts it again finds it started.

Times are ms since 1970 (UTC), by the server's clock.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, Self
from uuid import UUID

from runtime.schedules import spec
from runtime.schedules.policies import CatchUp, Missed, Overlap
from runtime.schedules.spec import When
from runtime.semconv import TickKind

Act = Literal["pause", "unpause", "remove"]


@dataclass(frozen=True, slots=True)
class Tick:
    """A schedule was due at `at_ms`, and starts a run. `by` is who said so, of one by hand."""

    id: UUID
    schedule: str
    at_ms: int
    run: UUID
    kind: TickKind
    by: str = ""

    def text(self) -> str:
        """As JSON."""
        said = {"id": str(self.id), "schedule": self.schedule, "at": str(self.at_ms), "run": str(self.run)}
        return json.dumps(said | {"kind": self.kind.value, "by": self.by})

    @classmethod
    def parse(cls, text: str) -> Self:
        """From JSON."""
        said = json.loads(text)
        kind = TickKind(said["kind"])
        return cls(UUID(said["id"]), said["schedule"], int(said["at"]), UUID(said["run"]), kind, said["by"])


@dataclass(frozen=True, slots=True)
class NotedTick:
    """A tick that passed the gate, and when."""

    tick: Tick
    noted_ms: int


@dataclass(frozen=True, slots=True)
class DeclaredSchedule:
    """A schedule as its code has it: when it is due, what it starts, and what becomes of ticks that were missed, or
    that come while a run goes on."""

    name: str
    workflow: str
    when: When
    missed: Missed
    overlap: Overlap

    @property
    def rule(self) -> str:
        """When it is due, as text."""
        return spec.encode_rule(self.when)

    @property
    def missed_text(self) -> str:
        """What becomes of missed ticks, as text."""
        missed = self.missed
        return json.dumps([missed.at_most, missed.per_minute]) if isinstance(missed, CatchUp) else missed


@dataclass(frozen=True, slots=True)
class ScheduleRecord:
    """A schedule as it stands.

    Attributes:
        rule: when it is due, as text (`runtime.schedules.spec`).
        missed: what becomes of missed ticks: `latest`, `none`, or how many are made up for and how many of them a
            minute.
        next_ms: the first tick that nobody has claimed.
        claimed_ms: when one was claimed last; 0 for never.
        paused_ms: since when an operator keeps it, `paused_by` who; None where nobody does.
        waiting: the tick that waits for the end of the run before it.
        last: the tick that passed last.
        started, skipped, dropped: how many ticks passed, how many came while a run went on, and how many were missed
            and never will start; the last two with when that was counted last.
    """

    name: str
    workflow: str
    rule: str
    missed: str
    overlap: str
    next_ms: int
    claimed_ms: int = 0
    paused_ms: int | None = None
    paused_by: str = ""
    waiting: Tick | None = None
    last: NotedTick | None = None
    started: int = 0
    skipped: int = 0
    dropped: int = 0
    skipped_ms: int | None = None
    dropped_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduleBoard:
    """All schedules of an app by name, and the ticks that are noted, as of `now_ms`."""

    now_ms: int
    schedules: Sequence[ScheduleRecord]
    ticks: Sequence[NotedTick]

    def find(self, name: str) -> ScheduleRecord | None:
        """A schedule by its name."""
        return next((one for one in self.schedules if one.name == name), None)


@dataclass(frozen=True, slots=True)
class TickResult:
    """What became of a tick at the gate: `started`, which may be one that waited before it; `skipped` or `waits`,
    because `run` goes on; nothing yet, because `run` is to be cancelled first; `dropped`; `stale`, because somebody
    else was first; or there is no such schedule."""

    status: Literal["started", "skipped", "waits", "cancel", "dropped", "stale", "missing"]
    tick: NotedTick | None = None
    run: UUID | None = None


@dataclass(frozen=True, slots=True)
class ScheduleAdvance:
    """How a claim moves a schedule on: from the tick that was next to the one that follows, with so many dropped, by
    the rule that the caller goes by."""

    next_ms: int
    following_ms: int
    dropped: int
    rule: str


class Schedules(Protocol):
    """Schedules of one app. Every method raises `ServerUnavailableError` when the server can't answer now."""

    async def read_board(self) -> ScheduleBoard:
        """All schedules as they stand."""
        ...

    async def declare(self, schedule: DeclaredSchedule, next_ms: int) -> str | None:
        """Notes how code has a schedule; with a rule that is new it is due at `next_ms` next. The former rule, where it
        is another one, empty where the schedule is new; else None."""
        ...

    async def claim(self, name: str, tick: Tick | None, advance: ScheduleAdvance) -> TickResult:
        """Takes the tick that is due to the gate, or drops ticks alone."""
        ...

    async def release(self, waiting: Tick) -> TickResult:
        """Takes the tick that waits to the gate again."""
        ...

    async def trigger(self, tick: Tick) -> TickResult:
        """Takes a tick by hand to the gate, and notes who said so in the audit."""
        ...

    async def drop(self, tick: Tick) -> bool:
        """Drops a tick that is noted, and whose run nobody has started; whether it did."""
        ...

    async def confirm(self, runs: Sequence[UUID]) -> None:
        """The runs of noted ticks are started, and their facts exported."""
        ...

    async def operate(self, name: str, act: Act, operator: str, advance: ScheduleAdvance | None = None) -> bool | None:
        """Pauses a schedule, lets it go on, or removes it; False where that was done before, None where there is none,
        or where it has moved on from the tick that `advance` says is next."""
        ...
