"""Clients of the Redis or Valkey server whose errors are ours: no driver's error passes this border."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, cast

import redis.exceptions as driver
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.client import EMPTY_RESPONSE, NEVER_DECODE

from runtime.server.command_packing import pack_command
from runtime.server.news import PubSubListener
from runtime.server.shared_connection import DedicatedConnections, SharedConnection
from runtime.server.translation import translate_error, translate_errors
from runtime.server.turn_batcher import TurnBatcher

#: Commands are tried so often; all of them are safe to repeat.
_COMMAND_TRIES: Final = 3
#: Options of commands that are for the driver's own reading of answers.
_DRIVERS_OWN: Final = frozenset({"keys", NEVER_DECODE, EMPTY_RESPONSE})
#: Bytes of a command from which on it travels apart.
_LARGE: Final = 64 * 1024
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0
_COMMAND_TIMEOUT_S: Final = 10.0
#: Longer than any read blocks: only a connection that has gone silent takes so long.
_READ_TIMEOUT_S: Final = 5.0
#: Questions for the time that one answer serves.
_MOST_TIMES: Final = 1_000
#: Each blocking read holds a connection of its own, and there are as many reads as groups: no limit of ours.
UNLIMITED: Final = 1 << 20


#: A command's words, and what the driver says of its answer.
_Command = tuple[tuple[Any, ...], Mapping[str, Any]]


class Client(Redis):
    """A client for commands or reads. Every method raises `ServerError`s instead of the driver's."""

    line: SharedConnection | None
    """What commands share; None where each has a connection for itself."""
    apart: DedicatedConnections
    """What a command takes that is large, or whose answer was lost again and again: the server may cut off whoever
    sends it, and that must not be others."""
    again: int
    """How often a command is asked again whose answer was lost."""
    times: TurnBatcher[None, None, int]
    """The server's clock: who tidies up asks for it of each channel, all in one turn."""

    @classmethod
    def of(cls, pool: ConnectionPool, timeout: float, *, shared: bool, again: int) -> Self:
        """A client that owns a pool.

        Args:
            pool: makes connections.
            timeout: seconds that an answer may take.
            shared: whether commands share a connection; not those that block it.
            again: how often a command is asked again whose answer was lost.
        """
        client = cast("Self", cls.from_pool(pool))
        client.line = SharedConnection(pool, timeout) if shared else None
        client.apart, client.again = DedicatedConnections(pool, timeout), again
        client.times = TurnBatcher(client._ask_time, _MOST_TIMES)  # noqa: SLF001 its own
        return client

    @property
    def shared_connection(self) -> int:
        """Which connection commands share now, counted from 1; 0 where there was none."""
        return self.line.made if self.line is not None else 0

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return await self.run_command(args, options)
        except driver.NoScriptError:
            raise  # `Scripts` knows what to do
        except (driver.RedisError, OSError) as error:
            raise translate_error(error) from None

    async def ask(self, command: tuple[Any, ...], *, repeated: bool = True) -> Any:
        """The raw answer to a script's command: its words may hold half a character, which must not keep a failure from
        being written down.

        Args:
            command: its words.
            repeated: whether it is asked again where its answer was lost.

        Raises:
            ServerError
        """
        try:
            return await self._ask_with_retries(pack_command(command, replaces=True), self.again if repeated else 0)
        except driver.NoScriptError:
            raise  # `Scripts` knows what to do
        except (driver.RedisError, OSError) as error:
            raise translate_error(error) from None

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 - the driver's signature
        """Closes all connections."""
        if self.line is not None:
            await self.line.close()
        await self.apart.close()
        await super().aclose(close_connection_pool)

    async def run_command(self, command: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        """The answer to a command, as the driver's own methods give it.

        Raises:
            redis.RedisError, OSError: the server refuses, or is away.
        """
        return self._shape_answer(await self._ask_with_retries(pack_command(command), self.again), command, options)

    async def run_commands(self, commands: Sequence[_Command]) -> list[Any]:
        """The answers to several commands, in order, as `run_command` gives them; an error stands in its place. They
        travel together, without a task for each: what is large has one, and later what lost its answer."""
        answers: dict[int, Any] = {}
        shared: dict[int, asyncio.Future[Any]] = {}
        apart: dict[int, asyncio.Future[Any]] = {}
        for number, (command, _) in enumerate(commands):
            try:
                words = pack_command(command)
            except driver.DataError as error:
                answers[number] = error
                continue
            if self.line is None or len(words) > _LARGE:
                apart[number] = asyncio.ensure_future(self._ask_with_retries(words, self.again))
            else:
                shared[number] = self.line.send(words)
        try:
            answers |= await _gather_answers(shared)
            lost = [number for number, answer in answers.items() if self.again and _is_lost(answer)]
            for number in lost:
                words = pack_command(commands[number][0])
                apart[number] = asyncio.ensure_future(self._ask_with_retries(words, self.again, 1))
            answers |= await _gather_answers(apart)
        finally:
            for asking in apart.values():
                asking.cancel()
        return [self._shape_or_error(answers[number], *command) for number, command in enumerate(commands)]

    def _shape_or_error(self, answer: Any, command: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        if isinstance(answer, BaseException):
            return answer
        try:
            return self._shape_answer(answer, command, options)
        except Exception as error:  # noqa: BLE001 - returned
            return error

    def _shape_answer(self, answer: Any, command: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        shape = self.response_callbacks.get(command[0])
        if shape is None:
            return answer
        return shape(answer, **{name: value for name, value in options.items() if name not in _DRIVERS_OWN})

    async def _ask_with_retries(self, words: bytes, again: int, tries: int = 0) -> Any:
        """The raw answer to a command of which `tries` answers were lost."""
        is_large = len(words) > _LARGE
        while True:
            if tries:
                await asyncio.sleep(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**tries))
            is_alone = self.line is None or is_large or (tries and tries == again)
            try:
                return await (self.apart if is_alone or self.line is None else self.line).ask(words)
            except (driver.ConnectionError, driver.TimeoutError) as error:
                tries += 1
                if tries > again or not _is_lost(error):
                    raise

    async def now_ms(self) -> int:
        """The server's clock, in ms since 1970 (UTC)."""
        return await self.times.ask(None, None)

    async def _ask_time(self, _: None, asked: Sequence[None]) -> Sequence[int]:
        seconds, micros = await self.time()
        return [int(seconds * 1000 + micros // 1000)] * len(asked)

    def pipeline(self, transaction: bool = False, shard_hint: str | None = None) -> "_Pipeline":  # noqa: FBT001, FBT002 the driver's own
        pipeline = _Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipeline.asker = self
        return pipeline


async def _gather_answers(asked: Mapping[int, "asyncio.Future[Any]"]) -> dict[int, Any]:
    return dict(zip(asked, await asyncio.gather(*asked.values(), return_exceptions=True), strict=True))


def _is_lost(answer: object) -> bool:
    """Whether it says that an answer was lost, so that the command may be asked again."""
    is_loss = isinstance(answer, (driver.ConnectionError, driver.TimeoutError))
    return is_loss and not isinstance(answer, driver.AuthenticationError)


class _Pipeline(Pipeline):
    asker: Client

    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - the driver's signature
        with translate_errors():
            if self.is_transaction:
                return list(await super().execute(raise_on_error))
            stack = list(self.command_stack)
            await self.reset()  # type: ignore[no-untyped-call] # the driver does not say its type
            answers = await self.asker.run_commands(stack)
            failed = [one for one in answers if isinstance(one, BaseException)]
            if failed and raise_on_error:
                raise failed[0]
            return answers


@dataclass(frozen=True, slots=True)
class Clients:
    """What one event loop has of a server.

    Attributes:
        commands: for commands; they share one connection and must never block it.
        reads: for reads that block for less than 5 seconds. No retries of its own: it would repeat a read whose time is
            up for ever; whoever reads takes up again what a lost answer had brought.
        news: hears what is published.
    """

    commands: Client
    reads: Client
    news: PubSubListener

    @classmethod
    def of(cls, url: str) -> Self:
        """Clients of the server at a URL, for the event loop that first uses them; nothing is connected yet."""
        # Shapes of replies differ between protocols 2 and 3; ours are read as 2 on every server.
        shared: dict[str, Any] = {"protocol": 2, **_keepalive(url)}
        commands = ConnectionPool.from_url(
            url,
            max_connections=UNLIMITED,
            socket_timeout=_COMMAND_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            **shared,
        )
        reads = ConnectionPool.from_url(
            url,
            max_connections=UNLIMITED,
            socket_timeout=_READ_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            **shared,
        )
        reader = Client.of(reads, _READ_TIMEOUT_S, shared=False, again=0)
        commander = Client.of(commands, _COMMAND_TIMEOUT_S, shared=True, again=_COMMAND_TRIES)
        return cls(commander, reader, PubSubListener(reader))

    async def close(self) -> None:
        """Closes all connections."""
        try:
            await self.news.close()
            await self.commands.aclose()
        finally:
            await self.reads.aclose()


def _keepalive(url: str) -> dict[str, Any]:
    return {} if url.startswith("unix:") else {"socket_keepalive": True}
