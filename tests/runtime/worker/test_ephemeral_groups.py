"""Each worker has a group of its own where it is asked for: all get all events, and what is gone leaves nothing."""

import pytest

from runtime import App, Event, NonRetryableError
from runtime.bus.ledger import read_ledger
from runtime.bus.records import GroupLedger
from runtime.errors import DefinitionError
from runtime.facts import AttemptEnded, DeadLettered, DeliveryBegun
from runtime.semconv import DeliveryOutcome
from runtime.settings import Settings
from runtime.testing import Recorder
from runtime.worker.worker import Worker
from tests.waiting import until

pytestmark = pytest.mark.redis


class Board:
    """An app that shows prices on every live board, and keeps them in a book."""

    def __init__(self, settings: Settings, facts: Recorder) -> None:
        self.app = App("prices", settings=settings, observer=facts)
        self.shown: list[int] = []
        self.app.subscribe("prices", group="board", ephemeral=True)(self.show)
        self.app.subscribe("prices", group="book")(self.keep)

    def show(self, event: Event[int]) -> None:
        if event.data < 0:
            raise NonRetryableError("no price")
        self.shown.append(event.data)

    def keep(self, price: int) -> None: ...


async def groups(app: App) -> dict[str, GroupLedger]:
    """The groups of the channel as they stand, by name; a worker's own by what it is called for all."""
    (ledger,) = await read_ledger(app.session.server.client, 30_000)
    return {one.group.partition("~")[0]: one for one in ledger.groups}


async def test_every_worker_shows_every_event(settings: Settings, facts: Recorder):
    """A group of each; that of a worker that has ended is gone, and the others go on."""
    board = Board(settings, facts)
    async with board.app as app:
        other = Worker(app.session)
        await other.start()
        await app.publish("prices", 7)
        await until(lambda: board.shown == [7, 7], "both have shown it")
        await other.stop(5)
        (ledger,) = await read_ledger(app.session.server.client, 30_000)
        assert len(ledger.groups) == 2
        await app.publish("prices", 8)
        await until(lambda: board.shown == [7, 7, 8], "the one that is left has shown it")
    assert {fact.group for fact in facts.of(DeliveryBegun)} == {"board", "book"}
    async with board.app.client() as app:
        assert {*await groups(app)} == {"book"}


async def test_whoever_only_publishes_makes_no_group(settings: Settings, facts: Recorder):
    """Nor is what came before a worker's start shown by it."""
    board = Board(settings, facts)
    async with board.app.client() as app:
        await app.publish("prices", 7)
        assert {*await groups(app)} == {"book"}
    async with board.app as app:
        await app.publish("prices", 8)
        await until(lambda: board.shown == [8], "the new one is shown")


async def test_what_fails_for_good_is_told_and_makes_no_dead_letter(settings: Settings, facts: Recorder):
    """The attempt has failed; the ledger counts it as discarded."""
    board = Board(settings, facts)
    async with board.app as app:
        await app.publish("prices", -1)
        await until(lambda: [one for one in ends(facts) if one.outcome == DeliveryOutcome.FAILED], "it has failed")
        one = (await groups(app))["board"]
        assert (one.owed, one.discarded, one.is_ephemeral) == (1, 1, True)
    assert facts.of(DeadLettered) == []


async def test_the_group_of_a_worker_that_is_gone_is_removed_by_another(settings: Settings, facts: Recorder):
    """As soon as its work is taken over."""
    board = Board(settings, facts)
    async with board.app as app:
        lost = Worker(app.session)
        for group in lost._groups:
            if group.subscription.ephemeral:
                await group.register()
        await until(lambda: _count(app, 3), "the third group is there")
        other = Worker(app.session)
        await other._recovery.forfeit(lost.consumer, "lost")
        assert await _count(app, 2)


async def test_a_group_that_somebody_removed_is_made_again(settings: Settings, facts: Recorder):
    """A worker that was silent for too long goes on with what comes."""
    board = Board(settings, facts)
    async with board.app as app:
        await app.publish("prices", 7)
        await until(lambda: board.shown == [7], "it is shown")
        name = next(one.group for one in (await groups(app)).values() if one.is_ephemeral)
        assert await app.session.bus.dissolve("prices", name)

        async def shown() -> bool:
            if name in {one.group for one in (await groups(app)).values()}:
                await app.publish("prices", 8)
            return 8 in board.shown

        await until(shown, "what comes is shown")


def test_an_ephemeral_group_can_not_start_at_the_earliest():
    """Nothing was kept for it."""
    app = App("prices")
    with pytest.raises(DefinitionError, match="group 'board' is ephemeral, and can't start at the earliest"):
        app.subscribe("prices", group="board", ephemeral=True, start="earliest")(lambda price: None)


def ends(facts: Recorder) -> list[AttemptEnded]:
    return [one.ended for one in facts.attempts if one.ended]


async def _count(app: App, expected: int) -> bool:
    (ledger,) = await read_ledger(app.session.server.client, 30_000)
    return len(ledger.groups) == expected
