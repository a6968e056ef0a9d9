"""The state store on PostgreSQL: one function, one transaction and one round trip for each change."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from runtime.bus.deliveries import Loss, OutboxEntry
from runtime.bus.redis_settling import outbox_full
from runtime.bus.wire import BLAME, outgoing_fields
from runtime.resilience.limits import Limit
from runtime.server.news import Heard
from runtime.state.postgres.chunks import Chunks
from runtime.state.postgres.endings import Endings
from runtime.state.postgres.flows import Flows
from runtime.state.postgres.lanes import columns
from runtime.state.postgres.outbox import PostgresOutbox
from runtime.state.postgres.rows import carried, raw, taken_claim, text_or_none
from runtime.state.postgres.rows import claim as read_claim
from runtime.state.postgres.rows import task as read_task
from runtime.state.postgres.upkeep import Upkeep
from runtime.state.postgres.waits import Waits
from runtime.state.refusals import deadline_passed, key_conflict
from runtime.state.runs import Accepted, Ended, NewRun
from runtime.state.tasks import Claim, Commit, Committed, OtherShape, SuspectTask, Task
from runtime.state.wire import digest

#: What a start says of a deadline that has passed.
_PAST: Final = -2
#: What a commit is answered whose item is one failure too many.
_REFUSED: Final = -2
#: The largest whole number that functions take for an amount.
_MOST: Final = 2**31 - 1


class PostgresState(Flows, Waits, Chunks, Endings, Upkeep):
    """A `StateStore` for one app in one database; arguments as `Base` has them."""

    @property
    def outbox(self) -> PostgresOutbox:
        return PostgresOutbox(self._database, self._app)

    async def start(self, run: NewRun) -> Accepted:
        row = await self._database.row(
            "start",
            self._app,
            run.id,
            run.workflow,
            raw(run.key) if run.key else None,
            digest(run),
            carried(run),
            run.shape_digest or None,
            raw(run.shape),
            run.deadline or None,
            Jsonb(dict(run.by)) if run.by else None,
            list(run.needs),
            list(run.needs.values()),
        )
        if row["outcome"] == _PAST:
            raise deadline_passed(run, row["accepted_ms"])
        if row["outcome"] < 0:
            raise key_conflict(run)
        self._telling.due(row["woken"])
        return Accepted(row["run"], row["accepted_ms"])

    async def suspects(self, limit: int) -> list[SuspectTask]:
        rows = await self._database.rows("suspects", self._app, limit)
        return [SuspectTask(read_task(row), row["vanished"]) for row in rows]

    async def claim(
        self,
        task: Task,
        token: str,
        lease_ms: int,
        upstream: Sequence[str],
        *,
        parts: Sequence[str] = (),
        has_undo: bool = False,
        shapes: Sequence[str] = (),
        isolated: bool = False,
        limits: Sequence[Limit] = (),
    ) -> Claim | OtherShape | None:
        asked = isolated, has_undo, list(shapes) or None, list(upstream) or None, list(parts) or None
        limited = [one.name for one in limits], [one.key for one in limits], *columns(limits)
        row = await self._database.row(
            "claim", task.run, task.step, token, lease_ms, *asked, *(one or None for one in limited)
        )
        if row["outcome"] < 0:
            return OtherShape(row["shape"])
        if not row["outcome"]:
            return None
        self._telling.due(row["woken"])
        return read_claim(task, token, upstream, parts, row)

    async def renew(self, claims: Sequence[Claim], lease_ms: int) -> list[Claim]:
        if not claims:
            return []
        runs, steps = [one.task.run for one in claims], [one.task.step for one in claims]
        rows = await self._database.rows("renew", runs, steps, [one.token for one in claims], lease_ms)
        return [claims[row["lost"]] for row in rows]

    async def commit(self, claim: Claim, commit: Commit) -> Committed | None:
        outgoing = [outgoing_fields(event) for event in commit.events]
        next_, item = commit.next, commit.item
        row = await self._database.row(
            "commit",
            claim.task.run,
            claim.task.step,
            claim.token,
            raw(commit.result),
            min(self._limits.outbox, _MOST),
            list(commit.successors) or None,
            *([one[at] for one in outgoing] or None for at in range(3)),
            *_pairs(commit.writes),
            *_pairs(commit.shared),
            next_.token if next_ else None,
            next_.lease_ms if next_ else 0,
            claim.run.life,
            Jsonb({step: list(reads) for step, reads in next_.upstream.items()}) if next_ else None,
            commit.name or claim.task.step,
            item.fan_out if item else None,
            item.tolerated if item else None,
            commit.gathered,
            list(commit.again) or None,
            list(commit.again.values()) or None,
            list(commit.noted) or None,
            [raw(value) for value in commit.noted.values()] or None,
            commit.undo,
        )
        if row["outcome"] == _REFUSED:
            return Committed(is_refused=True)
        if row["outcome"] < 0:
            raise outbox_full(f"app {self._app}", self._limits.outbox)
        if not row["outcome"]:
            return None
        self._telling.due(row["woken"])
        self._telling.ended(row["told"])
        name = self.outbox.name
        # An answer that was asked for again names none: whoever tidies up carries them.
        pairs = zip(row["entries"], commit.events, strict=False)
        entries = [OutboxEntry(name, str(entry), event) for entry, event in pairs]
        ended = Ended(row["accepted_ms"], row["now_ms"]) if row["is_over"] else None
        return Committed(entries, ended, taken_claim(claim, next_, row) if next_ and row["taken"] else None)

    async def recorded(self, claim: Claim, call: str) -> str | None:
        return text_or_none(await self._database.value("recorded", claim.task.run, claim.task.step, raw(call)))

    async def record(self, claim: Claim, call: str, record: str) -> bool:
        holder = claim.task.run, claim.task.step, claim.token
        return bool(await self._database.value("record", *holder, raw(call), raw(record)))

    async def retry(self, claim: Claim, delay_ms: int, *, is_spared: bool = False) -> bool:
        return await self._again(claim, delay_ms, "spared" if is_spared else "failed")

    async def postpone(self, claim: Claim, delay_ms: int) -> bool:
        return await self._again(claim, delay_ms, "unbegun")

    async def release(self, claim: Claim) -> bool:
        return await self.leave(claim, 0)

    async def leave(self, claim: Claim, delay_ms: int) -> bool:
        return await self._again(claim, delay_ms, "released")

    async def _again(self, claim: Claim, delay_ms: int, how: str) -> bool:
        return bool(await self._database.value("retry", claim.task.run, claim.task.step, claim.token, delay_ms, how))

    async def forfeit(self, consumer: str, loss: Loss) -> int:
        return int(await self._database.value("forfeit", self._app, consumer, BLAME[loss]))

    async def result(self, run: UUID, step: str) -> str | None:
        return text_or_none(await self._database.value("result", self._app, run, step))

    def hearing_end(self, run: UUID) -> AbstractAsyncContextManager[Heard]:
        return self._news.hearing((self.keys.over, str(run)))

    async def read(self, run: UUID | None, key: str) -> str | None:
        if run is None:
            return text_or_none(await self._database.value("read_app", self._app, raw(key)))
        return text_or_none(await self._database.value("read_run", run, raw(key)))

    async def write(self, key: str, value: str) -> None:
        await self._database.rows("write_app_state", self._app, [raw(key)], [raw(value)])


def _pairs(written: Mapping[str, str]) -> tuple[list[bytes] | None, list[bytes] | None]:
    """Keys and values that a commit writes; nothing costs the driver less than an empty list."""
    return [raw(key) for key in written] or None, [raw(value) for value in written.values()] or None
