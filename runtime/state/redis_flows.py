"""Items of fan-outs, runs that steps wait for, and undos, on Redis or Valkey."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from runtime.server.client import Client
from runtime.server.scripts import Scripts
from runtime.state.flows_contract import DUE_AT_FIRST
from runtime.state.keys import StateKeys
from runtime.state.runs import Awaiting, EndedRun, HeldUndo, MoveResult, MovingStep, ShapeRunCount, Undoing
from runtime.state.tasks import Claim

_UNDOING: Final[dict[int, Undoing]] = {0: "running", 1: "undoing", 2: "nothing"}
_AWAITING: Final[dict[int, Awaiting]] = {0: "stale", 1: "ended", 2: "waiting"}


class RedisFlows:
    """Part of a `StateStore`.

    Attributes:
        keys: of the app.
    """

    keys: StateKeys
    _client: Client
    _scripts: Scripts

    async def get_shape(self, digest: str) -> str:
        found: Any = await self._client.hget(self.keys.shapes, digest)
        return found.decode() if found else ""

    async def count_runs_by_shape(self) -> list[ShapeRunCount]:
        found: Any = await self._client.hgetall(self.keys.shape_counts)
        rows = ((*name.decode().split("|"), int(count)) for name, count in found.items())
        return [ShapeRunCount(workflow, digest, count) for workflow, digest, count in rows]

    async def move(
        self, run: UUID, workflow: str, digest: str, shape: str, steps: Sequence[MovingStep], operator: str
    ) -> MoveResult:
        keys = self.keys
        touched = [keys.run(run), keys.results(run), keys.needs(run), keys.attempts(run), keys.tasks, keys.suspects]
        touched += [keys.leases, keys.parts(run), keys.calls(run), keys.shapes, keys.wake, keys.audit, keys.ended]
        touched += [keys.end_channel, keys.lanes]
        given: list[str | int] = []
        for one in steps:
            given += [one.name, int(one.is_same), len(one.waits_for), *one.waits_for]
        answer = await self._scripts.call_once(
            "move", [*touched, keys.waits(run), keys.undos(run)], str(run), workflow, operator, digest, shape, *given
        )
        match answer:
            case [1, kept]:
                return MoveResult("moved", kept=kept)
            case [2]:
                return MoveResult("same")
            case [0, status]:
                return MoveResult("over", status.decode())
            case [-1, step]:
                return MoveResult("busy", step.decode())
            case [-2, step]:
                return MoveResult("inside", step.decode())
            case [-3, step]:
                return MoveResult("nested", step.decode())
            case [-4, step]:
                return MoveResult("undoable", step.decode())
        return MoveResult("missing")

    async def wake(self, task: str) -> None:
        keys = self.keys
        await self._scripts.call("wake", [keys.tasks, keys.suspects, keys.leases, keys.wake], task)

    async def fan_out(self, claim: Claim, items: Sequence[str], at_once: int | None) -> bool:
        keys, run = self.keys, claim.task.run
        first = DUE_AT_FIRST if at_once is None else at_once
        queues = [keys.tasks, keys.suspects, keys.leases]
        touched = [keys.run(run), keys.attempts(run), *queues, keys.needs(run), keys.parts(run), keys.wake]
        return bool(await self._scripts.call("fan_out", touched, *claim.holder, first, int(at_once is None), *items))

    async def list_item_results(self, claim: Claim, count: int) -> list[str]:
        words = [claim.task.place.item(index).word for index in range(count)]
        found: Any = await self._client.hmget(self.keys.results(claim.task.run), words)
        return [text.decode() for text in found]

    async def find_unbegun_places(self, run: UUID) -> set[str]:
        found: Any = await self._client.hkeys(self.keys.needs(run))
        places = [one.decode() for one in found]
        if not places:
            return set()
        counts: Any = await self._client.hmget(self.keys.attempts(run), [f"{place}:n" for place in places])
        return {place for place, count in zip(places, counts, strict=True) if count is None}

    async def has_undos(self, run: UUID) -> bool:
        async with self._client.pipeline() as pipe:
            pipe.zcard(self.keys.undos(run))
            pipe.hget(self.keys.run(run), "undo_failed")
            left, failed = await pipe.execute()
        return bool(left or failed)

    async def find_held_undo(self, run: UUID) -> HeldUndo | None:
        last: Any = await self._client.zrange(self.keys.undos(run), 0, 0, desc=True)
        after: Any = await self._client.hget(self.keys.parts(run), f"~{last[0].decode()}:after") if last else None
        is_held = after is not None and int(after) > await self._client.now_ms()
        return HeldUndo(last[0].decode(), int(after)) if is_held else None

    async def undo(self, run: UUID, operator: str) -> Undoing | None:
        keys = self.keys
        touched = [
            keys.run(run),
            keys.ended,
            keys.audit,
            keys.needs(run),
            keys.end_channel,
            keys.parts(run),
            keys.undos(run),
        ]
        touched += [keys.tasks, keys.wake, keys.leases, keys.undo_failures]
        answer = await self._scripts.call("undo", touched, str(run), operator)
        return _UNDOING[answer[0]] if answer else None

    async def fail_undo(self, claim: Claim, error: str) -> EndedRun | None:
        keys, run = self.keys, claim.task.run
        touched = [keys.run(run), keys.attempts(run), keys.tasks, keys.suspects, keys.leases, keys.ended]
        touched += [keys.needs(run), keys.end_channel, keys.parts(run), keys.undos(run), keys.wake, keys.undo_failures]
        answer = await self._scripts.call("undo_failed", touched, str(run), *claim.holder, error)
        return EndedRun(answer[3], answer[2] if answer[1] else None) if answer[0] else None

    async def await_run(self, claim: Claim, awaited: UUID) -> Awaiting:
        keys, run = self.keys, claim.task.run
        touched = [keys.run(run), keys.attempts(run), keys.tasks, keys.suspects, keys.leases, keys.parts(run)]
        touched.append(keys.run(awaited))
        answer = await self._scripts.call("await_run", touched, *claim.holder, str(awaited))
        return _AWAITING[answer[0]]
