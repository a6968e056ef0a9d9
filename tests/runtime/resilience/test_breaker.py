"""A breaker opens after failures in a row, for everybody who shares its name."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker, Breakers
from runtime.server.client import Clients as ServerClients
from tests.contract.backends import Clients
from tests.runtime.proxy import Proxy
from tests.waiting import until

CARRIER = Breaker("carrier-api", failures=3, cooldown=60)
QUICK = Breaker("carrier-api", failures=3, cooldown=0.05)


@pytest.fixture
async def workers(redis_url: str) -> AsyncIterator[tuple[Breakers, Breakers]]:
    """Two workers, each with a client of its own."""
    async with Clients(redis_url) as one, Clients(redis_url) as other:
        yield Breakers(one.client), Breakers(other.client)


async def fail(breakers: Breakers, times: int, breaker: Breaker = CARRIER) -> None:
    for _ in range(times):
        await breakers.record(breaker, ok=False)


async def until_closed(breakers: Breakers, breaker: Breaker) -> None:
    async def closed() -> bool:
        return await breakers.wait_ms(breaker) == 0

    await until(closed)


async def test_it_opens_after_failures_in_a_row(workers: tuple[Breakers, Breakers]):
    """Not before; then for its cool-down."""
    one, _ = workers
    await fail(one, 2)
    assert await one.wait_ms(CARRIER) == 0
    await fail(one, 1)
    assert await one.wait_ms(CARRIER) == pytest.approx(60_000, abs=2_000)


async def test_it_is_shared(workers: tuple[Breakers, Breakers]):
    """One worker's failures spare the other's, and both count."""
    one, other = workers
    await fail(one, 2)
    await fail(other, 1)
    assert await one.wait_ms(CARRIER) > 0
    assert await other.wait_ms(CARRIER) > 0


async def test_a_success_starts_the_count_anew(workers: tuple[Breakers, Breakers]):
    """Only failures in a row open it."""
    one, other = workers
    await fail(one, 2)
    await other.record(CARRIER, ok=True)
    await fail(one, 2)
    assert await one.wait_ms(CARRIER) == 0


async def test_after_its_cool_down_one_failure_opens_it_again(workers: tuple[Breakers, Breakers]):
    """For a whole cool-down."""
    one, _ = workers
    await fail(one, 3, QUICK)
    await until_closed(one, QUICK)
    await fail(one, 1, CARRIER)
    assert await one.wait_ms(CARRIER) > 0


async def test_after_its_cool_down_one_success_closes_it_for_good(workers: tuple[Breakers, Breakers]):
    """Then failures are counted anew."""
    one, _ = workers
    await fail(one, 3, QUICK)
    await until_closed(one, QUICK)
    await one.record(QUICK, ok=True)
    await fail(one, 2, QUICK)
    assert await one.wait_ms(QUICK) == 0


async def test_a_success_while_it_is_open_leaves_it_open(workers: tuple[Breakers, Breakers]):
    """Such an attempt began before the outage and says nothing about its end; neither does it clear the count."""
    one, other = workers
    await fail(one, 3)
    await other.record(CARRIER, ok=True)
    assert await one.wait_ms(CARRIER) == pytest.approx(60_000, abs=2_000)


async def test_breakers_of_different_names_are_apart(workers: tuple[Breakers, Breakers]):
    """An outage of one service says nothing about another."""
    one, _ = workers
    await fail(one, 3)
    assert await one.wait_ms(Breaker("bank")) == 0


async def test_a_failure_whose_answer_was_lost_counts_once(redis_url: str):
    """The client asks again; otherwise a bad network would open breakers of services that are well."""
    async with Proxy(redis_url) as proxy:
        clients = ServerClients.of(proxy.url)
        breakers = Breakers(clients.commands)
        await fail(breakers, 1)
        proxy.lose_answer_to("carrier-api")
        await fail(breakers, 1)
        assert proxy.lost == 1
        assert await clients.commands.hget("causeline:1:{breaker.carrier-api}:h", "failures") == b"2"
        await clients.close()


async def test_work_without_a_breaker_never_waits(workers: tuple[Breakers, Breakers]):
    """And records nothing."""
    one, _ = workers
    for _ in range(9):
        await one.record(None, ok=False)
    assert await one.wait_ms(None) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"failures": 0},
        {"failures": float("nan")},
        {"failures": "5"},
        {"cooldown": 0},
        {"cooldown": float("nan")},
        {"cooldown": float("inf")},
        {"name": "a b"},
        {"name": None},
    ],
    ids=str,
)
def test_a_breaker_that_can_not_be_is_refused(wrong: dict[str, Any]):
    """When it is made."""
    with pytest.raises(DefinitionError, match="can't be"):
        Breaker(**({"name": "carrier-api"} | wrong))
