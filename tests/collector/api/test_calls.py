"""Figures of calls over HTTP, with a file of prices that changes meanwhile."""

from pathlib import Path

import httpx

from collector.client import CollectorClient
from collector.models import CallsBy, CallsSort
from tests.collector.agents.sent import SentTrace
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus

CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "house-model",
    "gen_ai.usage.input_tokens": 1_000_000,
    "gen_ai.usage.output_tokens": 0,
}


def test_a_price_that_changes_changes_answers_at_once(tmp_path: Path) -> None:
    """Without a restart; what was answered before it is not taken for the same. A fault is told, and all else works."""
    prices = tmp_path / "prices.toml"
    trace = SentTrace()
    trace.add("chat", 0, CHAT)
    with LiveCollector(tmp_path / "causeline.duckdb", MemoryBus(), prices=prices) as live:
        trace.store(live.database)
        with CollectorClient(live.url) as client:

            def cost() -> float | None:
                answer = client.call_figures(CallsBy.MODEL, sort=CallsSort.CALLS, last="all")
                (run,) = client.runs(last="all").items
                assert run.usage is not None
                assert run.usage.cost_usd == answer.total.usage.cost_usd == client.run(run.run_id).run.usage.cost_usd
                return answer.total.usage.cost_usd

            assert cost() is None
            prices.write_text("date = 2026-11-01\n[models.house-model]\ninput = 3\noutput = 1\n")
            assert cost() == 3.0
            answer = client.call_figures(last="all")
            assert [each.date for each in answer.prices][:1] == ["2026-11-01"]
            assert answer.prices[0].origin == str(prices)
            prices.write_text("[models.house-model]\ninput = 3\n")
            assert cost() is None
            (fault,) = client.call_figures(last="all").prices
            assert fault.error == f"{prices}:1: models.house-model.output: it is missing: USD for a million tokens"
            assert client.overview(last="all").usage is not None


def test_what_is_asked_for_wrongly_is_refused(standing: LiveCollector) -> None:
    """By the name of the parameter."""
    for query in ("by=colour", "sort=colour", "limit=0", "limit=1001"):
        answer = httpx.get(f"{standing.url}/api/calls/figures?{query}", trust_env=False, timeout=60)
        assert answer.status_code == 422, query
        assert query.partition("=")[0] in answer.json()["error"]["message"]


def test_figures_are_a_table_too(standing: LiveCollector) -> None:
    """For pandas and its like."""
    headers = {"accept": "application/vnd.apache.arrow.stream"}
    answer = httpx.get(f"{standing.url}/api/calls/figures", headers=headers, trust_env=False, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (200, headers["accept"])
