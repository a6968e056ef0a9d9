"""Connections on which keys are still to be agreed upon (TLS).

Left to asyncio, such a connection is nobody's for a minute, counts for no limit, and holds a quarter of a megabyte:
whoever can reach the port, and says nothing, takes all descriptors and gigabytes.
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol


class Watch(Protocol):
    """Knows all connections."""

    def admit(self, connection: "Handshake") -> bool:
        """Takes a connection; false when there is no room for it."""
        ...

    def forget(self, connection: "Handshake") -> None:
        """Notes that a connection is gone, or has become another."""
        ...


class Handshake(asyncio.Protocol):
    """Agrees on keys, and then hands the connection on.

    Args:
        make: makes the protocol that is spoken afterwards.
        watch: over all connections.
        context: certificate and key.

    Attributes:
        is_waited_for: always; who says nothing is the first to go.
        waited: seconds since it began.
        transport: the connection, in clear.
    """

    is_waited_for = True

    def __init__(self, make: Callable[[], asyncio.Protocol], watch: Watch, context: ssl.SSLContext) -> None:
        self.waited = 0.0
        self.transport: asyncio.Transport
        self._make = make
        self._watch = watch
        self._context = context
        self._early = b""
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # of asyncio, which connects TCP transports alone
        """Begins, or refuses to: without keys nothing can be said."""
        self.transport = transport
        transport.pause_reading()
        if self._watch.admit(self):
            self._task = asyncio.get_running_loop().create_task(self._agree(), name="handshake")
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Keeps what comes right behind the handshake."""
        self._early += data

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends."""
        self._watch.forget(self)

    def tick(self, seconds: float) -> None:
        """Counts time."""
        self.waited += seconds

    def has_stalled(self, seconds: float) -> bool:
        """Returns whether the peer has kept the server waiting for so long."""
        return self.waited >= seconds

    async def _agree(self) -> None:
        loop = asyncio.get_running_loop()
        secured = None
        with suppress(OSError):  # of the peer, or of TLS: whoever knocks with anything else is nobody's trouble
            secured = await loop.start_tls(self.transport, self, self._context, server_side=True)
        self._watch.forget(self)
        if secured is None or secured.is_closing():
            self.transport.abort()
            return
        protocol = self._make()
        secured.set_protocol(protocol)
        protocol.connection_made(secured)
        if self._early:
            protocol.data_received(self._early)
