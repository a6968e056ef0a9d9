"""A database is set up by whoever comes first, and one that is not fit is refused in one line that says what to do."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from runtime.errors import CommandRefusedError, ServerDeniedError, ServerUnavailableError, SettingsError
from runtime.state.postgres import schema
from runtime.state.postgres.database import Database
from tests.postgres_servers import USER, PostgresServer
from tests.servers import free_port


@pytest.fixture
def fresh(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database in which nothing is."""
    yield from _made(postgres_server, "fresh", "")


@pytest.fixture
def latin(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database in another encoding."""
    yield from _made(postgres_server, "latin", "ENCODING 'LATIN1' TEMPLATE template0")


def _made(server: PostgresServer, name: str, how: str) -> Iterator[str]:
    with psycopg.connect(server.admin, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER {USER} {how}".encode())
        try:
            yield server.url.rpartition("/")[0] + f"/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


async def prepared(url: str) -> Database:
    """A database that was set up, and is not connected any more."""
    database = Database(url)
    try:
        await database.prepare()
    finally:
        await database.close()
    return database


async def test_many_that_come_first_at_once_set_it_up_once(fresh: str):
    """Each then finds all that it needs."""
    await asyncio.gather(*(prepared(fresh) for _ in range(6)))
    database = Database(fresh)
    assert await database.fetch_value("now_ms") > 0
    await database.close()
    with psycopg.connect(fresh) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM causeline.migrations")
        assert count == 1


async def test_who_may_create_no_schema_is_told_what_to_grant(fresh: str, postgres_server: PostgresServer):
    """And needs no more than a schema of its own."""
    name = fresh.rpartition("/")[2]
    admin_url = postgres_server.admin.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE guest LOGIN")
        guest = fresh.replace(f"//{USER}@", "//guest@")
        try:
            with pytest.raises(CommandRefusedError, match="CREATE SCHEMA causeline AUTHORIZATION"):
                await prepared(guest)
            admin.execute("CREATE SCHEMA causeline AUTHORIZATION guest")
            await prepared(guest)
        finally:
            admin.execute("DROP OWNED BY guest CASCADE")
            admin.execute("DROP ROLE guest")


async def test_another_encoding_is_refused(latin: str):
    """Words of users would not fit."""
    with pytest.raises(CommandRefusedError, match=r"encoding LATIN1.*ENCODING 'UTF8'"):
        await prepared(latin)


async def test_a_server_that_is_too_old_is_refused(fresh: str, monkeypatch: pytest.MonkeyPatch):
    """With the version that it would take."""
    monkeypatch.setattr(schema, "OLDEST", 99)
    with pytest.raises(CommandRefusedError, match="too old: runs are kept in version 99 or newer"):
        await prepared(fresh)


async def test_one_that_takes_no_writes_is_unavailable(postgres: PostgresServer):
    """As a standby is, before it is promoted; the same call may succeed later."""
    await prepared(postgres.url)
    with psycopg.connect(postgres.admin, autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(sql.Identifier(USER)))
        try:
            database = Database(postgres.url)
            with pytest.raises(ServerUnavailableError, match="read-only"):
                await database.fetch_rows("probe")
            await database.close()
        finally:
            admin.execute(sql.SQL("ALTER ROLE {} RESET default_transaction_read_only").format(sql.Identifier(USER)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (f"//{USER}@", "does not let this user in"),
        ("/causeline", "does not let this user in"),
    ],
)
async def test_an_unknown_user_or_database_is_denied(postgres_server: PostgresServer, wrong: str, words: str):
    """The message names the setting, and no password."""
    url = postgres_server.url.replace(wrong, "//nobody:secret@" if "@" in wrong else "/nowhere")
    with pytest.raises(ServerDeniedError, match=f"{words}.*CAUSELINE_STATE_URL") as raised:
        await prepared(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("take", "give"),
    [
        ("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", "GRANT CONNECT ON DATABASE {} TO PUBLIC"),
        ("ALTER ROLE {} NOLOGIN", "ALTER ROLE {} LOGIN"),
        ("ALTER DATABASE {} ALLOW_CONNECTIONS false", "ALTER DATABASE {} ALLOW_CONNECTIONS true"),
    ],
)
async def test_who_may_not_connect_any_more_is_denied_until_they_may_again(
    postgres_programs: Path, take: str, give: str
):
    """Not asked whether the server is running."""
    name = sql.Identifier(USER)
    with PostgresServer(postgres_programs) as server, psycopg.connect(server.admin, autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO postgres").format(name))
        admin.execute(sql.SQL(take).format(name))
        with pytest.raises(ServerDeniedError, match=r"does not let this user in.*see to the user"):
            await prepared(server.url)
        admin.execute(sql.SQL(give).format(name))
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, name))
        await prepared(server.url)


async def test_a_server_that_is_not_there_is_unavailable():
    """With its address."""
    with pytest.raises(ServerUnavailableError, match=r"at postgresql://127\.0\.0\.1:\d+/causeline, .*is it running"):
        await prepared(f"postgresql://{USER}:secret@127.0.0.1:{free_port()}/causeline")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:secret@[half/x",
        "postgresql://ann:secret@host/x?wrong=1",
        "postgresql://ann:%zz-secret@host/x",
        "postgresql://ann:a secret@host/x",
        "postgresql://ann:%00secret@host/x",
        "postgresql://ann:a@secret@host/x",
        "postgresql://ann:secret/secret@host/x",
        "postgresql://ann:a@secret/secret@host/x",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str):
    """One line that names the setting."""
    with pytest.raises(SettingsError, match=r"CAUSELINE_STATE_URL='postgresql://.*can't be used") as raised:
        Database(url)
    assert "secret" not in str(raised.value)


async def test_a_server_that_may_forget_is_warned_of(fresh: str, caplog: pytest.LogCaptureFixture):
    """What it acknowledged may be gone after a crash."""
    with caplog.at_level(logging.WARNING):
        await prepared(fresh)
        assert caplog.messages == []
        await prepared(f"{fresh}?options=-c%20synchronous_commit%3Doff")
    assert "synchronous_commit=off" in caplog.text


async def test_a_database_that_was_put_back_is_set_up_again(fresh: str):
    """By whoever finds its functions gone, while it works."""
    database = Database(fresh)
    await database.prepare()
    with psycopg.connect(fresh, autocommit=True) as connection:
        connection.execute("DROP SCHEMA causeline CASCADE")
    assert await database.fetch_value("now_ms") > 0
    await database.close()
