"""The state store on PostgreSQL: one function, one transaction and one round trip for each change."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from runtime.bus.deliveries import Loss, OutboxEntry
from runtime.bus.redis_settling import outbox_full_error
from runtime.bus.wire import BLAME, outgoing_fields
from runtime.resilience.limits import Limit
from runtime.server.news import NewsWaiter
from runtime.state.postgres.chunks import PostgresChunks
from runtime.state.postgres.endings import PostgresEndings
from runtime.state.postgres.flows import PostgresFlows
from runtime.state.postgres.lanes import limit_columns
from runtime.state.postgres.outbox import PostgresOutbox
from runtime.state.postgres.rows import (
    decode_or_none,
    encode_run,
    encode_text,
    parse_claim,
    parse_taken_claim,
    parse_task,
)
from runtime.state.postgres.upkeep import PostgresUpkeep
from runtime.state.postgres.waits import PostgresWaits
from runtime.state.refusals import deadline_error, key_conflict_error
from runtime.state.runs import AcceptedRun, EndedRun, NewRun
from runtime.state.tasks import Claim, Commit, CommitResult, OtherShape, SuspectTask, Task
from runtime.state.wire import inputs_digest

#: What a start says of a deadline that has passed.
_PAST: Final = -2
#: What a commit is answered whose item is one failure too many.
_REFUSED: Final = -2
#: The largest whole number that functions take for an amount.
_MOST: Final = 2**31 - 1


class PostgresState(PostgresFlows, PostgresWaits, PostgresChunks, PostgresEndings, PostgresUpkeep):
    """A `StateStore` for one app in one database; arguments as `PostgresPart` has them."""

    @property
    def outbox(self) -> PostgresOutbox:
        return PostgresOutbox(self._database, self._app)

    async def start(self, run: NewRun) -> AcceptedRun:
        row = await self._database.fetch_row(
            "start",
            self._app,
            run.id,
            run.workflow,
            encode_text(run.key) if run.key else None,
            inputs_digest(run),
            encode_run(run),
            run.shape_digest or None,
            encode_text(run.shape),
            run.deadline or None,
            Jsonb(dict(run.by)) if run.by else None,
            list(run.needs),
            list(run.needs.values()),
        )
        if row["outcome"] == _PAST:
            raise deadline_error(run, row["accepted_ms"])
        if row["outcome"] < 0:
            raise key_conflict_error(run)
        self._telling.notify_due(row["woken"])
        return AcceptedRun(row["run"], row["accepted_ms"])

    async def suspects(self, limit: int) -> list[SuspectTask]:
        rows = await self._database.fetch_rows("suspects", self._app, limit)
        return [SuspectTask(parse_task(row), row["vanished"]) for row in rows]

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
        limited = [one.name for one in limits], [one.key for one in limits], *limit_columns(limits)
        row = await self._database.fetch_row(
            "claim", task.run, task.step, token, lease_ms, *asked, *(one or None for one in limited)
        )
        if row["outcome"] < 0:
            return OtherShape(row["shape"])
        if not row["outcome"]:
            return None
        self._telling.notify_due(row["woken"])
        return parse_claim(task, token, upstream, parts, row)

    async def renew(self, claims: Sequence[Claim], lease_ms: int) -> list[Claim]:
        if not claims:
            return []
        runs, steps = [one.task.run for one in claims], [one.task.step for one in claims]
        rows = await self._database.fetch_rows("renew", runs, steps, [one.token for one in claims], lease_ms)
        return [claims[row["lost"]] for row in rows]

    async def commit(self, claim: Claim, commit: Commit) -> CommitResult | None:
        outgoing = [outgoing_fields(event) for event in commit.events]
        next_, item = commit.next, commit.item
        row = await self._database.fetch_row(
            "commit",
            claim.task.run,
            claim.task.step,
            claim.token,
            encode_text(commit.result),
            min(self._limits.outbox, _MOST),
            list(commit.successors) or None,
            *([one[at] for one in outgoing] or None for at in range(3)),
            *_split_pairs(commit.writes),
            *_split_pairs(commit.shared),
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
            [encode_text(value) for value in commit.noted.values()] or None,
            commit.undo,
        )
        if row["outcome"] == _REFUSED:
            return CommitResult(is_refused=True)
        if row["outcome"] < 0:
            raise outbox_full_error(f"app {self._app}", self._limits.outbox)
        if not row["outcome"]:
            return None
        self._telling.notify_due(row["woken"])
        self._telling.notify_ended(row["told"])
        name = self.outbox.name
        # An answer that was asked for again names none: whoever tidies up carries them.
        pairs = zip(row["entries"], commit.events, strict=False)
        entries = [OutboxEntry(name, str(entry), event) for entry, event in pairs]
        ended = EndedRun(row["accepted_ms"], row["now_ms"]) if row["is_over"] else None
        return CommitResult(entries, ended, parse_taken_claim(claim, next_, row) if next_ and row["taken"] else None)

    async def get_call_record(self, claim: Claim, call: str) -> str | None:
        return decode_or_none(
            await self._database.fetch_value("recorded", claim.task.run, claim.task.step, encode_text(call))
        )

    async def record_call(self, claim: Claim, call: str, record: str) -> bool:
        holder = claim.task.run, claim.task.step, claim.token
        return bool(await self._database.fetch_value("record", *holder, encode_text(call), encode_text(record)))

    async def retry(self, claim: Claim, delay_ms: int, *, is_spared: bool = False) -> bool:
        return await self._book_again(claim, delay_ms, "spared" if is_spared else "failed")

    async def postpone(self, claim: Claim, delay_ms: int) -> bool:
        return await self._book_again(claim, delay_ms, "unbegun")

    async def release(self, claim: Claim) -> bool:
        return await self.leave(claim, 0)

    async def leave(self, claim: Claim, delay_ms: int) -> bool:
        return await self._book_again(claim, delay_ms, "released")

    async def _book_again(self, claim: Claim, delay_ms: int, how: str) -> bool:
        return bool(
            await self._database.fetch_value("retry", claim.task.run, claim.task.step, claim.token, delay_ms, how)
        )

    async def forfeit(self, consumer: str, loss: Loss) -> int:
        return int(await self._database.fetch_value("forfeit", self._app, consumer, BLAME[loss]))

    async def result(self, run: UUID, step: str) -> str | None:
        return decode_or_none(await self._database.fetch_value("result", self._app, run, step))

    def listen_for_end(self, run: UUID) -> AbstractAsyncContextManager[NewsWaiter]:
        return self._news.hearing((self.keys.end_channel, str(run)))

    async def read(self, run: UUID | None, key: str) -> str | None:
        if run is None:
            return decode_or_none(await self._database.fetch_value("read_app", self._app, encode_text(key)))
        return decode_or_none(await self._database.fetch_value("read_run", run, encode_text(key)))

    async def write(self, key: str, value: str) -> None:
        await self._database.fetch_rows("write_app_state", self._app, [encode_text(key)], [encode_text(value)])


def _split_pairs(written: Mapping[str, str]) -> tuple[list[bytes] | None, list[bytes] | None]:
    """Keys and values that a commit writes; nothing costs the driver less than an empty list."""
    return [encode_text(key) for key in written] or None, [encode_text(value) for value in written.values()] or None
