"""Starts shipments of the crash tests, and audits them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from runtime import AnswerRefusedError, App, Budget, Settings
from runtime.admin import Admin
from runtime.client.run import Run
from runtime.client.trigger import TriggerOptions, start_run
from runtime.definitions.workflow import Workflow
from runtime.errors import ServerError
from tests.diary import Diary
from tests.end_to_end.crash_app import HOPS, HUBS, SIGNED, STAMPING, Order, Trouble, crash_app
from tests.end_to_end.crash_books import Books
from tests.waiting import until

RUNS: Final = 10
"""Shipments of most tests: so many that each of two workers comes to every point often enough to die there, and that
much is under way then."""
LASTING: Final = 600.0
"""Seconds that the longest test may take."""
LONG: Final = 90.0
"""Seconds that something may take in which workers die and come back."""


class Client:
    """The test's own connection: it starts shipments and audits them."""

    def __init__(self, app: App, shipment: Workflow, refused: Workflow, admin: Admin, diary: Diary) -> None:
        self.admin = admin
        self.diary = diary
        self.books = Books(app.session, admin, diary)
        self._signing: set[asyncio.Task[None]] = set()
        self._app = app
        self._shipment = shipment
        self._refused = refused

    async def ship(self, number: int = RUNS, trouble: Trouble = "") -> list[Run]:
        """Starts shipments, all with the same trouble, and beside them some runs that are refused, and undone."""
        for one in range(number // 2):
            self.books.refused.append(await self._app.start(self._refused, number=one))
        return [await self.start(Order(number=one, trouble=trouble)) for one in range(number)]

    async def start(self, order: Order, key: str = "", deadline: float | None = None) -> Run:
        """Starts one shipment, under a key where it may be asked for again, and with a deadline, in seconds."""
        budget = Budget(hops=HOPS + 1)
        order = order.model_copy(update={"hub": HUBS[order.number // 2 % 2]})
        run = await self._app.start(self._shipment, order=order, key=key, deadline=deadline, budget=budget)
        if order.number % 2:
            await self._sign(run)
        else:
            self._signing.add(task := asyncio.create_task(self._sign_later(run)))
            task.add_done_callback(self._signing.discard)
        return run

    async def stamp(self, number: int) -> list[Run]:
        """Starts so many runs whose last step has a successor."""
        session = self._app.session
        stamping = session.app.workflows[STAMPING]
        return [await start_run(session, stamping, {}, TriggerOptions()) for _ in range(number)]

    async def close(self) -> None:
        """Signs nothing any more."""
        for task in self._signing:
            task.cancel()
        await asyncio.gather(*self._signing, return_exceptions=True)

    async def _sign(self, run: Run) -> None:
        with suppress(AnswerRefusedError):  # it was started before, under a key
            await run.send("signature", SIGNED)

    async def _sign_later(self, run: Run) -> None:
        """Signs as soon as that is waited for; a server that is away is waited for, too."""

        async def is_signed() -> bool:
            with suppress(ServerError):
                if await self._app.session.store.waits(run.id):
                    await self._sign(run)
                    return True
            return False

        await until(is_signed, "a signature is waited for", LASTING)


@asynccontextmanager
async def client_of(url: str, folder: Path) -> AsyncIterator[Client]:
    """A client of a server; its groups are registered before anything is published."""
    diary = Diary(folder)
    app, shipment, refused = crash_app(diary, Settings(redis_url=url, home=folder / "home", telemetry=False))
    async with app.client():
        admin = await Admin.connect(url)
        client = Client(app, shipment, refused, admin, diary)
        try:
            yield client
        finally:
            await client.close()
            await admin.close()
