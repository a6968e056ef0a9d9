"""The causal graph that the API answers with is the one that the workload's own books say, edge by edge."""

import asyncio

import pytest

from runtime.admin import Admin
from sample_agents import books, logistics, workload
from sample_agents.journal import Journal
from sample_agents.world import World
from tests.end_to_end.drawn import require_drawn
from tests.end_to_end.stack import Stack
from tests.waiting import until

#: Seeds and numbers of shipments: few have dead letters and replays of each kind, too.
FEW, MANY = 40, 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "shipments"),
    [(2026, FEW), *(pytest.param(seed, MANY, marks=pytest.mark.battery) for seed in (2026, 7, 8))],
)
async def test_the_graph_of_every_shipment_is_the_one_in_the_books(
    seed: int, shipments: int, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many shipments, dead letters and all replays: no edge is missing and none is extra, and no node is a hole."""
    monkeypatch.setattr(workload, "PACE", 0.005)
    world = World(seed, shipments)
    journal = await _ship_and_replay(world)
    assert journal.failures == []
    expected = books.build_expected_graphs(world, journal.runs, replayed=True)
    assert len(expected) == shipments
    for number, graph in expected.items():
        event = str(books.arrival(journal.runs[number]))
        await asyncio.to_thread(require_drawn, stack, event, graph, f"shipment {number}")


async def _ship_and_replay(world: World) -> Journal:
    async with logistics.app:
        admin = await Admin.connect()
        journal = await workload.ship(logistics.PLAN, world, admin)
        dead = (await admin.dead_letters(limit=MANY)).items
        settlements = await admin.replay([letter.id for letter in dead], "ada")
        assert {one.status for one in settlements} == {"replayed"}
        await until(lambda: _all_delivered(admin), "all is delivered", 60.0)
        await admin.close()
    return journal


async def _all_delivered(admin: Admin) -> bool:
    channel = await workload.channel_of(logistics.PLAN, admin)
    return channel is not None and all(group.pending + group.retrying == 0 for group in channel.groups)
