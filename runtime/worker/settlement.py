"""Repeats what must be written down until the server answers: the user's code has ended, and must not run again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from runtime.errors import CommandRefusedError, OutboxFullError, ServerFullError, ServerUnavailableError

_log = logging.getLogger("causeline.worker")

#: Seconds between the first two tries, and at most; they double.
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0
#: Tries that may fail one after another although the server takes other writes between them, on one connection that is
#: never lost. It then can't take what it is asked, such as a result that is larger than a request may be, and never
#: will.
REFUSALS: Final = 5
#: The same where that connection was lost as well: the server comes and goes, which is rarely the doing of one
#: request. It may be, such as where the server runs out of memory over it each time: so that is given up in the end.
LOSSES: Final = 40

Answer = TypeVar("Answer")


async def ask_until_answered(ask: Callable[[], Awaitable[Answer]], reached: Callable[[], Awaitable[int]]) -> Answer:
    """Asks, again and again, until the server answers.

    Args:
        ask: an idempotent call; whoever lost its lease is told so by its answer.
        reached: the connection on which the server takes writes now, as a number; 0 where it takes none.

    Raises:
        CommandRefusedError: the server is there and does not take what it is asked.
    """
    pause, refusals, losses, known = FIRST_PAUSE, 0, 0, 0
    while True:
        try:
            return await ask()
        except (ServerFullError, OutboxFullError) as error:
            _log.warning("the end of an attempt waits to be written down: %s", error)
        except ServerUnavailableError as error:
            before, known = known, await reached()
            refusals = refusals + 1 if known == before else 1
            losses = losses + 1 if known else 0
            if known and (refusals >= REFUSALS or losses >= LOSSES):
                raise CommandRefusedError(
                    f"the server is there and cuts off this request each time ({error.answer}): is it too large?",
                    error.answer,
                ) from None
            _log.debug("the end of an attempt waits to be written down: %s", error)
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 2)
