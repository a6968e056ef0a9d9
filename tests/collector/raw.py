"""Peers that speak HTTP by hand, so that they can stop in the middle."""

import socket
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

#: Seconds after which a test gives up; far more than anything here takes.
PATIENCE = 60


class Peer:
    """One connection.

    Args:
        url: of the server.
        window: bytes that the kernel keeps of what this peer has not read; None for as many as usual.
    """

    def __init__(self, url: str, window: int | None = None) -> None:
        self._socket = socket.socket()
        if window is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self._socket.settimeout(PATIENCE)
        address = urlsplit(url)
        self._socket.connect((address.hostname, address.port))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, text: bytes) -> None:
        """Says something."""
        self._socket.sendall(text)

    def post(self, path: str, length: int, body: bytes = b"", kind: str = "application/x-protobuf") -> None:
        """Says the head of a request of so many bytes, and some of them."""
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        self.send(head.encode() + body)

    def hear(self) -> bytes:
        """All that is said until the other side ends; nothing of what was lost when it was cut off."""
        heard = b""
        try:
            while chunk := self._socket.recv(65_536):
                heard += chunk
        except ConnectionError:
            pass
        return heard

    def hear_some(self) -> bytes:
        """What is said next."""
        return self._socket.recv(65_536)

    def reset(self) -> None:
        """Hangs up rudely."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._socket.close()
