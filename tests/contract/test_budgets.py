"""Accounts of budgets: charged together with those over them, never beyond what is left, and parked work is known."""

import asyncio
import json
from typing import cast

import pytest

from runtime.budgets.account import Account, Parked
from runtime.budgets.budget import Budget
from runtime.budgets.redis import RedisAccounts
from runtime.budgets.usage import Price, Usage
from runtime.errors import DefinitionError
from tests.contract.backends import StateBackend
from tests.contract.made import uuid

WORK = Parked(uuid(50), "step 'write'", app="crew", task="the task")


@pytest.fixture
def accounts(state: StateBackend) -> RedisAccounts:
    """On an empty server of each kind."""
    return RedisAccounts(state.client)


async def opened(accounts: RedisAccounts, number: int = 1, parent: int = 0, **limits: object) -> Account:
    """An account, perhaps under another."""
    over = uuid(parent) if parent else None
    await accounts.open(uuid(number), Budget(**limits), "crew", "run of feature", over)  # type: ignore[arg-type]  # a test's own
    return await account(accounts, number)


async def account(accounts: RedisAccounts, number: int = 1) -> Account:
    found = await accounts.get(uuid(number))
    assert found is not None
    return found


def work(number: int) -> Parked:
    """The `number`-th step."""
    return Parked(uuid(number), f"step {number}", app="crew", task=f"task {number}")


async def test_an_account_is_opened_once(accounts: RedisAccounts):
    """Whoever repeats it changes nothing; the newest is listed first."""
    first = await opened(accounts, hops=3, usd=1.5, tokens=10, minutes=2)
    assert (first.limits.hops, first.limits.micros, first.limits.tokens) == (3, 1_500_000, 10)
    assert first.ends_ms == first.opened_ms + 120_000
    assert await opened(accounts, hops=9) == first
    await opened(accounts, 2, hops=1)
    assert {one.id for one in await accounts.list_newest(10)} == {uuid(1), uuid(2)}
    assert await accounts.get(uuid(9)) is None


async def test_each_node_is_one_hop(accounts: RedisAccounts):
    """However often it is tried; one more is parked, and known since when."""
    await opened(accounts, hops=2)
    for _ in range(3):
        assert (await accounts.admit(uuid(1), work(50))).status == "may"
    assert (await accounts.admit(uuid(1), work(51))).status == "may"
    for _ in range(2):
        refused = await accounts.admit(uuid(1), work(52))
        assert (refused.status, refused.account, refused.reason) == ("spent", uuid(1), "its 2 hops are taken")
    found = await account(accounts)
    assert (found.hops, found.status, [one.what for one in found.parked]) == (2, "spent", ["step 52"])
    assert [await accounts.is_parked(uuid(1), work(number).node) for number in (51, 52)] == [False, True]
    assert (await accounts.admit(uuid(1), work(50))).status == "may"


async def test_of_many_at_once_no_more_begin_than_may(accounts: RedisAccounts):
    """Whoever asks first."""
    await opened(accounts, hops=5)
    verdicts = await asyncio.gather(*(accounts.admit(uuid(1), work(number)) for number in range(60, 80)))
    assert sum(one.status == "may" for one in verdicts) == 5


async def test_what_a_call_may_cost_is_reserved_and_what_it_has_cost_is_charged(accounts: RedisAccounts):
    """A reservation that is repeated is one; what was reserved and not used is free again."""
    await opened(accounts, tokens=100)
    for _ in range(2):
        assert (await accounts.reserve(uuid(1), "call", Usage(tokens=80), WORK)).status == "may"
    assert (await accounts.reserve(uuid(1), "other", Usage(tokens=30), work(51))).reason == "needs 30 tokens, 20 left"
    (parked,) = (await account(accounts)).parked
    assert parked.reason == "needs 30 tokens, 20 left"
    for _ in range(2):
        await accounts.settle(uuid(1), "call", Usage(tokens=60))
    assert (await account(accounts)).tokens == 60
    assert (await accounts.reserve(uuid(1), "less", Usage(tokens=1), work(51))).status == "may"
    assert (await account(accounts)).parked == (parked,)  # one of its calls does not fit
    await accounts.admit(uuid(1), work(51))
    assert (await accounts.reserve(uuid(1), "other", Usage(tokens=30), work(51))).status == "may"
    assert (await account(accounts)).parked == ()


