"""PostgreSQL's errors, and those of its driver, as ours."""

from typing import Final

import psycopg
from psycopg import errors

from runtime.errors import CommandRefusedError, ServerDeniedError, ServerError, ServerFullError, ServerUnavailableError
from runtime.state.postgres.address import SETTING

#: States of a server that will serve again: its connections are gone or used up, it shuts down, starts, or has become a
#: standby; and what two transactions do to each other.
_AWAY: Final = ("08", "57", "40", "53300", "25006", "55P03")
_FULL: Final = ("53100", "53200", "53400", "54P")
_DENIED: Final = ("28", "3D000")
_RIGHTS: Final = "42501"
#: What the server says of a user who may use nothing in a schema, or make nothing there.
_FOR_SCHEMA: Final = "for schema causeline"
#: A transaction that lost against another: it changed nothing, and is made again.
_RACES: Final = ("40001", "40P01")
#: What libpq says of a server that was to take writes.
_TAKES_NONE: Final = "session is read-only"
#: What PgBouncer says of transactions where it must not see any.
_PER_STATEMENT: Final = "statement pooling mode"
#: What is said where all connections are taken: of the server, of a role or a database, or of PgBouncer.
_USED_UP: Final = "53300"
_NO_CONNECTION: Final = (
    "too many clients",
    "too many connections",
    "connection slots are reserved",
    "no more connections",
)
_UNKNOWN_FUNCTION: Final = ("42883", "42P01", "3F000", "42704")


def sqlstate_of(error: psycopg.Error) -> str:
    """PostgreSQL's code of an error, five characters; empty where the server said nothing."""
    return error.sqlstate or ""


def is_race(error: psycopg.Error) -> bool:
    """Whether a transaction lost against another, and is to be made again."""
    return sqlstate_of(error) in _RACES


def is_connection_lost(error: psycopg.Error) -> bool:
    """Whether the connection was lost, so that nobody knows whether what was asked has happened."""
    return not sqlstate_of(error) or sqlstate_of(error).startswith(("08", "57P"))


def is_function_missing(error: psycopg.Error) -> bool:
    """Whether the schema, or a function in it, is not there."""
    return sqlstate_of(error) in _UNKNOWN_FUNCTION


def translate_error(error: psycopg.Error, where: str = SETTING) -> ServerError:
    """What an error of the driver is to us; `where` its server's address was said."""
    state, words = sqlstate_of(error), _error_text(error)
    if state.startswith(_FULL):
        return ServerFullError(
            f"the PostgreSQL server has no room, and takes nothing ({words}): make room on its disk; nothing was "
            "changed, and what waits goes on by itself",
            words,
        )
    if state.startswith(_DENIED) or _is_user_refused(error, words):
        return ServerDeniedError(
            f"the PostgreSQL server does not let this user in ({words}): see to the user, the password and the "
            f"database in {where}",
            words,
        )
    if _PER_STATEMENT in words:
        return CommandRefusedError(
            f"the pooler in front of the PostgreSQL server gives a session for one statement alone ({words}): set "
            "pool_mode = transaction there",
            words,
        )
    if state == _RIGHTS:
        return CommandRefusedError(
            f"the PostgreSQL server does not allow this user what it needs ({words}): {_grant_advice(words)}", words
        )
    if isinstance(error, errors.FeatureNotSupported | errors.DataError | errors.ProgrammingError) or (
        state and not state.startswith(_AWAY)
    ):
        return CommandRefusedError(f"the PostgreSQL server refuses a command: {words}", words)
    if state == _USED_UP or any(one in words for one in _NO_CONNECTION):
        return ServerUnavailableError(
            f"the PostgreSQL server has no connection left ({words}): a worker takes nine at most, so raise "
            "max_connections, or put PgBouncer between; what waits goes on by itself",
            words,
        )
    if not state and _TAKES_NONE in words:
        return ServerUnavailableError(
            f"of the PostgreSQL servers that are named none takes writes now ({words}): promote a standby, or start "
            "the primary; what waits goes on by itself",
            words,
        )
    return ServerUnavailableError(f"the PostgreSQL server does not answer ({words}): is it running?", words)


def _error_text(error: psycopg.Error) -> str:
    """What the server says, in one line, without the statement that it quotes; else the driver's words."""
    # Where several servers are named, each has its own words behind these.
    said = (error.diag.message_primary or str(error)).partition("\nMultiple connection attempts")[0]
    return " ".join(said.split()) or type(error).__name__


def _grant_advice(words: str) -> str:
    """What whoever owns the database, or the schema in it, can do."""
    if _FOR_SCHEMA in words:
        return (
            "another user has made the schema causeline; have that one run GRANT USAGE, CREATE ON SCHEMA causeline TO "
            "and the user's name, or name a database of its own"
        )
    return (
        "have its owner run CREATE SCHEMA causeline AUTHORIZATION and the user's name, or GRANT CREATE ON DATABASE to "
        "that user"
    )


def _is_user_refused(error: psycopg.Error, words: str) -> bool:
    """While a connection is made the driver gives words alone."""
    refusals = (
        "password authentication failed",
        "no password supplied",
        "no pg_hba.conf entry",
        "does not exist",
        "permission denied for database",
        "is not permitted to log in",
        "is not currently accepting connections",
    )
    return not sqlstate_of(error) and "FATAL" in words and any(one in words for one in refusals)
