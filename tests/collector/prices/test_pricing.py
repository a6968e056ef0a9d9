"""What calls cost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from collector.prices import parsing, price_list, pricing
from collector.prices.price_file import load_shipped_prices
from collector.prices.price_list import CalledModel, PriceBook
from collector.prices.pricing import BillableCall, Cost
from collector.times import nanoseconds

NOW = nanoseconds(datetime(2026, 6, 1, tzinfo=UTC))

OURS = """
date = 2026-05-01
[models."gpt-5"]
input = 1.25
output = 10
cache_read = 0.125
service_tiers = { flex = 0.5, priority = { input = 2.5, output = 20 } }
[models.claude-x]
also = ["claude-x-latest"]
input = 3
output = 15
cache_read = 0.3
cache_write = 3.75
cache_write_long = 6
[models.long]
input = 1
output = 4
tiers = [{ above = 200_000, input = 2, output = 6 }]
[[models.dated]]
input = 5
output = 30
[[models.dated]]
from = 2026-08-21
input = 4
output = 20
[models."ft:gpt-5:*"]
input = 9
output = 9
[models.open]
provider = ["groq"]
input = 1
output = 1
"""


def book(own: str = "", beside: str = OURS) -> PriceBook:
    """The user's prices before ours."""
    lists = [parsing.parse_prices(own, "mine.toml", is_own=True)[0]] if own else []
    return PriceBook((*lists, parsing.parse_prices(beside, "ours", is_own=False)[0]))


def cost(model: str | None = None, *, of: PriceBook | None = None, start_ns: int = NOW, **said: Any) -> Cost:
    """What a call of a million tokens in and a million out costs."""
    called = CalledModel(said.pop("answered", None), model, said.pop("provider", None), said.pop("tier", None))
    tokens = {"input": 1_000_000, "output": 1_000_000, **said}
    return pricing.compute_cost(of or book(), BillableCall(called, start_ns, **tokens))


@pytest.mark.parametrize(
    "name", ["gpt-5.6-sol", "gpt-5-mini", "gpt-5-4", "claude-x-1", "xgpt-5", "gpt-5:free", "llama"]
)
def test_a_name_that_is_not_in_the_list_has_no_price(name: str) -> None:
    """However much it begins like one that is."""
    found = cost(name)
    assert (found.usd, found.note) == (None, f"no price of {name!r}")


def test_a_snapshots_price_is_its_models() -> None:
    """Under whatever a cloud adds."""
    assert cost("gpt-5-2025-08-07").usd == 11.25
    assert cost("us.anthropic.claude-x-20251001-v1:0").usd == 18


def test_a_fine_tune_needs_a_pattern_of_its_own() -> None:
    """Its base's price is not its price."""
    assert cost("ft:gpt-5:acme::1").usd == 18


def test_the_model_that_answered_is_paid_for() -> None:
    """A fallback at the fallback's price; a name that nobody knows leaves the one that was asked for."""
    assert cost("claude-x", answered="gpt-5").usd == 11.25
    assert cost("gpt-5", answered="unknown").usd == 11.25


def test_what_the_user_says_of_a_deployment_comes_first() -> None:
    """Azure answers with names that are not what runs; of another provider the alias says nothing."""
    mine = book('[aliases.azure]\n"prod-chat" = "gpt-5"\n')
    assert cost("prod-chat", answered="claude-x", provider="az.ai.openai", of=mine).usd == 11.25
    assert cost("prod-chat", answered="claude-x", provider="openai", of=mine).usd == 18
    assert cost("Prod-Chat", of=book('[aliases]\nprod-chat = "gpt-5"\n')).usd == 11.25
    assert cost("dep", of=book('[aliases]\ndep = "nobody"\n')).note == "no price of 'nobody'"


def test_the_users_price_wins() -> None:
    """Ours holds for what theirs does not name, and before theirs begins."""
    mine = book('[[models."gpt-5"]]\nfrom = 2026-05-01\ninput = 1\noutput = 1\n')
    assert cost("gpt-5", of=mine).usd == 2
    assert cost("gpt-5", of=mine, start_ns=nanoseconds(datetime(2026, 4, 30, tzinfo=UTC))).usd == 11.25
    assert cost("claude-x", of=mine).usd == 18


def test_a_call_has_the_price_of_its_day() -> None:
    """Not of today."""
    day = nanoseconds(datetime(2026, 8, 21, tzinfo=UTC))
    assert [cost("dated", start_ns=at).usd for at in (0, day - 1, day)] == [35, 35, 24]
    late = book("[models.late]\nfrom = 2026-07-01\ninput = 1\noutput = 1\n")
    assert cost("late", of=late).note == "no price of 'late' at that time"


