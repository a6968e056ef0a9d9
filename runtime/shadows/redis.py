"""The book of shadows on Redis or Valkey: a slot for each step, a script for each change."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

from runtime.bus.keys import keys_of
from runtime.bus.records import AuditAction, AuditRecord
from runtime.server.batch import Question, ask_all
from runtime.server.client import Client
from runtime.server.names import FORMAT
from runtime.server.scripts import Scripts
from runtime.shadows.comparison import Difference
from runtime.shadows.record import Comparison, Disagreement, Mode, ModeSwitch, ShadowRecord, StepAddress
from runtime.shadows.shadow import comparison_channel
from runtime.vocabulary import ShadowVerdict

_PLACES: Final = f"causeline:{FORMAT}:shadows"
#: Disagreements that are told of a step in a list of all, and of one alone.
_FEW, _MANY = 5, 50
_COUNTED: Final = ("agreed", "disagreed", "failed", "left_out")
_ACTIONS: Final[Mapping[str, AuditAction]] = {
    "moved": "move_step",
    "shadow": "shadow_step",
    "step": "keep_step",
    "anew": "compare_anew",
}


class RedisShadows:
    """`Shadows` on one server. Args: `client` of the event loop that uses it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client, "runtime.shadows")

    async def declare(self, app: str, version: str, successors: Mapping[StepAddress, tuple[str, str]]) -> None:
        for place, (channel, group) in successors.items():
            await self._scripts.call("declare", [_key(place, "h")], channel, group, version)
            await self._client.sadd(_PLACES, place.word)

    async def mode(self, place: StepAddress) -> Mode:
        told: Any = await self._client.hget(_key(place, "h"), "mode")
        return _decode_mode(told)

    async def count_comparison(self, place: StepAddress, comparison: Comparison) -> bool:
        one = comparison
        told = "" if one.verdict is ShadowVerdict.AGREED else _encode_comparison(one)
        keys = [_key(place, part) for part in ("h", "seen", "d")]
        return bool(await self._scripts.call("compared", keys, str(one.delivery), one.verdict.value, one.version, told))

    async def count_left_out(self, place: StepAddress, version: str) -> None:
        await self._client.hincrby(_key(place, "h"), f"left_out:{version}", 1)

    async def all(self) -> list[ShadowRecord]:
        words: Any = await self._client.smembers(_PLACES)
        return await self._read_records(sorted(_parse_place(word) for word in words), _FEW, switches=0)

    async def get(self, place: StepAddress) -> ShadowRecord | None:
        if not await self._is_known(place):
            return None
        return (await self._read_records([place], _MANY, switches=_MANY))[0]

    async def switch(self, place: StepAddress, mode: Mode, operator: str, reason: str) -> Mode | None:
        if not await self._is_known(place):
            return None
        keys = [_key(place, "h"), _key(place, "log")]
        return _decode_mode(await self._scripts.call_once("switch", keys, mode, operator, reason))

    async def begin_anew(self, place: StepAddress, operator: str, reason: str) -> bool:
        if not await self._is_known(place):
            return False
        keys = [_key(place, part) for part in ("h", "d", "log")]
        await self._scripts.call_once("anew", keys, operator, reason)
        return True

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        words: Any = await self._client.smembers(_PLACES)
        places = sorted(_parse_place(word) for word in words)
        newest = "+" if until_ms is None else str(until_ms)
        logs = await ask_all(self._client, [_read_newest(_key(place, "log"), newest, limit) for place in places])
        found = [
            (f"{entry.decode()}/shadow/{place.word}", _audit_record(place, _decode_switch(entry, values)))
            for place, log in zip(places, logs, strict=True)
            for entry, values in log
        ]
        return sorted(found, key=lambda one: one[1].at_ms, reverse=True)[:limit]

    async def _is_known(self, place: StepAddress) -> bool:
        return bool(await self._client.sismember(_PLACES, place.word))

    async def _read_records(
        self, places: Sequence[StepAddress], disagreements: int, switches: int
    ) -> list[ShadowRecord]:
        heads: list[Any] = await ask_all(self._client, [_read_hash(_key(place, "h")) for place in places])
        hashes = [{key.decode(): value.decode(errors="replace") for key, value in one.items()} for one in heads]
        asked: list[Question] = []
        for place, said in zip(places, hashes, strict=True):
            counters = keys_of(comparison_channel(said.get("channel", ""))).counters
            asked += [
                _read_newest(_key(place, "d"), "+", _MANY),
                _read_field(counters, f"{said.get('group', '')}:pending"),
            ]
        if switches:
            asked += [_read_newest(_key(place, "log"), "+", switches) for place in places]
        told = await ask_all(self._client, asked)
        of_each, logs = told[: 2 * len(places)], told[2 * len(places) :] or [()] * len(places)
        rows = zip(places, hashes, of_each[::2], logs, of_each[1::2], strict=True)
        return [_build_record(*row, disagreements) for row in rows]


