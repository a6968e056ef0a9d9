"""Dead letters as an operator sees them: list, read, replay, discard, and what was done to them."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal, cast
from uuid import UUID

from redis.asyncio.client import Pipeline

from runtime.bus.keys import CHANNELS, ChannelKeys
from runtime.bus.records import (
    AuditRecord,
    DeadLetter,
    DeadLetterCount,
    DeadLetterPage,
    Settlement,
    SettlementStatus,
)
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.dead_letters import wire as letter_wire
from runtime.dead_letters.paging import Cursor, check_limit
from runtime.dead_letters.wire import LETTER_FIELDS
from runtime.semconv import DeadLetterReason
from runtime.server.batch import ask_all
from runtime.server.client import Client
from runtime.server.scripts import Scripts

_BATCH: Final = 500

#: Why nothing was done, by the answer of the script.
_REFUSED: Final[dict[int, SettlementStatus]] = {-1: "not_found", -2: "group_retired"}


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which letters: empty fields let everything through; `q` is looked for in ids, subject, error and payload.

    Attributes:
        told: makes of a text what readers are told, without secrets. What they are not told must not be found either:
            a secret could be guessed letter by letter.
    """

    state: str = "dead"
    channel: str | None = None
    group: str | None = None
    reason: str | None = None
    q: str | None = None
    told: Callable[[str], str] = str

    def is_met_by(self, letter: DeadLetter) -> bool:
        """Whether the letter has the state, the reason and the text that are asked for."""
        if self.state not in ("", "all", letter.state):
            return False
        if self.reason and letter.reason != self.reason:
            return False
        return not self.q or self._has_text(letter, self.q.strip().lower())

    def _has_text(self, letter: DeadLetter, sought: str) -> bool:
        ids = (letter.id, letter.event_id, letter.correlation_id)
        written = (letter.subject, letter.error_type, letter.message, letter.envelope)
        text = " ".join((*map(str, ids), *written)).lower()
        # As it stands first: to take secrets out of every letter would cost more than to read it.
        return sought in text and sought in " ".join((*map(str, ids), *map(self.told, written))).lower()


@dataclass(frozen=True, slots=True)
class LetterTraces:
    """Where a letter's past lies in telemetry: its event's publish, its last attempt, and its replay or discard."""

    publish: TraceContext | None
    attempt: TraceContext | None
    settled: TraceContext | None = None


Traced = tuple[DeadLetter, LetterTraces]

_Place = tuple[ChannelKeys, str, str]
"""A channel, one of its groups, and the key of an index of its letters."""


