"""What an operator sees of breakers, and does with them, from the command line, against a real server."""

import asyncio

import pytest

from runtime import App, Breaker
from runtime.budgets.account import Parked
from runtime.causality import identity
from runtime.resilience.breaker_state import Permit
from tests.runtime.cli.commands import Call, Ended

pytestmark = pytest.mark.redis

CARRIER = Breaker("carrier-api", failures=1, cooldown=600)


def outage() -> None:
    """Declares a breaker, opens it by a failure, and has one step wait for it."""
    app = App("shop")

    async def fail() -> None:
        async with app.client():
            breakers = app.session.breakers
            await breakers.declare("shop", {CARRIER: ["step 'send' of parcel"]})
            permit = await breakers.request_permit(CARRIER, Parked(identity.mint(), "step 'send' of run 1"), 1_000)
            assert isinstance(permit, Permit)
            await breakers.record(CARRIER, permit, "failed", "OSError: no route")
            waiting = Parked(identity.mint(), "step 'send' of run 2", app="shop", task="1|parcel|send")
            assert isinstance(await breakers.request_permit(CARRIER, waiting, 1_000), int)

    asyncio.run(fail())


def test_breakers_are_listed_with_why_they_are_open_and_what_waits(call: Call) -> None:
    """And what is guarded by each."""
    assert call("breakers", "list").out.startswith("no breakers: declare one with `@workflow.step(breaker=Breaker(")
    outage()
    listed = call("breakers", "list").out
    for words in ("carrier-api", "1 in a row failed: OSError: no route", "step 'send' of parcel"):
        assert words in listed
    shown = call("breakers", "show", "carrier-api").out
    assert shown.startswith("carrier-api is open since ")
    assert "step 'send' of run 2: deferred once since " in shown
    assert "failures=1, cooldown=600" in shown


def test_a_breaker_is_held_and_closed_by_hand(call: Call) -> None:
    """Who did it, and why, is in its history and in the audit."""
    outage()
    held = call("breakers", "hold", "carrier-api", "--by", "ada", "--reason", "no calls today")
    assert held.out == "breaker carrier-api is held open; `causeline breakers close carrier-api` closes it\n"
    assert "carrier-api is held open since " in call("breakers", "show", "carrier-api").out
    assert call("breakers", "close", "carrier-api", "--by", "ada") == Ended(0, "breaker carrier-api is closed\n", "")
    assert call("breakers", "close", "carrier-api", "--by", "ada").out == "breaker carrier-api was not open\n"
    assert call("breakers", "open", "carrier-api", "--by", "bob").out.startswith("breaker carrier-api is open; ")
    assert " held by ada: no calls today" in call("breakers", "show", "carrier-api").out
    audit = call("audit").out
    assert all(word in audit for word in ("hold_breaker", "close_breaker", "open_breaker", "breaker carrier-api"))


def test_a_breaker_that_is_not_there_is_said_in_one_line(call: Call) -> None:
    """Whatever is asked of it."""
    for act in ("show", "open", "close", "hold"):
        ended = call("breakers", act, "nobody")
        assert (ended.status, ended.err) == (
            2,
            "causeline: no breaker 'nobody' is known on this server: `causeline breakers list` names those that are\n",
        )
