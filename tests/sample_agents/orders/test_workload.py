"""The demo on a real server, with a worker in this process: what the books say is what became of the orders."""

import json

import pytest

from runtime.admin import Admin
from sample_agents.orders import agents, latency, workload
from sample_agents.orders.agents import ORDER_PROCESSED, app
from sample_agents.orders.bank import Bank
from sample_agents.orders.fates import Fate, World
from sample_agents.orders.forms import Order, Receipt
from sample_agents.orders.ledger import Kind, Ledger

WORLD = World(7, 11)

pytestmark = [pytest.mark.redis, pytest.mark.slow, pytest.mark.usefixtures("environment")]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few orders to measure."""
    monkeypatch.setattr(latency, "ORDERS", 2)
    monkeypatch.setattr(latency, "_PACE", 0.0)


async def test_nobody_pays_twice_and_who_gets_nothing_gets_the_money_back() -> None:
    """Twice over the same books: lost answers, crashes, and the refund of a charge that nobody has heard of."""
    async with app:
        first = await workload.process(WORLD, [1, 3])
        second = await workload.process(WORLD, [1])
        admin = await Admin.connect()
        (channel,) = [one for one in await admin.channels() if one.channel == ORDER_PROCESSED]
        await admin.close()
    for found in (first, second):
        assert (found["failures"], found["ok"]) == ([], True)
        json.dumps(found)
    fates = list(WORLD.fates.values())
    assert set(fates) == set(Fate)
    summary = first["summary"]
    assert summary["orders"] == len(fates) + 6
    assert summary["charges in the provider's books"] == sum(fate.is_charged for fate in fates) + 6
    assert summary["refunds in the provider's books"] == sum(fate.is_refunded for fate in fates)
    assert (summary["orders charged twice"], summary["orders refunded twice"]) == (0, 0)
    assert summary["money kept"] == summary["worth of the parcels"]
    assert len(first["pictures"]) == len(Fate)
    assert {group.group for group in channel.groups} == {"analytics", "fraud", "loyalty", "notification"}


async def test_a_provider_that_forgets_its_keys_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request then takes the money anew: the books have more charges of an order than one."""
    taken = iter(range(1_000))

    def forgetful(bank: Bank, key: str, subject: str, order: Order) -> Receipt:
        return real(bank, f"{key}/{next(taken)}", subject, order)

    real = Bank.charge
    monkeypatch.setattr(Bank, "charge", forgetful)
    async with app:
        found = await workload.process(WORLD, [1])
    twice = [words for words in found["failures"] if "charge(s) of order" in words]
    assert twice
    assert found["summary"]["orders charged twice"] == len(twice)
    assert not found["ok"]


async def test_an_order_without_its_refund_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs have failed as they should; it is the books that tell."""
    monkeypatch.setattr(agents.Bank, "refund", lambda *_: 0)
    async with app:
        found = await workload.process(WORLD, [1])
    lacking = [words for words in found["failures"] if "0 refund(s)" in words]
    assert len(lacking) == sum(fate.is_refunded for fate in WORLD.fates.values())
    assert {entry.kind for entry in Ledger.of_home().entries()} == {Kind.CHARGE, Kind.PARCEL}


@pytest.mark.parametrize("words", [["--size", "0"], ["--subscribers", "0..3"], ["--subscribers", "9..3"]])
def test_the_command_line_refuses_what_makes_no_sense(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything begins."""
    with pytest.raises(SystemExit) as refused:
        workload.main(words)
    assert refused.value.code == 2
    assert "must be at least 1" in (said := capsys.readouterr().err) or "from 1 to 200 can be" in said
