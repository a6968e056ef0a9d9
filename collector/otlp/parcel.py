"""A request as it comes in, over whichever transport, and the limits to which it is held."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from collector.otlp.body import STALL_SECONDS

_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a request may be, how slow, and over how many connections requests come.

    Attributes:
        size: most bytes once decompressed.
        items: most spans, attributes, values and other items that it may be made of.
        stall: seconds within which 64 KiB of it have to come, or the rest.
        connections: most that are open at once, of each transport.
    """

    size: int = 64 * _MIB
    items: int = 500_000
    stall: float = STALL_SECONDS
    connections: int = 500


@dataclass(frozen=True, slots=True)
class Parcel:
    """One request.

    Attributes:
        chunks: its bytes as they arrive.
        host: the address that it comes from.
        port: of that address; with it the connection.
        encoding: how the bytes are compressed; empty, `identity`, `gzip` or `deflate`.
        is_json: whether they are JSON, and not protobuf.
        ahead: bytes that are held for it before the first chunk is there, by a transport that gives it whole.
    """

    chunks: AsyncIterator[bytes]
    host: str
    port: int = 0
    encoding: str = ""
    is_json: bool = False
    ahead: int = 0

    @property
    def sender(self) -> tuple[str, int]:
        """Whose turn it is; one connection's."""
        return self.host, self.port
