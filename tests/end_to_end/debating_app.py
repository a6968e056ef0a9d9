"""Two agents who answer each other for ever: run as `causeline worker tests.end_to_end.debating_app:app`."""

import os
from pathlib import Path
from typing import Final

from runtime import App, Context, Event, Retry, Settings
from tests.diary import Diary
from tests.end_to_end.limited_app import EVER
from tests.served import FOLDER
from tests.waiting import until

_AGAIN: Final = Retry(attempts=9, first_delay=0.05, max_delay=0.1)


def build(settings: Settings | None = None) -> App:
    """The app; who answers notes the number of the answer, and takes as long as the carrier is down for it."""
    app = App("debate", settings=settings)

    @app.subscribe("said", group="ann", retry=_AGAIN)
    async def ann(event: Event[int], ctx: Context) -> None:
        await _answer(event.data, ctx, "heard")

    @app.subscribe("heard", group="bob", retry=_AGAIN)
    async def bob(event: Event[int], ctx: Context) -> None:
        await _answer(event.data, ctx, "said")

    return app


async def _answer(number: int, ctx: Context, channel: str) -> None:
    diary = Diary(Path(os.environ[FOLDER]))
    diary.note("answer", str(number))
    await until(lambda: diary.has_carrier(number), patience=EVER)
    ctx.publish(channel, number + 1)


app: Final = build()
