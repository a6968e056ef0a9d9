"""A connection more than there may be: it is told so in the words of what it asks, as soon as its head is there."""

import asyncio
from collections.abc import Callable
from typing import Final

import h11

#: Bytes of a head at most, as of any other.
_LONGEST_HEAD: Final = 65_536

Busy = Callable[[str, str], bytes]
"""The whole answer to a request, by its path and its `Content-Type`; both are empty where they are not known."""


def make_plain_busy_answer(_path: str, _content_type: str) -> bytes:
    """Returns an answer to whoever is known to want no other."""
    return (
        b"HTTP/1.1 503 Service Unavailable\r\n"
        b"Retry-After: 1\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 20\r\n\r\n"
        b"too many connections"
    )


class RefusedConnection:
    """What is heard of such a connection, and said to it.

    Args:
        transport: the connection.
        busy: makes the answer.

    Attributes:
        waited: seconds since it came.
    """

    def __init__(self, transport: asyncio.Transport, busy: Busy) -> None:
        self.waited = 0.0
        self._transport = transport
        self._busy = busy
        self._head = h11.Connection(h11.SERVER, _LONGEST_HEAD)
        self._is_told = False

    def receive(self, data: bytes) -> None:
        """Reads on. What comes behind the head is thrown away: a connection that is closed over what nobody has read
        takes the answer along."""
        if self._is_told:
            return
        try:
            self._head.receive_data(data)
            event = self._head.next_event()
        except h11.RemoteProtocolError:
            self._send_answer("", "")
            return
        if isinstance(event, h11.Request):
            kinds = [value.decode("latin-1") for name, value in event.headers if name == b"content-type"]
            self._send_answer(event.target.decode("latin-1").partition("?")[0], kinds[0] if kinds else "")

    def _send_answer(self, path: str, content_type: str) -> None:
        self._is_told = True
        self._transport.write(self._busy(path, content_type))
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()
