"""The default demo: shipments are orchestrated, everything that follows from their arrival is choreographed.

Pickup, sorting, transit and delivery are one durable run each. Text messages, billing and the tracking board hear of
the arrival; a text message that can't be sent never holds a shipment up.

    python -m sample_agents.logistics --seed 7 --size 200

starts the shipments and checks what became of them; workers (`causeline worker sample_agents.logistics:app`) do the
work. With `--tour` it is a guided one, in three acts (`tour.py`); with
`--compare`, `--coordination` or `--agents` shapes of coordination are compared (`shapes/`).
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from runtime import App, Breaker, Context, Event, Retry
from sample_agents import depot, tour, workload
from sample_agents.daybook import Daybook, Deed
from sample_agents.parcels import Delivered, Order, Pickup, Sorting, Transit
from sample_agents.shapes import workload as shapes
from sample_agents.world import is_busy, pause

#: Where arrivals are announced.
DELIVERED: Final = "shipment.delivered"

#: The key of the app's shared state that names the carrier of text messages that is out; empty for none.
OUTAGE: Final = "sms.outage"

#: The key of the app's shared state that says whether the parcel carrier is out, and those that name the file in which
#: the outside world notes what it does; empty for neither.
CARRIER_OUT: Final = "carrier.outage"
DAYBOOK: Final = "daybook"

CARRIER: Final = Breaker("carrier-api", failures=5, cooldown=2)

app = App("logistics")
shipment = app.workflow("shipment", order=Order)


async def note(deed: Deed, subject: str, key: str) -> None:
    """Has the outside world do something, once for a key, where somebody keeps its day book."""
    if path := await app.shared.get(DAYBOOK, ""):
        await asyncio.to_thread(Daybook(Path(path)).enter, deed, subject, key)


@shipment.step(
    timeout=5,
    retry=Retry(attempts=4, first_delay=0.2, max_delay=5),
    breaker=CARRIER,
)
async def pickup(order: Order, ctx: Context) -> Pickup:
    """Books a carrier, which is busy now and then."""
    await asyncio.sleep(pause(order.seed, order.number, "pickup"))
    if await app.shared.get(CARRIER_OUT, ""):
        raise depot.CarrierBusyError("the carrier does not answer")
    if ctx.attempt == 1 and is_busy(order.seed, order.number):
        raise depot.CarrierBusyError(f"the carrier takes no booking for shipment {ctx.subject} just now")
    await note(Deed.BOOKED, ctx.subject, str(ctx.node_id))
    return Pickup(booking=f"B-{ctx.subject}", hub=depot.hub_of(order.sender_postcode), calls=ctx.attempt)


@shipment.step(timeout=5)
async def sorting(order: Order, pickup: Pickup, ctx: Context) -> Sorting:
    """Reads the label and chooses a hub; a second look at the postcode says whether that was right."""
    await asyncio.sleep(pause(order.seed, order.number, "sorting"))
    hub, right_hub = depot.read_label(order), depot.hub_of(order.postcode)
    verdict = "the hub of the postcode" if hub == right_hub else f"{order.postcode} belongs to {right_hub}, not {hub}"
    ctx.score(hub == right_hub, explanation=verdict)
    return Sorting(origin=pickup.hub, hub=hub, right_hub=right_hub)


@shipment.step(timeout=5)
async def transit(order: Order, sorting: Sorting) -> Transit:
    """Carries the parcel from hub to hub; a wrong one sends it on."""
    route = depot.route(sorting.origin, sorting.hub, sorting.right_hub)
    for hub in route[1:]:
        await asyncio.sleep(pause(order.seed, order.number, f"transit {hub}"))
    return Transit(route=route, detour=sorting.hub != sorting.right_hub)


@shipment.step(timeout=5, publishes=DELIVERED)
async def delivery(order: Order, pickup: Pickup, transit: Transit, ctx: Context) -> Delivered:
    """Hands the parcel over, and tells everybody who cares."""
    await asyncio.sleep(pause(order.seed, order.number, "delivery"))
    await note(Deed.DELIVERED, ctx.subject, str(ctx.node_id))
    return Delivered(
        number=order.number,
        seed=order.seed,
        recipient=order.recipient,
        phone=order.phone,
        weight_grams=order.weight_grams,
        route=transit.route,
        detour=transit.detour,
        calls=pickup.calls,
    )


@app.subscribe(DELIVERED, group="sms", retry=Retry(attempts=5, first_delay=0.2, max_delay=2))
async def send_sms(event: Event[Delivered], ctx: Context) -> None:
    """Texts the recipient, if a carrier serves the number and answers."""
    delivered = event.data
    await asyncio.sleep(pause(delivered.seed, delivered.number, "sms"))
    carrier = depot.carrier_of(delivered.phone)
    if carrier == await app.shared.get(OUTAGE, ""):
        raise depot.GatewayError(f"carrier {carrier} does not answer")
    await note(Deed.TEXTED, event.subject, str(event.id))
    ctx.state.put(f"sent.{event.subject}", f"{delivered.recipient}, your parcel has arrived.")


@app.subscribe(DELIVERED, group="billing")
async def bill(event: Event[Delivered], ctx: Context) -> None:
    """Writes the invoice."""
    await asyncio.sleep(pause(event.data.seed, event.data.number, "billing"))
    await note(Deed.INVOICED, event.subject, str(event.id))
    ctx.state.put(f"invoice.{event.subject}", depot.invoice(event.data))


@app.subscribe(DELIVERED, group="tracking")
async def update_board(event: Event[Delivered], ctx: Context) -> None:
    """Moves the shipment to the arrivals on the tracking board."""
    await asyncio.sleep(pause(event.data.seed, event.data.number, "tracking"))
    ctx.state.put(f"board.{event.subject}", {"at": event.data.route[-1], "since": event.time.isoformat()})


#: What the workload drives.
PLAN: Final = workload.Plan(app=app, workflow=shipment, channel=DELIVERED, outage=OUTAGE)

#: What the tour drives beside it.
STAGE: Final = tour.Stage(carrier_out=CARRIER_OUT, daybook=DAYBOOK, breaker=CARRIER.name)


#: Options of a comparison of shapes, which has processes and servers of its own.
_COMPARISONS: Final = ("--compare", "--coordination", "--agents")


def main(arguments: list[str] | None = None) -> int:
    """Runs the workload; its exit status is 0 when everything promised happened."""
    words = sys.argv[1:] if arguments is None else arguments
    if any(word.startswith(_COMPARISONS) for word in words):
        return shapes.main(words)
    if "--tour" in words:
        return tour.main(PLAN, STAGE, words)
    return workload.main(PLAN, "logistics", words)


if __name__ == "__main__":
    sys.exit(main())
