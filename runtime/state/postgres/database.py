"""The functions of the state store, as one event loop calls them on a server."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg

from runtime.errors import ServerUnavailableError
from runtime.state.postgres import address, functions, schema, translation
from runtime.state.postgres.call_batcher import CallBatcher, Row, Values
from runtime.state.postgres.connections import Connections

#: Seconds that an answer may take; longer than any function works, and than the server waits before it ends a deadlock.
_ANSWER_S: Final = 10.0
#: A call is made so often again: when it lost against another transaction, and when its answer was lost.
_AGAIN: Final = 3
_FIRST_PAUSE_S: Final = 0.02

#: Functions of which many are called at once, and each of which answers with one row.
_TOGETHER: Final = ("start", "claim", "commit", "confirm")


class Database:
    """One server for one event loop. Nothing is connected before the first call.

    Args:
        url: its address.

    Raises:
        SettingsError: the address can't be used.
    """

    def __init__(self, url: str) -> None:
        self._connections = Connections(address.connection_parameters(url))
        self.shown = address.redact_address(url)
        self._is_ready = False
        self._preparing = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._together = {one: CallBatcher(partial(self._call, one)) for one in _TOGETHER}
        self._together["get"] = CallBatcher(self._fetch_run_rows)
        self.lost = 0
        """Calls whose connection was lost."""

    async def prepare(self) -> None:
        """Sets the database up, once.

        Raises:
            ServerError: the server is not there, or not fit; names the setting.
        """
        async with self._preparing:
            if self._is_ready:
                return
            try:
                async with self._connections.acquire() as connection:
                    await schema.prepare(connection, self.shown)
            except psycopg.Error as error:
                raise _with_address(self.shown, error) from None
            self._is_ready = True

    async def close(self) -> None:
        """Waits for what is under way, and closes all connections."""
        for together in self._together.values():
            await together.drain()
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._connections.close()

    async def fetch_rows(self, function: str, *values: Any, repeated: bool = True) -> list[Row]:
        """The rows that a function answers with.

        A call that lost against another transaction is made again. So is one whose answer was lost, though it may have
        happened: every function finds out by the attempt's token, the run's id or the call's own id.

        Args:
            function: its name.
            values: its arguments, in order.
            repeated: whether it is called again where its answer was lost.

        Raises:
            ServerError
        """
        tries = 0
        while True:
            try:
                return await self._call_with_timeout(function, values)
            except psycopg.Error as error:
                tries += 1
                self.lost += translation.is_connection_lost(error)
                is_again = translation.is_race(error) or (repeated and translation.is_connection_lost(error))
                if translation.is_function_missing(error) and tries == 1:  # it has been put back to an older state
                    self._is_ready = False
                elif not is_again or tries > _AGAIN:
                    raise translation.translate_error(error) from None
            await asyncio.sleep(_FIRST_PAUSE_S * 2**tries)

    async def fetch_row(self, function: str, *values: Any, repeated: bool = True) -> Row:
        """The one row that a function answers with; arguments and errors as `fetch_rows`."""
        (row,) = await self.fetch_rows(function, *values, repeated=repeated)
        return row

    async def fetch_value(self, function: str, *values: Any, repeated: bool = True) -> Any:
        """The one value that a function answers with; arguments and errors as `fetch_rows`."""
        (value,) = (await self.fetch_row(function, *values, repeated=repeated)).values()
        return value

    async def _call_with_timeout(self, function: str, values: Values) -> list[Row]:
        if not self._is_ready:
            await self.prepare()
        # Whoever gives up must not have the server cancel a commit that waits for its standby: it would hold, and be
        # gone after a fail-over. So a call goes on to its end, and its connection is nobody else's before that.
        call = self._begin_call(function, values)
        call.add_done_callback(_retrieve_exception)
        done, _ = await asyncio.wait({call}, timeout=_ANSWER_S)
        if not done:
            raise ServerUnavailableError(
                f"the PostgreSQL server at {self.shown} did not answer within {_ANSWER_S:g} seconds: see what keeps it"
            )
        return call.result()

    def _begin_call(self, function: str, values: Values) -> "asyncio.Future[list[Row]]":
        if (together := self._together.get(function)) is not None:
            return together.submit(values)
        call = asyncio.create_task(self._call(function, [values]))
        self._under_way.add(call)
        call.add_done_callback(self._under_way.discard)
        return call

    async def _fetch_run_rows(self, calls: Sequence[Values]) -> list[Row | None]:
        """Runs of apps as they stand, in one statement for each app: whoever starts many waits for many."""
        found: dict[Any, Row] = {}
        for app in dict.fromkeys(app for app, _ in calls):
            runs = list({run for of, run in calls if of == app})
            found |= {(app, row["id"]): row for row in await self._call("several", [(app, runs)])}
        return [found.get((app, run)) for app, run in calls]

    async def _call(self, function: str, calls: Sequence[Values]) -> list[Row]:
        statement = functions.build_statement(function, len(calls[0]), len(calls))
        given = [value for values in calls for value in values]
        async with self._connections.acquire() as connection:
            return await (await connection.execute(statement, given, binary=True)).fetchall()


def _retrieve_exception(call: "asyncio.Future[Any]") -> None:
    """Whoever waited has its error, or has given up."""
    if not call.cancelled():
        call.exception()


def new_call_id() -> UUID:
    """The id of a call that can't see for itself that it was made."""
    return uuid4()


def _with_address(shown: str, error: psycopg.Error) -> Any:
    """An error of a connection that is made, with the server's address."""
    translated = translation.translate_error(error)
    return type(translated)(f"at {shown}, {translated}", translated.answer)
