"""Senders take turns."""

import asyncio
from contextlib import suppress

from collector.otlp.turnstile import Turnstile
from tests.waiting import until


async def test_who_sends_much_does_not_hold_up_who_sends_little() -> None:
    """The one of another sender comes after one of the thousand, not behind all of them."""
    turnstile, order = Turnstile(1), list[str]()

    async def work(sender: str) -> None:
        async with turnstile.turn(sender):
            order.append(sender)

    async with turnstile.turn("first"):
        senders = [*["flood"] * 1000, "modest", "other", "modest"]
        tasks = [asyncio.create_task(work(sender)) for sender in senders]
        await until(lambda: sum(map(len, turnstile._waiting.values())) == len(senders))
    await asyncio.gather(*tasks)
    assert order[:6] == ["flood", "modest", "other", "flood", "modest", "flood"]
    assert len(order) == len(senders)


async def test_who_goes_away_leaves_no_place_taken() -> None:
    """While it waits, in the moment of its turn, and in its turn."""
    turnstile = Turnstile(2)
    inside, go = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with turnstile.turn("one"):
            inside.set()
            await go.wait()

    tasks = [asyncio.create_task(work()) for _ in range(6)]
    await inside.wait()
    tasks[3].cancel()
    tasks[0].cancel()  # its place goes to the third
    await until(tasks[0].done)
    tasks[2].cancel()
    go.set()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    assert (turnstile._free, turnstile._waiting) == (2, {})
