"""An inbox in a PostgreSQL database, beside the tables that handlers write to."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection

from runtime.bus.wire import decode_outgoing, outgoing_fields
from runtime.errors import ServerError, ServerUnavailableError
from runtime.inbox.contract import HandlerEffects, InboxEntry
from runtime.state.postgres import address, translation
from runtime.state.postgres.connections import PLAIN, Connections
from runtime.state.postgres.schema import LOCK

#: Seconds between two looks for rows that are too old.
_TIDY_EVERY: Final = 3600.0
#: Rows that one look removes at most.
_TIDY_MOST: Final = 10_000

_IS_THERE: Final = """
SELECT to_regclass('causeline.inbox') IS NOT NULL, to_regnamespace('causeline') IS NOT NULL
"""
_SCHEMA: Final = "CREATE SCHEMA causeline"
_TABLE: Final = """
-- Which events a group's handler has written its part of, and what it asked for beside; words of users are bytes.
CREATE TABLE IF NOT EXISTS causeline.inbox (
    channel text, consumer_group text, event uuid, at timestamptz NOT NULL DEFAULT now(), envelopes bytea[] NOT NULL,
    parents text[] NOT NULL, agents text[] NOT NULL, keys bytea[] NOT NULL, key_values bytea[] NOT NULL,
    app_keys bytea[] NOT NULL, app_values bytea[] NOT NULL, PRIMARY KEY (channel, consumer_group, event)
);
CREATE INDEX IF NOT EXISTS inbox_at ON causeline.inbox (at);
"""
_FIND: Final = """
SELECT envelopes, parents, agents, keys, key_values, app_keys, app_values FROM causeline.inbox
WHERE channel = %s AND consumer_group = %s AND event = %s
"""
_WRITE: Final = """
INSERT INTO causeline.inbox
    (channel, consumer_group, event, envelopes, parents, agents, keys, key_values, app_keys, app_values)
VALUES (%s, %s, %s, %s::bytea[], %s::text[], %s::text[], %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[])
ON CONFLICT DO NOTHING RETURNING true
"""
_TIDY: Final = """
DELETE FROM causeline.inbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM causeline.inbox WHERE at < now() - make_interval(secs => %s) LIMIT %s
))
"""


class PostgresInbox:
    """An `Inbox`.

    Args:
        url: of the database.
        what: where that was said, for messages.
        keep_days: how long rows are kept.

    Raises:
        SettingsError: the address can't be used.
    """

    def __init__(self, url: str, what: str, keep_days: float) -> None:
        self._connections = Connections(address.connection_parameters(url, what), PLAIN)
        self._what = what
        self._shown = address.redact_address(url)
        self._keep_s = keep_days * 86_400
        self._preparing = asyncio.Lock()
        self._tidied_at: float | None = None

    def new_transaction(self, entry: InboxEntry) -> "PostgresInboxTransaction":
        return PostgresInboxTransaction(self, entry)

    async def find_effects(self, entry: InboxEntry) -> HandlerEffects | None:
        async with self.connection() as connection:
            cursor = await connection.execute(_FIND, (entry.channel, entry.group, entry.event))
            row = await cursor.fetchone()
        return None if row is None else _decode_effects(row)

    async def close(self) -> None:
        await self._connections.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection for the block alone, to a database that has the table.

        Raises:
            ServerError: the database does not answer, or refuses.
        """
        try:
            async with self._connections.acquire() as connection:
                await self._prepare(connection)
                yield connection
        except psycopg.Error as error:
            raise self.translate_error(error) from error

    def translate_error(self, error: psycopg.Error) -> ServerError:
        """What an error of the driver is to us, with the database's address. Where the table is gone, as of a database
        that was put back, the next attempt makes it."""
        if translation.is_function_missing(error):
            self._tidied_at = None
        ours = translation.translate_error(error, self._what)
        return type(ours)(f"at {self._shown}, {ours}", ours.answer)

    async def _prepare(self, connection: AsyncConnection[Any]) -> None:
        """Makes the table where there is none, and removes old rows now and then."""
        now = time.monotonic()
        if self._tidied_at is not None and now - self._tidied_at < _TIDY_EVERY:
            return
        async with self._preparing:
            if not (await _check_table(connection))[0]:
                async with connection.transaction():
                    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
                    # `IF NOT EXISTS` would ask for the right to make one also where its owner has made it.
                    if not (await _check_table(connection))[1]:
                        await connection.execute(_SCHEMA)
                    await connection.execute(_TABLE)
            await connection.execute(_TIDY, (self._keep_s, _TIDY_MOST))
            self._tidied_at = now


