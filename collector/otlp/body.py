"""The body of a request: read and decompressed within its own limit and within the budget of all requests."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from typing import Final

from collector.errors import OverloadedError, TooLargeError, TooSlowError, UndecodableError
from collector.otlp.budget import Share

#: Bytes of a body that have to come within the seconds that a sender may take.
WINDOW_BYTES: Final = 65_536

#: Those seconds, where nobody says how many.
STALL_SECONDS: Final = 10.0

#: How many times as long the whole body may take.
_STALLS: Final = 30

#: Most members of a gzip body; even empty ones cost some work each.
_MEMBERS: Final = 1024

#: Bytes given to zlib in one go, because it copies all input behind a member's end.
_PIECE: Final = 65_536

#: Most encodings of a body, one over the other.
_CODINGS: Final = 2

#: Makes zlib expect gzip's header and trailer, or its own.
_WINDOWS: Final = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


async def read_body(
    chunks: AsyncIterator[bytes], limit: int, share: Share, stall: float = STALL_SECONDS, ahead: int = 0
) -> bytes:
    """Reads a body whole.

    Args:
        chunks: the body as it arrives.
        limit: most bytes to accept.
        share: what the request holds; grows by the bytes read.
        stall: seconds for 64 KiB of it, or for the rest.
        ahead: bytes that are held from the beginning, because they may be there before they can be seen.

    Raises:
        TooLargeError: as soon as the limit is passed; the rest isn't read.
        TooSlowError: when too little of it comes, or not all within thirty times those seconds.
        OverloadedError: when there is no room for it. The rest is read all the same, or the sender would find its
            connection closed instead of an answer that says when to come again.
    """
    reading = _Reading(limit, share, ahead)
    loop = asyncio.get_running_loop()
    last = loop.time() + _STALLS * stall
    try:
        async with asyncio.timeout(stall) as window:
            with share.arriving(partial(_cut_off, reading, window, loop)):
                seen = 0
                async for chunk in chunks:
                    reading.add(chunk)
                    if reading.size - seen >= WINDOW_BYTES:
                        seen = reading.size
                        window.reschedule(min(loop.time() + stall, last))
    except TimeoutError:
        raise reading.refused or TooSlowError(
            f"only {reading.size} bytes of the request have come; it takes {WINDOW_BYTES} within {stall:g} seconds "
            "(CAUSELINE_STALL_LIMIT)"
        ) from None
    return reading.whole()


class _Reading:
    """What has come of a body."""

    def __init__(self, limit: int, share: Share, ahead: int) -> None:
        self.size = 0
        self.refused: OverloadedError | None = None
        self._limit = limit
        self._share = share
        self._held = 0
        self._body = bytearray()
        self._hold(min(ahead, limit))

    def add(self, chunk: bytes) -> None:
        """Keeps what came, while there is room for it."""
        self.size += len(chunk)
        if self.size > self._limit:
            raise _too_large(self._limit)
        if self.refused is None:
            self._hold(self.size)
        if self.refused is None:
            self._body += chunk

    def whole(self) -> bytes:
        """Returns the body.

        Raises:
            OverloadedError: when there was no room for it.
        """
        if self.refused is not None:
            raise self.refused
        return bytes(self._body)

    def _hold(self, size: int) -> None:
        """Holds so many bytes in all; where there is no room for them, the request is refused and holds nothing."""
        try:
            self._share.grow(max(0, size - self._held))
            self._held = max(self._held, size)
        except OverloadedError as error:
            self.refused = error
            self._body.clear()
            self._share.give_back()


def _cut_off(reading: _Reading, window: asyncio.Timeout, loop: asyncio.AbstractEventLoop) -> None:
    """Ends an arrival; called from any thread."""

    def end() -> None:
        with suppress(RuntimeError):  # it has ended meanwhile
            window.reschedule(loop.time())

    reading.refused = OverloadedError("others needed the room that was held for a request which took long to arrive")
    loop.call_soon_threadsafe(end)


def unpack(body: bytes, encoding: str, limit: int, share: Share) -> bytes:
    """Undoes a content encoding.

    Args:
        body: the bytes as they were sent.
        encoding: the `Content-Encoding` header; empty, or a list of `identity`, `gzip` and `deflate`.
        limit: most bytes to make.
        share: what the request holds; grows by the bytes made.

    Raises:
        UndecodableError: when the encoding is another, or the bytes are not that, of at most 1024 members.
        TooLargeError: when the unpacked body passes the limit; a bomb is never unpacked whole.
        OverloadedError: when there is no room for it.
    """
    for coding in _codings(encoding):
        parts = []
        for part in _members(memoryview(body), coding, limit):
            share.grow(len(part))
            parts.append(part)
        body = b"".join(parts)
    return body


def _codings(encoding: str) -> list[str]:
    """Returns what a `Content-Encoding` header names, the last that was done first."""
    named = [word.strip().lower().removeprefix("x-") for word in encoding.split(",")]
    codings = [word for word in reversed(named) if word not in ("", "identity")]
    for coding in codings:
        if coding not in _WINDOWS:
            raise UndecodableError(f"content encoding {coding!r} is not supported; send gzip, deflate or none")
    if len(codings) > _CODINGS:
        raise UndecodableError(f"the body is encoded {len(codings)} times; {_CODINGS} are the most that is undone")
    return codings


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
                raise UndecodableError(f"the body is not valid {encoding}: {error}") from None
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            position += len(piece) - len(member.unused_data)
            yield part


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the request is larger than {limit} bytes once decompressed (CAUSELINE_REQUEST_LIMIT_MIB)")
