"""The overview: the window in numbers, the bus at this moment, and what is wrong."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from collector.alerts.bus_reader import read_bus
from collector.api.conditional_requests import Known
from collector.api.params import Within
from collector.api.services import Services
from collector.models import Overview, Trends
from collector.operations.redaction import redact_answer
from collector.questions import call_figures, overview, storage, trends
from collector.questions.overview import BusPicture
from collector.questions.windows import Period, RecordScope, choose_window

#: Spans of others count too: what they tell is shown as well.
_ABOUT: Final = RecordScope()


def router(services: Services) -> APIRouter:
    """Returns the routes of the overview."""
    routes = APIRouter(prefix="/api/overview", tags=["overview"])

    @routes.get("")
    async def one(within: Within, known: Known) -> Overview:
        """Whether anything is wrong now. Answers also while the bus is away, and says so."""
        bus = await read_bus(services.operations, services.watch)
        bus = replace(
            bus,
            undo_failures=[redact_answer(each, services.redactor) for each in bus.undo_failures],
            breakers=[redact_answer(each, services.redactor) for each in bus.breakers],
        )
        needy = bus.spent_budgets, bus.undo_failures, bus.breakers
        known.require_changed(bus.state, bus.channels, bus.letters, bus.apps, *needy, services.alerts.firing_count)
        return await run_in_threadpool(_read_overview, services, within, bus)

    @routes.get("/trends")
    def of_window(within: Within) -> Trends:
        """How the window went, what changed against the time before it, and which agents need a look."""
        with services.database.reading() as session:
            window = choose_window(session, within, datetime.now(UTC), _ABOUT)
            return trends.build_trends(session, window, services.prices.current())

    return routes


def _read_overview(services: Services, within: Period, bus: BusPicture) -> Overview:
    now = datetime.now(UTC)
    with services.database.reading() as session:
        found = overview.build_overview(session, choose_window(session, within, now, _ABOUT), bus, now)
        used = call_figures.find_total(session, found.window, services.prices.current())
        stored = storage.describe_storage(session, services.database, services.keeper)
    return found.model_copy(update={"storage": stored, "usage": used, "alerts_firing": services.alerts.firing_count})
