"""One connection that many commands share: those that are ready in one turn of the event loop travel together."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import hiredis
import redis.exceptions as driver
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection, DefaultParser

from runtime.cancellation import cancel_and_wait

#: What the reader says while an answer is incomplete; all else is an answer.
_INCOMPLETE: Final = object()
#: Bytes of commands that are written in one go.
_WRITE: Final = 1 << 20


@dataclass(slots=True, eq=False)
class _PendingCommand:
    """A command on its way: its bytes, who waits for the answer, and when it was sent, by the loop's clock."""

    packed: bytes
    answer: "asyncio.Future[Any]"
    sent: float = 0.0


class SharedConnection:
    """Sends commands over one connection without waiting for the answers to those before.

    Answers come in the order of the commands. Where the connection is lost, all that was sent fails, and whoever asked
    decides whether to ask again: nobody knows which of them the server has carried out.

    Args:
        pool: makes the connection, its handshake included. Nothing is connected before the first command.
        timeout: seconds that an answer may take; the connection counts as lost after that.

    Attributes:
        made: how many connections there have been. Whoever finds it unchanged knows that the connection was not lost.
    """

    def __init__(self, pool: ConnectionPool, timeout: float) -> None:
        self._pool = pool
        self._timeout = timeout
        self.made = 0
        self._ready: list[_PendingCommand] = []
        self._sent: deque[_PendingCommand] = deque()
        self._wire: _Wire | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._flushing: asyncio.Handle | None = None
        self._watch: asyncio.TimerHandle | None = None

    async def ask(self, packed: bytes) -> Any:
        """Sends a command at the end of this turn of the event loop.

        Args:
            packed: the command as it travels.

        Returns:
            The raw answer: byte strings stay bytes.

        Raises:
            redis.RedisError, OSError: the server refuses, or is away.
        """
        return await self.send(packed)

    def send(self, packed: bytes) -> "asyncio.Future[Any]":
        """The same, for who waits for several answers without a task for each: it returns the answer to come."""
        loop = asyncio.get_running_loop()
        call = _PendingCommand(packed, loop.create_future())
        self._ready.append(call)
        if self._flushing is None and self._connecting is None:
            self._flushing = loop.call_soon(self._flush)
        return call.answer

    async def close(self) -> None:
        """Closes the connection; whoever still waits is told."""
        if self._connecting is not None:
            await cancel_and_wait(self._connecting)
        if self._wire is not None:
            await self._wire.close()
        self._fail_sent(driver.ConnectionError("the connection was closed"))

    def drop(self) -> None:
        """Gives up the connection, with whatever was asked on it; the next command makes a new one."""
        wire = self._wire
        if wire is not None:
            self._fail_sent(driver.ConnectionError("the connection was given up"))
            wire.abort()

    def _flush(self) -> None:
        self._flushing = None
        if not self._ready:
            return
        if self._wire is None:
            self._connecting = asyncio.create_task(self._connect(), name="causeline connecting")
            return
        calls, self._ready = [one for one in self._ready if not one.answer.done()], []
        now = asyncio.get_running_loop().time()
        chunk: list[bytes] = []
        size = 0
        for call in calls:
            call.sent = now
            chunk.append(call.packed)
            size += len(call.packed)
            if size >= _WRITE:
                self._wire.write(b"".join(chunk))
                chunk, size = [], 0
        self._sent.extend(calls)
        if chunk:
            self._wire.write(b"".join(chunk))
        if self._watch is None and self._sent:
            self._watch = asyncio.get_running_loop().call_later(self._timeout, self._check_overdue)

    async def _connect(self) -> None:
        connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call] # the driver does not say its type
        try:
            await connection.connect()  # type: ignore[no-untyped-call] # as above
            self._wire = _Wire(connection, self)
            self.made += 1
        except BaseException as error:
            self._connecting = None
            refused = error if isinstance(error, Exception) else driver.ConnectionError("connecting was cut off")
            self._fail(self._ready, refused)
            self._ready = []
            if not isinstance(error, Exception):
                raise
            return
        self._connecting = None
        self._flush()

    def take_answers(self, wire: "_Wire", answers: Sequence[Any]) -> None:
        """Answers have come, in order."""
        if self._wire is not wire:  # those of a connection that was given up are nobody's
            return
        for value in answers:
            future = self._sent.popleft().answer
            if future.done():  # whoever asked has given up
                continue
            if isinstance(value, Exception):
                future.set_exception(value)
            else:
                future.set_result(value)

    def handle_loss(self, wire: "_Wire", error: Exception) -> None:
        """The connection has ended."""
        if self._wire is wire:
            self._fail_sent(error)

    def _fail_sent(self, error: Exception) -> None:
        self._wire = None
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        sent, self._sent = self._sent, deque()
        self._fail(sent, error)

    def _check_overdue(self) -> None:
        """Whether the oldest answer is overdue."""
        self._watch = None
        if not self._sent or self._wire is None:
            return
        loop = asyncio.get_running_loop()
        left = self._sent[0].sent + self._timeout - loop.time()
        if left > 0:
            self._watch = loop.call_later(left, self._check_overdue)
            return
        wire = self._wire
        self._fail_sent(driver.TimeoutError(f"no answer within {self._timeout:.0f} s"))
        wire.abort()

    def _fail(self, calls: Sequence[_PendingCommand] | deque[_PendingCommand], error: Exception) -> None:
        for call in calls:
            if not call.answer.done():
                call.answer.set_exception(error)


