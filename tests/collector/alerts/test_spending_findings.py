"""What rules find in what calls of models cost, and in their tokens."""

import pytest

from collector.alerts import rule_table
from collector.models import Alert, RuleState
from collector.prices import parsing
from collector.prices.price_list import PriceBook
from tests.collector.agents.sent import START, SentTrace
from tests.collector.alerts.guarded import Guard
from tests.collector.story import ORIGIN_NS

PRICES = PriceBook((parsing.parse_prices("[models.m]\ninput = 10\noutput = 20\n", "ours", is_own=False)[0],))

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
DEAR = {**CHAT, "gen_ai.usage.input_tokens": 2_000_000, "gen_ai.usage.output_tokens": 500_000}


async def found(guard: Guard, rules: str, *traces: SentTrace) -> list[Alert]:
    """What fires in the minute after some traces."""
    guard.say(rules)
    guard.alerts.prices = lambda: PRICES
    for trace in traces:
        trace.store(guard.database)
    guard.clock.now = (START - ORIGIN_NS) / 1e9 + 10
    await guard.lasting(40)
    return guard.firing()


def run(number: int, user: str, *calls: dict[str, str | int], agent: str = "writer") -> SentTrace:
    """An agent that makes some calls for a user."""
    trace = SentTrace(number, service="desk")
    said = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": agent, "user.id": user}
    top = trace.add("invoke_agent", 0, said)
    for call in calls:
        trace.add("chat", top, dict(call))
    return trace


async def test_a_run_that_costs_much(guard: Guard) -> None:
    """As it is by default: more than $20 in an hour, all of its calls together."""
    (alert,) = await found(guard, "", run(1, "ada", DEAR), run(2, "bob", {**DEAR, "gen_ai.usage.input_tokens": 10}))
    assert (alert.rule, alert.unit, alert.value, alert.threshold) == ("cost", "usd", 30.0, 20.0)
    assert alert.title == "Calls of one run of writer cost $30.00 in 1 h"
    assert alert.detail == "1 call."
    assert (alert.view, alert.params) == ("runs", dict(alert.about))


async def test_what_has_no_price_is_said_and_not_counted_as_nothing(guard: Guard) -> None:
    """Calls of a model that no list names, and such as told no tokens."""
    unknown = {**DEAR, "gen_ai.request.model": "m-mini"}
    (alert,) = await found(guard, "", run(1, "ada", DEAR, unknown, unknown, CHAT))
    assert alert.value == 30.0
    assert alert.detail == "4 calls. 3 of them have no price, or told no tokens (m-mini): it is more."


@pytest.mark.parametrize(
    ("by", "names"),
    [("user", ["ada", "bob"]), ("model", ["m"]), ("agent", ["reader", "writer"]), ("app", ["desk"]), ("session", [])],
)
async def test_calls_are_put_together_as_a_rule_says(guard: Guard, by: str, names: list[str]) -> None:
    """What nobody told whose it is, fires for nobody."""
    rules = f'[rules.cost]\nenabled = false\n[rules.spent]\nwhen = "cost"\nby = "{by}"\nthreshold = "$12"\n'
    fired = await found(guard, rules, run(1, "ada", DEAR), run(2, "bob", DEAR, agent="reader"))
    assert sorted(alert.about[by] for alert in fired) == names


async def test_a_rule_is_narrowed_before_calls_are_added(guard: Guard) -> None:
    """Of a user who calls two models, those of the one that is named count."""
    other = {**DEAR, "gen_ai.request.model": "other"}
    rules = """
        [rules.cost]
        enabled = false
        [rules.many]
        when = "tokens"
        by = "user"
        model = "m*"
        user = ["a*", "e*"]
        threshold = 2_400_000
        window = "10m"
    """
    (alert,) = await found(guard, rules, run(1, "ada", DEAR, other), run(2, "bob", DEAR), run(3, "eve", other))
    assert (alert.about, alert.value) == ({"user": "ada"}, 2_500_000)
    assert alert.title == "Calls of user ada took 2,500,000 tokens in 10 min"
    assert alert.detail == "1 call, 2,000,000 in and 500,000 out."


async def test_it_is_over_when_the_window_has_passed(guard: Guard) -> None:
    """A window rolls on."""
    assert await found(guard, "", run(1, "ada", DEAR))
    await guard.look(after=3_600)
    await guard.lasting(90)
    assert guard.firing() == []
    assert guard.rule("cost").state is RuleState.OK


def test_what_a_rule_may_say() -> None:
    """What calls are put together by is one of six; other kinds have no such word."""
    with pytest.raises(ValueError, match="by = 'day' must be one of run, user, model, agent, session, app"):
        rule_table.read_rule("cost", {"by": "day"})
    with pytest.raises(ValueError, match="a word that nobody knows, 'by'"):
        rule_table.read_rule("latency", {"by": "run"})
    with pytest.raises(ValueError, match="'a lot' is not an amount: write a number of USD"):
        rule_table.read_rule("cost", {"threshold": "a lot"})
    assert [rule_table.read_rule("cost", {"threshold": each}).threshold for each in (3, 2.5, "$1.50", "4 USD")] == [
        3,
        2.5,
        1.5,
        4,
    ]
