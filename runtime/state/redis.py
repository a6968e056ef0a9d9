"""The state store on Redis or Valkey: baseline commands of Redis 6.2, one single-slot script for each change."""

import secrets
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from runtime.bus.deliveries import Loss, OutboxEntry
from runtime.bus.redis_base import Limits
from runtime.bus.redis_outbox import RedisOutbox
from runtime.bus.redis_settling import outbox_full
from runtime.bus.wire import outgoing_fields
from runtime.server.client import Clients
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys
from runtime.state.runs import Ended, NewRun, RunRecord
from runtime.state.tasks import Claim, Commit, Committed, SuspectTask, Task, consumer_of
from runtime.state.wire import claim as read_claim
from runtime.state.wire import run_fields, run_record

_STATUS_FAILED: Final = "failed"
_STATUS_CANCELLED: Final = "cancelled"

#: Counters of a step's attempts that speak against it, by how its worker was lost.
_BLAME: Final[dict[Loss, str]] = {"killed": "deaths", "vanished": "vanished", "lost": ""}


class RedisState:
    """A `StateStore` for one app on one server.

    Args:
        clients: of the event loop that uses it.
        app: the app's name.
        limits: what it holds at most.
    """

    def __init__(self, clients: Clients, app: str, limits: Limits) -> None:
        self._client = clients.commands
        self._reader = clients.reads
        self._scripts = Scripts(clients.commands, "runtime.state")
        self._limits = limits
        self.keys = StateKeys(app)

    @property
    def outbox(self) -> RedisOutbox:
        return RedisOutbox(self._client, self.keys.outbox)

    async def start(self, run: NewRun) -> int:
        keys = self.keys
        fields = run_fields(run)
        return int(
            await self._scripts.call(
                "start",
                [keys.run(run.id), keys.needs(run.id), keys.tasks, keys.runs, keys.wake],
                str(run.id),
                run.workflow,
                len(fields),
                *(part for pair in fields.items() for part in pair),
                *(part for pair in run.needs.items() for part in pair),
            )
        )

    async def due(self, limit: int, skip: int = 0) -> list[Task]:
        return await self._due(self.keys.tasks, limit, skip)

    async def suspects(self, limit: int) -> list[SuspectTask]:
        tasks = await self._due(self.keys.suspects, limit, 0)
        async with self._client.pipeline() as pipe:
            for task in tasks:
                pipe.hget(self.keys.attempts(task.run), f"{task.step}:vanished")
            counts = await pipe.execute()
        return [SuspectTask(task, int(count or 0)) for task, count in zip(tasks, counts, strict=True)]

    async def claim(
        self, task: Task, token: str, lease_ms: int, upstream: Sequence[str], *, isolated: bool = False
    ) -> Claim | None:
        keys = self.keys
        answer = await self._scripts.call(
            "claim",
            [
                keys.tasks,
                keys.suspects,
                keys.leases,
                keys.run(task.run),
                keys.attempts(task.run),
                keys.results(task.run),
            ],
            task.member,
            task.step,
            token,
            lease_ms,
            int(isolated),
            *upstream,
        )
        return read_claim(task, token, upstream, answer) if answer else None

    async def renew(self, claims: Sequence[Claim], lease_ms: int) -> list[Claim]:
        keys = self.keys
        if not claims:
            return []
        lost = await self._scripts.call(
            "renew",
            [keys.tasks, keys.suspects, keys.leases, *(keys.run(claim.task.run) for claim in claims)],
            lease_ms,
            *(part for claim in claims for part in (claim.task.member, claim.token)),
        )
        return [claims[at] for at in lost]

    async def commit(self, claim: Claim, commit: Commit) -> Committed | None:
        keys, run = self.keys, claim.task.run
        answer = await self._scripts.call(
            "commit",
            [
                keys.run(run),
                keys.results(run),
                keys.needs(run),
                keys.attempts(run),
                keys.tasks,
                keys.suspects,
                keys.leases,
                keys.outbox,
                keys.wake,
                keys.ended,
                keys.state(run),
                keys.shared,
            ],
            str(run),
            claim.task.workflow,
            claim.task.step,
            claim.token,
            commit.result,
            self._limits.outbox,
            len(commit.successors),
            len(commit.events),
            len(commit.writes),
            len(commit.shared),
            *commit.successors,
            *(part for event in commit.events for part in outgoing_fields(event)),
            *(part for pair in commit.writes.items() for part in pair),
            *(part for pair in commit.shared.items() for part in pair),
        )
        if answer[0] < 0:
            raise outbox_full(f"app {keys.app}", self._limits.outbox)
        if not answer[0]:
            return None
        _, ended, now, accepted, *entries = answer
        # An answer that was asked for again names no entries: whoever tidies up carries them.
        on_their_way = zip(entries, commit.events, strict=False)
        return Committed(
            [OutboxEntry(keys.outbox, entry.decode(), event) for entry, event in on_their_way],
            Ended(accepted, now) if ended else None,
        )

    async def retry(self, claim: Claim, delay_ms: int) -> bool:
        return await self._again(claim, delay_ms, "failed")

    async def postpone(self, claim: Claim, delay_ms: int) -> bool:
        return await self._again(claim, delay_ms, "unbegun")

    async def release(self, claim: Claim) -> bool:
        return await self._again(claim, 0, "released")

    async def _again(self, claim: Claim, delay_ms: int, how: str) -> bool:
        keys, run = self.keys, claim.task.run
        touched = [keys.run(run), keys.attempts(run), keys.tasks, keys.suspects, keys.leases]
        return bool(await self._scripts.call("retry", touched, *_holder(claim), delay_ms, how))

    async def fail(self, claim: Claim, error_type: str, error: str) -> Ended | None:
        return await self._finish(claim.task.run, _STATUS_FAILED, (*_holder(claim), error_type, error))

    async def cancel(self, run: UUID) -> Ended | None:
        return await self._finish(run, _STATUS_CANCELLED, ("", "", secrets.token_hex(8), "", ""))

    async def _finish(self, run: UUID, status: str, rest: tuple[str, ...]) -> Ended | None:
        keys = self.keys
        touched = [keys.run(run), keys.attempts(run), keys.tasks, keys.suspects, keys.leases, keys.ended]
        answer = await self._scripts.call("finish", touched, str(run), status, *rest)
        return Ended(answer[2], answer[1]) if answer[0] else None

    async def forfeit(self, consumer: str, loss: Loss) -> int:
        leases: Any = await self._client.hgetall(self.keys.leases)
        taken = 0
        for member, token in leases.items():
            if consumer_of(token.decode()) == consumer:
                task = Task.parse(member.decode())
                touched = [self.keys.tasks, self.keys.suspects, self.keys.leases, self.keys.attempts(task.run)]
                taken += await self._scripts.call("forfeit", touched, member, task.step, token, _BLAME[loss])
        return taken

    async def get(self, run: UUID) -> RunRecord | None:
        fields: Any = await self._client.hgetall(self.keys.run(run))
        return run_record(run, fields) if fields else None

    async def result(self, run: UUID, step: str) -> str | None:
        return _text(await self._client.hget(self.keys.results(run), step))

    async def runs(self, limit: int) -> list[RunRecord]:
        ids: Any = await self._client.zrange(self.keys.runs, 0, limit - 1, desc=True)
        records = [await self.get(UUID(id_.decode())) for id_ in ids]
        return [record for record in records if record is not None]

    async def unconfirmed(self, older_than_ms: int, limit: int) -> list[UUID]:
        latest = await self._now_ms() - older_than_ms
        ids: Any = await self._client.zrange(self.keys.ended, "-inf", latest, byscore=True, offset=0, num=limit)
        return [UUID(id_.decode()) for id_ in ids]

    async def confirm(self, run: UUID) -> None:
        await self._client.zrem(self.keys.ended, str(run))

    async def read(self, run: UUID | None, key: str) -> str | None:
        name = self.keys.state(run) if run else self.keys.shared
        return _text(await self._client.hget(name, key))

    async def write(self, key: str, value: str) -> None:
        await self._scripts.call("write", [self.keys.shared], key, value)

    async def wait(self, timeout: float) -> None:
        await self._reader.blpop([self.keys.wake], timeout=timeout)

    async def _due(self, queue: str, limit: int, skip: int) -> list[Task]:
        members: Any = await self._client.zrange(
            queue, "-inf", await self._now_ms(), byscore=True, offset=skip, num=limit
        )
        return [Task.parse(member.decode()) for member in members]

    async def _now_ms(self) -> int:
        seconds, micros = await self._client.time()
        return int(seconds * 1000 + micros // 1000)


def _holder(claim: Claim) -> tuple[str, str, str]:
    return claim.task.member, claim.task.step, claim.token


def _text(raw: Any) -> str | None:
    return None if raw is None else str(raw.decode())
