"""Items of fan-outs, runs that steps wait for, and undos, on PostgreSQL."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from psycopg.types.json import Jsonb

from runtime.state.flows_contract import DUE_AT_FIRST
from runtime.state.postgres.base import PostgresPart
from runtime.state.postgres.database import new_call_id
from runtime.state.postgres.rows import decode_text, encode_text, run_record
from runtime.state.runs import Awaiting, EndedRun, HeldUndo, MoveResult, MovingStep, RunRecord, ShapeRunCount, Undoing
from runtime.state.tasks import Claim, Task


class PostgresFlows(PostgresPart):
    """Part of a `StateStore`."""

    async def get_shape(self, digest: str) -> str:
        return decode_text(await self._database.fetch_value("shape", self._app, digest))

    async def count_runs_by_shape(self) -> list[ShapeRunCount]:
        rows = await self._database.fetch_rows("shaped", self._app)
        return [ShapeRunCount(row["workflow"], row["digest"], row["runs"]) for row in rows]

    async def move(
        self, run: UUID, workflow: str, digest: str, shape: str, steps: Sequence[MovingStep], operator: str
    ) -> MoveResult:
        told = Jsonb([[one.name, one.is_same, list(one.waits_for)] for one in steps])
        answer = await self._database.fetch_value(
            "move", new_call_id(), self._app, run, encode_text(operator), digest, encode_text(shape), told
        )
        match answer:
            case ["moved", kept, woken, ended]:
                self._telling.notify_due(int(woken))
                self._telling.notify_ended([run] if ended else [])
                return MoveResult("moved", kept=int(kept))
            case ["same"]:
                return MoveResult("same")
            case ["over" | "busy" | "inside" | "nested" | "undoable" as status, step]:
                return MoveResult(status, step)
        return MoveResult("missing")

    async def wake(self, task: str) -> None:
        given = Task.parse(task)
        self._telling.notify_due(await self._database.fetch_value("wake", given.run, given.step))

    async def fan_out(self, claim: Claim, items: Sequence[str], at_once: int | None) -> bool:
        first, holder = DUE_AT_FIRST if at_once is None else at_once, (claim.task.run, claim.task.step, claim.token)
        values = [encode_text(item) for item in items]
        due = await self._database.fetch_value("fan_out", *holder, first, at_once is None, values)
        self._telling.notify_due(due or 0)
        return due is not None

    async def list_item_results(self, claim: Claim, count: int) -> list[str]:
        names = [claim.task.place.item(index).word for index in range(count)]
        found = await self._database.fetch_value("results_of", claim.task.run, names)
        return [decode_text(one) for one in found]

    async def find_unbegun_places(self, run: UUID) -> set[str]:
        return set(await self._database.fetch_value("unbegun", run))

    async def has_undos(self, run: UUID) -> bool:
        return bool(await self._database.fetch_value("has_undos", run))

    async def find_held_undo(self, run: UUID) -> HeldUndo | None:
        row = await self._database.fetch_row("held_undo", run)
        return HeldUndo(row["step"], row["after_ms"]) if row["step"] else None

    async def undo(self, run: UUID, operator: str) -> Undoing | None:
        row = await self._database.fetch_row("undo", self._app, run, encode_text(operator))
        self._telling.notify_due(row["woken"])
        return cast("Undoing | None", row["answer"])

    async def fail_undo(self, claim: Claim, error: str) -> EndedRun | None:
        holder = claim.task.run, claim.task.step, claim.token
        row = await self._database.fetch_row("undo_failed", *holder, encode_text(error))
        self._telling.notify_due(row["woken"])
        self._telling.notify_ended(row["told"])
        ended_ms = row["now_ms"] if row["is_over"] else None
        return EndedRun(row["accepted_ms"], ended_ms) if row["outcome"] else None

    async def undo_failures(self, limit: int) -> list[RunRecord]:
        rows = await self._database.fetch_rows("undo_failures", self._app, limit)
        return [run_record(row["id"], row) for row in rows]

    async def await_run(self, claim: Claim, awaited: UUID) -> Awaiting:
        holder = claim.task.run, claim.task.step, claim.token
        return cast("Awaiting", await self._database.fetch_value("await_run", *holder, awaited))
