"""What operators and tidying ask of an app's runs on PostgreSQL: to be listed, resumed, confirmed and forgotten."""

from uuid import UUID

from runtime.bus.records import AuditRecord
from runtime.state.postgres.database import new_call
from runtime.state.postgres.lanes import Lanes, waiting
from runtime.state.postgres.rows import audit_record, ended_life, raw, run_record, words
from runtime.state.runs import KeptKey, Life, Resumed, RunBacklog, RunRecord


class Upkeep(Lanes):
    """The part of the state store that no attempt needs."""

    async def get(self, run: UUID) -> RunRecord | None:
        rows = await self._database.rows("get", self._app, run)
        return run_record(run, rows[0]) if rows else None

    async def runs(self, limit: int) -> list[RunRecord]:
        return [run_record(row["id"], row) for row in await self._database.rows("runs", self._app, limit)]

    async def ending_with(self, end: str, limit: int) -> list[UUID]:
        return [row["run"] for row in await self._database.rows("ending_with", self._app, end, limit)]

    async def resume(self, run: UUID, operator: str) -> Resumed | None:
        match await self._database.value("resume", new_call(), self._app, run, raw(operator)):
            case [status, woken]:
                self._telling.due(int(woken))
                return Resumed(is_resumed=True, status=status)
            case [status]:
                return Resumed(is_resumed=False, status=status)
        return None

    async def kept_keys(self, run: UUID, limit: int) -> list[KeptKey]:
        rows = await self._database.rows("kept_keys", run, limit)
        return [KeptKey(row["kind"], words(row["name"]), row["size"]) for row in rows]

    async def backlog(self) -> RunBacklog:
        counts = await self._database.row("backlog", self._app)
        first = [waiting(row) for row in await self._database.rows("oldest", self._app, 0)]
        suspect = [waiting(row) for row in await self._database.rows("oldest", self._app, 1)]
        lanes = tuple(await self.lanes())
        oldest = max([*first, *(lane.oldest for lane in lanes)], key=lambda one: one.for_ms, default=None)
        due = counts["due"] + sum(lane.due for lane in lanes)
        suspects = counts["suspects"]
        return RunBacklog(self._app, due, counts["under_way"], suspects, oldest, next(iter(suspect), None), lanes)

    async def unconfirmed(self, older_than_ms: int, limit: int) -> list[Life]:
        rows = await self._database.rows("unconfirmed", self._app, older_than_ms, limit)
        return [Life(row["run"], row["life"]) for row in rows]

    async def ended(self, life: Life) -> RunRecord | None:
        record = await self.get(life.run)
        if record is None:
            return None
        former = await self._database.rows("former_end", life.run, life.number)
        return ended_life(life, record, next(iter(former), None))

    async def confirm(self, life: Life) -> None:
        await self._database.rows("confirm", life.run, life.number)

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        rows = await self._database.rows("audit", self._app, until_ms, limit)
        return [(f"{row['at_ms']}-{row['id']}/{self._app}", audit_record(row)) for row in rows]

    async def forget_runs(self, older_than_ms: int, limit: int) -> int:
        return int(await self._database.value("forget", self._app, older_than_ms, limit))

    async def forget_audit(self, older_than_ms: int) -> None:
        await self._database.rows("forget_audit", self._app, older_than_ms)
