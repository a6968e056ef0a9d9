"""Questions that are asked in one turn of the event loop, answered by one round trip."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from typing import Any, Generic, TypeVar

from runtime.errors import CommandRefusedError

Topic = TypeVar("Topic", bound=Hashable)
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class TurnBatcher(Generic[Topic, Item, Answer]):
    """Collects the items of each topic until the turn of the event loop ends, then asks about all of them at once.

    Where the server refuses the question, each item is asked about alone: what one of them is refused for must not be
    the others' trouble. Any other error is everybody's.

    Args:
        ask: answers for all items of a topic, in order. It may be asked again about an item, alone.
        most: items of one question at most; the server does nothing else until it has answered it.
    """

    def __init__(self, ask: Callable[[Topic, Sequence[Item]], Awaitable[Sequence[Answer]]], most: int) -> None:
        self._ask = ask
        self._most = most
        self._waiting: dict[Topic, list[tuple[Item, asyncio.Future[Answer]]]] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def ask(self, topic: Topic, item: Item) -> Answer:
        """The answer for one item.

        Raises:
            ServerError: the server does not answer, or refuses.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(topic)
        if waiting is None:
            waiting = self._waiting[topic] = []
            self._begin(self._ask_turn(topic))
        waiting.append((item, answer))
        return await answer

    def _begin(self, asking: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(asking, name="causeline asking")
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask_turn(self, topic: Topic) -> None:
        """Asks for what has come up to now: all that was ready when the first of it was."""
        asked = [one for one in self._waiting.pop(topic) if not one[1].done()]  # whoever asked may have given up
        for at in range(self._most, len(asked), self._most):
            self._begin(self._answer_items(topic, asked[at : at + self._most]))
        if asked:
            await self._answer_items(topic, asked[: self._most])

    async def _answer_items(self, topic: Topic, items: Sequence[tuple[Item, "asyncio.Future[Answer]"]]) -> None:
        try:
            answers = await self._ask(topic, [item for item, _ in items])
        except CommandRefusedError as error:
            if len(items) == 1:
                _fail(items, error)
            else:
                await asyncio.gather(*(self._answer_items(topic, [one]) for one in items))
        except BaseException as error:
            _fail(items, error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, future), answer in zip(items, answers, strict=True):
                if not future.done():  # whoever asked has given up
                    future.set_result(answer)


def _fail(items: Sequence[tuple[object, "asyncio.Future[Answer]"]], error: BaseException) -> None:
    for _, future in items:
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        elif not future.done():
            future.set_exception(error)
