"""An app of the crash tests between queues: each order that comes in is noted, and its shipment goes out."""

import os
from typing import Any, Final

from runtime import App, Context, Event, Retry
from tests.diary import Diary

QUEUES: Final = "BRIDGE_QUEUES"
"""Variable with the names of three queues, separated by commas: of orders, of shipments, of the dead."""

ORDERS: Final = "orders"
SHIPMENTS: Final = "shipments"

#: A broker that is away for half a minute uses none of it up: the breaker opens first.
PATIENT: Final = Retry(attempts=20, first_delay=0.1, max_delay=1)


def bridge_app(diary: Diary, **means: Any) -> App:
    """The app, with queues as its environment says."""
    orders, shipments, dead = os.environ[QUEUES].split(",")
    app = App("bridge", **means)
    app.rabbitmq.inbound(queue=orders, channel=ORDERS, prefetch=20)
    app.rabbitmq.outbound(channel=SHIPMENTS, exchange="", routing_key=shipments, retry=PATIENT)
    app.rabbitmq.dead_letters(queue=dead)

    @app.subscribe(ORDERS, group="warehouse")
    async def pack(order: Event[dict[str, int]], context: Context) -> None:
        diary.note("packed", str(order.data["n"]), event=str(order.id))
        context.publish(SHIPMENTS, order.data)

    return app
