"""Waits and their answers on Redis or Valkey."""

import json
import secrets
from typing import Any, Final
from uuid import UUID

from runtime.server.batch import Question, ask_all
from runtime.server.client import Client
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys
from runtime.state.runs import RunRecord
from runtime.state.tasks import Claim
from runtime.state.waits import AnswerResult, AnswerSender, OpenWait, Wait, WaitState, parse_wait_member
from runtime.state.wire import run_record

_ANSWERS: Final = {0: "stale", 1: "answered", 2: "waiting", 3: "over", -1: "taken"}


class RedisWaits:
    """Part of a `StateStore`.

    Attributes:
        keys: of the app.
    """

    keys: StateKeys
    _client: Client
    _scripts: Scripts

    async def await_answer(self, claim: Claim, wait: Wait) -> WaitState:
        keys, run = self.keys, claim.task.run
        touched = [keys.run(run), keys.attempts(run), keys.tasks, keys.suspects, keys.leases, keys.waits(run)]
        timeout = "" if wait.timeout_ms is None else wait.timeout_ms
        status, *rest = await self._scripts.call("await", touched, *claim.holder, wait.member, timeout, wait.schema)
        match _ANSWERS[status], rest:
            case "answered", [value, by, at_ms, node]:
                return WaitState("answered", value.decode(), by.decode(), at_ms, UUID(node.decode()) if node else None)
            case "over", [at_ms]:
                return WaitState("over", at_ms=at_ms)
            case "taken", [step]:
                return WaitState("taken", by=step.decode())
            case "waiting", _:
                return WaitState("waiting")
        return WaitState("stale")

    async def reject(self, claim: Claim, wait: Wait) -> bool:
        keys, run = self.keys, claim.task.run
        touched = [keys.run(run), keys.leases, keys.waits(run)]
        return bool(await self._scripts.call("reject", touched, claim.task.member, claim.token, wait.member))

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
        keys = self.keys
        touched = [keys.run(run), keys.waits(run), keys.tasks, keys.wake, keys.audit, keys.leases]
        # An answer whose own answer is lost is asked again by the client: it must find itself.
        id_, node = (str(sender.answer), str(sender.node)) if sender else (secrets.token_hex(8), "")
        answer = await self._scripts.call("answer", touched, str(run), wait, value, by, operator, id_, node, way)
        match answer:
            case [1]:
                return AnswerResult("taken")
            case [2, who, at_ms]:
                return AnswerResult("answered", who.decode(), at_ms)
            case [3, at_ms]:
                return AnswerResult("over", at_ms=at_ms)
            case [0, status]:
                return AnswerResult("ended", status.decode())
        return AnswerResult("missing")

    async def is_wait(self, run: UUID, wait: str) -> bool:
        return bool(await self._client.hexists(self.keys.waits(run), wait))

    async def waits(self, run: UUID) -> list[OpenWait]:
        fields: Any = await self._client.hgetall(self.keys.waits(run))
        found = [_parse_open_wait(name.decode(), json.loads(text)) for name, text in fields.items()]
        return sorted((one for one in found if one is not None), key=lambda one: one.since_ms)

    async def all_waits(self, limit: int) -> list[tuple[RunRecord, OpenWait]]:
        members: Any = await self._client.zrange(self.keys.open_waits, 0, limit - 1)
        asked = [(UUID(run), wait) for run, _, wait in (member.decode().partition("|") for member in members)]
        runs = list(dict.fromkeys(run for run, _ in asked))
        texts = await ask_all(self._client, [_get(self.keys.waits(run), wait) for run, wait in asked])
        fields = await ask_all(self._client, [_get_all(self.keys.run(run)) for run in runs])
        records = {run: run_record(run, said) for run, said in zip(runs, fields, strict=True) if said}
        found = [
            (records.get(run), _parse_open_wait(wait, json.loads(text)) if text else None)
            for (run, wait), text in zip(asked, texts, strict=True)
        ]
        return [(run, wait) for run, wait in found if run is not None and wait is not None and run.status == "running"]


def _get(key: str, field: str) -> Question:
    return lambda pipe: pipe.hget(key, field)


def _get_all(key: str) -> Question:
    return lambda pipe: pipe.hgetall(key)


def _parse_open_wait(member: str, said: dict[str, str]) -> OpenWait | None:
    """A wait, unless it is answered, over, or no step has come to it yet."""
    if "at" in said or "over" in said or "step" not in said:
        return None
    ends_ms = int(said["ends"]) if "ends" in said else None
    return OpenWait(*parse_wait_member(member), said["step"], int(said["since"]), ends_ms, said["schema"])