class DeadLetters:
    """The dead letters of all channels on one server."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client, "runtime.bus")

    async def groups(self) -> list[tuple[ChannelKeys, str]]:
        """Every channel with each of its groups, by name; those that were retired too, whose letters stay readable."""
        members: Any = await self._client.smembers(CHANNELS)
        channels = [ChannelKeys(name) for name in sorted(name.decode() for name in members)]
        hashes = [name for keys in channels for name in (keys.groups, keys.retired)]
        found = iter(await ask_all(self._client, [partial(Pipeline.hkeys, name=name) for name in hashes]))
        return [(keys, group.decode()) for keys in channels for group in sorted({*next(found), *next(found)})]

    async def page(self, wanted: LetterFilter, limit: int, cursor: str | None) -> DeadLetterPage:
        """One page of letters, newest first by death; `cursor` is a former page's `next`.

        Raises:
            QueryError: when the cursor is none, or the limit is less than 1.
        """
        check_limit(limit)
        before = Cursor.parse(cursor)
        found: list[DeadLetter] = []
        places = [
            (keys, group, index)
            for keys, group in await self.groups()
            if wanted.channel in (None, keys.channel) and wanted.group in (None, group)
            for index in _indexes(keys, group, wanted.state)
        ]
        for keys, group, index in await self._filter_filled(places):
            found += await self._find_matching(keys, group, index, wanted, limit + 1, before)
        found.sort(key=lambda letter: (letter.dead_ms, str(letter.id)), reverse=True)
        page = found[:limit]
        more = len(found) > limit
        return DeadLetterPage(tuple(page), Cursor(page[-1].dead_ms, str(page[-1].id)).text if more else None)

    async def counts(self) -> list[DeadLetterCount]:
        """How many letters wait, by channel, group and reason, most first."""
        tally: dict[tuple[str, str, DeadLetterReason], list[int]] = {}
        places = [(keys, group, keys.dead_letters(group)) for keys, group in await self.groups()]
        for keys, group, index in await self._filter_filled(places):
            async for letter in self._read_newest(keys, group, index):
                tally.setdefault((keys.channel, group, letter.reason), []).append(letter.dead_ms)
        counts = [DeadLetterCount(*key, count=len(died), oldest_ms=min(died)) for key, died in tally.items()]
        return sorted(counts, key=lambda count: (-count.count, count.channel, count.group, count.reason))

    async def get(self, id_: UUID) -> DeadLetter | None:
        """One letter with its whole history; None when no group has it."""
        found = await self.find_with_traces(id_)
        return found[0] if found else None

    async def find_with_traces(self, id_: UUID, place: "tuple[ChannelKeys, str] | None" = None) -> Traced | None:
        """One letter with its whole history, and where its past lies in telemetry; None when there is none.

        Args:
            id_: of the letter.
            place: its channel and group, where they are known.
        """
        keys, group = place or await self._find(id_) or (None, "")
        if keys is None:
            return None
        record: Any = await self._client.hgetall(keys.letter(group, id_))
        values = {name.decode(): value for name, value in record.items()}
        letter = letter_wire.parse_letter(keys.channel, group, id_, [values.get(name) for name in LETTER_FIELDS])
        if letter is None:
            return None
        traces = (letter_wire.parse_trace(values.get(f"{name}_trace")) for name in ("publish", "attempt", "settled"))
        return replace(letter, history=letter_wire.parse_history(values)), LetterTraces(*traces)

    async def replay(self, letter: DeadLetter, operator: str, trace: TraceContext) -> Settlement:
        """Owes the letter's event to its group once more, in a new round; other groups see nothing.

        Args:
            letter: the letter; its event keeps its id, correlation and cause.
            operator: who says so, for the audit.
            trace: where the replay's span stands.
        """
        keys, group = ChannelKeys(letter.channel), letter.group
        replay = identity.replay_id(letter.id)
        delivery = identity.delivery_id(letter.event_id, group, letter.round + 1)
        done = await self._scripts.call_once(
            "replay",
            [
                keys.letter(group, letter.id),
                keys.delivery(group, delivery),
                keys.dead_letters(group),
                keys.settled_letters(group),
                keys.retries(group),
                keys.counters,
                keys.audit(group),
                keys.unconfirmed,
                keys.groups,
            ],
            group,
            str(letter.id),
            str(delivery),
            str(replay),
            letter.round + 1,
            trace.traceparent,
            operator,
        )
        return _settlement(letter, done, "replayed", replay, delivery)

    async def discard(self, letter: DeadLetter, operator: str, reason: str, trace: TraceContext) -> Settlement:
        """Gives the letter up for good; it stays readable.

        Args:
            letter: the letter.
            operator: who says so, for the audit.
            reason: why, for the audit.
            trace: where the discard's span stands.
        """
        keys, group = ChannelKeys(letter.channel), letter.group
        discard = identity.discard_id(letter.id)
        done = await self._scripts.call_once(
            "discard",
            [
                keys.letter(group, letter.id),
                keys.dead_letters(group),
                keys.settled_letters(group),
                keys.counters,
                keys.audit(group),
                keys.unconfirmed,
                keys.groups,
            ],
            group,
            str(letter.id),
            str(discard),
            operator,
            reason,
            trace.traceparent,
        )
        return _settlement(letter, done, "discarded", discard, None)

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        """What operators did to letters and groups until a time (None: until now), newest first in each group, under a
        key of its own: two groups may write within one millisecond."""
        found: list[tuple[str, AuditRecord]] = []
        newest = "+" if until_ms is None else str(until_ms)
        groups = await self.groups()
        questions = [
            partial(Pipeline.xrevrange, name=keys.audit(group), max=newest, count=limit) for keys, group in groups
        ]
        for (keys, group), entries in zip(groups, await ask_all(self._client, questions), strict=True):
            found += [
                (
                    f"{entry.decode()}/{keys.channel}/{group}",
                    letter_wire.audit_record(keys.channel, group, entry, values),
                )
                for entry, values in entries
            ]
        return found

    async def _find(self, id_: UUID) -> tuple[ChannelKeys, str] | None:
        groups = await self.groups()
        questions = [partial(_ask_exists, keys.letter(group, id_)) for keys, group in groups]
        known = await ask_all(self._client, questions)
        return next((place for place, is_there in zip(groups, known, strict=True) if is_there), None)

    async def _filter_filled(self, places: Sequence[_Place]) -> list[_Place]:
        """Those places where any letter is: of thousands of groups few have one."""
        questions = [partial(Pipeline.zcard, name=index) for _, _, index in places]
        counts = await ask_all(self._client, questions)
        return [place for place, count in zip(places, counts, strict=True) if count]

    async def _find_matching(
        self, keys: ChannelKeys, group: str, index: str, wanted: LetterFilter, limit: int, before: Cursor | None
    ) -> list[DeadLetter]:
        found: list[DeadLetter] = []
        async for letter in self._read_newest(keys, group, index):
            if (before is None or before.is_followed_by(letter.dead_ms, str(letter.id))) and wanted.is_met_by(letter):
                found.append(letter)
            if len(found) == limit:
                break
        return found

    async def _read_newest(self, keys: ChannelKeys, group: str, index: str) -> AsyncIterator[DeadLetter]:
        start = 0
        while ids := cast("list[bytes]", await self._client.zrange(index, start, start + _BATCH - 1, desc=True)):
            start += _BATCH
            async for letter in self._read(keys, group, [UUID(id_.decode()) for id_ in ids]):
                yield letter

    async def _read(self, keys: ChannelKeys, group: str, ids: list[UUID]) -> AsyncIterator[DeadLetter]:
        async with self._client.pipeline() as pipe:
            for id_ in ids:
                pipe.hmget(keys.letter(group, id_), LETTER_FIELDS)
            records = await pipe.execute()
        for id_, record in zip(ids, records, strict=True):
            letter = letter_wire.parse_letter(keys.channel, group, id_, record)
            if letter is not None:
                yield letter


def _ask_exists(name: str, pipe: Pipeline) -> None:
    pipe.exists(name)


def _indexes(keys: ChannelKeys, group: str, state: str) -> list[str]:
    if state == "dead":
        return [keys.dead_letters(group)]
    if state in ("replayed", "discarded"):
        return [keys.settled_letters(group)]
    return [keys.dead_letters(group), keys.settled_letters(group)]


def _settlement(
    letter: DeadLetter, done: int, status: Literal["replayed", "discarded"], node: UUID, delivery: UUID | None
) -> Settlement:
    if done in _REFUSED:
        return Settlement(letter.id, _REFUSED[done])
    if not done:
        return Settlement(letter.id, "already_settled", letter.replay_id)
    return Settlement(letter.id, status, node, delivery, at_ms=done)
