"""The agents: two steps that somebody waits for, four that nobody does, and the handlers that are to do these.

What a step or handler does outside is one entry in the books, under its node: asked again it adds none. A handler that
runs beside its step enters nothing.
"""

import asyncio
from datetime import UTC, datetime
from typing import Final

from runtime import App, Context, Event, Retry, Shadow
from sample_agents.migration import craft
from sample_agents.migration.books import SECONDS, enter
from sample_agents.migration.forms import (
    Asked,
    Authorised,
    Payment,
    Points,
    Receipt,
    Revenue,
    Score,
    Settled,
)

#: Key of the app's shared state: whether the handler that credits points was mended.
MENDED: Final = "points are mended"

#: Of each hundred cents so many are the fee.
_FEE: Final = 2

_RETRY: Final = Retry(attempts=5, first_delay=0.1, max_delay=1.0)

app = App("migration", version="1")
payment_flow = app.workflow("payment", payment=Payment)


@payment_flow.step(retry=_RETRY, timeout=30)
async def authorise(payment: Payment, ctx: Context) -> Authorised:
    """Asks the bank."""
    await enter("authorise", ctx)
    return Authorised(code=f"{payment.country}-{ctx.subject}")


@payment_flow.step(retry=_RETRY, timeout=30)
async def settle(authorise: Authorised, payment: Payment, ctx: Context) -> Settled:
    """Moves the money."""
    await enter("settle", ctx)
    return Settled(code=authorise.code, net=payment.cents - payment.cents * _FEE // 100)


@payment_flow.step(retry=_RETRY, timeout=30, shadow=Shadow("receipts", ignore=("written_at",)))
async def receipt(settle: Settled, payment: Payment, ctx: Context) -> Receipt:
    """Writes to the customer."""
    await enter("receipt", ctx)
    return craft.receipt(payment, settle, datetime.now(UTC))


@payment_flow.step(retry=_RETRY, timeout=30, shadow=Shadow("fraud", unordered=("reasons",)))
async def fraud_score(settle: Settled, payment: Payment, ctx: Context) -> Score:
    """Scores the payment."""
    await enter("fraud_score", ctx)
    return craft.score(payment)


@payment_flow.step(retry=_RETRY, timeout=30, shadow="analytics")
async def analytics(settle: Settled, payment: Payment, ctx: Context) -> Revenue:
    """Notes the revenue."""
    await enter("analytics", ctx)
    return craft.revenue(payment, settle)


@payment_flow.step(retry=_RETRY, timeout=30, shadow="loyalty")
async def loyalty(settle: Settled, payment: Payment, ctx: Context) -> Points:
    """Credits points."""
    await enter("loyalty", ctx)
    return craft.points(payment)


@app.subscribe("receipts", group="receipts", retry=_RETRY)
async def write_receipt(event: Event[Asked], ctx: Context) -> Receipt:
    """Writes to the customer, when it is its turn."""
    await _done("receipt", ctx)
    return craft.receipt(event.data.payment, event.data.settle, datetime.now(UTC))


@app.subscribe("fraud", group="fraud", retry=_RETRY)
async def score_fraud(event: Event[Asked], ctx: Context) -> Score:
    """Scores the payment; the reasons come in another order."""
    await _done("fraud_score", ctx)
    found = craft.score(event.data.payment)
    return Score(points=found.points, reasons=found.reasons[::-1])


@app.subscribe("analytics", group="analytics", retry=_RETRY)
async def note_revenue(event: Event[Asked], ctx: Context) -> Revenue:
    """Notes the revenue."""
    await _done("analytics", ctx)
    return craft.revenue(event.data.payment, event.data.settle)


@app.subscribe("loyalty", group="loyalty", retry=_RETRY)
async def credit(event: Event[Asked], ctx: Context) -> Points:
    """Credits points: wrongly, until somebody has seen that."""
    await _done("loyalty", ctx)
    is_mended = await app.shared.get(MENDED, False)
    return craft.points(event.data.payment) if is_mended else craft.points_rounded(event.data.payment)


async def _done(work: str, ctx: Context) -> None:
    """Does the work of a step outside; beside that it only takes its time."""
    if ctx.is_shadow:
        await asyncio.sleep(SECONDS[work])
    else:
        await enter(work, ctx)
