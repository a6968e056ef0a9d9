"""Runs that end before their last step, on Redis or Valkey: one has failed, somebody cancels, or time is up."""

import secrets
from collections.abc import Sequence
from math import inf
from typing import Final
from uuid import UUID

from runtime.errors import RunDeadlineError
from runtime.server.batch import Question, ask_all
from runtime.server.client import Client
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys
from runtime.state.runs import EndedRun, OverdueRuns
from runtime.state.tasks import Claim

_STATUS_FAILED: Final = "failed"
_STATUS_CANCELLED: Final = "cancelled"


class RedisEndings:
    """Part of a `StateStore`.

    Attributes:
        keys: of the app.
    """

    keys: StateKeys
    _client: Client
    _scripts: Scripts

    async def fail(self, claim: Claim, error_type: str, error: str) -> EndedRun | None:
        return await self._finish(claim.task.run, _STATUS_FAILED, (*claim.holder, error_type, error))

    async def statuses(self, runs: Sequence[UUID]) -> dict[UUID, str]:
        told = await ask_all(self._client, [_status_of(self.keys.run(run)) for run in runs])
        return {run: status.decode() for run, status in zip(runs, told, strict=True) if status}

    async def find_overdue(self, limit: int) -> OverdueRuns:
        now, following, *runs = await self._scripts.call("overdue", [self.keys.deadlines], limit)
        return OverdueRuns([UUID(run.decode()) for run in runs], inf if following < 0 else (following - now) / 1000)

    async def expire(self, run: UUID, error: str) -> EndedRun | None:
        reason = ("", "", secrets.token_hex(8), RunDeadlineError.__name__, error)
        return await self._finish(run, _STATUS_FAILED, reason, why="deadline")

    async def cancel(self, run: UUID, operator: str = "") -> EndedRun | None:
        return await self._finish(run, _STATUS_CANCELLED, ("", "", secrets.token_hex(8), "", ""), operator)

    async def _finish(
        self, run: UUID, status: str, rest: tuple[str, ...], operator: str = "", why: str = ""
    ) -> EndedRun | None:
        keys = self.keys
        queues = [keys.tasks, keys.suspects, keys.leases]
        touched = [
            keys.run(run),
            keys.attempts(run),
            *queues,
            keys.ended,
            keys.audit,
            keys.needs(run),
            keys.end_channel,
        ]
        touched += [keys.parts(run), keys.undos(run), keys.wake]
        answer = await self._scripts.call("finish", touched, str(run), status, *rest, operator, keys.prefix, why)
        return EndedRun(answer[2], answer[1] or None) if answer[0] else None


def _status_of(key: str) -> Question:
    return lambda pipe: pipe.hget(key, "status")
