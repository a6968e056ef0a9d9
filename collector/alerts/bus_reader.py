"""The live bus at one moment: as much of it as could be had."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from collector.errors import BusUnavailableError
from collector.models import Breaker, BusState, UndoFailure
from collector.operations import breaker_models, budget_models, to_models, undo_models
from collector.operations.backlog_watch import BacklogWatch
from collector.operations.link import OperationsLink
from collector.questions.overview import BusPicture
from runtime.admin import CauselineError

#: Seconds that one look at the bus may take.
PATIENCE: Final = 10.0

#: Budgets, and runs with undos that have failed, that are told of at most.
NEEDY: Final = 20


class BusReader:
    """Reads the bus for rules.

    Args:
        link: the connection to it.
        watch: knows since when something stands.
        is_expected: returns whether there should be a bus; where there need not be one, none is looked for, because to
            look for the embedded server would start it.
    """

    def __init__(
        self, link: OperationsLink, watch: BacklogWatch, is_expected: Callable[[], bool] = lambda: True
    ) -> None:
        self._link = link
        self._watch = watch
        self._is_expected = is_expected

    async def read(self) -> BusPicture | None:
        """Returns the bus as it is now; None where there need not be one."""
        try:
            if not self._link.is_connected and not await asyncio.to_thread(self._is_expected):
                return None
            async with asyncio.timeout(PATIENCE):
                return await read_bus(self._link, self._watch)
        except TimeoutError:
            return BusPicture(BusState(connected=False, error=f"the bus did not answer within {PATIENCE:g} seconds"))
        except (CauselineError, OSError) as error:  # a setting, or a folder, that can't be used
            return BusPicture(BusState(connected=False, error=str(error)))

    @staticmethod
    def make_empty_picture() -> BusPicture:
        """Returns the picture of a bus that need not be there."""
        return BusPicture(BusState(connected=False, error="no bus is known here"))


async def read_bus(link: OperationsLink, watch: BacklogWatch) -> BusPicture:
    """Returns the bus as it is now; where it is away, that and why."""
    try:
        async with link.use() as operations:
            channels = await watch.read_channels(operations)
            apps = await watch.read_apps(operations, await operations.workers())
            letters = [to_models.build_dead_letter_count(entry) for entry in await operations.dead_letter_counts()]
            spent = [budget_models.build_budget(entry, 1) for entry in await operations.spent_budgets(NEEDY)]
            breakers = [breaker_models.build_breaker(one, 1) for one in await operations.breakers()]
            undos = [undo_models.build_undo_failure(entry) for entry in await operations.undo_failures(NEEDY)]
    except BusUnavailableError as error:
        return BusPicture(BusState(connected=False, error=str(error)))
    return BusPicture(
        BusState(connected=True), channels, letters, apps, spent, _first_undo_failures(undos), _open_breakers(breakers)
    )


def _open_breakers(breakers: Sequence[Breaker]) -> list[Breaker]:
    """Returns those that are not closed, the longest so first."""
    return breaker_models.sort_worst_first([one for one in breakers if one.state != "closed"])


def _first_undo_failures(undos: Sequence[UndoFailure]) -> list[UndoFailure]:
    """Returns those that ended first, of whatever app."""
    return sorted(undos, key=lambda one: (one.ended_at is None, str(one.ended_at), one.run_id))[:NEEDY]
