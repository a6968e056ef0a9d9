"""Waits and their answers on PostgreSQL."""

import secrets
from uuid import UUID

from runtime.state.postgres.base import PostgresPart
from runtime.state.postgres.rows import Row, decode_text, encode_text, run_record
from runtime.state.runs import RunRecord
from runtime.state.tasks import Claim
from runtime.state.waits import AnswerResult, AnswerSender, OpenWait, Wait, WaitState, parse_wait_member


class PostgresWaits(PostgresPart):
    """Part of a `StateStore`."""

    async def await_answer(self, claim: Claim, wait: Wait) -> WaitState:
        holder = claim.task.run, claim.task.step, claim.token
        row = await self._database.fetch_row(
            "await_answer", *holder, encode_text(wait.member), wait.timeout_ms, encode_text(wait.schema)
        )
        by = row["other"] or decode_text(row["who"])
        return WaitState(row["status"], decode_text(row["value"]), by, row["at_ms"] or 0, row["node"])

    async def reject(self, claim: Claim, wait: Wait) -> bool:
        holder = claim.task.run, claim.task.step, claim.token
        return bool(await self._database.fetch_value("reject", *holder, encode_text(wait.member)))

    async def answer(
        self,
        run: UUID,
        wait: str,
        value: str,
        by: str,
        operator: str = "",
        sender: AnswerSender | None = None,
        way: str = "",
    ) -> AnswerResult:
        # An answer whose own answer is lost is asked again: it must find itself.
        id_, node = (str(sender.answer), sender.node) if sender else (secrets.token_hex(8), None)
        said = encode_text(wait), encode_text(value), encode_text(by), encode_text(operator) if operator else None
        row = await self._database.fetch_row("answer", self._app, run, *said, id_, node, way)
        self._telling.notify_due(row["woken"])
        return AnswerResult(row["status"], decode_text(row["who"]), row["at_ms"] or 0)

    async def is_wait(self, run: UUID, wait: str) -> bool:
        return bool(await self._database.fetch_value("is_wait", run, encode_text(wait)))

    async def waits(self, run: UUID) -> list[OpenWait]:
        return [_parse_open_wait(row) for row in await self._database.fetch_rows("waits", run)]

    async def all_waits(self, limit: int) -> list[tuple[RunRecord, OpenWait]]:
        rows = await self._database.fetch_rows("all_waits", self._app, limit)
        records = await self._database.fetch_rows("several", self._app, list({row["run"] for row in rows}))
        runs = {record["id"]: run_record(record["id"], record) for record in records}
        return [(runs[row["run"]], _parse_open_wait(row)) for row in rows if row["run"] in runs]


def _parse_open_wait(row: Row) -> OpenWait:
    return OpenWait(
        *parse_wait_member(decode_text(row["name"])),
        row["step"],
        row["since_ms"],
        row["ends_ms"],
        decode_text(row["schema"]),
    )
