"""What operators and tidying ask of an app's runs on PostgreSQL: to be listed, resumed, confirmed and forgotten."""

from uuid import UUID

from runtime.bus.records import AuditRecord
from runtime.state.postgres.database import new_call_id
from runtime.state.postgres.lanes import PostgresLanes, parse_due_step
from runtime.state.postgres.rows import audit_record, decode_text, encode_text, parse_ended_run, run_record
from runtime.state.runs import KeptKey, Life, ResumeResult, RunBacklog, RunRecord


class PostgresUpkeep(PostgresLanes):
    """The part of the state store that no attempt needs."""

    async def get(self, run: UUID) -> RunRecord | None:
        rows = await self._database.fetch_rows("get", self._app, run)
        return run_record(run, rows[0]) if rows else None

    async def runs(self, limit: int) -> list[RunRecord]:
        return [run_record(row["id"], row) for row in await self._database.fetch_rows("runs", self._app, limit)]

    async def find_by_id_suffix(self, end: str, limit: int) -> list[UUID]:
        return [row["run"] for row in await self._database.fetch_rows("ending_with", self._app, end, limit)]

    async def resume(self, run: UUID, operator: str) -> ResumeResult | None:
        match await self._database.fetch_value("resume", new_call_id(), self._app, run, encode_text(operator)):
            case [status, woken]:
                self._telling.notify_due(int(woken))
                return ResumeResult(is_resumed=True, status=status)
            case [status]:
                return ResumeResult(is_resumed=False, status=status)
        return None

    async def list_kept_keys(self, run: UUID, limit: int) -> list[KeptKey]:
        rows = await self._database.fetch_rows("kept_keys", run, limit)
        return [KeptKey(row["kind"], decode_text(row["name"]), row["size"]) for row in rows]

    async def backlog(self) -> RunBacklog:
        counts = await self._database.fetch_row("backlog", self._app)
        first = [parse_due_step(row) for row in await self._database.fetch_rows("oldest", self._app, 0)]
        suspect = [parse_due_step(row) for row in await self._database.fetch_rows("oldest", self._app, 1)]
        lanes = tuple(await self.lanes())
        oldest = max([*first, *(lane.oldest for lane in lanes)], key=lambda one: one.for_ms, default=None)
        due = counts["due"] + sum(lane.due for lane in lanes)
        suspects = counts["suspects"]
        return RunBacklog(self._app, due, counts["under_way"], suspects, oldest, next(iter(suspect), None), lanes)

    async def list_unconfirmed_lives(self, older_than_ms: int, limit: int) -> list[Life]:
        rows = await self._database.fetch_rows("unconfirmed", self._app, older_than_ms, limit)
        return [Life(row["run"], row["life"]) for row in rows]

    async def get_at_end_of(self, life: Life) -> RunRecord | None:
        record = await self.get(life.run)
        if record is None:
            return None
        former = await self._database.fetch_rows("former_end", life.run, life.number)
        return parse_ended_run(life, record, next(iter(former), None))

    async def confirm(self, life: Life) -> None:
        await self._database.fetch_rows("confirm", life.run, life.number)

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        rows = await self._database.fetch_rows("audit", self._app, until_ms, limit)
        return [(f"{row['at_ms']}-{row['id']}/{self._app}", audit_record(row)) for row in rows]

    async def forget_runs(self, older_than_ms: int, limit: int) -> int:
        return int(await self._database.fetch_value("forget", self._app, older_than_ms, limit))

    async def forget_audit(self, older_than_ms: int) -> None:
        await self._database.fetch_rows("forget_audit", self._app, older_than_ms)
