"""Work that kills its process, and work that does not: run as `causeline worker tests.end_to_end.cells_app:app`."""

import ctypes
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from runtime import App, Context, Retry, Settings
from runtime.definitions.workflow import Workflow
from tests.diary import Diary
from tests.served import FOLDER
from tests.waiting import until, until_sync

#: Seconds, longer than any test lasts.
EVER: Final = 600.0


class Job(BaseModel):
    """One piece of work: its name, and what it does."""

    name: str
    does: str = "quick"


def _kill_parent_too() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


#: Ways to end a process at once.
DEATHS: Final[dict[str, Callable[[], object]]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exit 0": lambda: os._exit(0),
    "exit 1": lambda: os._exit(1),
    "segfault": lambda: ctypes.string_at(0),
    "kill parent": _kill_parent_too,
}


def build(settings: Settings | None = None) -> App:
    """The app: a workflow and a group that do jobs, and workflows that wait for others or have two steps at once."""
    app, diary = App("cells", settings=settings), Diary(Path(os.environ.get(FOLDER, ".")))
    job, pair, parent = (app.workflow(name, job=Job) for name in ("job", "pair", "parent"))

    def is_open() -> bool:
        return diary.is_released(0)

    async def work(job: Job, ctx: Context) -> str:
        diary.note("begun", job.name, attempt=ctx.attempt, parent=os.getppid())
        if job.does in DEATHS:
            DEATHS[job.does]()
        match job.does:
            case "beside":
                await until(lambda: diary.rows("begun", key="killer"), patience=EVER)
            case "ask":
                await app.shared.get("road", "")
            case "block":
                until_sync(is_open, patience=EVER)  # somebody calls a sync client
            case "hold":
                await until(is_open, patience=EVER)
        diary.note("ended", job.name)
        return job.name

    async def wait(job: Job, ctx: Context) -> str:
        diary.note("waits", job.name, attempt=ctx.attempt)
        run = await app.start(app._workflows["job"], job=Job(name=f"{job.name}-child", does=job.does))
        return str(await run.result())

    quick = Retry(attempts=3, first_delay=0)
    job.step(name="work", retry=quick)(work)
    _declare_pair(app, pair, diary, work, quick)
    parent.step(name="wait", retry=quick)(wait)
    app.subscribe("jobs", group="work", retry=quick)(work)
    return app


def _declare_pair(app: App, pair: Workflow, diary: Diary, work: Callable[..., Awaitable[str]], retry: Retry) -> None:
    @pair.step(retry=retry)
    async def killer(job: Job, ctx: Context) -> str:
        """Dies first while the other step of its run is under way, and again once that is done: what a run that has
        failed has left is done by nobody."""
        if ctx.attempt > 1:
            await until(lambda: app.session.store.result(ctx.run_id, "innocent"), patience=EVER)
        return await work(job, ctx)

    @pair.step(retry=retry)
    async def innocent(job: Job, ctx: Context) -> str:
        """Stays until the killer of its run has begun, which takes it along where both are in one process."""
        await until(lambda: diary.rows("begun", key=job.name), patience=EVER)
        return await work(Job(name=f"{job.name}-innocent"), ctx)


app = build()
