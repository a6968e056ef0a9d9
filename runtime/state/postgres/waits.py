"""Waits and their answers on PostgreSQL."""

import secrets
from uuid import UUID

from runtime.state.postgres.base import Base
from runtime.state.postgres.rows import Row, raw, run_record, words
from runtime.state.runs import RunRecord
from runtime.state.tasks import Claim
from runtime.state.waits import Answered, Answering, OpenWait, Sender, Wait, wait_of


class Waits(Base):
    """Part of a `StateStore`."""

    async def await_answer(self, claim: Claim, wait: Wait) -> Answered:
        holder = claim.task.run, claim.task.step, claim.token
        row = await self._database.row("await_answer", *holder, raw(wait.member), wait.timeout_ms, raw(wait.schema))
        by = row["other"] or words(row["who"])
        return Answered(row["status"], words(row["value"]), by, row["at_ms"] or 0, row["node"])

    async def reject(self, claim: Claim, wait: Wait) -> bool:
        holder = claim.task.run, claim.task.step, claim.token
        return bool(await self._database.value("reject", *holder, raw(wait.member)))

    async def answer(
        self, run: UUID, wait: str, value: str, by: str, operator: str = "", sender: Sender | None = None, way: str = ""
    ) -> Answering:
        # An answer whose own answer is lost is asked again: it must find itself.
        id_, node = (str(sender.answer), sender.node) if sender else (secrets.token_hex(8), None)
        said = raw(wait), raw(value), raw(by), raw(operator) if operator else None
        row = await self._database.row("answer", self._app, run, *said, id_, node, way)
        self._telling.due(row["woken"])
        return Answering(row["status"], words(row["who"]), row["at_ms"] or 0)

    async def is_wait(self, run: UUID, wait: str) -> bool:
        return bool(await self._database.value("is_wait", run, raw(wait)))

    async def waits(self, run: UUID) -> list[OpenWait]:
        return [_open(row) for row in await self._database.rows("waits", run)]

    async def all_waits(self, limit: int) -> list[tuple[RunRecord, OpenWait]]:
        rows = await self._database.rows("all_waits", self._app, limit)
        records = await self._database.rows("several", self._app, list({row["run"] for row in rows}))
        runs = {record["id"]: run_record(record["id"], record) for record in records}
        return [(runs[row["run"]], _open(row)) for row in rows if row["run"] in runs]


def _open(row: Row) -> OpenWait:
    return OpenWait(*wait_of(words(row["name"])), row["step"], row["since_ms"], row["ends_ms"], words(row["schema"]))
