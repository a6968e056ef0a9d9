"""Whether anybody works for an app, asked once for all that wait in a process."""

import asyncio
from typing import Final

from runtime.state.presence import Presence

#: Seconds for which an answer holds.
_HOLDS: Final = 1.0


class Attendance:
    """Of one app, for one event loop.

    Args:
        presence: where its workers say that they live.
        silence_ms: without a sign of life after which a worker counts as gone.
    """

    def __init__(self, presence: Presence, silence_ms: int) -> None:
        self._presence = presence
        self._silence_ms = silence_ms
        self._until = 0.0
        self._asked: asyncio.Task[int] | None = None

    async def has_live_worker(self) -> bool:
        """Whether a worker is alive. Thousands may ask at once: the server is asked once a second.

        Raises:
            ServerError: the server does not answer.
        """
        now = asyncio.get_running_loop().time()
        if self._asked is None or now >= self._until:
            self._until = now + _HOLDS
            self._asked = asyncio.create_task(self._presence.count_live_workers(self._silence_ms))
            self._asked.add_done_callback(_retrieve_exception)
        return bool(await asyncio.shield(self._asked))


def _retrieve_exception(task: asyncio.Task[int]) -> None:
    if not task.cancelled():
        task.exception()  # whoever asked may have been cancelled: nobody need be told of what became of it
