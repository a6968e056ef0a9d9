"""What an operator sees of the work that is owed, under way and done."""

from dataclasses import replace

import pytest

from runtime import App
from runtime.admin import Admin, ChannelLedger, GroupLedger
from runtime.bus.keys import CHANNELS, ChannelKeys
from runtime.errors import ServerError
from runtime.settings import Settings
from runtime.state.tasks import token_of
from runtime.testing import Recorder
from tests.runtime.parcels import Parcels
from tests.waiting import until


async def test_the_ledger_shows_what_every_group_owes_and_did(admin: Admin, settings: Settings, facts: Recorder):
    """The whole answer; a live worker is counted."""
    parcels = Parcels(settings, facts)
    parcels.mended.add("billing")
    async with parcels.app:
        await parcels.app.publish("parcels", 1)
        await parcels.waiting(admin, 1)
        await until(lambda: len(parcels.seen) == 2)

        async def told() -> bool:
            (channel,) = await admin.channels()
            groups = tuple(replace(group, silent_ms=None) for group in channel.groups)
            was_heard = all(group.silent_ms is not None for group in channel.groups)
            return was_heard and replace(channel, groups=groups) == ChannelLedger(
                "parcels",
                1,
                (
                    GroupLedger("billing", 1, 1, 0, 0, 0, 0, consumers=1, app="logistics"),
                    GroupLedger("sms", 1, 0, 0, 0, 1, 0, consumers=1, app="logistics"),
                ),
            )

        await until(told)

    async def gone() -> bool:
        return [group.consumers for group in (await admin.channels())[0].groups] == [0, 0]

    await until(gone)


async def test_the_oldest_unprocessed_event_has_an_age(admin: Admin, settings: Settings, facts: Recorder):
    """Unread, under way or waiting for a retry; none where all is settled."""
    parcels = Parcels(settings, facts)
    async with parcels.app.client():
        assert {group.oldest_unprocessed_ms for group in (await admin.channels())[0].groups} == {None}
        await parcels.app.publish("parcels", 1)
        bus = parcels.app.session.bus
        (delivery,) = await bus.read("parcels", "sms", "w1", 10, 10)

        async def grown() -> bool:
            ages = [group.oldest_unprocessed_ms for group in (await admin.channels())[0].groups]
            return all(age is not None and 20 <= age < 20_000 for age in ages)

        await until(grown)
        await bus.postpone(delivery, "w1", 60_000)
        (sms,) = [group for group in (await admin.channels())[0].groups if group.group == "sms"]
        assert (sms.retrying, sms.oldest_unprocessed_ms is not None) == (1, True)


@pytest.mark.parametrize("lost", ["group", "stream"])
async def test_a_lost_group_does_not_hide_the_others(
    admin: Admin, settings: Settings, facts: Recorder, lost: str
) -> None:
    """Its counters still say what it owes; only the age of its oldest event is not known."""
    parcels = Parcels(settings, facts)
    async with parcels.app.client():
        await parcels.app.publish("parcels", 1)
        keys, client = ChannelKeys("parcels"), admin._server.client
        await (client.delete(keys.stream) if lost == "stream" else client.xgroup_destroy(keys.stream, "sms"))
        (ledger,) = await admin.channels()
    assert {group.group: (group.owed, group.pending) for group in ledger.groups} == {"billing": (1, 1), "sms": (1, 1)}
    known = {group.group for group in ledger.groups if group.oldest_unprocessed_ms is not None}
    assert known == ({"billing"} if lost == "group" else set())


async def test_a_command_that_the_server_refuses_is_told_as_that(admin: Admin, settings: Settings, facts: Recorder):
    """Asking whether the server runs would send the operator to the wrong place."""
    await admin._server.client.set(CHANNELS, "no set")
    with pytest.raises(ServerError, match="refuses a command: WRONGTYPE"):
        await admin.channels()


async def test_the_ledger_tells_what_is_under_way_from_what_waits(admin: Admin, settings: Settings, facts: Recorder):
    """Unread, read, and taken from a worker that is gone."""
    parcels = Parcels(settings, facts)
    async with parcels.app.client():
        for number in range(3):
            await parcels.app.publish("parcels", number)
        bus = parcels.app.session.bus
        first, _ = await bus.read("parcels", "sms", "w1", 2, 10)
        await bus.begin(first, "w1", 1, isolated=False, kills=9, vanishings=9)
        held = {one.group: one for one in (await admin.channels())[0].groups}
        assert (held["sms"].pending, held["sms"].under_way, held["sms"].suspects) == (3, 2, 0)
        assert (held["billing"].pending, held["billing"].under_way, held["billing"].suspects) == (3, 0, 0)
        await bus.forfeit("parcels", "sms", "w1", "lost")
        (sms,) = [one for one in (await admin.channels())[0].groups if one.group == "sms"]
        assert (sms.pending, sms.retrying, sms.under_way, sms.suspects) == (2, 1, 0, 1)
        assert sms.overdue_ms is not None
        assert held["sms"].overdue_ms is None


async def test_what_code_declares_is_known_while_anybody_works_with_it(
    admin: Admin, settings: Settings, facts: Recorder
):
    """Whether it is ever done or not."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("shipment", order=int)
    workflow.step(name="pickup")(lambda order: order)
    workflow.step(name="delivery")(lambda pickup: pickup)
    async with app:
        (backlog,) = await admin.backlogs()
        assert backlog.declared == {"shipment": ("pickup", "delivery")}
    (backlog,) = await admin.backlogs()
    assert (backlog.workers, backlog.declared) == (0, {})


async def test_the_step_that_has_been_due_the_longest_is_named(admin: Admin, settings: Settings, facts: Recorder):
    """And once its worker is gone, that it waits for a cell."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment", order=int)

    @workflow.step
    async def pickup(order: int) -> int:
        return order

    async with app.client():
        await app.session.presence.register_app()
        runs = [await app.start(workflow, order=number) for number in range(2)]
        (backlog,) = await admin.backlogs()
        assert (backlog.workers, backlog.runs.due, backlog.runs.under_way, backlog.runs.suspects) == (0, 2, 0, 0)
        oldest = backlog.runs.oldest
        assert oldest is not None
        assert (oldest.run, oldest.workflow, oldest.step) == (runs[0].id, "shipment", "pickup")
        assert backlog.runs.oldest_suspect is None
        store = app.session.store
        for task in await store.list_due(2):
            assert await store.claim(task, token_of("w1", "n"), 60_000, [])
        (backlog,) = await admin.backlogs()
        assert (backlog.runs.due, backlog.runs.under_way, backlog.runs.oldest) == (0, 2, None)
        await store.forfeit("w1", "lost")
        (backlog,) = await admin.backlogs()
        suspect = backlog.runs.oldest_suspect
        assert suspect is not None
        assert (suspect.step, backlog.runs.suspects, backlog.runs.under_way, backlog.runs.due) == ("pickup", 2, 0, 0)