def _key(place: StepAddress, part: str) -> str:
    return f"causeline:{FORMAT}:{{shadow.{place.word}}}:{part}"


def _parse_place(word: bytes) -> StepAddress:
    return StepAddress(*word.decode().split("|"))


def _decode_mode(told: bytes | None) -> Mode:
    return cast("Mode", told.decode()) if told else "shadow"


def _read_hash(key: str) -> Question:
    return lambda pipe: pipe.hgetall(key)


def _read_field(key: str, field: str) -> Question:
    return lambda pipe: pipe.hget(key, field)


def _read_newest(stream: str, until: str, count: int) -> Question:
    return lambda pipe: pipe.xrevrange(stream, max=until, count=count)


def _build_record(
    place: StepAddress,
    said: Mapping[str, str],
    last: Sequence[tuple[bytes, Mapping[bytes, bytes]]],
    log: Sequence[tuple[bytes, Mapping[bytes, bytes]]],
    waiting: bytes | None,
    disagreements: int,
) -> ShadowRecord:
    version = said.get("version", "")
    counted = {what: int(said.get(f"{what}:{version}", 0)) for what in _COUNTED}
    began = said.get(f"began:{version}")
    compared = [f"{what}:" for what in _COUNTED[:3]]
    outdated = (
        int(value)
        for name, value in said.items()
        if name.startswith(tuple(compared)) and name.partition(":")[2] != version
    )
    made = (Disagreement(int(values[b"at"]), _decode_comparison(values[b"c"])) for _, values in last)
    return ShadowRecord(
        place=place,
        mode=cast("Mode", said.get("mode", "shadow")),
        since_ms=int(said["since"]) if "since" in said else None,
        by=said.get("by", ""),
        reason=said.get("reason", ""),
        channel=said.get("channel", ""),
        group=said.get("group", ""),
        version=version,
        counted_ms=int(began) if began else None,
        waiting=int(waiting or 0),
        outdated=sum(outdated),
        last=tuple([one for one in made if one.comparison.version == version][:disagreements]),
        switches=tuple(_decode_switch(*one) for one in log),
        **counted,
    )


def _encode_comparison(one: Comparison) -> str:
    return json.dumps(
        {
            "delivery": str(one.delivery),
            "verdict": one.verdict.value,
            "version": one.version,
            "node": str(one.node or ""),
            "event": str(one.event),
            "correlation": str(one.correlation),
            "subject": one.subject,
            "differences": [[found.field, found.step, found.successor] for found in one.differences],
            "error": one.error,
        }
    )


def _decode_comparison(text: bytes) -> Comparison:
    said = json.loads(text)
    return Comparison(
        delivery=UUID(said["delivery"]),
        verdict=ShadowVerdict(said["verdict"]),
        version=said["version"],
        node=UUID(said["node"]) if said["node"] else None,
        event=UUID(said["event"]),
        correlation=UUID(said["correlation"]),
        subject=said["subject"],
        differences=tuple(Difference(*one) for one in said["differences"]),
        error=said["error"],
    )


def _decode_switch(entry: bytes, values: Mapping[bytes, bytes]) -> ModeSwitch:
    said = {name.decode(): value.decode(errors="replace") for name, value in values.items()}
    return ModeSwitch(int(entry.partition(b"-")[0]), said["mode"], said["by"], said["reason"])


def _audit_record(place: StepAddress, switch: ModeSwitch) -> AuditRecord:
    return AuditRecord(
        at_ms=switch.at_ms,
        action=_ACTIONS[switch.mode],
        operator=switch.by,
        reason=switch.reason,
        app=place.app,
        workflow=place.workflow,
        step=place.step,
    )
