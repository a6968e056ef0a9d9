"""A task that is ended has ended, whatever its code does with a cancellation."""

import asyncio
from contextlib import suppress

import pytest

from runtime import cancellation
from runtime.cancellation import cancel_and_wait, gather_all
from tests.waiting import a_turn


async def test_a_loop_that_loses_cancellations_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As drivers lose one that comes together with an error."""
    monkeypatch.setattr(cancellation, "_AGAIN_AFTER", 0.01)
    lost, begun = 0, asyncio.Event()

    async def loop() -> None:
        nonlocal lost
        begun.set()
        while lost < 2:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            lost += 1
        await asyncio.Event().wait()

    task = asyncio.create_task(loop())
    await begun.wait()
    async with asyncio.timeout(20):
        await cancel_and_wait(task)
    assert (lost, task.cancelled()) == (2, True)


async def test_what_a_task_ended_with_is_left_in_it() -> None:
    """Whoever ends it does not ask for it, and one that has ended is left alone."""

    async def fails() -> None:
        raise ValueError("of its own")

    task = asyncio.create_task(fails())
    with suppress(ValueError):
        await task
    await cancel_and_wait(task)
    assert (task.cancelled(), str(task.exception())) == (False, "of its own")


async def test_of_several_all_have_ended_before_what_one_of_them_raises_is_raised() -> None:
    """Whoever is told of it may close what the others use."""
    ended: list[str] = []

    async def fails(words: str) -> None:
        raise KeyError(words)

    async def goes_on() -> None:
        await a_turn()
        ended.append("the other")

    with pytest.raises(KeyError, match="first"):
        await gather_all([fails("first"), goes_on(), fails("second")])
    assert ended == ["the other"]


async def test_the_answers_of_several_come_in_their_order() -> None:
    """Whoever is ready first."""

    async def answer(number: int) -> int:
        for _ in range(9 - number):
            await a_turn()
        return number

    assert await gather_all(answer(number) for number in range(9)) == list(range(9))
