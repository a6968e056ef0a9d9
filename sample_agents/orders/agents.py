"""The agents: three steps that somebody waits for, and four that hear of it when these are done.

Neither provider nor carrier can take part in a commit of ours. So each is asked with a key that is the same in every
attempt (`ctx.node_id`), and what they answer is recorded at once (`ctx.once`): a lost answer is asked for again, a
recorded one is not, and nothing is done twice. When a run fails, `undo=` gives the money back, also where no attempt
has heard that it was taken.
"""

import asyncio
from functools import partial
from typing import Final

from runtime import App, Context, Event, NonRetryableError, Retry
from sample_agents.orders import carrier
from sample_agents.orders.bank import Bank
from sample_agents.orders.fates import PAY_ATTEMPTS
from sample_agents.orders.forms import Order, Processed, Receipt
from sample_agents.orders.ledger import Ledger

#: Where it is announced that an order was processed.
ORDER_PROCESSED: Final = "order_processed"

#: Orders from so many cents on are looked at twice.
_LARGE: Final = 15_000

#: Seconds that the four who listen take.
_CARE: Final = 0.02

_RETRY: Final = Retry(attempts=PAY_ATTEMPTS, first_delay=0.1, max_delay=0.4)

app = App("orders")
order_flow = app.workflow("order", order=Order)


class StepCrashedError(Exception):
    """Raised where a process would die: after the outside world has done its part, before the step has ended."""


def _crash_once(order: Order, step: str, ctx: Context) -> None:
    if order.crash_in == step and ctx.attempt == 1:
        raise StepCrashedError(f"step {step!r} of order {ctx.subject} is gone before it could say what it has done")


async def refund(pay: Receipt | None, order: Order, ctx: Context) -> int:
    """Gives back what was taken. `pay` is None where nobody knows whether it was: the provider does."""
    bank = Bank(Ledger.of_home())
    cents: int = await ctx.once("refund", bank.refund, str(ctx.undoes), order.card)
    return cents


@order_flow.step(retry=_RETRY, timeout=30)
def validate(order: Order, ctx: Context) -> Order:
    """Refuses what can't be an order, before anybody pays."""
    if order.cents <= 0:
        raise NonRetryableError(f"order {ctx.subject} has nothing in it to pay for")
    return order


@order_flow.step(retry=_RETRY, timeout=30, undo=refund)
async def pay(validate: Order, ctx: Context) -> Receipt:
    """Has the provider take the money."""
    bank = Bank(Ledger.of_home())
    receipt: Receipt = await ctx.once("charge", bank.charge, str(ctx.node_id), ctx.subject, validate)
    _crash_once(validate, "pay", ctx)
    return receipt


@order_flow.step(retry=_RETRY, timeout=30, publishes=ORDER_PROCESSED)
async def ship(validate: Order, pay: Receipt, ctx: Context) -> Processed:
    """Has the carrier fetch the parcel, and tells everybody who cares."""
    book = partial(carrier.book, Ledger.of_home())
    parcel: str = await ctx.once("book", book, str(ctx.node_id), ctx.subject, validate)
    _crash_once(validate, "ship", ctx)
    return Processed(customer=validate.customer, cents=pay.cents, parcel=parcel)


@app.subscribe(ORDER_PROCESSED, group="notification")
async def notify(event: Event[Processed], ctx: Context) -> None:
    """Writes to the customer."""
    await asyncio.sleep(_CARE)
    ctx.state.put(f"letter.{event.subject}", f"{event.data.customer}, parcel {event.data.parcel} is on its way.")


@app.subscribe(ORDER_PROCESSED, group="analytics")
async def analyse(event: Event[Processed], ctx: Context) -> None:
    """Notes the revenue."""
    await asyncio.sleep(_CARE)
    ctx.state.put(f"revenue.{event.subject}", event.data.cents)


@app.subscribe(ORDER_PROCESSED, group="loyalty")
async def reward(event: Event[Processed], ctx: Context) -> None:
    """Credits a point for each euro."""
    await asyncio.sleep(_CARE)
    ctx.state.put(f"points.{event.data.customer}.{event.subject}", event.data.cents // 100)


@app.subscribe(ORDER_PROCESSED, group="fraud")
async def suspect(event: Event[Processed], ctx: Context) -> None:
    """Marks large orders for a second look."""
    await asyncio.sleep(_CARE)
    ctx.state.put(f"second_look.{event.subject}", event.data.cents >= _LARGE)
