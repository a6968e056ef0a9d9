"""Connections of HTTP: how many there may be, and how long each may keep the server waiting.

Uvicorn waits for ever for a request's head, for the rest of its body, and for a peer that reads no answer. Here all are
looked at once a second. Who is waited for has to agree on keys, where TLS is served, and to send a request's head, each
within the seconds that it may stall, then 64 KiB of the body, or the rest, within each such time, and take as much of
an answer. Time is counted in looks, so that a machine which was busy or asleep does not blame the peers.
"""

import asyncio
import ssl
from enum import Enum, auto
from functools import partial
from typing import Any, Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from collector.handshakes import Handshake
from collector.refused_connection import Busy, RefusedConnection, make_plain_busy_answer

#: Connections and seconds, where nobody says how many.
LIMIT: Final = 500
STALL_SECONDS: Final = 10.0

#: Bytes that have to be moved within the seconds that a peer may stall.
WINDOW_BYTES: Final = 65_536

#: How many times as long a body may stall here as in the receiver of telemetry, which can say why.
_BODY_STALLS: Final = 2

#: Connections at once that are told, while all others are being answered, that there is no room for them, and seconds
#: that they have to say what they want. Even more are closed without a word.
_TURNED_AWAY: Final = 100
_PATIENCE: Final = 2.0


class WaitState(Enum):
    """What a connection's peer is waited for: nothing while its answer is made, its next request, the head or the body
    of one that has begun, or to read what it was answered."""

    NOTHING = auto()
    REQUEST = auto()
    HEAD = auto()
    BODY = auto()
    READING = auto()


_FLOWING: Final = (WaitState.BODY, WaitState.READING)


class Connections:
    """Looks after all connections of a server.

    Args:
        limit: most that are open at once. One more takes the place of the one that is waited for the longest.
        stall: seconds that a peer may keep the server waiting.
        tls: certificate and key; None for plain HTTP.
        busy: what is answered while all others are being answered.
    """

    def __init__(
        self,
        limit: int = LIMIT,
        stall: float = STALL_SECONDS,
        tls: ssl.SSLContext | None = None,
        busy: Busy = make_plain_busy_answer,
    ) -> None:
        self._limit = limit
        self._stall = stall
        self._tls = tls
        self._tick = min(1.0, stall / 10)
        self._busy = busy
        self._open: set[WatchedProtocol | Handshake] = set()
        self._turned_away: dict[WatchedProtocol, RefusedConnection] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def protocol(self) -> type[asyncio.Protocol]:
        """What uvicorn makes one of for each connection."""
        watched = type("ConnectionOfOurs", (WatchedProtocol,), {"watch": self})
        context = self._tls
        if context is None:
            return watched

        def begin(**given: Any) -> Handshake:
            return Handshake(partial(watched, **given), self, context)

        return cast("type[asyncio.Protocol]", begin)  # uvicorn calls it, and no more

    def admit(self, protocol: "WatchedProtocol | Handshake") -> bool:
        """Takes a new connection; false when there is no room for it."""
        if len(self._open) >= self._limit:
            waited = [other for other in self._open if other.is_waited_for]
            if not waited:
                return False
            self._cut(max(waited, key=lambda other: other.waited))
        self._open.add(protocol)
        if self._sweeping is None:
            self._sweep_later()
        return True

    def turn_away(self, protocol: "WatchedProtocol") -> RefusedConnection | None:
        """Has a connection told that there is no room for it; None where there are too many even of those."""
        if len(self._turned_away) >= _TURNED_AWAY:
            return None
        turned_away = self._turned_away[protocol] = RefusedConnection(protocol.transport, self._busy)
        return turned_away

    def forget(self, protocol: "WatchedProtocol | Handshake") -> None:
        """Notes that a connection is gone."""
        self._open.discard(protocol)
        if isinstance(protocol, WatchedProtocol):
            self._turned_away.pop(protocol, None)

    def end(self) -> None:
        """Cuts those whose peers are waited for, however short."""
        for protocol in [*(one for one in self._open if one.is_waited_for), *self._turned_away]:
            self._cut(protocol)

    def _sweep_later(self) -> None:
        self._sweeping = asyncio.get_running_loop().call_later(self._tick, self._sweep)

    def _sweep(self) -> None:
        for protocol in list(self._open):
            protocol.tick(self._tick)
            if protocol.has_stalled(self._stall):
                self._cut(protocol)
        for told, turned_away in list(self._turned_away.items()):
            turned_away.waited += self._tick
            if turned_away.waited >= _PATIENCE:
                self._cut(told)
        self._sweeping = None
        if self._open or self._turned_away:
            self._sweep_later()

    def _cut(self, protocol: "WatchedProtocol | Handshake") -> None:
        self.forget(protocol)
        protocol.transport.abort()


class WatchedProtocol(H11Protocol):
    """A connection that knows what its peer is waited for, and for how long.

    Attributes:
        watch: over all connections of the server.
        waited: seconds that the peer has been waited for without getting on.
    """

    watch: Connections
    waited: float = 0.0

    _received = 0
    _mark = 0
    _phase: tuple[WaitState, object] | None = None
    _turned_away: RefusedConnection | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # of asyncio, which connects TCP transports alone
        """Begins, or refuses to."""
        super().connection_made(transport)
        if self.watch.admit(self):
            return
        self._turned_away = self.watch.turn_away(self)
        if self._turned_away is None:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends."""
        self.watch.forget(self)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hands the connection on, to what no request is waited for on."""
        self.watch.forget(self)
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Ends a connection whose request breaks HTTP; the application, which may have begun to answer it, can say
        nothing more, and need not know."""
        begun = bool(self.cycle) and not self.cycle.response_complete  # none before the first request
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:  # it is being answered, or has been
            self.transport.close()
        if begun:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Reads on."""
        if self._turned_away is not None:
            self._turned_away.receive(data)
            return
        self._received += len(data)
        super().data_received(data)

    @property
    def awaited(self) -> WaitState:
        """What the peer is waited for."""
        if self.transport.get_write_buffer_size():
            return WaitState.READING
        if self.conn.their_state is h11.IDLE:
            return WaitState.HEAD if self.timeout_keep_alive_task is None else WaitState.REQUEST
        if self.conn.their_state is h11.SEND_BODY and not (self.flow.read_paused and not self.cycle.response_complete):
            return WaitState.BODY
        return WaitState.NOTHING

    @property
    def is_waited_for(self) -> bool:
        """Whether the peer has to do something."""
        return self.awaited is not WaitState.NOTHING

    def tick(self, seconds: float) -> None:
        """Counts time; from zero where the peer has got on."""
        awaited = self.awaited
        phase = (awaited, self.cycle)
        moved = -self.transport.get_write_buffer_size() if awaited is WaitState.READING else self._received
        if phase != self._phase or (awaited in _FLOWING and moved - self._mark >= WINDOW_BYTES):
            self._phase, self._mark, self.waited = phase, moved, 0.0
        elif awaited is not WaitState.NOTHING:
            self.waited += seconds

    def has_stalled(self, seconds: float) -> bool:
        """Returns whether the peer has kept the server waiting for so long."""
        awaited = self.awaited
        if awaited in (WaitState.NOTHING, WaitState.REQUEST):
            return False
        return self.waited >= seconds * (_BODY_STALLS if awaited is WaitState.BODY else 1)
