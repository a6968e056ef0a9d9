"""What became of a dead letter is emitted by whoever sees it, and again by a worker where that process did not live to
confirm it: the same facts, so that they are the same spans."""

from typing import Any
from uuid import UUID

import pytest

from runtime import App, Event, NonRetryableError
from runtime.admin import Admin
from runtime.bus.keys import ChannelKeys
from runtime.confirmation import ORPHAN_MS
from runtime.dead_letters.letter_changes import UnconfirmedChanges
from runtime.dead_letters.reports import UNSERVED_MS, LetterReports
from runtime.errors import CommandRefusedError
from runtime.facts import DeadLettered, Discarded, Fact, Replayed
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.waiting import until

KINDS = (DeadLettered, Replayed, Discarded)


class Away(Recorder):
    """An observer that can hand nothing over for now."""

    away = True

    def flush(self, timeout: float) -> bool:
        return not self.away


@pytest.fixture
def app(settings: Settings, facts: Recorder) -> App:
    """Nobody can be texted."""
    app = App("logistics", settings=settings, observer=facts)

    @app.subscribe("parcels", group="sms", agent="texter")
    async def text(event: Event[int]) -> None:
        raise NonRetryableError("no number")

    return app


async def letters(app: App, admin: Admin, count: int) -> list[UUID]:
    """Publishes events that the group gives up; its letters, the worker gone."""
    async with app:
        for number in range(count):
            await app.publish("parcels", number)

        async def dead() -> bool:
            return len((await admin.dead_letters()).items) == count

        await until(dead)
    return [letter.id for letter in (await admin.dead_letters()).items]


async def waiting(admin: Admin) -> list[str]:
    """What is not confirmed yet."""
    return [one.what for one, _ in await UnconfirmedChanges(admin._server.client).list_older("parcels", -60_000, 10)]


async def age(admin: Admin, by_ms: int = UNSERVED_MS) -> None:
    """Lets all that waits be older: so old that whoever saw it counts as dead, and that nobody serves its group."""
    client, key = admin._server.client, ChannelKeys("parcels").unconfirmed
    for member, ms in await client.zrange(key, 0, -1, withscores=True):
        await client.zadd(key, {member: ms - by_ms})


def emitted(facts: Recorder) -> list[Fact]:
    """All that was emitted of letters."""
    return [fact for kind in KINDS for fact in facts.of(kind)]


async def test_a_worker_that_stops_has_confirmed_its_deaths(app: App, admin: Admin, facts: Recorder) -> None:
    """Nothing is left for others."""
    await letters(app, admin, 2)
    assert (len(facts.of(DeadLettered)), await waiting(admin)) == (2, [])


async def test_settlements_are_confirmed_by_the_next_call_or_at_the_end(
    app: App, admin: Admin, clients: Clients
) -> None:
    """An operator does not wait for telemetry."""
    first, second = await letters(app, admin, 2)
    await admin.replay([first], "ann")
    assert await waiting(admin) == ["settled"]
    await admin.discard([second], "ann", "lost")
    assert await waiting(admin) == ["settled"]
    await admin.close()
    assert [one.what for one, _ in await UnconfirmedChanges(clients.commands).list_older("parcels", -60_000, 10)] == []


async def test_what_nobody_lived_to_confirm_a_worker_emits_again_the_same(
    app: App, admin: Admin, facts: Recorder
) -> None:
    """A death, a replay and a discard; each becomes the span that it was, or that it would have been."""
    facts.flush = lambda timeout: False
    replayed, discarded = await letters(app, admin, 2)
    await admin.discard([discarded], "ann", "lost")
    await admin.replay([replayed], "ann")
    before = emitted(facts)
    assert [type(fact) for fact in before] == [DeadLettered, DeadLettered, Replayed, Discarded]
    assert len(await waiting(admin)) == 4

    await age(admin)
    ours = Recorder()
    reports = LetterReports(admin._server.client, ours, {("parcels", "sms"): "texter"})
    assert await reports.adopt() == 4
    assert sorted(emitted(ours), key=repr) == sorted(before, key=repr)
    assert (await reports.adopt(), await reports.confirm()) == (0, 4)
    assert await waiting(admin) == []


async def test_a_channel_that_can_not_be_asked_keeps_no_other_letters_from_being_told_of(
    app: App, admin: Admin, facts: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may never be; what is wrong with it is raised when the others are told of."""
    facts.flush = lambda timeout: False
    await letters(app, admin, 1)
    await age(admin)
    older = UnconfirmedChanges.list_older

    async def picky(self: UnconfirmedChanges, channel: str, *more: int) -> Any:
        if channel == "broken":
            raise CommandRefusedError("no such channel")
        return await older(self, channel, *more)

    monkeypatch.setattr(UnconfirmedChanges, "list_older", picky)
    ours = Recorder()
    served = {("broken", "sms"): "texter", ("parcels", "sms"): "texter"}
    with pytest.raises(CommandRefusedError, match="no such channel"):
        await LetterReports(admin._server.client, ours, served).adopt()
    assert len(ours.of(DeadLettered)) == 1


async def test_what_became_of_another_groups_letters_is_left_to_its_workers_while_there_may_be_any(
    app: App, admin: Admin, facts: Recorder
) -> None:
    """They know who its agent is; a group that nobody serves any more is told by its name."""
    facts.flush = lambda timeout: False
    await letters(app, admin, 1)
    await age(admin, ORPHAN_MS)
    ours = Recorder()
    reports = LetterReports(admin._server.client, ours, {("parcels", "billing"): "billing"})
    assert (await reports.adopt(), await waiting(admin)) == (0, ["died"])
    await age(admin)
    assert await reports.adopt() == 1
    (told,) = ours.of(DeadLettered)
    assert told.agent == "sms"


async def test_what_could_not_be_handed_over_waits_and_is_not_emitted_again_meanwhile(
    app: App, admin: Admin, facts: Recorder
) -> None:
    """Confirmed means sent or safe on disk, and nothing less."""
    facts.flush = lambda timeout: False
    await letters(app, admin, 1)
    await age(admin)
    ours = Away()
    reports = LetterReports(admin._server.client, ours, {("parcels", "sms"): "texter"})
    assert (await reports.adopt(), await reports.confirm(), await reports.adopt()) == (1, 0, 0)
    assert len(emitted(ours)) == 1
    ours.away = False
    assert (await reports.confirm(), await waiting(admin)) == (1, [])


async def test_every_worker_looks_for_changes_that_nobody_confirmed(app: App, admin: Admin, facts: Recorder) -> None:
    """And confirms them."""
    facts.flush = lambda timeout: False
    await letters(app, admin, 1)
    await age(admin)
    del facts.flush
    async with app:
        await until(lambda: len(facts.of(DeadLettered)) == 2)

        async def confirmed() -> bool:
            return await waiting(admin) == []

        await until(confirmed)
    assert len(set(facts.of(DeadLettered))) == 1


async def test_a_letter_that_can_not_be_read_holds_up_no_other(app: App, admin: Admin, facts: Recorder) -> None:
    """Another version may know reasons that this one does not."""
    facts.flush = lambda timeout: False
    strange, _ = await letters(app, admin, 2)
    await admin._server.client.hset(ChannelKeys("parcels").letter("sms", strange), "reason", "of tomorrow")
    await age(admin)
    ours = Recorder()
    reports = LetterReports(admin._server.client, ours, {("parcels", "sms"): "texter"})
    assert (await reports.adopt(), len(emitted(ours)), await reports.confirm()) == (2, 1, 2)
    assert await waiting(admin) == []
