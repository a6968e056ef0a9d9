"""Steps of two agents, one of which has a limit: run as `causeline worker tests.end_to_end.limited_app:app`."""

import os
from pathlib import Path
from typing import Final

from runtime import App, Context, Retry, Settings
from tests.diary import Diary
from tests.served import FOLDER
from tests.waiting import until

#: Attempts of the limited agent that may be under way at once.
AT_ONCE: Final = 2
#: Seconds, longer than any test lasts.
EVER: Final = 600.0
_AGAIN: Final = Retry(attempts=9, first_delay=0.05, max_delay=0.1)


def build(settings: Settings | None = None) -> App:
    """The app; each attempt notes when it begins and ends, and takes as long as the carrier is down."""
    app = App("limited", settings=settings)
    app.agent("research", at_once=AT_ONCE)
    work = app.workflow("work", order=int)

    @work.step(agent="research", retry=_AGAIN)
    async def search(order: int, ctx: Context) -> int:
        diary, key = Diary(Path(os.environ[FOLDER])), f"{order}/{ctx.attempt}"
        diary.note("begun", key, order=order)
        await until(lambda: diary.has_carrier(len(diary.rows("ended"))), patience=EVER)
        diary.note("ended", key, order=order)
        return order

    @work.step(agent="notes", retry=_AGAIN)
    async def note(search: int) -> int:
        Diary(Path(os.environ[FOLDER])).note("noted", str(search))
        return search

    return app


app: Final = build()
