"""Work for tenants, each of which has a limit: run as `causeline worker tests.end_to_end.tenants_app:app`."""

import os
from pathlib import Path
from typing import Final

from runtime import App, Context, Retry, Settings, limit
from tests.diary import Diary
from tests.served import FOLDER
from tests.waiting import until

#: Attempts for a tenant that may be under way at once.
AT_ONCE: Final = 3
#: Seconds, longer than any test lasts.
EVER: Final = 600.0


def build(settings: Settings | None = None) -> App:
    """The app; each attempt notes when it begins and ends, and takes as long as the carrier is down."""
    app = App("tenants", settings=settings)
    app.agent("research", limits=[limit(key="tenant", at_once=AT_ONCE)])
    work = app.workflow("work", tenant=str)

    @work.step(agent="research", retry=Retry(attempts=9, first_delay=0.05, max_delay=0.1))
    async def search(tenant: str, ctx: Context) -> str:
        diary, key = Diary(Path(os.environ[FOLDER])), f"{ctx.run_id}/{ctx.attempt}"
        diary.note("begun", key, tenant=tenant)
        await until(lambda: diary.has_carrier(len(diary.rows("ended"))), patience=EVER)
        diary.note("ended", key, tenant=tenant)
        return tenant

    return app


app: Final = build()
