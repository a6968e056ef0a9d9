"""A guided tour in three acts: what breaks, what that does to shipments, and what the day book says afterwards.

    causeline demo logistics --tour

A carrier outage opens a breaker, and shipments are deferred; an outage of text messages leaves dead letters, which an
alert tells of and a replay delivers; a worker is killed, and shipments go on.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

from runtime import CauselineError, RunFailedError
from runtime.admin import Admin
from runtime.causality.error_info import leaves
from runtime.cli.collector_answers import AlertList
from runtime.cli.collector_api import ask_collector
from runtime.errors import ServerError
from runtime.home import find_home
from runtime.semconv import DeadLetterReason
from runtime.settings import load
from sample_agents import books
from sample_agents.cancelling import heed_cancellation
from sample_agents.daybook import Daybook, Deed
from sample_agents.driving import drive, next_batch, say
from sample_agents.proof import Proof, Stage
from sample_agents.workload import Plan, channel_of, settle
from sample_agents.world import World

__all__ = ["Stage", "main"]

#: Shipments of an act.
SIZE: Final = 24

#: Seconds between two of them, that anything may take, and between two looks at it.
_PACE: Final = 0.05
_PATIENCE: Final = 60.0
_LOOK: Final = 0.1

#: Which of the demo's workers is killed, and who it is that replays.
_VICTIM: Final = "worker-1"
_OPERATOR: Final = "the tour"

ACTS: Final = 3


def main(plan: Plan, stage: Stage, arguments: list[str]) -> int:
    """Gives the tour; its exit status is 0 when all that was promised happened.

    Args:
        plan: what to drive.
        stage: the switches of outages.
        arguments: of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m sample_agents.logistics")
    parser.add_argument("--tour", action="store_true", help="outages and a killed worker, in acts")
    parser.add_argument("--seed", type=int, default=7, help="fixes how the simulated world behaves")
    parser.add_argument("--size", "--shipments", type=int, default=SIZE, help="shipments of an act, at least 12")
    parser.add_argument(
        "--linger", type=float, default=0, help="seconds that each trouble lasts longer, to be looked at"
    )
    options = parser.parse_args(arguments)
    if options.size < 12:  # fewer would not open the breaker for certain
        parser.error("--size must be at least 12")
    return drive(partial(_report, plan, stage, World(options.seed, options.size), options.linger))


async def _report(plan: Plan, stage: Stage, world: World, linger: float) -> dict[str, Any]:
    path = find_home(load().home) / f"daybook-{time.time_ns()}.sqlite"
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(plan.app.client())
        admin = await Admin.connect()
        stack.push_async_callback(admin.close)
        tour = Tour(plan, stage, world, admin, Daybook(path), linger)
        await plan.app.shared.put(stage.daybook, str(path))
        stack.push_async_callback(plan.app.shared.put, stage.daybook, "")
        try:
            for act in (tour.carrier_outage, tour.sms_outage, tour.kill_worker):
                await act()
        except* (TimeoutError, CauselineError) as error:
            tour.proof.failures.append(f"the tour could not go on: {'; '.join(map(str, leaves(error)))}")
        return tour.proof.report()