async def test_work_whose_call_does_not_fit_begins_again_once_it_fits(accounts: RedisAccounts):
    """Not to come to the same call each time; and it is known since when it waits, however often it has asked."""
    await opened(accounts, tokens=100)
    await accounts.admit(uuid(1), work(51))
    assert (await accounts.reserve(uuid(1), "call", Usage(tokens=80), WORK)).status == "may"
    assert (await accounts.reserve(uuid(1), "other", Usage(tokens=30), work(51))).status == "spent"
    (first,) = (await account(accounts)).parked
    for _ in range(3):
        refused = await accounts.admit(uuid(1), work(51))
        assert (refused.status, refused.account, refused.reason) == ("spent", uuid(1), "needs 30 tokens, 20 left")
    assert (await account(accounts)).parked == (first,)
    await accounts.settle(uuid(1), "call", Usage(tokens=60))
    assert (await accounts.admit(uuid(1), work(51))).status == "may"
    assert (await account(accounts)).parked == ()


async def test_work_that_is_parked_is_tried_each_hour_as_its_code_may_need_less(accounts: RedisAccounts):
    """It stays parked until a call fits; who died as it tried tries again."""
    await opened(accounts, tokens=100)
    await opened(accounts, 2, parent=1, tokens=200)
    assert (await accounts.reserve(uuid(2), "call", Usage(tokens=130), work(51))).status == "spent"
    (first,) = (await account(accounts)).parked
    await _an_hour_ago(accounts)
    for _ in range(2):
        assert (await accounts.admit(uuid(2), work(51))).status == "may"
    assert (await account(accounts)).parked == (first,)
    assert (await accounts.reserve(uuid(2), "call", Usage(tokens=120), work(51))).status == "spent"
    (again,) = (await account(accounts)).parked
    assert (again.since_ms, again.reason) == (first.since_ms, "needs 120 tokens, 100 left")
    assert (await accounts.admit(uuid(2), work(51))).status == "spent"
    await _an_hour_ago(accounts)
    assert (await accounts.admit(uuid(2), work(51))).status == "may"
    assert (await accounts.reserve(uuid(2), "call", Usage(tokens=90), work(51))).status == "may"
    assert (await account(accounts)).parked == ()


async def _an_hour_ago(accounts: RedisAccounts) -> None:
    """The step 51 has asked the first account last."""
    key, node = f"causeline:1:{{budgets}}:q:{uuid(1)}", str(uuid(51))
    asked = json.loads(cast("bytes", await accounts._client.hget(key, node)))
    await accounts._client.hset(key, node, json.dumps({**asked, "tried": asked["tried"] - 3_600_000}))


async def test_raising_by_any_amount_has_parked_work_begin_again(accounts: RedisAccounts):
    """Whoever raises a budget may know better than what the call needed."""
    await opened(accounts, tokens=100)
    assert (await accounts.reserve(uuid(1), "call", Usage(tokens=130), work(51))).status == "spent"
    assert await accounts.raise_(uuid(1), Budget(tokens=1), "ada")
    assert (await accounts.admit(uuid(1), work(51))).status == "may"


async def test_of_many_calls_at_once_no_more_is_reserved_than_is_left(accounts: RedisAccounts):
    """Each on its own would fit."""
    await opened(accounts, usd=1.0)
    asked = (accounts.reserve(uuid(1), f"call {at}", Usage(usd=0.3), work(60 + at)) for at in range(10))
    assert sum(one.status == "may" for one in await asyncio.gather(*asked)) == 3
    assert (await account(accounts)).micros == 900_000


async def test_a_reservation_whose_caller_is_gone_stays(accounts: RedisAccounts):
    """The call may have been made: another attempt reserves again."""
    await opened(accounts, tokens=100)
    await accounts.reserve(uuid(1), "attempt 1", Usage(tokens=60), WORK)
    assert (await accounts.reserve(uuid(1), "attempt 2", Usage(tokens=60), WORK)).status == "spent"


