"""Workloads are told apart by their number."""

import asyncio

import pytest

from runtime import App
from sample_agents.driving import next_batch


@pytest.mark.usefixtures("environment")
async def test_workloads_that_begin_at_once_have_different_numbers():
    """Their subjects would collide, and their proofs see each other's deliveries."""
    app = App("demo")
    async with app.client():
        numbers = await asyncio.gather(*(next_batch(app) for _ in range(5)))
        assert sorted(numbers) == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("environment")
async def test_numbers_go_on_from_those_that_are_kept_with_the_runs():
    """A server that has never counted, of an earlier version or a new one beside old runs."""
    app = App("demo")
    async with app.client():
        await app.shared.put("batch", 7)
        assert [await next_batch(app), await next_batch(app)] == [8, 9]
        assert await app.shared.get("batch") == 9
