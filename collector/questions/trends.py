"""How a window went from bucket to bucket, what changed against the window before it, and which agents need a look."""

from collections.abc import Mapping
from typing import Any, Final

from collector.models import AgentTrouble, TrendFigures, TrendPoint, Trends, Window
from collector.prices.price_list import PriceBook
from collector.questions import call_figures, top_runs
from collector.questions.windows import Range
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment

#: Buckets of a window, and agents that are listed as the worst.
POINTS: Final = 30
WORST_AGENTS: Final = 5


def build_trends(session: Session, window: Window, prices: PriceBook) -> Trends:
    """Returns the trends of a window.

    Args:
        session: the snapshot to read.
        window: the window.
        prices: what calls of models cost.
    """
    within = Range.of(window)
    bucket_ns = within.get_bucket_ns(POINTS)
    both = Range(within.first_ns - POINTS * bucket_ns, within.end_ns, None)
    bounds = {"first_ns": both.first_ns, "end_ns": both.end_ns, "bucket_ns": bucket_ns}
    top_runs.offer_top_runs(session, both)
    rows = session.rows(Query.OVERVIEW_TRENDS, points=POINTS, **bounds)
    spent = call_figures.find_figures_by_bucket(session, both, bucket_ns, prices)
    whole = {row["is_latest"]: row for row in rows if row["bucket"] is None}
    by_bucket = {row["bucket"]: row for row in rows if row["bucket"] is not None}
    before = _build_figures(whole.get(False), spent, range(POINTS))
    return Trends(
        window=window,
        points=[
            _build_point(both.first_ns, bucket_ns, bucket, by_bucket, spent) for bucket in range(POINTS, 2 * POINTS)
        ],
        latest=_build_figures(whole.get(True), spent, range(POINTS, 2 * POINTS)),
        before=before if before.runs or before.events or before.attempts or before.calls else None,
        before_window=Window(start=moment(both.first_ns), end=window.start),
        worst_agents=[
            AgentTrouble(**row)
            for row in session.rows(
                Query.OVERVIEW_AGENTS, first_ns=within.first_ns, end_ns=within.end_ns, most=WORST_AGENTS
            )
        ],
    )


_Spent = Mapping[int, Row] | None


def _build_figures(row: Row | None, spent: _Spent, buckets: range) -> TrendFigures:
    """Returns the figures of a whole range, with what was spent in its buckets."""
    return TrendFigures(**_select_counts(row), **_sum_spending(spent, buckets))


def _build_point(first_ns: int, bucket_ns: int, bucket: int, by_bucket: Mapping[int, Row], spent: _Spent) -> TrendPoint:
    start = moment(first_ns + bucket * bucket_ns)
    return TrendPoint(
        start=start, **_select_counts(by_bucket.get(bucket)), **_sum_spending(spent, range(bucket, bucket + 1))
    )


def _select_counts(row: Row | None) -> dict[str, Any]:
    return {name: value for name, value in (row or {}).items() if name not in ("bucket", "is_latest")}


def _sum_spending(spent: _Spent, buckets: range) -> dict[str, Any]:
    if spent is None:
        return {}
    found = [spent[bucket] for bucket in buckets if bucket in spent]
    costs = [row["cost_usd"] for row in found if row["cost_usd"] is not None]
    return {"calls": sum(row["calls"] for row in found), "cost_usd": sum(costs) if costs else None}