async def test_a_call_that_says_nothing_of_its_cost_is_refused_once_all_is_spent(accounts: RedisAccounts):
    """Before that it may be made, and what it has cost is charged, even beyond."""
    await opened(accounts, tokens=10)
    assert (await accounts.reserve(uuid(1), "a", Usage(), WORK)).status == "may"
    await accounts.settle(uuid(1), "a", Usage(tokens=25))
    assert (await account(accounts)).tokens == 25
    assert (await accounts.reserve(uuid(1), "b", Usage(), WORK)).status == "spent"
    assert (await accounts.admit(uuid(1), work(51))).reason == "its tokens are spent"


async def test_what_is_charged_is_charged_to_all_that_are_over_it(accounts: RedisAccounts):
    """And refused where any of them has too little left: then nobody is charged."""
    await opened(accounts, 1, tokens=100)
    await opened(accounts, 2, parent=1, tokens=80)
    await opened(accounts, 3, parent=1, tokens=80)
    assert (await accounts.reserve(uuid(2), "a", Usage(tokens=70), WORK)).status == "may"
    refused = await accounts.reserve(uuid(3), "b", Usage(tokens=40), work(51))
    assert (refused.status, refused.account) == ("spent", uuid(1))
    assert [(await account(accounts, number)).tokens for number in (1, 2, 3)] == [70, 70, 0]
    assert [one.what for one in (await account(accounts, 1)).parked] == ["step 51"]
    await accounts.settle(uuid(2), "a", Usage(tokens=10))
    assert [(await account(accounts, number)).tokens for number in (1, 2, 3)] == [10, 10, 0]
    await accounts.admit(uuid(3), work(52))
    assert [(await account(accounts, number)).hops for number in (1, 2, 3)] == [1, 0, 1]


async def test_money_is_counted_by_the_budget_s_prices(accounts: RedisAccounts):
    """A model without one is an error that says so; where nobody counts money there is none."""
    await opened(accounts, usd=1.0, prices={"small": Price(1.0, 4.0)})
    await accounts.settle(uuid(1), "", Usage(model="small", input_tokens=100_000, output_tokens=50_000))
    found = await account(accounts)
    assert (found.micros, found.tokens, found.prices) == (300_000, 150_000, {"small": Price(1.0, 4.0)})
    with pytest.raises(DefinitionError, match=r"model 'large' has no price in its budget.*it has prices for: small"):
        await accounts.settle(uuid(1), "", Usage(model="large", input_tokens=1))
    await opened(accounts, 2, tokens=10)
    await accounts.settle(uuid(2), "", Usage(model="large", input_tokens=7))
    assert (await account(accounts, 2)).tokens == 7


async def test_whoever_raises_a_budget_is_told_what_was_parked(accounts: RedisAccounts):
    """Limits that it does not have it does not get."""
    await opened(accounts, hops=1)
    await accounts.admit(uuid(1), work(50))
    await accounts.admit(uuid(1), work(51))
    parked = await accounts.raise_(uuid(1), Budget(hops=2, tokens=5), "ada")
    assert parked is not None
    assert [(one.what, one.task) for one in parked] == [("step 51", "task 51")]
    found = await account(accounts)
    assert (found.limits.hops, found.limits.tokens, found.status) == (3, None, "open")
    assert (await accounts.admit(uuid(1), work(51))).status == "may"
    assert await accounts.raise_(uuid(9), Budget(hops=1), "ada") is None


async def test_budgets_that_something_waits_for_are_told_apart_the_longest_first(
    state: StateBackend, accounts: RedisAccounts
):
    """Until what waits has begun, or the budget is raised or cancelled."""
    for number in (1, 2, 3):
        await opened(accounts, number, hops=1)
    await opened(accounts, 4, parent=2, hops=1)
    await accounts.admit(uuid(1), work(50))
    for number in (3, 2):
        await accounts.admit(uuid(number), work(60))
        await accounts.admit(uuid(number), work(70 + number))
        await state.tick()
    await accounts.admit(uuid(4), work(80))  # parked by the one over it

    assert [one.id for one in await accounts.list_spent(9)] == [uuid(3), uuid(2)]
    assert [len(one.parked) for one in await accounts.list_spent(9)] == [1, 2]
    assert [one.id for one in await accounts.list_spent(1)] == [uuid(3)]
    await accounts.raise_(uuid(3), Budget(hops=1), "ada")
    assert [one.id for one in await accounts.list_spent(9)] == [uuid(2)]
    await accounts.cancel(uuid(2), "ada")
    assert await accounts.list_spent(9) == []