class Tour:
    """The acts, in their order.

    Args:
        plan: what is driven; its app is connected.
        stage: the switches of outages.
        world: the shipments of each act.
        admin: sees the bus, and replays.
        book: what the outside world does, whom nobody of ours asks.
        linger: seconds that each trouble lasts longer.
    """

    def __init__(self, plan: Plan, stage: Stage, world: World, admin: Admin, book: Daybook, linger: float) -> None:
        self._linger = linger
        self._plan = plan
        self._stage = stage
        self._world = world
        self._admin = admin
        self._done = 0
        self.proof = Proof(book)

    async def carrier_outage(self) -> None:
        """A breaker opens, shipments wait, and none is lost."""
        say(
            {
                "act": "1. The parcel carrier answers nobody: its breaker opens, and shipments wait for it.",
                "place": "/groups",
            }
        )
        shipped = self.proof.shipped
        async with asyncio.TaskGroup() as tasks:
            await self._plan.app.shared.put(self._stage.carrier_out, "out")
            try:
                shipping = tasks.create_task(self._ship())
                await _wait_until(self._is_deferred, "the carrier's breaker is open, and a pickup waits for it")
                waiting = (await self._admin.breaker(self._stage.breaker)).waiting_total
                await asyncio.sleep(self._linger)
            finally:
                await self._plan.app.shared.put(self._stage.carrier_out, "")
        subjects, _ = shipping.result()
        await _wait_until(self._is_closed, "the carrier's breaker is closed again")
        proof = self.proof.act("carrier outage")
        proof("pickups that waited for the breaker", waiting, at_least=1)
        proof("shipments booked once", self.proof.count_once(Deed.BOOKED, subjects), len(subjects))
        proof("shipments delivered once", self.proof.count_once(Deed.DELIVERED, subjects), len(subjects))
        proof("shipments failed", len(subjects) - (self.proof.shipped - shipped), 0)

    async def sms_outage(self) -> None:
        """Text messages die and nothing else does; an alert tells of them, and a replay delivers them."""
        carrier = self._world.outage
        say(
            {
                "act": f"2. Carrier {carrier} of text messages is out: they become dead letters, shipments go on.",
                "place": "/dead-letters",
            }
        )
        dying = {n for n in self._world.numbers if self._world.dies_of(n)}
        saved = [n for n in dying if self._world.dies_of(n) is DeadLetterReason.MAX_ATTEMPTS]
        await self._plan.app.shared.put(self._plan.outage, carrier)
        try:
            subjects, runs = await self._ship()
            proof = self.proof.act("outage of text messages")
            proof("shipments delivered once", self.proof.count_once(Deed.DELIVERED, subjects), len(subjects))
            proof("shipments invoiced once", self.proof.count_once(Deed.INVOICED, subjects), len(subjects))
            proof("texts sent meanwhile", self.proof.count_once(Deed.TEXTED, subjects), len(subjects) - len(dying))
            say({"act": "   An alert tells of the dead letters.", "place": "/alerts"})
            await _wait_until(_is_alerted, "an alert tells of dead letters")
            proof("alerts that fire about them", 1, at_least=1)
            await asyncio.sleep(self._linger)
        finally:
            await self._plan.app.shared.put(self._plan.outage, "")
        say({"act": "   The carrier is back, and they are replayed.", "place": "/dead-letters"})
        replayed = await self._admin.replay([books.dead_letter(runs[n]) for n in saved], _OPERATOR)
        await self._wait_until_settled()
        proof("letters replayed", sum(one.status == "replayed" for one in replayed), len(saved))
        unreachable = len(self._world.unreachable)
        proof("texts sent in the end", self.proof.count_once(Deed.TEXTED, subjects), len(subjects) - unreachable)
        self.proof.focus = runs[saved[0]]

    async def kill_worker(self) -> None:
        """Whatever a worker has under way goes on in another."""
        say(
            {
                "act": f"3. {_VICTIM}, which coordinates half of the shipments, is killed in the middle: they go on.",
                "place": "/workers",
            }
        )
        before, before_it = await self._consumers(), self.proof.count_entries(Deed.DELIVERED)
        async with asyncio.TaskGroup() as tasks:
            shipping = tasks.create_task(self._ship())
            third = before_it + len(self._world.numbers) // 3
            await _wait_until(
                self.proof.make_count_check(Deed.DELIVERED, third), "a third of the shipments is delivered"
            )
            under_way = before_it + len(self._world.numbers) - self.proof.count_entries(Deed.DELIVERED)
            say({"kill": _VICTIM})
        subjects, _ = shipping.result()
        await _wait_until(partial(self._is_replaced, before), "another worker has taken the place of the killed one")
        proof = self.proof.act("killed worker")
        proof("shipments on their way then", under_way, at_least=1)
        proof("shipments delivered once", self.proof.count_once(Deed.DELIVERED, subjects), len(subjects))
        proof("shipments booked once", self.proof.count_once(Deed.BOOKED, subjects), len(subjects))
        proof("shipments invoiced once", self.proof.count_once(Deed.INVOICED, subjects), len(subjects))
        texted = len(subjects) - len(self._world.unreachable)
        proof("texts sent once", self.proof.count_once(Deed.TEXTED, subjects), texted)

    async def _ship(self) -> tuple[list[str], dict[int, Any]]:
        """Sends an act's shipments, and waits for them and all that follows from them. Returns their subjects, and the
        run of each by number."""
        batch = await next_batch(self._plan.app)
        channel = await channel_of(self._plan, self._admin)
        published = channel.published if channel else 0
        subjects = {number: f"S{batch}-{number:04d}" for number in self._world.numbers}
        runs = {}
        for number, subject in subjects.items():
            heed_cancellation()
            order = self._world.order(number)
            runs[number] = await self._plan.app.start(self._plan.workflow, subject=subject, order=order)
            await asyncio.sleep(_PACE)
        arrived = 0
        for number, run in runs.items():
            try:
                await run.result(timeout=_PATIENCE)
                arrived += 1
            except RunFailedError as error:
                self.proof.failures.append(f"shipment {subjects[number]}: {error}")
            self._progress(1)
        await settle(self._plan, self._admin, published + arrived)
        self.proof.shipped += arrived
        return list(subjects.values()), {number: run.id for number, run in runs.items()}

    def _progress(self, more: int) -> None:
        """Says how far the tour is; whoever drives it also looks then whether a worker has to be started again."""
        self._done += more
        say({"done": self._done, "total": ACTS * len(self._world.numbers)})

    async def _wait_until_settled(self) -> None:
        channel = await channel_of(self._plan, self._admin)
        await settle(self._plan, self._admin, channel.published if channel else 0)

    async def _consumers(self) -> set[str]:
        return {one.seen.record.consumer for one in await self._admin.workers() if not one.seen.record.is_cell}

    async def _is_replaced(self, before: set[str]) -> bool:
        self._progress(0)
        return bool(await self._consumers() - before)

    async def _is_deferred(self) -> bool:
        found = next((one for one in await self._admin.breakers() if one.name == self._stage.breaker), None)
        return found is not None and found.state != "closed" and found.waiting_total > 0

    async def _is_closed(self) -> bool:
        return (await self._admin.breaker(self._stage.breaker)).state == "closed"


async def _is_alerted() -> bool:
    def firing() -> bool:
        answer = ask_collector(load().collector_url, "/api/alerts", AlertList)
        return any(
            alert["kind"] == "dead_letters" and alert["about"].get("group") == books.FRAGILE_GROUP
            for alert in answer["firing"]
        )

    try:
        return await asyncio.to_thread(firing)
    except ServerError:
        return False  # busy; asked again


async def _wait_until(is_so: Callable[[], Awaitable[bool]], what: str) -> None:
    """Waits until something is so. Raises `TimeoutError` that says what never came."""
    try:
        async with asyncio.timeout(_PATIENCE):
            while not await is_so():
                heed_cancellation()
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        raise TimeoutError(f"it is not so after {_PATIENCE:.0f} s that {what}") from None
