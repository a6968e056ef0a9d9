"""The body of a request: read and decompressed within its own limit and within the budget of all requests."""

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Final

from collector.errors import OverloadedError, TooLargeError, UndecodableError
from collector.otlp.budget import Share

#: Most members of a gzip body; even empty ones cost some work each.
_MEMBERS: Final = 1024

#: Bytes given to zlib in one go, because it copies all input behind a member's end.
_PIECE: Final = 65_536

#: Makes zlib expect gzip's header and trailer, or its own.
_WINDOWS: Final = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


async def read(chunks: AsyncIterator[bytes], limit: int, share: Share) -> bytes:
    """Reads a body whole.

    Args:
        chunks: the body as it arrives.
        limit: most bytes to accept.
        share: what the request holds; grows by the bytes read.

    Raises:
        TooLargeError: as soon as the limit is passed; the rest isn't read.
        OverloadedError: when there is no room for it. The rest is read all the same, or the sender would find its
            connection closed instead of an answer that says when to come again.
    """
    parts: list[bytes] = []
    size, refused = 0, None
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        if refused is None:
            try:
                share.grow(len(chunk))
                parts.append(chunk)
            except OverloadedError as error:
                refused = error
                parts.clear()
                share.give_back()
    if refused is not None:
        raise refused
    return b"".join(parts)


def unpack(body: bytes, encoding: str, limit: int, share: Share) -> bytes:
    """Undoes a content encoding.

    Args:
        body: the bytes as they were sent.
        encoding: the `Content-Encoding` header; empty, `identity`, `gzip` or `deflate`.
        limit: most bytes to make.
        share: what the request holds; grows by the bytes made.

    Raises:
        UndecodableError: when the encoding is another, or the bytes are not that, of at most 1024 members.
        TooLargeError: when the unpacked body passes the limit; a bomb is never unpacked whole.
        OverloadedError: when there is no room for it.
    """
    if encoding in ("", "identity"):
        return body
    if encoding not in _WINDOWS:
        raise UndecodableError(f"content encoding {encoding!r} is not supported; send gzip, deflate or none")
    parts = []
    for part in _members(memoryview(body), encoding, limit):
        share.grow(len(part))
        parts.append(part)
    return b"".join(parts)


def _members(body: memoryview, encoding: str, limit: int) -> Iterator[bytes]:
    """Yields what each member holds, in pieces: a body may be several, one after another."""
    size = position = members = 0
    while position < len(body):
        members += 1
        if members > _MEMBERS:
            raise UndecodableError(f"the {encoding} body has more than {_MEMBERS} members")
        member = zlib.decompressobj(_WINDOWS[encoding])
        while not member.eof:
            if position == len(body):
                raise UndecodableError(f"the {encoding} body ends too early")
            piece = body[position : position + _PIECE]
            try:
                part = member.decompress(piece, limit - size + 1)
            except zlib.error as error:
                raise UndecodableError(f"the body is no {encoding}: {error}") from None
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            position += len(piece) - len(member.unused_data)
            yield part


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the request is larger than {limit} bytes once decompressed (CAUSELINE_REQUEST_LIMIT_MIB)")
