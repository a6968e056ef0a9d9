"""Senders take turns."""

import asyncio
from contextlib import suppress

from collector.otlp.turnstile import Turnstile


async def test_who_sends_much_does_not_hold_up_who_sends_little() -> None:
    """The one of another sender comes after one of the thousand, not behind all of them."""
    turnstile, order = Turnstile(1), list[str]()

    async def work(sender: str) -> None:
        async with turnstile.turn(sender):
            order.append(sender)
            await asyncio.sleep(0)

    await asyncio.gather(*(work("flood") for _ in range(1000)), work("modest"), work("other"), work("modest"))
    assert order[:6] == ["flood", "flood", "modest", "other", "flood", "modest"]
    assert len(order) == 1003


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
    await asyncio.sleep(0)
    tasks[2].cancel()
    go.set()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    assert (turnstile._free, turnstile._waiting) == (2, {})