class PostgresInboxTransaction:
    """An `InboxTransaction`. Args: the `inbox`, and the `entry` that its row is about."""

    def __init__(self, inbox: PostgresInbox, entry: InboxEntry) -> None:
        self._inbox = inbox
        self._entry = entry
        self._held: tuple[AsyncExitStack, AsyncConnection[Any]] | None = None
        self._opening = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        return self._held is not None

    async def connection(self) -> AsyncConnection[Any]:
        async with self._opening:
            if self._held is None:
                async with AsyncExitStack() as stack:
                    connection = await stack.enter_async_context(self._inbox.connection())
                    # Within it nobody can commit by hand: psycopg refuses.
                    await stack.enter_async_context(connection.transaction())
                    self._held = stack.pop_all(), connection
            return self._held[1]

    async def commit(self, effects: HandlerEffects) -> bool:
        if self._held is None:
            raise AssertionError("what was never begun can't be committed")
        stack, connection = self._held
        try:
            # At the end, so that a paused worker holds no row that the next attempt would wait for.
            cursor = await connection.execute(_WRITE, _row(self._entry, effects))
            if await cursor.fetchone() is None:
                await self.roll_back()
                return False
            self._held = None
            await stack.aclose()
        except psycopg.Error as error:
            await self.roll_back()
            raise self._inbox.translate_error(error) from error
        return True

    async def roll_back(self) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        stack, connection = held
        # Code that was left behind may still have it: it must not speak within another's transaction.
        await connection.close()
        with suppress(psycopg.Error, ServerUnavailableError):
            await stack.aclose()


async def _check_table(connection: AsyncConnection[Any]) -> tuple[bool, bool]:
    """Whether there are the table and its schema."""
    row = await (await connection.execute(_IS_THERE)).fetchone()
    return (False, False) if row is None else (bool(row[0]), bool(row[1]))


def _row(entry: InboxEntry, effects: HandlerEffects) -> list[Any]:
    told = [outgoing_fields(event) for event in effects.events]
    columns = [[one[at] for one in told] for at in range(3)]
    return [
        entry.channel,
        entry.group,
        entry.event,
        *columns,
        *_encode_pairs(effects.writes),
        *_encode_pairs(effects.shared),
    ]


def _encode_pairs(written: Mapping[str, str]) -> tuple[list[bytes], list[bytes]]:
    return [key.encode() for key in written], [value.encode(errors="surrogatepass") for value in written.values()]


def _decode_effects(row: Any) -> HandlerEffects:
    envelopes, parents, agents, keys, values, app_keys, app_values = row
    events = [
        decode_outgoing({b"e": bytes(envelope), b"p": parent.encode(), b"a": agent.encode()})
        for envelope, parent, agent in zip(envelopes, parents, agents, strict=True)
    ]
    return HandlerEffects(tuple(events), _decode_pairs(keys, values), _decode_pairs(app_keys, app_values))


def _decode_pairs(keys: list[bytes], values: list[bytes]) -> dict[str, str]:
    pairs = zip(keys, values, strict=True)
    return {bytes(key).decode(): bytes(value).decode(errors="surrogatepass") for key, value in pairs}
