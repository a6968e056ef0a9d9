"""The driver's errors as ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import redis.exceptions as driver

from runtime.errors import CommandRefusedError, ServerDeniedError, ServerError, ServerFullError, ServerUnavailableError

#: How answers begin of a server that will serve again: it loads, has failed over, can't write to its disk, is busy. A
#: script's error has the code of the command that failed within it.
_TROUBLED: Final = re.compile(
    r"(?:^|-)(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|NOREPLICAS|BUSY|UNBLOCKED)\b"
)
_FULL: Final = "command not allowed when used memory"
_AWAY: Final = (driver.ConnectionError, driver.TimeoutError, driver.ReadOnlyError, driver.ClusterDownError, OSError)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turns the driver's errors into ours.

    Raises:
        ServerUnavailableError: the server does not answer, or can't serve now; the same call may succeed later.
        ServerDeniedError: it does not take the user or the password.
        ServerFullError: its memory is full.
        CommandRefusedError: it refuses what it was asked.
    """
    try:
        yield
    except driver.NoScriptError:
        raise  # `Scripts` knows what to do
    except (driver.RedisError, OSError) as error:
        raise translate_error(error) from None


def translate_error(error: driver.RedisError | OSError) -> ServerError:
    """What an error of the driver is to us."""
    words = str(error)
    if isinstance(error, driver.OutOfMemoryError) or _FULL in words:
        return ServerFullError(
            "the Redis or Valkey server's memory is full, and it takes nothing new: raise its maxmemory, or start "
            "workers for what is due",
            words,
        )
    if isinstance(error, driver.AuthenticationError | driver.AuthorizationError):
        return ServerDeniedError(
            f"the Redis or Valkey server does not let this user in ({words}): see to the user and the password in "
            "CAUSELINE_REDIS_URL",
            words,
        )
    if isinstance(error, driver.InvalidResponse):
        return CommandRefusedError(
            f"what answers is not a Redis or Valkey server ({words}): see CAUSELINE_REDIS_URL", words
        )
    if isinstance(error, _AWAY) or _TROUBLED.search(words):
        return ServerUnavailableError(f"the Redis or Valkey server does not answer ({words}): is it running?", words)
    return CommandRefusedError(f"the Redis or Valkey server refuses a command: {words}", words)
