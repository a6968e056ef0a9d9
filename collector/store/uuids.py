"""Columns of UUIDs, from texts and from hashes. Vectorised: Python runs only for texts of a rare form.

DuckDB's own casts and hashes do the same (the macros `foreign_node` and `message_event`, which a test compares with
these), but in a statement that is planned anew for every batch: that took 40 ms before the first span.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_BYTES: Final = 16

#: The type that they are computed with.
KIND: Final = pa.binary(_BYTES)

#: Characters of the usual form, and where its hyphens are.
_LENGTH: Final = 36
_HYPHENS: Final = (8, 13, 18, 23)
_DIGITS: Final = [place for place in range(_LENGTH) if place not in _HYPHENS]

#: Any form that is a UUID: hyphens anywhere or nowhere, braces around it.
_ANY_FORM: Final = re.compile(r"-*(?:[0-9a-fA-F]-*){32}")

#: The value of each hexadecimal digit by its code; of no digit it is above 15.
_VALUES: Final[npt.NDArray[np.uint8]] = np.full(256, 255, np.uint8)
for _digit in "0123456789abcdefABCDEF":
    _VALUES[ord(_digit)] = int(_digit, 16)

#: Between the parts of a message's identity.
SEPARATOR: Final = "\x1f"

Bytes = npt.NDArray[np.uint8]


def to_uuid_type(values: pa.FixedSizeBinaryArray) -> pa.ExtensionArray:
    """Returns bytes as UUIDs, for the database; Arrow computes with bytes alone."""
    return pa.ExtensionArray.from_storage(pa.uuid(), values)


def parse_uuids(texts: pa.StringArray) -> pa.FixedSizeBinaryArray:
    """Returns the bytes of the UUID that each text is; null where it is none."""
    if texts.null_count == len(texts):
        return pa.nulls(len(texts), KIND)
    found: Bytes = np.zeros((len(texts), _BYTES), np.uint8)
    is_found: npt.NDArray[np.bool_] = np.zeros(len(texts), np.bool_)
    usual = np.flatnonzero(pc.equal(pc.binary_length(texts), _LENGTH).fill_null(False).to_numpy(zero_copy_only=False))
    is_found[usual], found[usual] = _parse_usual_form(texts.take(pa.array(usual)))
    for place in np.flatnonzero(~is_found & texts.is_valid().to_numpy(zero_copy_only=False)):
        if (one := parse_uuid(texts[place].as_py())) is not None:
            is_found[place], found[place] = True, np.frombuffer(one.bytes, np.uint8)
    return make_column(found, is_found)


def parse_uuid(text: str) -> UUID | None:
    """Returns the UUID that a text is; None when it is none."""
    inner = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    return UUID(hex=inner.replace("-", "")) if _ANY_FORM.fullmatch(inner) else None


def make_column(values: Bytes, is_there: npt.NDArray[np.bool_]) -> pa.FixedSizeBinaryArray:
    """Returns UUIDs as a column.

    Args:
        values: the bytes of each; shape (n, 16).
        is_there: which are; the others become null.
    """
    mask = None if is_there.all() else pa.array(is_there).buffers()[1]
    return pa.Array.from_buffers(KIND, len(values), [mask, pa.py_buffer(np.ascontiguousarray(values))])


def hash_contents(contents: Iterable[bytes]) -> Bytes:
    """Returns the first 16 bytes of SHA-256 over each content, as a UUIDv8 (RFC 9562); shape (n, 16)."""
    digests = np.frombuffer(b"".join([sha256(content).digest() for content in contents]), np.uint8)
    ids = digests.reshape(-1, 2 * _BYTES)[:, :_BYTES].copy()
    ids[:, 6] = ids[:, 6] & 0x0F | 0x80
    ids[:, 8] = ids[:, 8] & 0x3F | 0x80
    return ids


def span_node_id(trace: UUID, span_id: int) -> UUID:
    """Returns the node of a span of others, as the macro `foreign_node` does."""
    return UUID(bytes=bytes(hash_contents([trace.bytes + span_id.to_bytes(8, "big")])[0]))


def message_event_id(channel: str | None, message_id: str, *, is_ours: bool) -> bytes:
    """Returns the id of an event of others, from its message.

    It is known within its channel alone: the same message on another channel is another event. On channels of ours, and
    where no channel is told, it is the id that the runtime gives: the message's own where that is a UUID.

    Args:
        channel: that it was sent on.
        message_id: of the message, behind the CloudEvents source and a separator where it has one.
        is_ours: whether the channel is one of ours.
    """
    if not is_ours and channel is not None:
        return hash_contents([f"{channel}{SEPARATOR}{message_id}".encode()]).tobytes()
    own = parse_uuid(message_id.rpartition(SEPARATOR)[2])
    if own is not None:
        return own.bytes
    scope = "" if SEPARATOR in message_id else f"{channel or ''}{SEPARATOR}"
    return hash_contents([f"{scope}{message_id}".encode()]).tobytes()


def _parse_usual_form(texts: pa.StringArray) -> tuple[npt.NDArray[np.bool_], Bytes]:
    """Returns which texts of 36 bytes are UUIDs, and all their bytes; those of the others mean nothing."""
    fixed = texts.cast(pa.binary()).cast(pa.binary(_LENGTH))
    codes = np.frombuffer(fixed.buffers()[1], np.uint8)[fixed.offset * _LENGTH :][: len(fixed) * _LENGTH]
    letters = codes.reshape(-1, _LENGTH)
    digits = _VALUES[letters[:, _DIGITS]]
    is_uuid = (digits < 16).all(axis=1) & (letters[:, _HYPHENS] == ord("-")).all(axis=1)
    return is_uuid, np.asarray(digits[:, 0::2] << 4 | digits[:, 1::2] & 0x0F, np.uint8)
