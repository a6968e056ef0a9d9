"""Items of fan-outs, runs that steps wait for, and undos, on PostgreSQL."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from psycopg.types.json import Jsonb

from runtime.state.flows_contract import DUE_AT_FIRST
from runtime.state.postgres.base import Base
from runtime.state.postgres.database import new_call
from runtime.state.postgres.rows import raw, run_record, words
from runtime.state.runs import Awaiting, Ended, HeldUndo, Moving, MovingStep, RunRecord, Shaped, Undoing
from runtime.state.tasks import Claim, Task


class Flows(Base):
    """Part of a `StateStore`."""

    async def shape(self, digest: str) -> str:
        return words(await self._database.value("shape", self._app, digest))

    async def shaped(self) -> list[Shaped]:
        rows = await self._database.rows("shaped", self._app)
        return [Shaped(row["workflow"], row["digest"], row["runs"]) for row in rows]

    async def move(
        self, run: UUID, workflow: str, digest: str, shape: str, steps: Sequence[MovingStep], operator: str
    ) -> Moving:
        told = Jsonb([[one.name, one.is_same, list(one.waits_for)] for one in steps])
        answer = await self._database.value("move", new_call(), self._app, run, raw(operator), digest, raw(shape), told)
        match answer:
            case ["moved", kept, woken, ended]:
                self._telling.due(int(woken))
                self._telling.ended([run] if ended else [])
                return Moving("moved", kept=int(kept))
            case ["same"]:
                return Moving("same")
            case ["over" | "busy" | "inside" | "nested" | "undoable" as status, step]:
                return Moving(status, step)
        return Moving("missing")

    async def wake(self, task: str) -> None:
        given = Task.parse(task)
        self._telling.due(await self._database.value("wake", given.run, given.step))

    async def fan_out(self, claim: Claim, items: Sequence[str], at_once: int | None) -> bool:
        first, holder = DUE_AT_FIRST if at_once is None else at_once, (claim.task.run, claim.task.step, claim.token)
        values = [raw(item) for item in items]
        due = await self._database.value("fan_out", *holder, first, at_once is None, values)
        self._telling.due(due or 0)
        return due is not None

    async def gathered(self, claim: Claim, count: int) -> list[str]:
        names = [claim.task.place.item(index).word for index in range(count)]
        found = await self._database.value("results_of", claim.task.run, names)
        return [words(one) for one in found]

    async def unbegun(self, run: UUID) -> set[str]:
        return set(await self._database.value("unbegun", run))

    async def has_undos(self, run: UUID) -> bool:
        return bool(await self._database.value("has_undos", run))

    async def held_undo(self, run: UUID) -> HeldUndo | None:
        row = await self._database.row("held_undo", run)
        return HeldUndo(row["step"], row["after_ms"]) if row["step"] else None

    async def undo(self, run: UUID, operator: str) -> Undoing | None:
        row = await self._database.row("undo", self._app, run, raw(operator))
        self._telling.due(row["woken"])
        return cast("Undoing | None", row["answer"])

    async def undo_failed(self, claim: Claim, error: str) -> Ended | None:
        holder = claim.task.run, claim.task.step, claim.token
        row = await self._database.row("undo_failed", *holder, raw(error))
        self._telling.due(row["woken"])
        self._telling.ended(row["told"])
        ended_ms = row["now_ms"] if row["is_over"] else None
        return Ended(row["accepted_ms"], ended_ms) if row["outcome"] else None

    async def undo_failures(self, limit: int) -> list[RunRecord]:
        rows = await self._database.rows("undo_failures", self._app, limit)
        return [run_record(row["id"], row) for row in rows]

    async def await_run(self, claim: Claim, awaited: UUID) -> Awaiting:
        holder = claim.task.run, claim.task.step, claim.token
        return cast("Awaiting", await self._database.value("await_run", *holder, awaited))
