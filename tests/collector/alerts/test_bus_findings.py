"""What rules find on the bus, one in memory: each fires when it has lasted, and is resolved when it has been well."""

import pytest

from collector.models import RuleState, Severity
from collector.operations import change_tracker, link
from runtime.admin import AppBacklog, ChannelLedger, DueStep, GroupLedger
from runtime.state.runs import RunBacklog
from tests.collector.alerts import happened
from tests.collector.alerts.guarded import Guard
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import uid


def owe(bus: MemoryBus, **facts: object) -> None:
    """Group `g` of channel `c`, app `shop`, with one live consumer, owes something."""
    known = {
        "owed": 9,
        "done": 9,
        "pending": 0,
        "retrying": 0,
        "dead": 0,
        "discarded": 0,
        "consumers": 1,
        "app": "shop",
    }
    bus.ledger = [ChannelLedger("c", 9, (GroupLedger(group="g", **known | facts),))]


async def resolves(guard: Guard, rule: str) -> None:
    """Makes sure that a rule does not resolve at once what it found, and does after a minute."""
    await guard.look(after=10)
    assert len(guard.firing(rule)) == 1
    await guard.lasting(60)
    assert guard.firing(rule) == []
    assert "well" in [alert.ended_as for alert in guard.all.items if alert.rule == rule]


async def test_an_event_that_nobody_processes(guard: Guard, bus: MemoryBus) -> None:
    """At once when it is older than five minutes: it has lasted long enough by itself."""
    owe(bus, pending=2, oldest_unprocessed_ms=299_000)
    await guard.look(after=1)
    assert guard.firing() == []
    owe(bus, pending=2, oldest_unprocessed_ms=301_000)
    await guard.look(after=10)
    (alert,) = guard.firing()
    assert alert.title == "An event on c has waited 5 min for g"
    assert (alert.rule, alert.severity, alert.value) == ("unprocessed", Severity.ERROR, 301.0)
    assert (alert.about, alert.view, alert.params) == ({"channel": "c", "group": "g"}, "groups", alert.about)
    owe(bus)
    await resolves(guard, "unprocessed")


async def test_an_event_that_nobody_processes_by_the_rules_of_a_file(guard: Guard, bus: MemoryBus) -> None:
    """With another threshold, for some groups and apps."""
    guard.say(
        '[rules."SMS are late"]\nwhen = "unprocessed"\nthreshold = "30s"\ngroup = ["sms*", "g"]\nservice = "shop"'
    )
    owe(bus, pending=2, oldest_unprocessed_ms=31_000)
    await guard.look(after=1)
    assert [alert.rule for alert in guard.firing()] == ["SMS are late"]
    guard.say('[rules."SMS are late"]\nwhen = "unprocessed"\nthreshold = "30s"\napp = "sho"')
    await guard.lasting(90)
    assert guard.firing() == []


async def test_letters_that_die(guard: Guard, bus: MemoryBus) -> None:
    """By the bus's count alone; letters that were there before are no news."""
    owe(bus, dead=3)
    await guard.look(after=10, times=3)
    assert guard.firing() == []
    owe(bus, dead=5)
    await guard.look(after=10)
    (alert,) = guard.firing()
    assert (alert.title, alert.view) == ("2 deliveries to g on c died", "dead-letters")
    assert alert.detail == "5 in all wait to be replayed or discarded."
    owe(bus, dead=4)
    await guard.look(after=900)
    await resolves(guard, "dead_letters")


async def test_letters_that_died_before_the_collector_was_started(guard: Guard, bus: MemoryBus) -> None:
    """By their spans; not those that somebody has settled."""
    guard.tell(happened.letters(4))
    owe(bus, dead=3)
    await guard.look(after=10)
    (alert,) = guard.firing()
    assert alert.title == "3 deliveries to g on c died"
    owe(bus, dead=0)
    await resolves(guard, "dead_letters")


async def test_a_group_that_nobody_serves(guard: Guard, bus: MemoryBus) -> None:
    """Once that has lasted."""
    owe(bus, pending=1, consumers=0, silent_ms=40_000, oldest_unprocessed_ms=40_000)
    await guard.look(after=1)
    assert guard.rule("no_consumer").state is RuleState.PENDING
    await guard.lasting(60)
    (alert,) = guard.firing()
    assert (alert.rule, alert.title) == ("no_consumer", "Nobody serves g of c")
    owe(bus)
    await resolves(guard, "no_consumer")


async def test_an_app_that_nobody_works_for(guard: Guard, bus: MemoryBus) -> None:
    """Whose steps wait."""
    waiting = RunBacklog(app="shop", due=2, under_way=0, suspects=0, oldest=DueStep(uid("run"), "order", "pay", 40_000))
    bus.queues = [AppBacklog(waiting, 0)]
    await guard.lasting(70)
    (alert,) = guard.firing()
    assert (alert.rule, alert.about) == ("no_worker", {"app": "shop"})
    assert alert.title == "Nobody works for shop, and 2 steps wait"
    bus.queues = []
    await resolves(guard, "no_worker")


async def test_runs_that_stand_still(guard: Guard, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although a worker is there: the same step has been the first for too long."""
    monkeypatch.setattr(
        change_tracker.ChangeTracker, "measure_unchanged_seconds", lambda _, states: dict.fromkeys(states, 45.0)
    )
    waiting = RunBacklog(app="shop", due=2, under_way=0, suspects=0, oldest=DueStep(uid("run"), "order", "pay", 40_000))
    bus.queues = [AppBacklog(waiting, 1)]
    await guard.lasting(70)
    (alert,) = guard.firing()
    assert (alert.rule, alert.title) == ("standstill", "2 steps of shop wait, and nobody takes the first")
    bus.queues = []
    await resolves(guard, "standstill")


async def test_a_breaker_that_is_not_closed(guard: Guard, bus: MemoryBus) -> None:
    """When it has been so for a minute; a short outage heals by itself. What the error said is told where it stands."""
    bus.guard("carrier", state="open", since_ms=1, why="OSError: password=hunter2", probes=2)
    bus.guard("bank")
    await guard.look(after=1)
    assert guard.firing() == []
    await guard.lasting(70)
    (alert,) = guard.firing()
    assert (alert.rule, alert.severity, alert.title) == ("open_breaker", Severity.WARNING, "Breaker carrier is open")
    assert (alert.about, alert.view, alert.params) == ({"breaker": "carrier"}, "groups", {"breaker": "carrier"})
    assert "2 probes have failed" in alert.detail
    assert "hunter2" not in alert.model_dump_json()
    bus.guard("carrier")
    await resolves(guard, "open_breaker")


async def test_a_bus_that_is_away_fires_and_changes_nothing_else(
    guard: Guard, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fired goes on, for nobody knows better; rules say that they can't look."""
    monkeypatch.setattr(link, "PAUSE_SECONDS", 0.0)
    owe(bus, pending=2, oldest_unprocessed_ms=301_000)
    await guard.look(after=1)
    bus.away = "no server"
    await guard.look(after=20, times=8)
    assert {alert.rule for alert in guard.firing()} == {"unprocessed", "bus_away"}
    assert guard.rule("unprocessed").state is RuleState.UNKNOWN
    assert guard.rule("unprocessed").error == "no server"
    bus.away = ""
    await guard.look(after=10)
    assert guard.rule("unprocessed").state is RuleState.FIRING
    await resolves(guard, "bus_away")
