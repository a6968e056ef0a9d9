"""Budgets over the API: what is spent of them, what waits for them, and what operators do with them."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from collector.client import ApiError, CollectorClient
from collector.models import ParkedWork
from runtime.admin import Budget, Parked
from runtime.budgets.account import BudgetLimits
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.operations.memory_budgets import BEGAN_MS
from tests.collector.story import uid

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
STEP = Parked(
    uid("write"), f"step 'write' of run {uid('run')}", BEGAN_MS + 1000, app="crew", task=f"{uid('run')}|feature|write"
)
DELIVERY = Parked(
    uid("sms"),
    "an event of channel parcels for group sms",
    BEGAN_MS + 2000,
    channel="parcels",
    group="sms",
    delivery=str(uid("sms")),
)


def refused(client: CollectorClient, id_: str, **more: float) -> tuple[int, str, str]:
    """Status, code and words of the refusal to raise a budget."""
    with pytest.raises(ApiError) as raised:
        client.raise_budget(id_, "ada", **more)  # type: ignore[arg-type] # as a test says them
    assert raised.value.hint
    return raised.value.status, raised.value.code, raised.value.message


def test_budgets_are_listed_with_what_is_spent_and_what_waits(client: CollectorClient, bus: MemoryBus) -> None:
    """The newest first, or those first that something waits for the longest; each alone by its id."""
    limits = BudgetLimits(micros=2_000_000, tokens=900)
    bus.grant("debate", STEP, DELIVERY, limits=limits, micros=1_990_000, tokens=7, ends_ms=BEGAN_MS + 60_000)
    bus.grant("review", DELIVERY, parent=uid("debate"))
    bus.grant("open")

    debate = client.budget(str(uid("debate")))

    assert [one.what for one in client.budgets().items] == ["run of open", "run of review", "run of debate"]
    assert [one.what for one in client.budgets(spent=True).items] == ["run of debate", "run of review"]
    assert [client.budgets(limit=limit).truncated for limit in (2, 4)] == [True, False]
    assert client.budgets(spent=True).items[0] == debate
    assert (debate.status, debate.usd, debate.usd_limit, debate.tokens_limit) == ("spent", 1.99, 2.0, 900)
    assert (debate.hops, debate.hops_limit, debate.parked_total) == (10, None, 2)
    assert (debate.opened_at, debate.ends_at) == (ORIGIN, ORIGIN + timedelta(minutes=1))
    assert debate.parked == [
        ParkedWork(
            node_id=str(uid("write")),
            what=STEP.what,
            since=ORIGIN + timedelta(seconds=1),
            app="crew",
            run_id=str(uid("run")),
            workflow="feature",
            step="write",
        ),
        ParkedWork(
            node_id=str(uid("sms")),
            what=DELIVERY.what,
            since=ORIGIN + timedelta(seconds=2),
            channel="parcels",
            group="sms",
        ),
    ]


def test_a_budget_with_much_parked_tells_of_a_part_and_counts_all(client: CollectorClient, bus: MemoryBus) -> None:
    """The longest first."""
    many = [Parked(uid(f"node-{number}"), f"step {number}", BEGAN_MS + number) for number in range(101)]
    bus.grant("crowd", *many)
    crowd = client.budget(str(uid("crowd")))
    assert (len(crowd.parked), crowd.parked_total, crowd.parked[0].what) == (100, 101, "step 0")


def test_a_budget_is_raised_and_what_waits_asks_again(client: CollectorClient, bus: MemoryBus) -> None:
    """By whom is passed on."""
    bus.grant("debate", STEP, DELIVERY)

    answer = client.raise_budget(str(uid("debate")).upper(), "ada", hops=5)

    assert (answer.parked, answer.budget.status, answer.budget.hops_limit) == (2, "open", 15)
    assert bus.raised == [(uid("debate"), Budget(hops=5), "ada")]
    (entry,) = client.audit(action="raise_budget").items
    assert (entry.operator, entry.budget_id, entry.budget) == ("ada", str(uid("debate")), "run of debate")


def test_a_budget_is_cancelled_and_can_not_be_raised_any_more(client: CollectorClient, bus: MemoryBus) -> None:
    """Nothing would begin under it."""
    bus.grant("debate", STEP)
    answer = client.cancel_budget(str(uid("debate")), "ada")
    assert (answer.parked, answer.budget.status, answer.budget.by) == (1, "cancelled", "ada")
    status, code, words = refused(client, str(uid("debate")), hops=1)
    assert (status, code) == (409, "budget_cancelled")
    assert "was cancelled by ada" in words


def test_what_can_not_be_raised_is_refused_by_name(
    client: CollectorClient, collector: LiveCollector, bus: MemoryBus
) -> None:
    """A limit that it does not have, a number that is none, nothing at all, and a budget that is not there."""
    bus.grant("debate", limits=BudgetLimits(tokens=5, hops=5))
    id_ = str(uid("debate"))
    assert refused(client, id_, usd=1)[:2] == (422, "bad_request")
    assert "does not limit its usd; it limits tokens, hops" in refused(client, id_, usd=1, hops=1)[2]
    assert "does not limit its minutes" in refused(client, id_, minutes=1)[2]
    assert refused(client, str(uid("nobody")), hops=1)[:2] == (404, "not_found")
    assert refused(client, "no id", hops=1)[:2] == (404, "not_found")
    for body, said in (
        ({}, "say what is added"),
        ({"hops": 0}, "hops: "),
        ({"tokens": 1.5}, "tokens: "),
        ({"minutes": -1}, "minutes: "),
        ({"usd": 1e300}, "usd: "),
        ({"hops": 10**15}, "hops: "),
    ):
        url = f"{collector.url}/api/budgets/{id_}/raise"
        answer = httpx.post(url, json={"operator": "ada", **body}, trust_env=False, timeout=60)
        assert answer.status_code == 422
        assert said in answer.json()["error"]["message"]
    assert bus.raised == []


def test_a_budget_that_is_not_there_is_not_cancelled(client: CollectorClient) -> None:
    """Nor found."""
    for ask in (client.budget, lambda id_: client.cancel_budget(id_, "ada")):
        with pytest.raises(ApiError) as missing:
            ask(str(uid("nobody")))
        assert (missing.value.status, missing.value.code) == (404, "not_found")
        assert missing.value.hint == "see /api/budgets for what there is"
