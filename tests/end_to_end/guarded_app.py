"""An app whose step and handler call a carrier that is down for as long as a file says so."""

import os
from pathlib import Path
from typing import Final

from runtime import App, Breaker, Retry
from runtime.definitions.workflow import Workflow
from runtime.settings import Settings

DOWN: Final = "CAUSELINE_TEST_DOWN"
"""Names the file in the environment."""

CARRIER: Final = Breaker("carrier-api", failures=2, cooldown=2)
CHANNEL: Final = "parcels"


def made(settings: Settings | None = None) -> tuple[App, Workflow]:
    """The app, and the workflow whose runs call the carrier."""
    app = App("shop", settings=settings)
    parcel = app.workflow("parcel", number=int)

    @parcel.step(breaker=CARRIER, retry=Retry(attempts=3, first_delay=0.05), publishes=CHANNEL)
    async def send(number: int) -> int:
        _call()
        return number

    @app.subscribe(CHANNEL, group="track", breaker=CARRIER)
    async def track(number: int) -> None:
        _call()

    return app, parcel


def _call() -> None:
    if Path(os.environ[DOWN]).exists():
        raise OSError("the carrier is down")


app, _ = made()
