"""The workload of the crash tests: shipments of four steps and some events, whose handlers misbehave where told to."""

import asyncio
import fcntl
import hashlib
import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final, Literal

from pydantic import BaseModel

from runtime import App, Breaker, CatchUp, Context, Event, Every, NonRetryableError, Retry, Settings, limit
from runtime.definitions.workflow import Workflow
from runtime.errors import ServerError
from tests.diary import Diary
from tests.end_to_end.crash_points import reached
from tests.waiting import until

STEPS: Final = ("pickup", "sorting", "transit", "delivery")
DELIVERED: Final = "shipment.delivered"
BILLED: Final = "shipment.billed"
TOLLED: Final = "shipment.tolled"
GROUPS: Final = {DELIVERED: ("billing", "sms", "tracking-board"), BILLED: ("books",), TOLLED: ("tolls",)}
"""Groups by channel."""

SCHEDULED: Final = "CRASH_SCHEDULED"
"""Variable that has a watch be kept each second; unset for none."""
LEDGER: Final = "CRASH_LEDGER"
"""Variable with the address of a database whose table `ledger` the books are entered in as well; unset for none."""
WATCH: Final = "watch"
"""The schedule, and its workflow."""

SHADOWED: Final = "CRASH_SHADOWED"
"""Variable that has parcels be stamped, by a step that has a successor; unset for none."""
STAMPING: Final = "stamping"
STAMPS: Final = "stamps"
"""The workflow, and the channel and group of the successor."""

RECEIPT: Final = "receipt"
"""What the last step of each shipment waits for; the handler that bills it answers."""

SIGNED: Final = "signed"
"""What every pickup waits for; the client answers at once, or as soon as it is waited for."""

CARTONS: Final = 3
"""Each shipment is packed into so many, and each of them weighed, two at once."""

ROUNDS: Final = 2
"""So often a route is planned, until it is good."""

HOPS: Final = 22
"""Steps, items, rounds and deliveries of a shipment: each is one hop of its budget, however often it is tried."""

LEGS: Final = ("road", "ferry", "bridge")
"""Each is paid for once, by recorded calls in transit, and streamed then; transit publishes an event for each."""

HUBS: Final = ("north", "south")
"""Where parcels are sorted, one at once in each."""

SORTERS: Final = "sorters"
AT_ONCE: Final = 2
"""The agent that sorts, and how many parcels it sorts at once."""

CARRIER: Final = Breaker("carrier", failures=2, cooldown=0.5)
"""Guards the last step of each shipment and the handler that shows where it is."""

Trouble = Literal["", "slow", "hold-step", "hold-sms", "deadly-step", "deadly-sms"]

HELD_FOR: Final = 300.0
"""Seconds after which work that is held gives up: no test lasts as long."""

HELD_BACK: Final = 0.1
"""Seconds that a bill is held back before it is entered in the books."""

SLOW: Final = 40_000
"""Rounds of a slow hash that slow work takes: some hundredths of a second."""
_AGAIN: Final = Retry(attempts=6, first_delay=0.1, max_delay=0.2)


class Order(BaseModel):
    """What is to be shipped. One number in three has a hiccup in transit, another one in three an SMS that fails."""

    number: int
    trouble: Trouble = ""
    hub: str = HUBS[0]


def is_insured(number: int) -> bool:
    """Whether a shipment has the step that others skip."""
    return number % 2 == 0


class Parcel(BaseModel):
    """What a step hands on. `trail` holds a mark of each attempt whose result was committed on the way."""

    run: uuid.UUID
    number: int
    trouble: Trouble
    trail: list[str]


class HiccupError(Exception):
    """Raised by the first attempt of work that succeeds when it is tried again."""


def crash_app(diary: Diary, settings: Settings | None = None) -> tuple[App, Workflow, Workflow]:
    """The app and its workflows, of which the second one always fails; every attempt is noted in the diary.

    Args:
        diary: of the test.
        settings: by default those of the environment.
    """
    app = App("crashes", settings=settings)
    app.agent(SORTERS, at_once=AT_ONCE)
    shipment = app.workflow("shipment", order=Order)
    _declare_steps(shipment, diary)
    _declare_handlers(app, diary)
    if SCHEDULED in os.environ:
        _declare_watch(app, diary)
    if SHADOWED in os.environ:
        _declare_stamping(app, diary)
    return app, shipment, _declare_refused(app, diary)