async def test_a_budget_is_spent_no_more_once_what_waited_has_begun(accounts: RedisAccounts):
    """That may be when other work has given back what it had reserved."""
    await opened(accounts, tokens=10)
    await accounts.reserve(uuid(1), "a", Usage(tokens=9), work(1))
    await accounts.reserve(uuid(1), "b", Usage(tokens=5), work(2))
    await accounts.reserve(uuid(1), "c", Usage(tokens=5), work(3))
    await accounts.settle(uuid(1), "a", Usage(tokens=2))
    await accounts.admit(uuid(1), work(2))
    assert (await accounts.reserve(uuid(1), "b", Usage(tokens=4), work(2))).status == "may"
    assert [len(one.parked) for one in await accounts.list_spent(9)] == [1]
    await accounts.settle(uuid(1), "b", Usage(tokens=3))
    await accounts.admit(uuid(1), work(3))
    assert (await accounts.reserve(uuid(1), "c", Usage(tokens=4), work(3))).status == "may"
    assert await accounts.list_spent(9) == []


async def test_nothing_begins_under_a_cancelled_budget(accounts: RedisAccounts):
    """Nor under one that it is over; by whom is known."""
    await opened(accounts, 1, hops=5)
    await opened(accounts, 2, parent=1, hops=5)
    assert await accounts.cancel(uuid(1), "ada") == []
    for verdict in (await accounts.admit(uuid(2), WORK), await accounts.reserve(uuid(2), "a", Usage(), WORK)):
        assert (verdict.status, verdict.account, verdict.reason) == ("cancelled", uuid(1), "ada")
    assert ((await account(accounts)).status, (await account(accounts)).by) == ("cancelled", "ada")


async def test_accounts_that_nobody_uses_are_forgotten(accounts: RedisAccounts, state: StateBackend):
    """Not those under which something is parked, nor those that were asked since."""
    for number in (1, 2, 3):
        await opened(accounts, number, hops=1)
    await accounts.admit(uuid(2), work(50))
    await accounts.admit(uuid(2), work(51))
    assert await accounts.forget(60_000, 10) == 0
    await state.tick()
    assert await accounts.forget(0, 1) == 1
    assert await accounts.forget(0, 10) == 1
    assert [one.id for one in await accounts.list_newest(10)] == [uuid(2)]
    keys = await state.client.keys("causeline:1:{budgets}:[anrq]:*")
    assert {key.decode()[-36:] for key in keys} == {str(uuid(2))}


async def test_what_operators_did_is_kept_in_the_audit_for_its_time(state: StateBackend, accounts: RedisAccounts):
    """The newest first: who did what to which budget, and by how much it was raised."""
    await opened(accounts, hops=5, usd=1)
    await accounts.raise_(uuid(1), Budget(hops=2_000, usd=1.5), "ada")
    await state.tick()
    await accounts.cancel(uuid(1), "bob")
    await accounts.raise_(uuid(9), Budget(hops=1), "eve")  # there is none

    cancelled, raised = [record for _, record in await accounts.audit(None, 10)]

    assert (cancelled.action, cancelled.operator, cancelled.reason) == ("cancel_budget", "bob", "")
    assert (raised.action, raised.operator, raised.reason) == ("raise_budget", "ada", "usd +1.5, hops +2,000")
    assert (raised.budget_id, raised.budget, raised.app) == (uuid(1), "run of feature", "crew")
    assert [record for _, record in await accounts.audit(raised.at_ms, 10)] == [raised]
    await accounts.forget_audit(3_600_000)
    assert len(await accounts.audit(None, 10)) == 2
    await accounts.forget_audit(-1000)
    assert await accounts.audit(None, 10) == []


async def test_nothing_begins_once_its_minutes_are_over(accounts: RedisAccounts):
    """By the server's clock; more minutes count from now."""
    await opened(accounts, minutes=0.0001)
    await asyncio.wait_for(_over(accounts), 10)
    assert await accounts.raise_(uuid(1), Budget(minutes=5), "ada")
    assert (await accounts.admit(uuid(1), WORK)).status == "may"


async def _over(accounts: RedisAccounts) -> None:
    while (await accounts.admit(uuid(1), WORK)).reason != "its minutes are over":
        await accounts.get(uuid(1))
