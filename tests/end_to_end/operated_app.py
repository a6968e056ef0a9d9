"""An app whose handler kills whatever process it runs in."""

import os

from runtime import App, Event

CHANNEL = "orders"

app = App("shop", version="1.4")


@app.subscribe(CHANNEL, group="deadly")
async def deadly(event: Event[int]) -> None:
    os._exit(9)


@app.subscribe(CHANNEL, group="fine")
async def fine(event: Event[int]) -> None:
    pass
