"""A server that is away or refuses what it is asked: whose trouble that is, and how to wait for its end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from redis.exceptions import DataError, RedisError

#: Seconds between two questions to a server that did not answer.
REST: Final = 1.0
#: Seconds after which nobody waits for an answer any more: the lease expires, and another attempt follows.
PATIENCE: Final = 300.0
#: Attempts of one piece of work that may go without an end before the server's refusals count as its own failures.
UNENDED_LIMIT: Final = 10


def is_outage(error: Exception, unended: int) -> bool:
    """Whether it is the server's trouble, so that the attempt is repeated, rather than one that the attempt made.

    Args:
        error: what kept the attempt's end from being written down.
        unended: attempts of this work, this one included, that neither failed nor succeeded.
    """
    # What the server refuses again and again it refuses because of what it is asked: too much at once, say.
    return isinstance(error, RedisError) and not isinstance(error, DataError) and unended <= UNENDED_LIMIT


async def until_answered(ask: Callable[[], Awaitable[object]]) -> None:
    """Rests, then asks, again and again until the server answers.

    Raises:
        RedisError: it has not answered for too long.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        await asyncio.sleep(REST)
        try:
            await ask()
        except RedisError:
            if loop.time() > deadline:
                raise
        else:
            return
