"""Schedules over the API: when they are due next, and what operators do with them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from collector.client import ApiError, CollectorClient
from runtime.admin import TickResult
from runtime.semconv import TickKind
from runtime.state.schedules import NotedTick, Tick
from tests.collector.operations.memory import MemoryBus
from tests.collector.operations.memory_schedules import BEGAN_MS
from tests.collector.story import uid

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
RUN: UUID = uid("run")
TICK = NotedTick(Tick(uid("tick"), "nightly", BEGAN_MS, RUN, TickKind.DUE), BEGAN_MS + 3)


def test_schedules_are_listed_with_their_next_times_and_what_ran_last(client: CollectorClient, bus: MemoryBus) -> None:
    """By app and name, page by page; what did not start is counted, with when that was."""
    bus.plan("nightly", last=TICK, started=3, skipped=1, dropped=2, skipped_ms=BEGAN_MS, dropped_ms=BEGAN_MS + 1000)
    bus.plan("weekly", workers=0)

    page = client.schedules(limit=1)
    nightly, weekly = client.every_schedule()

    assert ([one.name for one in page.items], page.next is None) == (["nightly"], False)
    assert [one.name for one in client.schedules(limit=1, cursor=page.next).items] == ["weekly"]
    assert (nightly.times, nightly.when) == ([ORIGIN + timedelta(hours=1)], "0 * * * * (UTC)")
    assert (nightly.last_run_id, nightly.last_due) == (str(RUN), ORIGIN)
    assert (nightly.started, nightly.skipped, nightly.dropped) == (3, 1, 2)
    assert (nightly.skipped_at, nightly.dropped_at) == (ORIGIN, ORIGIN + timedelta(seconds=1))
    assert (weekly.workers, weekly.last_run_id, weekly.is_waiting) == (0, None, False)
    assert client.schedules(app="other").items == []


def test_a_schedule_is_paused_and_goes_on_with_what_was_dropped_told(client: CollectorClient, bus: MemoryBus) -> None:
    """By whom is passed on; a second time changes nothing."""
    bus.plan()

    assert client.pause_schedule("shop", "nightly", "ada").changed
    assert not client.pause_schedule("shop", "nightly", "bob").changed
    (paused,) = client.schedules().items
    assert (paused.paused_at, paused.paused_by) == (ORIGIN, "bob")
    answer = client.unpause_schedule("shop", "nightly", "ada")
    assert (answer.changed, answer.dropped, answer.next) == (True, 2, ORIGIN + timedelta(hours=1))
    assert [act for act, *_ in bus.done] == ["pause", "pause", "unpause"]
    assert {who for _, _, who in bus.done} == {"ada", "bob"}


@pytest.mark.parametrize(
    ("passed", "became", "changed"),
    [
        (TickResult("started", tick=TICK), "started", True),
        (TickResult("waits", run=RUN), "waits", True),
        (TickResult("skipped", run=RUN), "skipped", False),
    ],
)
def test_a_schedule_that_is_run_now_says_what_became_of_that(
    client: CollectorClient, bus: MemoryBus, passed: TickResult, became: str, changed: bool
) -> None:
    """And which run it is about."""
    bus.plan()
    bus.passed = passed
    answer = client.run_schedule("shop", "nightly", "ada")
    assert (answer.became, answer.changed, answer.run_id) == (became, changed, str(RUN))


def test_only_a_schedule_that_no_worker_declares_is_removed(client: CollectorClient, bus: MemoryBus) -> None:
    """Others would come back; what is not there is said not to be."""
    bus.plan("nightly")
    bus.plan("weekly", workers=0)
    with pytest.raises(ApiError) as refused:
        client.remove_schedule("shop", "nightly", "ada")
    assert (refused.value.status, refused.value.code) == (409, "schedule_in_use")
    assert client.remove_schedule("shop", "weekly", "ada").changed
    for act in (client.remove_schedule, client.pause_schedule, client.unpause_schedule, client.run_schedule):
        with pytest.raises(ApiError) as missing:
            act("shop", "weekly", "ada")
        assert (missing.value.status, missing.value.code) == (404, "not_found")
