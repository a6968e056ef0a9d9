"""The application as a whole ends when it is told to."""

import asyncio
from pathlib import Path

import pytest

from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus


async def test_a_look_whose_cancellation_is_lost_does_not_hold_up_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where it meets an answer of the bus."""
    begun, lost = asyncio.Event(), []

    async def deaf() -> None:
        begun.set()
        while not lost:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost.append(True)
        await asyncio.Event().wait()

    collector = LiveCollector(tmp_path / "causeline.duckdb", MemoryBus())
    monkeypatch.setattr(collector.watch, "poll_forever", deaf)
    application = collector.application
    async with asyncio.timeout(20) as limit, application.router.lifespan_context(application):
        await begun.wait()
    assert (lost, limit.expired()) == ([True], False)
    collector._listener.close()
    collector.database.close()
