"""The processes that serve an app: a worker below its parent, the cells, or a worker alone where nothing can fork."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, NoReturn, Protocol

from runtime.client.session import Session
from runtime.definitions.serving import ALL, Serving
from runtime.errors import CauselineError
from runtime.supervisor.child import CANNOT_START
from runtime.supervisor.ending import end_process
from runtime.supervisor.lifeline import take_lifeline, watch_lifeline
from runtime.supervisor.threads import run_in_thread
from runtime.worker.assembly import build_equipment, describe_worker
from runtime.worker.attempt import AttemptRunner
from runtime.worker.cell_order import CellOrder
from runtime.worker.cell_work import claim_work
from runtime.worker.children import ChildSetup
from runtime.worker.heartbeat import Heartbeat, make_connector
from runtime.worker.link import CellLink, ParentLink
from runtime.worker.parent import Parent
from runtime.worker.signals import EndSignals
from runtime.worker.worker import Worker

_log = logging.getLogger("causeline.worker")

#: Seconds of the time to shut down that are kept for what comes after the work: cancelling, confirming, closing.
AFTERWARDS: Final = 5.0


class ServableApp(Protocol):
    """An app that can be connected."""

    def prepare(self) -> None:
        """Makes what each process that connects it would have to make anew."""
        ...

    def shutdown(self) -> float:
        """Seconds from the signal to end until the process has ended."""
        ...

    def open_session(self) -> AbstractAsyncContextManager[Session]:
        """Connects the running event loop."""
        ...


def serve(app: ServableApp, concurrency: int | None = None, serving: Serving = ALL) -> NoReturn:
    """Works for an app until INT, TERM or HUP, then ends this process in order; a second signal makes it end at once.

    Args:
        app: whose steps and groups. Nothing of it may be connected yet.
        concurrency, serving: see `Worker`.

    Raises:
        DefinitionError: when the app can't be built.
        SettingsError: when a setting does not parse.
        ServerError: when the server is not there, and this process works itself.
    """
    app.prepare()
    if not hasattr(os, "fork"):
        end_process(asyncio.run(_run_worker(app, concurrency, "", None, serving)))
    parent = Parent(
        lambda seat, link: _run_child(
            _run_worker(app, concurrency, seat.consumer, link, serving), seat, app.shutdown()
        ),
        lambda seat, order, link: _run_child(_run_cell(app, order, link), seat, app.shutdown()),
        app.shutdown(),
        take_lifeline(),
    )
    # Importing the app may have left threads and exit functions that never end: they must not keep this process.
    end_process(parent.run(), parent.time_left())


def _run_child(work: Coroutine[Any, Any, int], seat: ChildSetup, shutdown: float) -> int:
    """Runs a child's work in an event loop that is never closed: closing it would wait for blocked threads."""
    watch_lifeline(seat.lifeline, shutdown)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(work)
    except CauselineError as error:
        print(f"causeline: {error}", file=sys.stderr)
        return CANNOT_START


async def _run_worker(
    app: ServableApp, concurrency: int | None, consumer: str, link: ParentLink | None, serving: Serving
) -> int:
    signals = EndSignals()
    grace = max(0.0, app.shutdown() - AFTERWARDS)
    with signals.handle():
        async with app.open_session() as session:
            worker = Worker(session, concurrency, consumer, link, serving)
            await worker.start()
            _log.info("worker %s works for %s%s", worker.consumer, session.app.name, serving)
            await signals.end.wait()
            await _wait_or_hurry(worker.stop(grace), signals.hurry, lambda: worker.stop(0))
    return 0


async def _wait_or_hurry(
    stopping: Coroutine[Any, Any, None], hurry: asyncio.Event, at_once: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    """Waits for an orderly end, or makes it a quick one."""
    orderly, hurrying = asyncio.create_task(stopping), asyncio.create_task(hurry.wait())
    await asyncio.wait({orderly, hurrying}, return_when=asyncio.FIRST_COMPLETED)
    hurrying.cancel()
    if orderly.done():
        await orderly
        return
    _log.warning("told once more to end: what is under way is cut off")
    orderly.cancel()
    await asyncio.wait({orderly})
    await at_once()


async def _run_cell(app: ServableApp, order: CellOrder, link: CellLink) -> int:
    """Runs one piece of work that a worker which is gone has left."""
    signals = EndSignals()
    grace = max(0.0, app.shutdown() - AFTERWARDS)
    with signals.handle():
        async with app.open_session() as session:
            connect = make_connector(session.server.url, session.app.name, session.settings)
            record = describe_worker(session, order.consumer, 1, is_cell=True)
            heartbeat = Heartbeat(connect, record, [], session.settings.lease)
            kit = build_equipment(session, order.consumer, heartbeat, isolated=True)
            await run_in_thread(heartbeat.start)
            work = await kit.ask_until_answered(lambda: claim_work(order, kit, session))
            if work is not None:
                link.send_holds()
                await _run_until_told(AttemptRunner(kit).run(work, link.rest), signals, grace)
            link.send_done()
            await kit.ends.confirm()
            await kit.letters.confirm()
            await run_in_thread(heartbeat.stop)
    return 0


async def _run_until_told(attempt: Coroutine[Any, Any, None], signals: EndSignals, grace: float) -> None:
    """Runs an attempt to its end; once the cell is told to end, for `grace` seconds more."""
    running, ending = asyncio.create_task(attempt), asyncio.create_task(signals.end.wait())
    await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        hurrying = asyncio.create_task(signals.hurry.wait())
        await asyncio.wait({running, hurrying}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        hurrying.cancel()
        running.cancel()
        await asyncio.wait({running})
    ending.cancel()
    if not running.cancelled() and (error := running.exception()) is not None:
        _log.error("an attempt was interrupted and will be tried again: %s", error, exc_info=error)
