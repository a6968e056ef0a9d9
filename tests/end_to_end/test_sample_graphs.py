"""The causal graphs of the samples are those that their own books say, edge by edge."""

import asyncio

import pytest

from runtime.admin import Admin
from sample_agents import codegen, orders
from sample_agents.codegen import books as feature_books
from sample_agents.codegen import workload as feature_workload
from sample_agents.codegen.journal import Journal as FeatureJournal
from sample_agents.codegen.plan import Fate as FeatureFate
from sample_agents.orders import books as order_books
from sample_agents.orders import workload as order_workload
from sample_agents.orders.fates import Fate, World
from sample_agents.orders.journal import Journal
from tests.end_to_end.drawn import require_drawn
from tests.end_to_end.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.slow]


async def test_the_graph_of_every_order_is_the_one_in_the_books(stack: Stack) -> None:
    """Orders of every fate: those that go through with all who hear of it, those that fail with their refunds."""
    world, journal = World(7, 20), Journal()
    async with orders.app:
        await order_workload.send_all(world, 1, journal)
        admin = await Admin.connect()
        await order_workload.settle(admin, journal)
        await admin.close()
    assert journal.failures == []
    assert set(journal.fates.values()) == set(Fate)
    for number, run in journal.runs.items():
        graph = order_books.order(run, journal.fates[number])
        await asyncio.to_thread(require_drawn, stack, str(run), graph, f"order {number}: {journal.fates[number]}")


async def test_the_graph_of_every_feature_is_the_one_in_the_books(stack: Stack) -> None:
    """Rounds, files side by side, what is published in each round, approvals, and a feature that is given up."""
    journal = FeatureJournal()
    async with codegen.app:
        admin = await Admin.connect()
        await feature_workload.write_all(admin, 7, 7, 0, journal)
        await feature_workload.settle(admin, journal)
        await admin.close()
    assert journal.failures == []
    assert {plan.fate for plan in journal.plans.values()} == set(FeatureFate)
    for number, run in journal.runs.items():
        fate = journal.plans[number].fate
        graph = feature_books.feature(run, fate)
        await asyncio.to_thread(require_drawn, stack, str(run), graph, f"feature {number}: {fate}")
