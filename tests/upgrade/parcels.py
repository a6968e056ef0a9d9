"""The app whose work the homes hold: the release that makes a home and the code that opens it declare the same.

Only public names are used, and nothing else of ours is imported, so that every version can run it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import nan
from typing import Any, Final, Protocol
from uuid import UUID

from pydantic import BaseModel

from runtime import App, Breaker, Context, Event, Retry, Settings

DELIVERED: Final = "parcel.delivered"
BILLED: Final = "parcel.billed"
LOST: Final = "parcel.lost"

#: The handler of each group. `billing` and `books` are called after theirs.
HANDLERS: Final = {"sms": "send_sms", "billing": "billing", "board": "show", "books": "books", "refunds": "make_good"}

#: Nobody waits for so many seconds, nor for the share of them that is drawn for a retry.
FAR: Final = 50_000 * 365 * 86_400.0

SOON: Final = Retry(attempts=3, first_delay=0)
LATER: Final = Retry(attempts=3, first_delay=FAR, max_delay=FAR)
NEVER: Final = Retry(max_elapsed=0)
OFTEN: Final = Retry(attempts=6, first_delay=0)
BANK: Final = Breaker("bank", failures=3, cooldown=FAR)

_DAY: Final = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)


class Order(BaseModel):
    """An input: a model with fields of many kinds."""

    number: int
    sender: UUID
    due: datetime
    weight: Decimal
    fragile: bool
    parts: dict[int, str]
    notes: list[list[str]]
    insured: float | None = None


class Parcel(BaseModel):
    """What a step hands on: a model in a model."""

    order: Order
    label: bytes
    size: tuple[int, int, float]


class Receipt(BaseModel):
    """A payload. A reading may be NaN."""

    number: int
    signed: datetime
    readings: dict[int, float | None]
    seal: bytes


class World(Protocol):
    """What surrounds the app: it may note, fail, wait or kill."""

    async def meet(self, work: str, context: Context, given: Mapping[str, Any]) -> None:
        """An attempt begins.

        Args:
            work: name of the step or handler.
            context: of the attempt.
            given: what it was called with, or read of its state.
        """
        ...


def order_of(number: int) -> Order:
    """The order of a shipment."""
    return Order(
        number=number,
        sender=UUID(int=number),
        due=_DAY + timedelta(days=number),
        weight=Decimal("1.10") * number,
        fragile=number % 2 == 1,
        parts={1: "crate", 20: f"lid {number}"},
        notes=[["ring", "twice"], [], ["Zürich → Łódź"]],
    )


def tags_of(number: int) -> dict[int, list[str]]:
    """The other input of a shipment."""
    return {number: ["heavy"], -1: []}


def receipt_of(number: int) -> Receipt:
    """The payload of an event from outside."""
    return Receipt(number=number, signed=_DAY, readings={1: nan, 2: 0.1, 3: None}, seal="sëal".encode())


def packed(order: Order) -> Parcel:
    """What `pickup` makes."""
    return Parcel(order=order, label=f"P-{order.number} é".encode(), size=(3, 4, 0.5))


def routed(parcel: Parcel, tags: dict[int, list[str]]) -> dict[int, list[list[str]]]:
    """What `sorting` makes."""
    return {parcel.order.number: [list(tags[-1]), ["north", "7"]], 0: []}


def waybill(number: int) -> bytes:
    """What `transit` makes."""
    return f"way of {number}".encode()


@dataclass(frozen=True)
class Declared:
    """The app and its workflows."""

    app: App
    shipment: Any
    refund: Any


def declared(world: World, settings: Settings | None = None) -> Declared:
    """The app. Its attempts meet a world of the caller's."""
    app = App("parcels", settings=settings)
    shipment = app.workflow("shipment", order=Order, tags=dict[int, list[str]])
    refund = app.workflow("refund", number=int, reasons=list[list[str]], costs=dict[int, float])
    _declare_shipment(shipment, world)
    _declare_refund(refund, world)
    _declare_handlers(app, world)
    _declare_refunds(app, refund, world)
    return Declared(app, shipment, refund)


