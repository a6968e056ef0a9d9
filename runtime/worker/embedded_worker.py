"""The worker of `async with app:`: begun in the user's own process, and left in order or cut off."""

import asyncio
import logging
from typing import Final

from runtime.client.session import Session
from runtime.errors import ServerError
from runtime.worker.worker import Worker

#: Seconds that leaving `async with app:` waits at most for deliveries that are still due.
DRAIN: Final = 10.0
#: Seconds that work under way is given to end where that is left in order, and where it is left by an error.
GRACE: Final = 30.0
GRACE_AFTER_ERROR: Final = 1.0
#: Seconds between two questions to a server that did not answer.
_ASK_AGAIN: Final = 0.5

_log = logging.getLogger("causeline")


async def start_worker(session: Session) -> Worker:
    """A worker that works for the app of a session, in this process.

    Raises:
        ServerError: it could not begin; then nothing of it is left.
    """
    worker = Worker(session)
    try:
        await worker.start()
    except BaseException:
        await worker.stop(0)
        raise
    return worker


async def finish_worker(app: str, worker: Worker) -> None:
    """Does what is still due, then ends a worker.

    Args:
        app: its name.
        worker: of `start_worker`.
    """
    grace = GRACE_AFTER_ERROR
    try:
        await _drain(app, worker)
        grace = GRACE
    finally:
        await worker.stop(grace)


async def stop_worker_soon(worker: Worker) -> None:
    """Ends a worker whose user was left by an error: what is under way has a second."""
    await worker.stop(GRACE_AFTER_ERROR)


async def _drain(app: str, worker: Worker) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DRAIN
    silence: ServerError | None = None
    while (left := deadline - loop.time()) > 0:
        try:
            await worker.drain(left)
        except ServerError as error:
            silence = error
            await asyncio.sleep(min(_ASK_AGAIN, max(0.0, deadline - loop.time())))
        else:
            return
    _log.warning("%s: what is still due is left to other workers: %s", app, silence)
