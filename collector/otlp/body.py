"""The body of a request: read within a limit, unpacked within the same limit."""

import zlib
from collections.abc import AsyncIterator
from typing import Final

from collector.errors import TooLargeError, UndecodableError

#: Makes zlib expect gzip's header and trailer.
_GZIP: Final = 16 + zlib.MAX_WBITS


async def read(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """All bytes of a body.

    Args:
        chunks: the body as it arrives.
        limit: most bytes to accept.

    Raises:
        TooLargeError: as soon as the limit is passed; the rest isn't read.
    """
    parts, size = [], 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        parts.append(chunk)
    return b"".join(parts)


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """Undoes a content encoding.

    Args:
        body: the bytes as they were sent.
        encoding: the `Content-Encoding` header; empty, `identity` or `gzip`.
        limit: most bytes to make.

    Raises:
        UndecodableError: when the encoding is another, or the bytes are no gzip.
        TooLargeError: when the unpacked body passes the limit; a bomb is never unpacked whole.
    """
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise UndecodableError(f"content encoding {encoding!r} is not supported; send gzip or none")
    unpacked = bytearray()
    while body:  # a gzip body may be several members, one after another
        member = zlib.decompressobj(_GZIP)
        try:
            unpacked += member.decompress(body, limit - len(unpacked) + 1)
        except zlib.error as error:
            raise UndecodableError(f"the body is no gzip: {error}") from None
        if len(unpacked) > limit:
            raise _too_large(limit)
        if not member.eof:
            raise UndecodableError("the gzip body ends too early")
        body = member.unused_data
    return bytes(unpacked)


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the request is larger than {limit} bytes once decompressed (CAUSELINE_REQUEST_LIMIT_MIB)")