def _declare_shipment(shipment: Any, world: World) -> None:
    @shipment.step(retry=SOON)
    async def pickup(order: Order, context: Context) -> Parcel:
        await world.meet("pickup", context, {"order": order})
        context.state.put("packed", {1: [nan, "x"], "by": packed(order).size})
        return packed(order)

    @shipment.step(retry=SOON)
    async def sorting(pickup: Parcel, tags: dict[int, list[str]], context: Context) -> dict[int, list[list[str]]]:
        await world.meet("sorting", context, {"pickup": pickup, "tags": tags})
        return routed(pickup, tags)

    @shipment.step(retry=LATER)
    async def weighing(pickup: Parcel, context: Context) -> float | None:
        await world.meet("weighing", context, {"pickup": pickup})
        return nan

    @shipment.step(retry=SOON)
    async def transit(sorting: dict[int, list[list[str]]], weighing: float | None, context: Context) -> bytes:
        state = await context.state.get("packed")
        await world.meet("transit", context, {"sorting": sorting, "weighing": weighing, "state": state})
        return waybill(max(sorting))

    @shipment.step(retry=SOON, publishes=DELIVERED)
    async def delivery(transit: bytes, order: Order, context: Context) -> Receipt:
        await world.meet("delivery", context, {"transit": transit, "order": order})
        context.score(True, explanation="it arrived")
        return Receipt(number=order.number, signed=_DAY, readings={7: 0.5}, seal=transit)


def _declare_refund(refund: Any, world: World) -> None:
    @refund.step(retry=SOON)
    async def check(number: int, reasons: list[list[str]], costs: dict[int, float], context: Context):
        await world.meet("check", context, {"number": number, "reasons": reasons, "costs": costs})
        return {1: reasons, "costs": costs, "at": _DAY}

    @refund.step(retry=OFTEN, breaker=BANK)
    async def pay(check, context: Context) -> dict[str, Any]:
        await world.meet("pay", context, {"check": check})
        return {"paid": True}


def _declare_handlers(app: App, world: World) -> None:
    @app.subscribe(DELIVERED, group="sms", retry=SOON)
    async def send_sms(event: Event[Receipt], context: Context) -> None:
        await world.meet("send_sms", context, {"receipt": event.data, **await _first(context, event.data)})

    @app.subscribe(DELIVERED, retry=SOON)
    async def billing(receipt: Receipt, context: Context) -> None:
        await world.meet("billing", context, {"receipt": receipt, **await _first(context, receipt)})
        context.publish(BILLED, {receipt.number: [0.1, nan], 2: []})

    @app.subscribe(DELIVERED, group="board", retry=LATER)
    async def show(event: Event, context: Context) -> None:
        await world.meet("show", context, {"plain": event.data, **await _first(context, event.data)})

    @app.subscribe(BILLED, retry=LATER)
    async def books(bill: dict[int, list[float]], context: Context) -> None:
        await world.meet("books", context, {"bill": bill, **await _first(context, bill)})


def _declare_refunds(app: App, refund: Any, world: World) -> None:
    @app.subscribe(LOST, group="refunds", retry=NEVER, breaker=BANK)
    async def make_good(event: Event[Receipt], context: Context) -> None:
        receipt = event.data
        await world.meet("make_good", context, {"receipt": receipt, **await _first(context, receipt)})
        await app.start(refund, number=receipt.number, reasons=[["lost"], []], costs={1: 0.25, 30: 1e300})


async def _first(context: Context, payload: Any) -> dict[str, Any]:
    """What the group's first event left in its state; the first one leaves it."""
    first = await context.state.get("first")
    if first is None:
        context.state.put("first", {"of": context.subject, "payload": payload, 5: [nan]})
    return {"first": first}
