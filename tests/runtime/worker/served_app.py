"""An app whose code does not end, in several ways, for processes that are told to: `causeline worker FILE`."""

import asyncio
import atexit
import os
import threading
from pathlib import Path
from typing import Final

from runtime import App, Context, Retry, Settings
from tests.diary import Diary
from tests.served import FOLDER

#: More calls than any default pool has threads.
_MANY: Final = 100


async def _thread() -> None:
    await asyncio.to_thread(threading.Event().wait)


async def _threads() -> None:
    """Fills the event loop's own pool."""
    await asyncio.gather(*(_thread() for _ in range(_MANY)))


async def _loop() -> None:
    """Somebody calls a sync client in an async function."""
    threading.Event().wait()


async def _spin() -> None:
    while True:
        pass


async def _deaf() -> None:
    """Goes on although it is cancelled."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


async def _leftover() -> None:
    threading.Thread(target=threading.Event().wait).start()
    atexit.register(_diary().note, "exit function", "leftover")


async def _quick() -> None: ...


DOES: Final = {
    "thread": _thread,
    "threads": _threads,
    "loop": _loop,
    "spin": _spin,
    "deaf": _deaf,
    "leftover": _leftover,
    "quick": _quick,
}


def build(settings: Settings | None = None) -> App:
    """The app. Each of its runs and events names what its code does; released, it does nothing any more."""
    app, diary, once = App("served", settings=settings), _diary(), Retry(attempts=1)
    job, sync_job, parent = (app.workflow(name, does=str) for name in ("job", "sync-job", "parent"))

    async def work(does: str, ctx: Context) -> int:
        diary.note("begun", does, attempt=ctx.attempt)
        if not diary.is_released(0):
            await DOES[does]()
        return 7

    def sync_work(does: str, ctx: Context) -> int:
        diary.note("begun", does, attempt=ctx.attempt)
        if not diary.is_released(0):
            threading.Event().wait()
        return 7

    async def wait_for(does: str) -> int:
        return int(await (await app.start(job, does=does)).result()) + 1

    job.step(name="work", retry=once)(work)
    sync_job.step(name="work", retry=once)(sync_work)
    parent.step(name="work", retry=once)(wait_for)
    app.subscribe("jobs", group="work", retry=once)(work)
    return app


def _diary() -> Diary:
    return Diary(Path(os.environ.get(FOLDER, ".")))


app = build()
