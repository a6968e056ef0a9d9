"""A cancellation is heeded, also by work that loses the first one."""

import asyncio

import pytest

from sample_agents.cancelling import heed_cancellation, insist


async def test_work_that_loses_a_cancellation_is_cancelled_again():
    """As often as it takes; whoever waits hears of it only once the work has ended."""
    lost, begun = [], asyncio.Event()

    async def work() -> None:
        begun.set()
        for _ in range(2):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost.append(1)
        await asyncio.Event().wait()

    task = asyncio.ensure_future(insist(work))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(lost) == 2


async def test_work_that_fails_fails():
    """What it raised is for its caller."""

    async def work() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await insist(work)


async def test_a_loop_notices_that_its_task_was_cancelled():
    """Even where what it awaited did not tell."""
    heed_cancellation()
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        with pytest.raises(asyncio.CancelledError):
            heed_cancellation()
    task.uncancel()
