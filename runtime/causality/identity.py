"""Who is who: minted and derived node ids, trace ids and span ids.

Minted ids are UUIDv7, derived ids UUIDv8 (RFC 9562): the base's 48-bit time, then a hash of what the node is.
Whoever repeats the work derives the same id, so a redelivery or a second export is never another node.
Nothing here knows OpenTelemetry.
"""

import hashlib
import time
from functools import lru_cache
from typing import Final
from uuid import UUID

import uuid_utils

from runtime.causality.chance import random_bytes
from runtime.errors import QueryError
from runtime.semconv import NodeKind

_SEPARATOR: Final = b"\x1f"
_RANDOM_BITS: Final = 80
#: Ids whose text, and steps whose ids are remembered: each comes up a dozen times in a step, and each costs as much as
#: an attribute of its span.
_KEPT: Final = 4096
#: The bits of a UUID that its version and variant leave, and these of version 8.
_FREE: Final = ~(0xF << 76 | 0x3 << 62)
_VERSION_8: Final = 0x8 << 76 | 0x2 << 62


def mint() -> UUID:
    """A new id that sorts by time (UUIDv7): for runs, events from outside, correlations."""
    return UUID(int=uuid_utils.uuid7().int)


def text_of(id_: UUID) -> str:
    """The text of an id."""
    return _text(id_.int)


@lru_cache(_KEPT)
def _text(number: int) -> str:
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def as_uuid(id_: UUID | str, what: str) -> UUID:
    """An id that somebody may have copied from a page.

    Raises:
        QueryError: when it is none; names what it should be of.
    """
    try:
        return id_ if isinstance(id_, UUID) else UUID(id_)
    except (ValueError, AttributeError, TypeError):  # as `UUID` says it of what is no text
        raise QueryError(f"{id_!r} is not the id of a {what}: it looks like {UUID(int=0)}") from None


def derive(kind: NodeKind, base: UUID, name: str = "", index: int | str = 0) -> UUID:
    """The id of a node that follows from another.

    Args:
        kind: what the node is.
        base: the id that it follows from; its first 48 bits (milliseconds since 1970) are kept.
        name: the step's or group's name; empty where the kind has none.
        index: mark of a step's place, ordinal of a publish, or round of a delivery.

    Returns:
        A UUIDv8, the same for the same arguments for ever.
    """
    raw = base.int.to_bytes(16)
    before, behind = _around(kind, name, index)
    digest = hashlib.sha256(before + raw + behind).digest()
    return version_8(raw[:6] + digest[:10])


@lru_cache(_KEPT, typed=True)
def _around(kind: str, name: str, index: int | str) -> tuple[bytes, bytes]:
    """What stands before and behind a base where an id is derived of it: of most bases the same."""
    return kind.encode() + _SEPARATOR, _SEPARATOR + name.encode() + _SEPARATOR + str(index).encode()


def run_id(starter: UUID, workflow: str, ordinal: int) -> UUID:
    """The id of the `ordinal`-th run (from 0) of a workflow that a step or delivery starts: whoever repeats the work
    finds the run that it has started before, and never one of another workflow."""
    return derive(NodeKind.RUN, starter, workflow, ordinal)


@lru_cache(_KEPT)
def step_id(run: UUID, step: str, mark: str = "") -> UUID:
    """The node id of a step in one run; `mark` tells its rounds and items apart (`StepPlace.mark`)."""
    return derive(NodeKind.STEP, run, step, mark or 0)


def tick_id(app: str, schedule: str, at_ms: int, nonce: str = "") -> UUID:
    """The node id of a schedule's tick of a nominal time (ms since 1970, UTC); `nonce` tells ticks by hand apart."""
    parts = (NodeKind.TICK.encode(), app.encode(), schedule.encode(), str(at_ms).encode(), nonce.encode())
    return version_8(at_ms.to_bytes(6) + hashlib.sha256(_SEPARATOR.join(parts)).digest()[:10])


def event_id(publisher: UUID, ordinal: int) -> UUID:
    """The id of the `ordinal`-th event (from 0) that a step or delivery publishes."""
    return derive(NodeKind.EVENT, publisher, "", ordinal)


def answer_id(sender: UUID, run: UUID, wait: str, ordinal: int) -> UUID:
    """The id of the `ordinal`-th answer (from 0) that a step or delivery gives to a wait of a run: whoever repeats the
    work gives the same. It is no node."""
    parts = (b"answer", sender.bytes, run.bytes, wait.encode(), str(ordinal).encode())
    return version_8(sender.bytes[:6] + hashlib.sha256(_SEPARATOR.join(parts)).digest()[:10])


def delivery_id(event: UUID, group: str, round_: int) -> UUID:
    """The node id of one event owed to one group in one round."""
    return derive(NodeKind.DELIVERY, event, group, round_)


def dead_letter_id(delivery: UUID) -> UUID:
    """The node id of the dead letter of a delivery."""
    return derive(NodeKind.DEAD_LETTER, delivery)


def replay_id(dead_letter: UUID) -> UUID:
    """The node id of the replay of a dead letter; there is one at most."""
    return derive(NodeKind.REPLAY, dead_letter)


def discard_id(dead_letter: UUID) -> UUID:
    """The node id of the discard of a dead letter; there is one at most."""
    return derive(NodeKind.DISCARD, dead_letter)


def foreign_event_id(source: str, event: str) -> UUID:
    """The id of an event made elsewhere: its own id where that is a UUID, else a hash of its source and id."""
    try:
        return UUID(event)
    except ValueError:
        digest = hashlib.sha256(source.encode() + _SEPARATOR + event.encode()).digest()
        return version_8(digest[:16])


def version_8(raw: bytes) -> UUID:
    """A UUID of version 8 (RFC 9562) with the bits of 16 bytes that its version and variant leave."""
    # `UUID(version=8)` is refused before Python 3.12.
    return UUID(int=int.from_bytes(raw) & _FREE | _VERSION_8)


def trace_id() -> int:
    """A new 128-bit trace id: 48 bits of milliseconds, then 80 random bits.

    The time in front lets a columnar store skip row groups; the random bits behind are enough for samplers, which
    read the low 56 or 64 bits (W3C Trace Context Level 2, random trace id flag).
    """
    return (time.time_ns() // 1_000_000) << _RANDOM_BITS | int.from_bytes(random_bytes(_RANDOM_BITS // 8))


def span_id(node: UUID, name: str, attempt: int = 1) -> int:
    """The 64-bit span id of one attempt at a node; never 0.

    Args:
        node: the node's id.
        name: the span's name.
        attempt: which try, 1-based; spans that are no attempts use 1.
    """
    raw = node.int.to_bytes(16)
    return int.from_bytes(hashlib.sha256(raw + _behind(name, attempt)).digest()[:8]) or 1


@lru_cache(_KEPT)
def _behind(name: str, attempt: int) -> bytes:
    """What stands behind a node where a span id is derived of it: of most nodes the same."""
    return _SEPARATOR + name.encode() + _SEPARATOR + str(attempt).encode()
