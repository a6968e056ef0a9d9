"""Runs that end before their last step, on Redis or Valkey: one has failed, somebody cancels, or time is up."""

import secrets
from collections.abc import Sequence
from math import inf
from typing import Final
from uuid import UUID

from runtime.errors import RunDeadlineError
from runtime.server.batch import Question, answers
from runtime.server.client import Client
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys
from runtime.state.runs import Ended, Overdue
from runtime.state.tasks import Claim

_STATUS_FAILED: Final = "failed"
_STATUS_CANCELLED: Final = "cancelled"


class Endings:
    """Part of a `StateStore`.

    Attributes:
        keys: of the app.
    """

    keys: StateKeys
    _client: Client
    _scripts: Scripts

    async def fail(self, claim: Claim, error_type: str, error: str) -> Ended | None:
        return await self._finish(claim.task.run, _STATUS_FAILED, (*claim.holder, error_type, error))

    async def statuses(self, runs: Sequence[UUID]) -> dict[UUID, str]:
        told = await answers(self._client, [_status_of(self.keys.run(run)) for run in runs])
        return {run: status.decode() for run, status in zip(runs, told, strict=True) if status}

    async def overdue(self, limit: int) -> Overdue:
        now, following, *runs = await self._scripts.call("overdue", [self.keys.deadlines], limit)
        return Overdue([UUID(run.decode()) for run in runs], inf if following < 0 else (following - now) / 1000)

    async def expire(self, run: UUID, error: str) -> Ended | None:
        reason = ("", "", secrets.token_hex(8), RunDeadlineError.__name__, error)
        return await self._finish(run, _STATUS_FAILED, reason, why="deadline")

    async def cancel(self, run: UUID, operator: str = "") -> Ended | None:
        return await self._finish(run, _STATUS_CANCELLED, ("", "", secrets.token_hex(8), "", ""), operator)

    async def _finish(
        self, run: UUID, status: str, rest: tuple[str, ...], operator: str = "", why: str = ""
    ) -> Ended | None:
        keys = self.keys
        queues = [keys.tasks, keys.suspects, keys.leases]
        touched = [keys.run(run), keys.attempts(run), *queues, keys.ended, keys.audit, keys.needs(run), keys.over]
        touched += [keys.parts(run), keys.undos(run), keys.wake]
        answer = await self._scripts.call("finish", touched, str(run), status, *rest, operator, keys.prefix, why)
        return Ended(answer[2], answer[1] or None) if answer[0] else None


def _status_of(key: str) -> Question:
    return lambda pipe: pipe.hget(key, "status")