def test_cached_tokens_are_parts_of_the_prompt() -> None:
    """Each at its own price; a price that is missing is that of the input, and 0 is a price."""
    assert cost("gpt-5", cache_read=400_000, output=0).usd == pytest.approx(0.6 * 1.25 + 0.4 * 0.125)
    assert cost("gpt-5", cache_write=400_000, output=0).usd == pytest.approx(1.25)
    free = book("[models.m]\ninput = 1\noutput = 1\ncache_read = 0\n")
    assert cost("m", of=free, cache_read=1_000_000, output=0).usd == 0


def test_what_a_cache_keeps_for_an_hour_makes_a_cost_a_lower_bound() -> None:
    """Nobody sends how much that was."""
    found = cost("claude-x", cache_write=400_000, output=0)
    assert (found.usd, found.at_least) == (pytest.approx(0.6 * 3 + 0.4 * 3.75), True)
    assert "at least this" in found.note
    assert not cost("claude-x", cache_read=400_000).at_least


def test_a_long_prompt_is_dearer_as_a_whole() -> None:
    """By all of it, cached or not, and the answer too."""
    assert cost("long", input=200_000, output=1_000_000).usd == pytest.approx(0.2 + 4)
    assert cost("long", input=200_001, output=1_000_000, cache_read=200_000).usd == pytest.approx(0.400002 + 6)


def test_the_responses_tier_of_service_is_paid_for() -> None:
    """`auto` is no rate, and one without a price has none."""
    assert [cost("gpt-5", tier=tier).usd for tier in (None, "default", "auto", "flex", "priority")] == [
        11.25,
        11.25,
        11.25,
        5.625,
        22.5,
    ]
    assert cost("gpt-5", tier="scale").note == "no price of 'gpt-5' in the service tier 'scale'"


def test_a_price_of_one_provider_is_no_other_ones() -> None:
    """Open models cost what their host asks."""
    assert cost("open", provider="groq").usd == 2
    assert cost("open", provider="together").usd is None


def test_a_reported_cost_is_never_added_to_ours() -> None:
    """It is preferred to the shipped list, and beaten by the user's own; they stand side by side where they differ."""
    told = cost("gpt-5", reported=12.0)
    assert (told.usd, told.is_reported) == (12.0, True)
    assert told.note == "reported by the sender; the list of prices makes it $11.25"
    assert cost("gpt-5", reported=11.25).note == "reported by the sender"
    assert cost("nobody", reported=0.5).usd == 0.5
    mine = cost("gpt-5", reported=12.0, of=book('[models."gpt-5"]\ninput = 1\noutput = 1\n'))
    assert (mine.usd, mine.is_reported) == (2, False)
    assert mine.note.endswith("the sender reports $12")


def test_a_reported_nothing_is_what_senders_say_who_know_no_price() -> None:
    """Nor is what is no amount believed."""
    assert cost("gpt-5", reported=0.0).usd == 11.25
    assert cost("nobody", reported=0.0).usd == 0
    assert [cost("gpt-5", reported=bad).usd for bad in (-1.0, float("nan"), float("inf"))] == [11.25] * 3


def test_a_call_that_told_no_tokens_has_no_cost() -> None:
    """One that told half has at least that; zero stays a value."""
    assert cost("gpt-5", input=None, output=None).note == "it told no tokens"
    assert "told 1,077 tokens in all" in cost("gpt-5", input=None, output=None, total=1077).note
    half = cost("gpt-5", output=None)
    assert (half.usd, half.at_least) == (1.25, True)
    assert cost("gpt-5", input=0, output=0).usd == 0
    assert cost(None).note == "it names no model"


def test_a_files_fault_leaves_no_price() -> None:
    """Ours may be what it was to replace."""
    broken = PriceBook(fault="p.toml:3: models: no")
    assert cost("gpt-5", of=broken).note == "no prices: p.toml:3: models: no"


def test_what_is_shipped_is_read() -> None:
    """It says its date and source, and every model of it has a price today."""
    ours = load_shipped_prices()
    assert ours.date.startswith("20")
    assert ours.source
    for name in ours.prices:
        assert price_list.find_price_periods(PriceBook((ours,)), CalledModel(None, name, None, None)), name
    known = PriceBook((ours,))
    assert cost("gpt-4o", of=known).usd == 12.5
    assert cost("us.anthropic.claude-haiku-4-5-20251001-v1:0", of=known).usd == 6
    assert cost("gpt-5.99-sol", of=known).usd is None
