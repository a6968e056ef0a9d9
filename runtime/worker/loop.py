"""What all loops of a worker share: they go on until it is told to stop, whatever happens."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from runtime.errors import ServerError, ServerUnavailableError

_log = logging.getLogger("causeline.worker")

Answer = TypeVar("Answer")

#: Seconds that a blocking read or wait takes at most, so that a worker notices soon that it is to stop.
BLOCK: Final = 0.25
#: Seconds to rest after the server did not answer.
REST_AFTER_ERROR: Final = 1.0
#: Seconds for which a trouble is told of once, however many loops meet it, and however often.
TOLD_FOR: Final = 30.0


class WarningThrottle:
    """Which troubles were told of lately."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def should_warn(self, trouble: str) -> bool:
        """Whether nobody has told of a trouble lately; whoever asks tells of it now."""
        now = time.monotonic()
        self._told = {words: at for words, at in self._told.items() if now - at < TOLD_FOR}
        if trouble in self._told:
            return False
        self._told[trouble] = now
        return True

    def reset(self) -> None:
        """All is well again: what comes next is told of."""
        self._told.clear()


class StopEvent(asyncio.Event):
    """Set when a worker is told to stop; what it waits for then is not waited for any longer. `warnings` is of all its
    loops."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings = WarningThrottle()
        self._waiting: set[asyncio.Task[Any]] = set()

    def set(self) -> None:
        super().set()
        for task in self._waiting:
            task.cancel()

    @contextmanager
    def interrupts(self) -> Iterator[None]:
        """Leaves the block when the worker is told to stop. Only for what may be cut off at any moment: a read whose
        answer is lost, say, or a wait for something to do."""
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("a loop runs in a task")
        self._waiting.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if not self.is_set() or task.uncancel() > 0:
                raise
        finally:
            self._waiting.discard(task)


class WakeEvent:
    """Wakes a loop that rests before its time. Args: `stopping`, which wakes it as well."""

    def __init__(self, stopping: StopEvent) -> None:
        self._stopping = stopping
        self._rung = asyncio.Event()

    def clear(self) -> None:
        """What was rung for is looked at now."""
        self._rung.clear()

    def ring(self) -> None:
        """There may be something to do."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Rests for so many seconds at most."""
        with suppress(TimeoutError), self._stopping.interrupts():
            async with asyncio.timeout(seconds):
                await self._rung.wait()


async def repeat_until_stopped(stopping: StopEvent, work: Callable[[], Awaitable[object]], what: str) -> None:
    """Does work until told to stop; a server that is away is waited for. All loops of a worker meet that at once: it is
    told of in one line, and again from time to time."""
    while not stopping.is_set():
        try:
            await work()
        except ServerError as error:
            level = logging.WARNING if stopping.warnings.should_warn(str(error)) else logging.DEBUG
            _log.log(level, "%s: next try in %.0f s: %s", what, REST_AFTER_ERROR, error)
            await sleep_unless_stopped(stopping, REST_AFTER_ERROR)
        except Exception:  # noqa: BLE001 - whatever it is, the loop goes on
            # Nobody would notice a loop that has ended: its group would stand still while the worker looks alive.
            _log.exception("%s: failed in a way that nobody thought of, next try in %.0f s", what, REST_AFTER_ERROR)
            await sleep_unless_stopped(stopping, REST_AFTER_ERROR)


async def attempt_each(
    chores: Iterable[Callable[[], Awaitable[Answer]]],
) -> tuple[list[Answer], list[Exception]]:
    """Does one chore after the other; one that fails keeps no other from being done. A server that is away ends it:
    each further chore would wait for it anew.

    Returns:
        The answers of those that succeeded, and the errors of those that failed.

    Raises:
        ServerUnavailableError: from the first chore that finds the server away.
    """
    answers: list[Answer] = []
    errors: list[Exception] = []
    for chore in chores:
        try:
            answers.append(await chore())
        except ServerUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - returned
            errors.append(error)
    return answers, errors


def raise_first(errors: Sequence[BaseException], warnings: WarningThrottle, what: str) -> None:
    """Raises the first of the errors that a round met, if it met any. The others are told of in the log: whoever called
    tells of the first."""
    for error in errors[1:]:
        words = str(error)
        if words != str(errors[0]) and warnings.should_warn(words):
            _log.warning("%s: %s", what, words, exc_info=None if isinstance(error, ServerError) else error)
    if errors:
        raise errors[0]


async def sleep_unless_stopped(stopping: asyncio.Event, seconds: float) -> None:
    """Waits, but not past the order to stop."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
