"""Breakers over the API: how they stand, what waits for them, when they were open, and what operators do with them."""

from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest

from collector.client import ApiError, CollectorClient
from runtime import semconv
from runtime.admin import BreakerChange, Parked, WaitingWork
from runtime.outages import Deferral
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.operations.memory_breakers import BEGAN_MS
from tests.collector.story import Story, place, uid

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


def waiting(number: int) -> WaitingWork:
    """A step that was deferred three times."""
    task = f"{uid('run')}|parcel|send[{number}]"
    work = Parked(uid(f"send-{number}"), f"step 'send[{number}]'", BEGAN_MS + number, app="shop", task=task)
    return WaitingWork(work, Deferral(3, BEGAN_MS + number, BEGAN_MS + 60_000))


def test_breakers_are_listed_with_those_first_that_are_not_closed(client: CollectorClient, bus: MemoryBus) -> None:
    """The longest so first; each alone has what waits for it and its changes, too."""
    opened = BreakerChange(BEGAN_MS, "open", "3 in a row failed: OSError: no route")
    bus.guard("bank", settings={"failures": 5}, guards={"shop": ("group pay of orders",)})
    bus.guard("model", state="held", since_ms=BEGAN_MS + 9, by="ada", why="no calls today")
    bus.guard(
        "carrier/api",
        state="half_open",
        since_ms=BEGAN_MS,
        why=opened.why,
        probes=2,
        probe_ms=BEGAN_MS + 30_000,
        prober="step 'send'",
        waiting=(waiting(0), waiting(1)),
        waiting_total=120,
        changes=(opened,),
    )

    found = client.breakers()
    carrier = client.breaker("carrier/api")

    assert [(one.name, one.state) for one in found.items] == [
        ("carrier/api", "half_open"),
        ("model", "held"),
        ("bank", "closed"),
    ]
    assert all(one.changes == [] for one in found.items)
    assert found.items[2].guards == {"shop": ["group pay of orders"]}
    assert (carrier.since, carrier.next_probe) == (ORIGIN, ORIGIN + timedelta(seconds=30))
    assert (carrier.failed_probes, carrier.prober, carrier.waiting_total) == (2, "step 'send'", 120)
    first = carrier.waiting[0]
    assert (first.run_id, first.workflow, first.step, first.times) == (str(uid("run")), "parcel", "send [0]", 3)
    assert (first.since, first.until) == (ORIGIN, ORIGIN + timedelta(minutes=1))
    assert [(one.at, one.state, one.why, one.by) for one in carrier.changes] == [(ORIGIN, "open", opened.why, None)]


@pytest.mark.parametrize(("act", "state"), [("open", "open"), ("hold", "held"), ("close", "closed")])
def test_a_breaker_is_operated_by_somebody_with_a_reason(
    client: CollectorClient, bus: MemoryBus, act: str, state: str
) -> None:
    """Who and why are passed on; one that was closed before does not change by being closed."""
    bus.guard("carrier")
    answer = getattr(client, f"{act}_breaker")("carrier", "ada", "maintenance")
    assert (answer.breaker.state, answer.changed) == (state, act != "close")
    assert bus.acts == [("carrier", state, "ada", "maintenance")]


def test_a_breaker_that_is_not_there_is_not_found(client: CollectorClient) -> None:
    """Nor operated."""
    acts = client.open_breaker, client.hold_breaker, client.close_breaker
    for ask in (client.breaker, *(partial(act, operator="ada") for act in acts)):
        with pytest.raises(ApiError) as missing:
            ask("nobody")
        assert (missing.value.status, missing.value.code) == (404, "not_found")
        assert missing.value.hint == "see /api/breakers for what there is"


def test_what_is_no_request_is_refused_by_name(collector: LiveCollector, bus: MemoryBus) -> None:
    """And changes nothing."""
    bus.guard("carrier")
    for body, said in (({}, "name: "), ({"name": ""}, "name: "), ({"name": "carrier", "reason": 7}, "reason: ")):
        answer = httpx.post(f"{collector.url}/api/breakers/hold", json=body, trust_env=False, timeout=60)
        assert answer.status_code == 422
        assert said in answer.json()["error"]["message"]
    assert bus.acts == []


def test_what_opened_a_breaker_is_told_without_secrets(client: CollectorClient, bus: MemoryBus) -> None:
    """Errors of users' code may hold some."""
    why = "1 in a row failed: OSError: away, password=hunter2"
    bus.guard("carrier", state="open", since_ms=BEGAN_MS, why=why, changes=(BreakerChange(BEGAN_MS, "open", why),))
    told = [client.breaker("carrier"), client.breakers(), client.overview()]
    assert not any("hunter2" in one.model_dump_json() for one in told)
    assert "OSError: away" in client.breaker("carrier").why


def test_outages_that_are_over_are_told_of_by_their_spans(
    client: CollectorClient, collector: LiveCollector, bus: MemoryBus
) -> None:
    """The newest first, within the time range that is asked for."""
    story = Story()
    for number, name in enumerate(("carrier", "bank")):
        told = {semconv.BREAKER: name, semconv.BREAKER_WHY: "no route"} | ({semconv.OPERATOR: "ada"} if number else {})
        story.add(f"breaker {name}", place(name, name), at=number * 60_000, lasts=30_000, attributes=told)
    story.add("step carrier", place("work", "work"), lasts=10, attributes={semconv.BREAKER: "carrier"})
    collector.tell(story)

    found = client.breakers(last="all").outages
    early = client.breakers(start=ORIGIN, end=ORIGIN + timedelta(seconds=40)).outages

    assert [(one.name, one.why, one.by) for one in found] == [
        ("bank", "no route", "ada"),
        ("carrier", "no route", None),
    ]
    assert (found[1].start, found[1].end) == (ORIGIN, ORIGIN + timedelta(seconds=30))
    assert [one.name for one in early] == ["carrier"]


def test_the_overview_names_breakers_that_are_not_closed(client: CollectorClient, bus: MemoryBus) -> None:
    """With how much waits, and leads there."""
    bus.guard("bank")
    bus.guard("carrier", state="open", since_ms=BEGAN_MS, why="no route", waiting=(waiting(0),), waiting_total=1)
    bus.guard("model", state="held", since_ms=BEGAN_MS + 1, by="ada", why="no calls today")

    problems = client.overview().problems

    assert [(one.title, one.detail) for one in problems] == [
        ("Breaker carrier is open", "1 step or delivery is deferred by it. no route"),
        (
            "Breaker model is held open by ada",
            "Nothing is deferred by it; groups that it guards may have left events unread. no calls today",
        ),
    ]
    assert (problems[0].view, problems[0].params) == ("groups", {"breaker": "carrier"})