def _declare_steps(shipment: Workflow, diary: Diary) -> None:
    def passed(parcel: Parcel, step: str, context: Context) -> Parcel:
        mark = uuid.uuid4().hex
        diary.note("step", f"{context.run_id}/{step}")
        return parcel.model_copy(update={"trail": [*parcel.trail, mark]})

    @shipment.step(retry=_AGAIN)
    async def pickup(order: Order, context: Context) -> Parcel:
        assert await context.wait_for("signature", into=str) == SIGNED
        parcel = Parcel(run=context.run_id, number=order.number, trouble=order.trouble, trail=[])
        return passed(parcel, "pickup", context)

    @shipment.step(retry=_AGAIN, when=lambda order: is_insured(order.number))
    async def insurance(order: Order, context: Context) -> str:
        diary.note("step", f"{context.run_id}/insurance")
        return "insured"

    @shipment.step(retry=_AGAIN, agent=SORTERS, limits=[limit(key="order.hub", at_once=1)])
    def sorting(pickup: Parcel, order: Order, context: Context) -> Parcel:
        with _alone_at(diary, order.hub):
            reached("mid-step")
            if context.attempt > 1:
                reached("mid-step again", 1)
            return passed(pickup, "sorting", context)

    @shipment.step(retry=_AGAIN)
    async def transit(sorting: Parcel, context: Context) -> Parcel:
        parcel = passed(sorting, "transit", context)
        for leg in LEGS:
            await context.once("toll", partial(_pay, diary), str(context.run_id), leg, key=leg)
            await context.stream({"leg": leg})
        await _misbehave(diary, "step", parcel.trouble)
        if parcel.number % 3 == 1 and context.attempt == 1:
            diary.note("hiccup", f"{context.run_id}/transit")
            raise HiccupError("a flat tyre")
        _tell_of_legs(parcel, context)
        return parcel

    _declare_flows(shipment, diary)

    @shipment.step(retry=_AGAIN, publishes=DELIVERED, breaker=CARRIER)
    async def delivery(
        transit: Parcel, insurance: str | None, weighing: list[int], planning: int, context: Context
    ) -> Parcel:
        assert weighing == [transit.number + carton for carton in range(CARTONS)]
        assert planning == ROUNDS
        assert insurance == ("insured" if is_insured(transit.number) else None)
        _ask_carrier(diary, f"{context.run_id}/delivery")
        await _misbehave(diary, "delivery", transit.trouble)
        return passed(transit, "delivery", context)

    _declare_receipt(shipment, diary)


def _declare_receipt(shipment: Workflow, diary: Diary) -> None:
    @shipment.step(retry=_AGAIN)
    async def receipt(delivery: Parcel, context: Context) -> Parcel:
        marks = await context.wait_for(RECEIPT, into=list[str])
        assert marks[:-1] == delivery.trail
        diary.note("step", f"{context.run_id}/receipt")
        return delivery.model_copy(update={"trail": marks})


@contextmanager
def _alone_at(diary: Diary, hub: str) -> Iterator[None]:
    """Notes where somebody sorts at a hub already; the lock of a process that is gone is open."""
    with (diary.folder / f"hub-{hub}").open("w") as gate:
        try:
            fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            diary.note("crowded", hub)
        yield


def _declare_flows(shipment: Workflow, diary: Diary) -> None:
    def noted(context: Context, place: str) -> None:
        diary.note("step", f"{context.run_id}/{place}")

    @shipment.step(retry=_AGAIN)
    def packing(order: Order, context: Context) -> list[int]:
        noted(context, "packing")
        return [order.number + carton for carton in range(CARTONS)]

    @shipment.step(retry=_AGAIN, over="packing", at_once=2)
    def weighing(carton: int, context: Context) -> int:
        noted(context, f"weighing[{context.index}]")
        reached("mid-item")
        return carton

    @shipment.step(retry=_AGAIN)
    def planning(order: Order, planning: int | None, routing: int | None, context: Context) -> int:
        noted(context, f"planning{_mark(context)}")
        assert (planning, routing) == ((None, None) if context.round == 1 else (context.round - 1, context.round - 1))
        return context.round

    @shipment.step(retry=_AGAIN, until=lambda routing: routing == ROUNDS, max_rounds=ROUNDS, back_to="planning")
    def routing(planning: int, context: Context) -> int:
        noted(context, f"routing{_mark(context)}")
        reached("mid-round")
        return planning


def _declare_refused(app: App, diary: Diary) -> Workflow:
    """Charges, has another workflow clear it, and is refused: all of it is undone."""
    clearing = app.workflow("clearing", charge=int)

    def did(context: Context, what: str) -> None:
        diary.note("step", f"{context.run_id}/{what}")

    def unclear(clear: int | None, charge: int, context: Context) -> None:
        did(context, "~clear")
        reached("mid-undo")
        assert clear in {None, charge}

    @clearing.step(retry=_AGAIN, undo=unclear)
    def clear(charge: int, context: Context) -> int:
        did(context, "clear")
        return charge

    refused = app.workflow("refused", number=int)

    def give_back(charge: int | None, number: int, context: Context) -> None:
        did(context, "~charge")
        reached("mid-undo")
        assert charge in {None, number}

    @refused.step(retry=_AGAIN, undo=give_back)
    def charge(number: int, context: Context) -> int:
        did(context, "charge")
        return number

    refused.step(clearing, name="customs")

    @refused.step(retry=_AGAIN)
    def handover(customs: int, context: Context) -> None:
        did(context, "handover")
        diary.note("hiccup", f"{context.run_id}/handover")
        raise NonRetryableError("refused at the door")

    return refused