class DedicatedConnections:
    """Connections for commands that wait, or that others must not wait for: each has one for itself meanwhile.
    Arguments are those of a `SharedConnection`."""

    def __init__(self, pool: ConnectionPool, timeout: float) -> None:
        self._pool = pool
        self._timeout = timeout
        self._idle: list[SharedConnection] = []
        self._lines: list[SharedConnection] = []

    async def ask(self, packed: bytes) -> Any:
        """As of a shared one. A command that is given up, or whose answer is lost, takes its connection with it."""
        if not self._idle:
            self._lines.append(SharedConnection(self._pool, self._timeout))
            self._idle.append(self._lines[-1])
        line = self._idle.pop()
        try:
            return await line.ask(packed)
        except driver.ResponseError:
            raise
        except BaseException:
            line.drop()
            raise
        finally:
            self._idle.append(line)

    async def close(self) -> None:
        """Closes all connections."""
        for line in self._lines:
            await line.close()


class _Wire(asyncio.Protocol):
    """The bytes of one connection. The driver connects and greets; from then on they are read here, without its
    stack of coroutines around each answer."""

    def __init__(self, connection: AbstractConnection, line: SharedConnection) -> None:
        self._line = line
        self._reader = hiredis.Reader(
            protocolError=driver.InvalidResponse,
            replyError=cast("Any", DefaultParser.parse_error),
            notEnoughData=_INCOMPLETE,
        )
        # The driver has no other way to its transport, and must not close what is not its own any more.
        reader, self._writer = connection._reader, connection._writer  # noqa: SLF001 its transport is taken over
        connection._writer = connection._reader = None  # noqa: SLF001 as above
        # A stream that has met its end stays open for writing, and its transport never tells of that end again.
        if self._writer is None or self._writer.is_closing() or reader is None or reader.at_eof():
            if self._writer is not None:
                self._writer.transport.abort()
            raise driver.ConnectionError("the connection was lost as it was made")
        self._transport = cast("asyncio.Transport", self._writer.transport)
        self._transport.set_protocol(self)
        self._ended = asyncio.Event()

    def write(self, data: bytes) -> None:
        """Sends bytes; what the socket does not take at once waits in memory."""
        self._transport.write(data)

    def abort(self) -> None:
        """Ends the connection at once."""
        self._transport.abort()

    async def close(self) -> None:
        """Ends the connection in order."""
        self._transport.close()
        await self._ended.wait()

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        reader, answers = self._reader, []
        try:
            reader.feed(data)
            while (value := reader.gets()) is not _INCOMPLETE:
                answers.append(value)
        except driver.InvalidResponse as error:
            self._line.handle_loss(self, error)
            self._transport.abort()
            return
        if answers:
            self._line.take_answers(self, answers)

    def eof_received(self) -> bool:
        """The server closes the connection."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._ended.set()
        self._line.handle_loss(
            self, driver.ConnectionError(f"the connection was lost ({exc or 'closed by the server'})")
        )

    def pause_writing(self) -> None:
        """More waits in memory than the socket takes: callers wait for their answers anyway."""

    def resume_writing(self) -> None:
        """The socket takes more."""
