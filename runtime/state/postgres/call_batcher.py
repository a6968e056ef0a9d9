"""Calls of one function that are made while others are on their way go together: one statement, one transaction, and
one wait for the disk."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import psycopg

Row = dict[str, Any]
Values = Sequence[Any]

#: Calls that go together at most; whoever is in a transaction with others waits for all of them.
_MOST: Final = 64
#: Bytes of values that go together at most.
_MOST_BYTES: Final = 1024 * 1024
#: Transactions that are under way at once: the more there are, the fewer calls go together.
_AT_ONCE: Final = 2


class CallBatcher:
    """Gathers calls for one event loop.

    Args:
        call: makes several calls in one transaction, and answers with a row for each; None where one has none.
    """

    def __init__(self, call: Callable[[Sequence[Values]], Awaitable[Sequence[Row | None]]]) -> None:
        self._call = call
        self._waiting: list[tuple[Values, asyncio.Future[list[Row]]]] = []
        self._runners: set[asyncio.Task[None]] = set()

    def submit(self, values: Values) -> "asyncio.Future[list[Row]]":
        """Makes a call soon; it goes on whoever gives up.

        Args:
            values: its arguments; calls of which several may lock the same run begin with its id.
        """
        answer: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        self._waiting.append((values, answer))
        if len(self._runners) < _AT_ONCE:
            runner = asyncio.create_task(self._run())
            self._runners.add(runner)
            runner.add_done_callback(self._runners.discard)
        return answer

    async def drain(self) -> None:
        """Waits until all calls have ended."""
        if self._runners:
            await asyncio.wait(self._runners)

    async def _run(self) -> None:
        while self._waiting:
            count = self._count_fitting()
            taken, self._waiting = self._waiting[:count], self._waiting[count:]
            # Two transactions that lock the same runs do so in one order.
            taken.sort(key=lambda one: str(one[0][0]))
            try:
                await self._answer(taken)
            except BaseException as error:
                # Whoever asked would wait in vain, and take a fault of ours for a server that does not answer.
                for _, answer in taken:
                    if not answer.done():
                        answer.set_exception(error)
                if not isinstance(error, Exception):
                    raise

    async def _answer(self, taken: Sequence[tuple[Values, "asyncio.Future[list[Row]]"]]) -> None:
        try:
            rows = await self._call([values for values, _ in taken])
        except psycopg.Error as error:
            await self._call_one_by_one(taken, error)
            return
        for (_, answer), row in zip(taken, rows, strict=True):
            if not answer.done():
                answer.set_result([] if row is None else [row])

    def _count_fitting(self) -> int:
        """How many of those that wait go together: not more than are read and written in one go; one at least."""
        total = 0
        for at, (values, _) in enumerate(self._waiting[:_MOST]):
            total += sum(len(value) for value in values if isinstance(value, bytes))
            if total > _MOST_BYTES:
                return max(1, at)
        return _MOST

    async def _call_one_by_one(
        self, taken: Sequence[tuple[Values, "asyncio.Future[list[Row]]"]], error: psycopg.Error
    ) -> None:
        """What was refused together changed nothing; each learns for itself what becomes of it."""
        for values, answer in taken:
            try:
                rows = None if len(taken) == 1 else await self._call([values])
            except psycopg.Error as own:
                error = own
                rows = None
            if answer.done():
                continue
            if rows is None:
                answer.set_exception(error)
            else:
                answer.set_result([row for row in rows if row is not None])