def _mark(context: Context) -> str:
    return f"#{context.round}" if context.round > 1 else ""


def _declare_watch(app: App, diary: Diary) -> None:
    watch = app.workflow(WATCH)

    @watch.step(name="walk", retry=_AGAIN)
    def walk(context: Context) -> str:
        diary.note("step", f"{context.run_id}/walk")
        return "all quiet"

    app.schedule(WATCH, watch, Every(seconds=1), missed=CatchUp(at_most=1000, per_minute=6000), overlap="allow")


def _declare_stamping(app: App, diary: Diary) -> None:
    stamping = app.workflow(STAMPING)

    @stamping.step(retry=_AGAIN)
    def paper(context: Context) -> str:
        return str(context.run_id)

    @stamping.step(retry=_AGAIN, shadow=STAMPS)
    def stamp(paper: str) -> dict[str, str]:
        diary.note("stamped", f"{paper}/step")
        reached("mid-stamp")
        return {"paper": paper}

    @app.subscribe(STAMPS, group=STAMPS, retry=_AGAIN)
    def stamps(event: dict[str, str], context: Context) -> dict[str, str]:
        if not context.is_shadow:
            diary.note("stamped", f"{event['paper']}/handler")
            context.state.put(event["paper"], 1)
        reached("mid-shadow" if context.is_shadow else "mid-stamps")
        return {"paper": event["paper"]}


def _tell_of_legs(parcel: Parcel, context: Context) -> None:
    """Publishes several events, which are carried together."""
    for leg in LEGS:
        context.publish(TOLLED, parcel, subject=leg)


def _pay(diary: Diary, run: str, leg: str) -> str:
    diary.note("paid", f"{run}/{leg}")
    return leg


def _declare_handlers(app: App, diary: Diary) -> None:
    def note(group: str, event: Event[Parcel], context: Context) -> None:
        diary.note("handler", f"{event.id}/{group}")
        context.state.put(str(event.id), event.data.number)

    @app.subscribe(DELIVERED, group="sms", retry=_AGAIN)
    async def send_sms(event: Event[Parcel], context: Context) -> None:
        note("sms", event, context)
        reached("mid-handler")
        if context.attempt > 1:
            reached("mid-handler again", 1)
        await _misbehave(diary, "sms", event.data.trouble)
        if event.data.number % 3 == 2 and context.attempt == 1:
            diary.note("hiccup", f"{event.id}/sms")
            raise HiccupError("the carrier is busy")

    @app.subscribe(DELIVERED, group="billing", retry=_AGAIN)
    async def bill(event: Event[Parcel], context: Context) -> None:
        note("billing", event, context)
        await _misbehave(diary, "billing", event.data.trouble)
        mark = uuid.uuid4().hex
        diary.note("sending", f"{event.data.run}/{mark}")
        with _noting_outages(diary, f"{event.id}/billing"):
            await (await app.get_run(event.data.run)).send(RECEIPT, [*event.data.trail, mark])
        diary.note("sent", f"{event.data.run}/{mark}")
        context.publish(BILLED, event.data, delay=HELD_BACK)

    @app.subscribe(DELIVERED, group="tracking-board", retry=_AGAIN, breaker=CARRIER)
    def show(event: Event[Parcel], context: Context) -> None:
        _ask_carrier(diary, f"{event.id}/tracking-board")
        note("tracking-board", event, context)

    @app.subscribe(TOLLED, group="tolls", retry=_AGAIN)
    async def claim_back(event: Event[Parcel], context: Context) -> None:
        note("tolls", event, context)

    ledger = os.environ.get(LEDGER) or None

    @app.subscribe(BILLED, group="books", retry=_AGAIN, order_by="trouble", inbox=ledger)
    async def enter(event: Event[Parcel], context: Context) -> None:
        note("books", event, context)
        if ledger is not None:
            connection = await context.transaction()
            await connection.execute("INSERT INTO ledger VALUES (%s, %s)", (event.id, context.attempt))
        await _misbehave(diary, "books", event.data.trouble)


@contextmanager
def _noting_outages(diary: Diary, key: str) -> Iterator[None]:
    """Notes that an attempt fails because the server is away for longer than a client waits; another one follows it."""
    try:
        yield
    except ServerError:
        diary.note("hiccup", key)
        raise


def _ask_carrier(diary: Diary, who: str) -> None:
    if not diary.has_carrier():
        diary.note("down", who)
        raise OSError("the carrier is down")


async def _misbehave(diary: Diary, where: str, trouble: Trouble) -> None:
    if trouble == "slow":
        await asyncio.to_thread(hashlib.pbkdf2_hmac, "sha256", b"work", b"salt", SLOW)
    if trouble == f"deadly-{where}":
        os.kill(os.getpid(), signal.SIGKILL)
    if trouble == f"hold-{where}":
        diary.note("held", where)
        await until(lambda: diary.is_released(os.getpid()), "another process opens the gate", HELD_FOR)
