"""What waits for a cell gets one, as far as there is room; where there is no parent it runs in the same process."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from runtime import App
from runtime.client.session import Session
from runtime.settings import Settings
from runtime.state.presence import WorkerRecord
from runtime.state.tasks import Task, token_of
from runtime.testing import Recorder
from runtime.worker.assembly import build_equipment
from runtime.worker.cell_order import CellOrder
from runtime.worker.cell_work import claim_work
from runtime.worker.cells import ALONE_FROM
from runtime.worker.delivery_work import DeliveryWork
from runtime.worker.heartbeat import Heartbeat, make_connector
from runtime.worker.link import LineReader, ParentLink, ParentMessage, write_line
from runtime.worker.step_work import StepWork
from runtime.worker.worker import Worker
from tests.contract.made import TRACE
from tests.waiting import until

ROOM = 3


class Office:
    """A worker that has a parent, which is the test. It has not begun to work: the test has it look."""

    def __init__(self, settings: Settings, facts: Recorder) -> None:
        self.app = App("logistics", settings=settings, observer=facts)
        self.workflow = self.app.workflow("shipment", order=int)
        self.workflow.step(name="pickup")(lambda order: order)
        self.app.subscribe("parcels", group="sms")(lambda order: None)
        self._orders, self._news = os.pipe(), os.pipe()
        self.lines = LineReader(self._orders[0])
        self._gone = 0

    def open(self) -> None:
        link = ParentLink(LineReader(self._news[0]), self._orders[1])
        self.worker = Worker(self.app.session, ROOM, "me", link)

    def close(self) -> None:
        for descriptor in (*self._orders, *self._news):
            os.close(descriptor)

    @property
    def session(self) -> Session:
        return self.app.session

    async def orders(self) -> list[CellOrder]:
        """What the worker orders when it looks now."""
        await self.worker._recovery.run_suspects()
        return [CellOrder.decode(line) for line in self.lines.read() or ()]

    def tell(self, *news: ParentMessage) -> None:
        """Tells the worker what its parent saw."""
        for one in news:
            write_line(self._news[1], one.encode())
        self.worker._read_news()

    async def leave_step(self, *, vanished: int = 0) -> str:
        """A step whose worker is gone; the task."""
        run = await self.app.start(self.workflow, order=1)
        task = Task(run.id, "shipment", "pickup")
        for number in range(vanished + 1):
            self._gone += 1
            token = token_of(f"gone-{self._gone}", "1")
            assert await self.session.store.claim(task, token, 60_000, [], isolated=number > 0)
            await self.session.store.forfeit(f"gone-{self._gone}", "vanished" if number else "lost")
        return task.member

    async def leave_delivery(self) -> str:
        """A delivery whose worker is gone; its place."""
        bus, consumer = self.session.bus, f"reader-{self._gone}"
        self._gone += 1
        await self.app.publish("parcels", 1)
        (delivery,) = await bus.read("parcels", "sms", consumer, 1, 20)
        await bus.begin(delivery, consumer, TRACE.trace_id, isolated=True, kills=9, vanishings=9)
        assert await bus.forfeit("parcels", "sms", consumer, "lost") == 1
        return f"s{delivery.entry}"


@pytest.fixture
async def office(settings: Settings, facts: Recorder) -> AsyncIterator[Office]:
    made = Office(settings, facts)
    async with made.app.client():
        made.open()
        yield made
    made.close()


async def test_what_waits_gets_a_cell_of_its_own(office: Office):
    """Once; each has a name that tells whose it is."""
    task, place = await office.leave_step(), await office.leave_delivery()
    orders = await office.orders()
    assert {order.item for order in orders} == {(task, "", "", ""), ("", "parcels", "sms", place)}
    assert all(order.consumer.startswith("me.cell-") for order in orders)
    assert len({order.consumer for order in orders}) == 2
    assert await office.orders() == []


async def test_as_many_cells_are_at_work_as_there_is_room_for(office: Office):
    """One that ends makes room for another, also for what it leaves."""
    tasks = {await office.leave_step() for _ in range(ROOM + 2)}
    orders = await office.orders()
    first = {order.task for order in orders}
    assert len(orders) == len(first) == ROOM
    await claim(office, orders[0])
    office.tell(ParentMessage("ended", orders[0].consumer))
    await until(lambda: office.worker._tasks == set())
    [order] = [CellOrder.decode(line) for line in office.lines.read() or ()]
    assert order.task in tasks - first | {orders[0].task}


async def test_workers_that_see_the_same_begin_with_others(office: Office):
    """Of three that all took the oldest, two would start cells for what another one has."""
    for _ in range(3 * ROOM):
        await office.leave_step()
    begun = set()
    for _ in range(20):
        office.open()
        begun.add(frozenset(order.task for order in await office.orders()))
    assert len(begun) > 1


async def claim(office: Office, order: CellOrder) -> None:
    """Takes the work of an order, as its cell does."""
    task = Task.parse(order.task)
    token = token_of(order.consumer, "cell")
    assert await office.session.store.claim(task, token, 60_000, [], isolated=True)


async def test_a_cell_whose_code_waits_makes_room(office: Office):
    """What it waits for may need a cell: as many that wait as there is room for would wait for ever."""
    tasks = [await office.leave_step() for _ in range(2 * ROOM)]
    first = await office.orders()
    for order in first:
        await claim(office, order)
    assert await office.orders() == []
    office.tell(*(ParentMessage("rests", order.consumer) for order in first))
    second = await office.orders()
    await until(lambda: office.worker._tasks == set())
    assert {order.task for order in (*first, *second)} == set(tasks)
    for order in second:
        await claim(office, order)
    office.tell(*(ParentMessage("works", order.consumer) for order in first))
    await office.leave_step()
    assert await office.orders() == []


async def test_what_a_cell_has_lost_gets_another(office: Office):
    """It is paused, and its lease is over; whoever has not said yet that it has its work is waited for."""
    task = await office.leave_step()
    [first] = await office.orders()
    assert await office.orders() == []
    await claim(office, first)
    office.tell(ParentMessage("holds", first.consumer))
    assert await office.orders() == []
    await office.session.store.forfeit(first.consumer, "lost")
    [second] = await office.orders()
    assert (second.task, second.consumer == first.consumer) == (task, False)


async def test_steps_and_groups_take_turns(office: Office):
    """However many wait of one kind."""
    for _ in range(2 * ROOM):
        await office.leave_step()
    place = await office.leave_delivery()
    assert place in {order.place for order in await office.orders()}


async def test_what_has_vanished_with_its_parent_once_waits_for_nobody(office: Office):
    """The machine went down, say; what ran there may be long, and all of it goes on at once."""
    tasks = [await office.leave_step(vanished=ALONE_FROM - 1) for _ in range(ROOM)]
    assert sorted(order.task for order in await office.orders()) == sorted(tasks)


async def test_what_has_vanished_with_its_parent_again_runs_as_the_only_one_of_its_kind(office: Office):
    """Only so can it be told which of them takes everything along; others run beside it."""
    graves = [await office.leave_step(vanished=ALONE_FROM) for _ in range(2)]
    other = await office.leave_step()
    orders = {order.task: order.consumer for order in await office.orders()}
    [first] = orders.keys() - {other}
    assert (len(orders), first in graves) == (2, True)
    office.tell(ParentMessage("rests", orders[first]))
    assert [order.task for order in await office.orders()] == [grave for grave in graves if grave != first]


async def test_what_another_version_alone_knows_stands_in_nobodys_way(office: Office, caplog: pytest.LogCaptureFixture):
    """A step was renamed while its runs were going on, and its worker died; it is left to a worker that knows it."""
    strange, token = office.app.workflow("strange", order=int), 0
    strange.step(name="gone")(lambda order: order)
    older = App("logistics", settings=office.session.settings, observer=office.session.observer)
    older._workflows["strange"] = strange
    async with older.client():
        for _ in range(3 * ROOM):
            run = await older.start(strange, order=1)
            token += 1
            name = token_of("gone-before", str(token))
            assert await older.session.store.claim(Task(run.id, "strange", "gone"), name, 60_000, [])
        await older.session.store.forfeit("gone-before", "lost")
    task = await office.leave_step()
    assert [order.task for order in await office.orders()] == [task]
    assert [record.getMessage().partition(",")[0] for record in caplog.records if "strange" in record.getMessage()] == [
        "step gone of workflow strange is due"
    ]


async def test_a_new_worker_leaves_the_cells_alone_that_go_on(office: Office):
    """It is told of them; they take room, and their work is not ordered again."""
    tasks = [await office.leave_step() for _ in range(ROOM)]
    office.tell(ParentMessage("running", "before.cell-1", CellOrder("before.cell-1", task=tasks[0])))
    assert sorted(order.task for order in await office.orders()) == sorted(tasks[1:])


@pytest.mark.parametrize(("news", "kills"), [("killed", 1), ("ended", 0)])
async def test_what_a_cell_held_waits_for_the_next(office: Office, news: Any, kills: int):
    """At once; its death counts against the work where it was killed by it, and not where it ended."""
    task = await office.leave_step()
    [order] = await office.orders()
    await claim(office, order)
    office.tell(ParentMessage(news, order.consumer))
    [again] = await until(office.orders)
    assert again.task == task
    claimed = await office.session.store.claim(Task.parse(task), token_of("next", "1"), 60_000, [], isolated=True)
    assert claimed is not None
    assert claimed.kills == kills


async def test_a_cell_takes_what_it_was_started_for(office: Office):
    """Also where it asks again because the answer was lost; what is settled, or somebody else has, it leaves alone."""
    await office.leave_step()
    await office.leave_delivery()
    connect = make_connector(office.session.server.url, "logistics", office.session.settings)
    heartbeat = Heartbeat(connect, WorkerRecord("me.cell-1", "h", 1, 1, "", 1), [], 60)
    for order in await office.orders():
        kit = build_equipment(office.session, order.consumer, heartbeat, isolated=True)
        works = [await claim_work(order, kit, office.session) for _ in range(2)]
        assert [type(work) for work in works] == [StepWork if order.task else DeliveryWork] * 2
        other = replace(order, consumer="another")
        another = build_equipment(office.session, other.consumer, heartbeat, isolated=True)
        assert await claim_work(other, another, office.session) is None
