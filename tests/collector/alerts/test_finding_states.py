"""When what a rule finds becomes an alert, and when that is over; across restarts and clocks that are set."""

from tests.collector.alerts.guarded import Guard
from tests.collector.alerts.test_bus_findings import owe
from tests.collector.operations.memory import MemoryBus


async def test_what_comes_and_goes_fires_once(guard: Guard, bus: MemoryBus) -> None:
    """And is over only when it has been well for a minute."""
    for _ in range(6):
        owe(bus, pending=2, oldest_unprocessed_ms=301_000)
        await guard.look(after=10)
        owe(bus)
        await guard.look(after=10, times=4)
    assert (len(guard.firing()), guard.all.items) == (1, [])
    await guard.lasting(60)
    assert (guard.firing(), len(guard.all.items)) == ([], 1)


async def test_what_does_not_last_does_not_fire(guard: Guard, bus: MemoryBus) -> None:
    """`for` counts from when it was found last after it was not."""
    guard.say('[rules.unprocessed]\nfor = "1m"')
    for _ in range(3):
        owe(bus, pending=2, oldest_unprocessed_ms=301_000)
        await guard.look(after=10, times=6)
        owe(bus)
        await guard.look(after=10)
    assert (guard.firing(), guard.all.items) == ([], [])


async def test_what_fired_still_does_after_a_restart(guard: Guard, bus: MemoryBus) -> None:
    """It is the same alert, and ends as such."""
    owe(bus, pending=2, oldest_unprocessed_ms=301_000)
    await guard.look(after=1)
    (before,) = guard.firing()
    await guard.restart()
    owe(bus)
    await guard.look(after=10)
    (after,) = guard.firing()
    assert (after.id, after.started_at) == (before.id, before.started_at)
    await guard.lasting(60)
    assert [alert.id for alert in guard.all.items] == [before.id]
    await guard.restart()
    await guard.look(after=10)
    assert (guard.firing(), [alert.id for alert in guard.all.items]) == ([], [before.id])


async def test_a_clock_that_is_set_neither_fires_nor_resolves(guard: Guard, bus: MemoryBus) -> None:
    """A day ahead, and back: what lasts is counted anew."""
    guard.say('[rules.unprocessed]\nfor = "1m"')
    owe(bus, pending=2, oldest_unprocessed_ms=301_000)
    await guard.look(after=10, times=5)
    for jump in (86_400.0, -86_400.0):
        guard.clock.set_by += jump
        await guard.look(after=10)
        assert guard.firing() == []
    await guard.lasting(60)
    (alert,) = guard.firing()
    owe(bus)
    await guard.look(after=10, times=5)
    guard.clock.set_by -= 86_400.0
    await guard.look(after=10)
    assert guard.firing() == [alert]
    await guard.lasting(60)
    (over,) = guard.all.items
    assert over.resolved_at is not None
    assert over.resolved_at >= over.started_at


async def test_looks_that_are_slow_fire_and_resolve_all_the_same(guard: Guard, bus: MemoryBus) -> None:
    """A machine may be so busy that a look comes every 45 seconds; or it is the looks that take as long."""
    guard.say('[rules.unprocessed]\nfor = "2m"')
    owe(bus, pending=2, oldest_unprocessed_ms=301_000)
    await guard.look(after=45, times=3)
    assert guard.firing() == []
    await guard.look(after=45, times=2)
    assert len(guard.firing()) == 1
    owe(bus)
    await guard.look(after=45, times=5)
    assert guard.firing() == []


async def test_time_in_which_nobody_looked_does_not_count(guard: Guard, bus: MemoryBus) -> None:
    """The process was stopped, or the machine slept."""
    guard.say('[rules.unprocessed]\nfor = "1m"')
    owe(bus, pending=2, oldest_unprocessed_ms=301_000)
    await guard.look(after=10)
    await guard.look(after=600)
    assert guard.firing() == []
    await guard.lasting(60)
    assert len(guard.firing()) == 1


async def test_a_rule_that_finds_very_much_fires_for_the_worst(guard: Guard, bus: MemoryBus) -> None:
    """And what fires stays, whatever gets worse."""
    owe(bus, pending=2)
    ledger = bus.ledger[0]
    (group,) = ledger.groups
    groups = [
        type(group)(
            **{name: getattr(group, name) for name in group.__slots__}
            | {
                "group": f"g{number}",
                "oldest_unprocessed_ms": 400_000 + number,
            }
        )
        for number in range(300)
    ]
    bus.ledger = [type(ledger)("c", 9, tuple(groups))]
    await guard.look(after=1)
    firing = guard.firing()
    assert len(firing) == 100
    assert {alert.about["group"] for alert in firing} == {f"g{number}" for number in range(200, 300)}
    await guard.look(after=10)
    assert {alert.id for alert in guard.firing()} == {alert.id for alert in firing}
