"""The app whose worker is looked at: steps and handlers, some of which fail, and channels that nobody has heard of."""

from runtime import App, Context, Event, Retry

#: What one number in so many is.
DEADLY, NEW = 50, 20

app = App("steady")
order = app.workflow("order", number=int)

_AGAIN = Retry(attempts=3, first_delay=0.05, max_delay=0.1)


class GatewayError(Exception):
    """Raised for some numbers, each time."""


@order.step(retry=_AGAIN)
async def reserve(number: int, ctx: Context) -> int:
    seen = await ctx.state.get("seen", 0)
    ctx.state.put("seen", seen + 1)
    if number % 7 == 0 and ctx.attempt == 1:
        raise GatewayError("busy")
    return number


@order.step(publishes="order.placed")
def pay(reserve: int, ctx: Context) -> int:
    ctx.score(reserve % 5 > 0, name="paid")
    return reserve


@app.subscribe("order.placed", group="mail", retry=_AGAIN)
async def mail(event: Event[int], ctx: Context) -> None:
    if event.data % DEADLY == 0:
        raise GatewayError(f"no address of {event.data}")
    ctx.publish(f"mail.sent.{event.data // NEW}", event.data)


@app.subscribe("order.placed", group="stock")
def stock(event: Event[int]) -> None:
    """Takes note of it."""
