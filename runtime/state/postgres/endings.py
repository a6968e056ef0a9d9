"""Runs that end before their last step, on PostgreSQL."""

import secrets
from collections.abc import Sequence
from math import inf
from typing import Final
from uuid import UUID

from runtime.errors import RunDeadlineError
from runtime.state.postgres.base import PostgresPart
from runtime.state.postgres.rows import encode_text
from runtime.state.runs import EndedRun, OverdueRuns
from runtime.state.tasks import Claim

_STATUS_FAILED: Final = "failed"
_STATUS_CANCELLED: Final = "cancelled"


class PostgresEndings(PostgresPart):
    """Part of a `StateStore`."""

    async def fail(self, claim: Claim, error_type: str, error: str) -> EndedRun | None:
        words = encode_text(error_type), encode_text(error)
        return await self._finish(claim.task.run, _STATUS_FAILED, (claim.task.step, claim.token, *words))

    async def statuses(self, runs: Sequence[UUID]) -> dict[UUID, str]:
        return {row["run"]: row["status"] for row in await self._database.fetch_rows("statuses", self._app, list(runs))}

    async def find_overdue(self, limit: int) -> OverdueRuns:
        row = await self._database.fetch_row("overdue", self._app, limit)
        following = row["next_ms"]
        return OverdueRuns(row["runs"], inf if following is None else (following - row["now_ms"]) / 1000)

    async def expire(self, run: UUID, error: str) -> EndedRun | None:
        reason = (None, secrets.token_hex(8), encode_text(RunDeadlineError.__name__), encode_text(error))
        return await self._finish(run, _STATUS_FAILED, reason, is_late=True)

    async def cancel(self, run: UUID, operator: str = "") -> EndedRun | None:
        reason = (None, secrets.token_hex(8), None, None)
        return await self._finish(run, _STATUS_CANCELLED, reason, encode_text(operator) if operator else None)

    async def _finish(
        self,
        run: UUID,
        status: str,
        reason: tuple[str | None, str, bytes | None, bytes | None],
        operator: bytes | None = None,
        *,
        is_late: bool = False,
    ) -> EndedRun | None:
        row = await self._database.fetch_row("finish", run, status, *reason, operator, is_late)
        self._telling.notify_due(row["woken"])
        self._telling.notify_ended(row["told"])
        return EndedRun(row["accepted_ms"], row["ended_ms"] or None) if row["outcome"] else None
