"""Models, agents and tools: what they cost and how they do."""

from collections.abc import Callable

import pytest
import streamlit as st

from collector.models import (
    Accuracy,
    CallFigures,
    CallFiguresList,
    CallsBy,
    PriceState,
    ScoreFigures,
    Usage,
    Window,
)
from dashboard.parts import usage
from tests.dashboard import figures_of
from tests.dashboard.server import FakeCollector, Params
from tests.dashboard.views.drawing import draw, text_of
from tests.dashboard.world import World


def figures(name: str, app: str | None = None, **used: float) -> CallFigures:
    """Of twelve calls, three of which failed."""
    return CallFigures(name=name, app=app, calls=12, errors=3, usage=Usage(calls=12, **used), p50_ms=40, p95_ms=2_100)


def answers(window: Window, *rows: CallFigures, **said: object) -> Callable[[Params], CallFiguresList]:
    """What the API says."""
    total = figures("", input_tokens=1_234_567, cost_usd=3.5, unpriced=5, unreported=2)
    prices = [PriceState(origin="the shipped list", date="2026-01-02", source="somebody's page")]
    whole: dict[str, object] = {"total": total, "groups": len(rows), "prices": prices, **said}
    return lambda params: CallFiguresList(window=window, by=CallsBy(params["by"]), items=list(rows), **whole)


def test_models_are_listed_with_tokens_cost_and_times(at_collector: FakeCollector, world: World) -> None:
    """What has no price says so, and which list of prices holds; a sum that lacks something is a lower bound."""
    named = figures("gpt*", input_tokens=9_999, output_tokens=120, cost_usd=0.0042)
    silent = figures("", unpriced=12, unreported=12)
    unknown = figures("m-mini", input_tokens=12_300, unpriced=12).model_copy(update={"unpriced_models": ["m-mini"]})
    scores = [ScoreFigures(name="grounded", accuracy=Accuracy(n=4, value=0.5, low=0.2, high=0.8))]
    window = figures_of.window(world)
    total = figures("", unpriced=5, unreported=2, cost_usd=3.5).model_copy(update={"unpriced_models": ["m-mini"]})
    rows = (named.model_copy(update={"scores": scores}), silent, unknown)
    at_collector.routes["calls/figures"] = answers(window, *rows, total=total, groups=140)
    said = text_of(draw("steps", by="user"))  # names of models are links, which this does not read
    for part in (
        "gpt\\*",
        ":small[9,999]",
        r":small[\$0\.0042]",
        ":red[25 %]",
        "40 ms",
        "2.1 s",
        "grounded",
        ":gray[not named]",
        ":orange[not known]",
        ":orange[no price]",
        r"≥\$3\.50",
        ":orange[3 unpriced]",
        "12 k",
        "Without a price: m\\-mini",
        "Prices by the shipped list of 2026\\-01\\-02",
        "The first 3 of 140",
        "CAUSELINE_PRICES",
        "2 calls of 12 told no tokens",
    ):
        assert part.replace(" ", "") in said.replace("\N{NO-BREAK SPACE}", "").replace(" ", ""), part


def test_a_faulty_file_of_prices_is_shown(at_collector: FakeCollector, world: World) -> None:
    """With its line and key; figures are there all the same."""
    fault = PriceState(error="p.toml:3: models.m.input: 'x' is not a price")
    row = figures("m", input_tokens=5, unpriced=12)
    at_collector.routes["calls/figures"] = answers(figures_of.window(world), row, prices=[fault])
    said = text_of(draw("steps", by="model"))
    assert "**Prices are unknown.** p\\.toml" in said
    assert "models\\.m\\.input" in said
    assert "Without a price" not in said


def test_any_column_sorts_and_once_more_the_other_way(at_collector: FakeCollector, world: World) -> None:
    """The order is in the address, so that it can be sent to somebody."""
    at_collector.routes["calls/figures"] = answers(figures_of.window(world), figures("m"), figures("n"))
    app = draw("steps", by="agent")
    assert _asked(at_collector, "sort", "descending", "by") == ("cost", "True", "agent")
    app.button("calls-sort-p95").click().run()
    assert _asked(at_collector, "sort", "descending") == ("p95", "True")
    app.button("calls-sort-p95").click().run()
    assert _asked(at_collector, "sort", "descending") == ("p95", "False")
    assert (app.query_params["sort"], app.query_params["order"]) == ("p95", "up")
    app.button("calls-sort-name").click().run()
    assert _asked(at_collector, "sort", "descending") == ("name", "False")


def test_calls_are_grouped_by_app(at_collector: FakeCollector, world: World) -> None:
    """Each app's under its name."""
    rows = (figures("a", "shop"), figures("b", "<desk>"), figures("c", "shop"))
    at_collector.routes["calls/figures"] = answers(figures_of.window(world), *rows)
    said = text_of(draw("steps", by="agent", apart="1"))
    assert _asked(at_collector, "per_app") == ("True",)
    assert said.count("**shop**") == 1
    assert "**\\<desk\\>**" in said


def test_tools_have_no_tokens(at_collector: FakeCollector, world: World) -> None:
    """Nor prices; where none was called, that is said."""
    at_collector.routes["calls/figures"] = answers(figures_of.window(world), figures("search"))
    said = text_of(draw("steps", by="tool"))
    assert "search" in said
    assert "tokens in" not in said
    at_collector.routes["calls/figures"] = answers(figures_of.window(world))
    st.cache_data.clear()
    assert "No tool was called in this time." in text_of(draw("steps", by="tool"))


def test_an_unknown_view_is_that_of_steps(at_collector: FakeCollector) -> None:
    """Addresses are written by hand, too."""
    assert "step or group" in text_of(draw("steps", by="nobody"))


def _asked(collector: FakeCollector, *names: str) -> tuple[str, ...]:
    """What figures were asked for last."""
    last = next(params for params in reversed(collector.asked) if "per_app" in params)
    return tuple(last[name] for name in names)


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (Usage(), ""),
        (Usage(cost_usd=0.0), "$0"),
        (Usage(cost_usd=0.00001), "<$0.0001"),
        (Usage(cost_usd=0.5), "$0.5"),
        (Usage(cost_usd=12.345), "$12.35"),
        (Usage(cost_usd=12345.6), "$12,346"),
        (Usage(cost_usd=1.0, unpriced=1, calls=2), "≥$1.00"),
        (Usage(cost_usd=1.0, at_least=1), "≥$1.00"),
        (Usage(cost_usd=1.0, calls=2, reported=2), "$1.00 reported"),
    ],
)
def test_a_cost_in_words(used: Usage, said: str) -> None:
    """What may be more is told by a sign; nothing is not the same as not known."""
    assert usage.cost(used) == said


def test_what_a_sum_lacks_is_counted() -> None:
    """Calls that told no tokens, and those that have no price."""
    assert usage.describe_missing_usage(Usage(calls=12, unreported=2, unpriced=5)) == (
        "2 calls of 12 told no tokens, 3 of 12 calls have no price"
    )
    assert usage.describe_missing_usage(Usage(calls=1, unpriced=1)) == "1 of 1 call has no price"
    assert usage.describe_missing_usage(Usage(calls=3)) == ""
