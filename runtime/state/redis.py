"""The state store on Redis or Valkey: baseline commands of Redis 6.2, one single-slot script for each change."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final
from uuid import UUID

from runtime.bus.deliveries import Loss
from runtime.bus.redis_base import Limits
from runtime.bus.redis_outbox import RedisOutbox
from runtime.bus.redis_settling import outbox_full_error
from runtime.bus.wire import BLAME, build_outbox_entries, outgoing_fields
from runtime.causality.identity import text_of
from runtime.resilience.limits import Limit
from runtime.server.client import Clients
from runtime.server.news import NewsWaiter
from runtime.state.redis_chunks import RedisChunks
from runtime.state.redis_endings import RedisEndings
from runtime.state.redis_flows import RedisFlows
from runtime.state.redis_lanes import limit_arguments
from runtime.state.redis_upkeep import RedisUpkeep
from runtime.state.redis_waits import RedisWaits
from runtime.state.refusals import deadline_error, key_conflict_error
from runtime.state.runs import AcceptedRun, EndedRun, NewRun
from runtime.state.tasks import Claim, Commit, CommitResult, OtherShape, SuspectTask, Task, consumer_of
from runtime.state.wire import inputs_digest, parse_claim, parse_taken_claim, run_fields

#: What a start says of a deadline that has passed.
_PAST: Final = -2
#: What a claim says of limits where there are none.
_NO_LIMIT: Final = (0,)
#: What a commit is answered whose item is one failure too many.
_REFUSED: Final = -2


class RedisState(RedisFlows, RedisWaits, RedisChunks, RedisEndings, RedisUpkeep):
    """A `StateStore` for one app on one server.

    Args:
        clients: of the event loop that uses it.
        app: the app's name.
        limits: what it holds at most.
    """

    def __init__(self, clients: Clients, app: str, limits: Limits) -> None:
        super().__init__(clients, app)
        self._reader = clients.reads
        self._news = clients.news
        self._limits = limits

    @property
    def outbox(self) -> RedisOutbox:
        return RedisOutbox(self._client, self.keys.outbox)

    async def start(self, run: NewRun) -> AcceptedRun:
        keys = self.keys
        fields = run_fields(run)
        accepted_ms, *found = await self._scripts.call(
            "start",
            [
                keys.run(run.id),
                keys.needs(run.id),
                keys.tasks,
                keys.runs,
                keys.wake,
                keys.keyed,
                keys.shapes,
                keys.shape_counts,
                keys.deadlines,
            ],
            str(run.id),
            run.workflow,
            run.key,
            inputs_digest(run),
            run.shape_digest,
            run.shape,
            run.deadline,
            len(fields),
            *(part for pair in fields.items() for part in pair),
            *(part for pair in run.needs.items() for part in pair),
        )
        if accepted_ms == _PAST:
            raise deadline_error(run, found[0])
        if accepted_ms < 0:
            raise key_conflict_error(run)
        return AcceptedRun(UUID(found[0].decode()), int(accepted_ms))

    async def list_due(self, limit: int, skip: int = 0, without: Collection[str] = ()) -> list[Task]:
        return await self._read_due([self.keys.tasks, self.keys.wake, self.keys.lanes], limit, skip, without)

    async def suspects(self, limit: int) -> list[SuspectTask]:
        tasks = await self._read_due([self.keys.suspects], limit)
        async with self._client.pipeline() as pipe:
            for task in tasks:
                pipe.hget(self.keys.attempts(task.run), f"{task.step}:vanished")
            counts = await pipe.execute()
        return [SuspectTask(task, int(count or 0)) for task, count in zip(tasks, counts, strict=True)]

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
                keys.parts(task.run),
                keys.undos(task.run),
                keys.chunks(task.run),
                keys.needs(task.run),
                keys.wake,
                keys.lanes,
            ],
            task.member,
            task.step,
            token,
            lease_ms,
            int(isolated),
            int(has_undo),
            len(shapes),
            len(upstream),
            keys.prefix,
            *(limit_arguments(limits) if limits else _NO_LIMIT),
            *shapes,
            *upstream,
            *parts,
        )
        if answer and answer[0] < 0:
            return OtherShape(answer[1].decode())
        return parse_claim(task, token, upstream, parts, answer) if answer else None

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

    async def commit(self, claim: Claim, commit: Commit) -> CommitResult | None:
        keys, run, next_ = self.keys, claim.task.run, commit.next
        record, *of_run, state, parts, undos = keys.of_run(run, "run", "st", "need", "att", "kv", "parts", "undos")
        queues = [keys.tasks, keys.suspects, keys.leases, keys.outbox, keys.wake, keys.ended]
        answer = await self._scripts.call(
            "commit",
            [record, *of_run, *queues, state, keys.shared, keys.end_channel, parts, undos],
            text_of(run),
            claim.task.workflow,
            claim.task.step,
            claim.token,
            commit.result,
            self._limits.outbox,
            len(commit.successors),
            len(commit.events),
            len(commit.writes),
            len(commit.shared),
            *_next_fields(claim, commit),
            *commit.successors,
            *(part for event in commit.events for part in outgoing_fields(event)),
            *(part for pair in commit.writes.items() for part in pair),
            *(part for pair in commit.shared.items() for part in pair),
        )
        if answer[0] == _REFUSED:
            return CommitResult(is_refused=True)
        if answer[0] < 0:
            raise outbox_full_error(f"app {keys.app}", self._limits.outbox)
        if not answer[0]:
            return None
        _, ended, now, accepted, taken, *entries = answer
        carried = build_outbox_entries(keys.outbox, entries, commit.events)
        following = parse_taken_claim(claim, next_, taken) if next_ and taken else None
        return CommitResult(carried, EndedRun(accepted, now) if ended else None, following)

    async def get_call_record(self, claim: Claim, call: str) -> str | None:
        return _decode_or_none(await self._client.hget(self.keys.calls(claim.task.run), _call_field(claim, call)))

    async def record_call(self, claim: Claim, call: str, record: str) -> bool:
        keys, run = self.keys, claim.task.run
        touched = [keys.run(run), keys.leases, keys.calls(run)]
        return bool(
            await self._scripts.call(
                "record", touched, claim.task.member, claim.token, _call_field(claim, call), record
            )
        )

    async def retry(self, claim: Claim, delay_ms: int, *, is_spared: bool = False) -> bool:
        return await self._book_again(claim, delay_ms, "spared" if is_spared else "failed")

    async def postpone(self, claim: Claim, delay_ms: int) -> bool:
        return await self._book_again(claim, delay_ms, "unbegun")

    async def release(self, claim: Claim) -> bool:
        return await self.leave(claim, 0)

    async def leave(self, claim: Claim, delay_ms: int) -> bool:
        return await self._book_again(claim, delay_ms, "released")

    async def _book_again(self, claim: Claim, delay_ms: int, how: str) -> bool:
        keys, run = self.keys, claim.task.run
        touched = [keys.run(run), keys.attempts(run), keys.tasks, keys.suspects, keys.leases]
        return bool(await self._scripts.call("retry", touched, *claim.holder, delay_ms, how))

    async def forfeit(self, consumer: str, loss: Loss) -> int:
        leases: Any = await self._client.hgetall(self.keys.leases)
        taken = 0
        for member, token in leases.items():
            if consumer_of(token.decode()) == consumer:
                task = Task.parse(member.decode())
                touched = [self.keys.tasks, self.keys.suspects, self.keys.leases, self.keys.attempts(task.run)]
                taken += await self._scripts.call("forfeit", touched, member, task.step, token, BLAME[loss])
        return taken

    async def result(self, run: UUID, step: str) -> str | None:
        return _decode_or_none(await self._client.hget(self.keys.results(run), step))

    def listen_for_end(self, run: UUID) -> AbstractAsyncContextManager[NewsWaiter]:
        return self._news.hearing((self.keys.end_channel, str(run)))

    async def read(self, run: UUID | None, key: str) -> str | None:
        name = self.keys.state(run) if run else self.keys.shared
        return _decode_or_none(await self._client.hget(name, key))

    async def write(self, key: str, value: str) -> None:
        await self._scripts.call("write", [self.keys.shared], key, value)

    async def wait(self, timeout: float, agents: Collection[str] = ()) -> None:
        await self._reader.blpop([self.keys.wake, *map(self.keys.lane_wake, agents)], timeout=timeout)


def _next_fields(claim: Claim, commit: Commit) -> list[str | int]:
    """The arguments of a commit that say what its result is of, what may be taken with it, and what is open again."""
    item, next_ = commit.item, commit.next
    fields: list[str | int] = ["", 0, 0, 0]
    if next_ is not None:
        fields = [next_.token, next_.lease_ms, claim.run.life, len(next_.upstream)]
    fields += [commit.name or claim.task.step, item.fan_out if item else ""]
    fields += ["" if item is None or item.tolerated is None else item.tolerated]
    fields += [commit.gathered, len(commit.again), len(commit.noted), commit.undo]
    if next_ is not None:
        for step, upstream in next_.upstream.items():
            fields += [step, len(upstream), *upstream]
    for step, needs in commit.again.items():
        fields += [step, needs]
    for note, value in commit.noted.items():
        fields += [note, value]
    return fields


def _call_field(claim: Claim, call: str) -> str:
    return f"{claim.task.step}|{call}"


def _decode_or_none(raw: Any) -> str | None:
    return None if raw is None else str(raw.decode())
