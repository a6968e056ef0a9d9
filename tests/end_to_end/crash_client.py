"""Starts shipments of the crash tests, and audits them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from runtime import App, Settings
from runtime.admin import Admin
from runtime.client.run import Run
from runtime.definitions.workflow import Workflow
from tests.diary import Diary
from tests.end_to_end.crash_app import Order, Trouble, crash_app
from tests.end_to_end.crash_books import Books

RUNS: Final = 20
"""Shipments of most tests."""
LONG: Final = 90.0
"""Seconds that something may take in which workers die and come back."""


class Client:
    """The test's own connection: it starts shipments and audits them."""

    def __init__(self, app: App, shipment: Workflow, admin: Admin, diary: Diary) -> None:
        self.admin = admin
        self.diary = diary
        self.books = Books(app.session, admin, diary)
        self._app = app
        self._shipment = shipment

    async def ship(self, number: int = RUNS, trouble: Trouble = "") -> list[Run]:
        """Starts shipments, all with the same trouble."""
        return [await self.start(Order(number=one, trouble=trouble)) for one in range(number)]

    async def start(self, order: Order, key: str = "") -> Run:
        """Starts one shipment, under a key where it may be asked for again."""
        return await self._app.start(self._shipment, order=order, key=key)


@asynccontextmanager
async def client_of(url: str, folder: Path) -> AsyncIterator[Client]:
    """A client of a server; its groups are registered before anything is published."""
    diary = Diary(folder)
    app, shipment = crash_app(diary, Settings(redis_url=url, home=folder / "home", telemetry=False))
    async with app.client():
        admin = await Admin.connect(url)
        try:
            yield Client(app, shipment, admin, diary)
        finally:
            await admin.close()
