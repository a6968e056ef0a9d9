"""Events in a loop, and effects that never came."""

import pytest

from collector.models import RuleState
from runtime.admin import ChannelLedger, GroupLedger
from tests.collector.alerts import happened
from tests.collector.alerts.guarded import Guard
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import Story


async def test_events_that_cause_each_other(guard: Guard) -> None:
    """By the same channel along one chain, and not by how many events there are."""
    guard.tell(happened.chain(["ping", "pong"] * 12))
    await guard.look(after=1)
    assert {(alert.rule, alert.about["channel"]) for alert in guard.firing()} == {("loop", "ping"), ("loop", "pong")}
    (ping, _) = sorted(guard.firing(), key=lambda alert: alert.about["channel"])
    assert ping.title == "Events on ping cause each other in a loop"
    assert ping.value == 12
    assert ping.view == "event"


async def test_many_events_of_one_cause_are_no_loop(guard: Guard) -> None:
    """Nor are a few rounds."""
    story = Story("shop")
    for number in range(200):
        happened.event(story, "parcels", number * 0.001)
    guard.tell(story)
    guard.tell(happened.chain(["draft", "review"] * 10))
    await guard.look(after=1)
    assert guard.firing() == []


@pytest.mark.parametrize("through_a_run", [False, True])
async def test_a_handler_that_fails_silently(guard: Guard, *, through_a_run: bool) -> None:
    """It did every event, and what it always published is missing; until that comes again."""
    guard.tell(happened.orders(40, 0, through_a_run=through_a_run))
    await guard.look(after=300)
    assert guard.firing() == []
    guard.tell(happened.orders(2, 300, are_paid=False, through_a_run=through_a_run))
    await guard.look(after=60)
    assert guard.firing() == []
    await guard.look(after=120)
    (alert,) = guard.firing()
    assert alert.title == "2 events on orders: nothing on payments followed"
    assert alert.detail == (
        "Not within 2 min. It followed 40 of the 40 events before. The handler may have swallowed an error."
    )
    assert alert.about == {"channel": "orders", "effect_channel": "payments"}
    guard.tell(happened.orders(5, 480))
    await guard.look(after=3_700)
    await guard.lasting(90)
    assert guard.firing() == []


async def test_an_effect_that_ends_for_good_is_missed_until_somebody_says_otherwise(guard: Guard) -> None:
    """Although by then most events have gone without it: what is missed is not forgotten."""
    guard.tell(happened.orders(25, 0))
    for half_hour in range(1, 6):
        guard.tell(happened.orders(25, half_hour * 1_800, are_paid=False))
        await guard.look(after=half_hour * 1_800 + 200 - guard.clock.now)
        await guard.lasting(100)
        assert len(guard.firing("missing_effect")) == 1, half_hour
    guard.say("[rules.missing_effect]\nenabled = false")
    await guard.look(after=10)
    assert guard.firing() == []
    assert [alert.ended_as for alert in guard.all.items] == ["rule gone"]


async def test_a_group_that_never_does_an_event_that_others_do(guard: Guard) -> None:
    """Known by its span alone: a bus that is not ours, for example."""
    guard.tell(happened.orders(30, 0))
    story = Story("shop")
    happened.event(story, "orders", 60)
    guard.tell(story)
    await guard.look(after=300)
    assert {alert.title for alert in guard.firing()} == {
        "1 event on orders: group till has not done",
        "1 event on orders: nothing on payments followed",
    }


def owing(bus: MemoryBus, **owed: int) -> None:
    """Group `till` of channel `orders` owes so much."""
    known = {"pending": 0, "retrying": 0, "dead": 0, "discarded": 0, "consumers": 1}
    known |= {"owed": 31, "done": 31 - sum(owed.values())}
    bus.ledger = [ChannelLedger("orders", 31, (GroupLedger(group="till", app="shop", **known | owed),))]


@pytest.mark.parametrize("owed", ["", "pending", "retrying", "dead", "discarded", "expired"])
async def test_an_event_that_is_done_though_its_span_is_lost(guard: Guard, bus: MemoryBus, owed: str) -> None:
    """Its worker was killed; the bus knows, and is asked. What is not done there is missed."""
    owing(bus, **({owed: 1} if owed else {}))
    guard.tell(happened.orders(30, 0))
    story = Story("shop")
    happened.event(story, "orders", 60)
    guard.tell(story)
    await guard.look(after=300)
    missed = {"1 event on orders: group till has not done", "1 event on orders: nothing on payments followed"}
    assert {alert.title for alert in guard.firing("missing_effect")} == (missed if owed else set())


async def test_what_follows_now_and_then_is_not_expected(guard: Guard) -> None:
    """Nor what is young."""
    for number in range(20):
        guard.tell(happened.orders(2, number, are_paid=number % 2 == 0))
    await guard.look(after=900)
    assert guard.firing() == []
    assert guard.rule("missing_effect").state is RuleState.OK


async def test_an_effect_that_a_rule_declares(guard: Guard) -> None:
    """From the first event on, with a time of its own."""
    guard.say(
        '[rules."orders are paid"]\nwhen = "missing_effect"\nchannel = "orders"\neffect_channel = "payments"\n'
        'within = "10s"'
    )
    guard.tell(happened.orders(1, 0, are_paid=False))
    await guard.look(after=5)
    assert guard.firing() == []
    await guard.look(after=40)
    (alert,) = guard.firing()
    assert (alert.rule, alert.title) == ("orders are paid", "1 event on orders: nothing on payments followed")
    assert "The rule expects it." in alert.detail
