"""How calls of models and tools do, and what they cost, over a time range."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from collector.models import CallFigures, CallFiguresList, CallsBy, CallsSort, PriceState, ScoreFigures, Usage, Window
from collector.prices.price_list import PriceBook
from collector.questions import counted_calls, rates
from collector.questions.accuracy import compute_accuracy
from collector.questions.windows import Range
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.sightings import EVERYTHING, Stretch
from collector.times import moment_or_none

#: Models, with their providers and tiers of service, that have prices in one answer; more have none.
MOST_MODELS: Final = 20_000

#: Calls that are counted where they are not what is asked for.
IN_PASSING: Final = 50_000

#: Calls whose nodes are looked for: to look for more takes longer than to read all that is stored.
MOST_NAMED: Final = 100_000

#: Buckets of time that calls are counted by, at most.
MOST_BUCKETS: Final = 1_000

#: What means more than itself in a pattern.
_WILD: Final = re.compile(r"([*?\[])")

_TOKENS: Final = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "undivided_tokens",
)


@dataclass(frozen=True, slots=True)
class CallCriteria:
    """Which calls figures are of; None for all.

    Attributes:
        by: what they are put together by.
        per_app: whether those of each app stand apart.
        app, agent, model, session, user: of these alone.
    """

    by: CallsBy = CallsBy.MODEL
    per_app: bool = False
    app: str | None = None
    agent: str | None = None
    model: str | None = None
    session: str | None = None
    user: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What is bound: names as patterns that only they fit."""
        named = {name: getattr(self, name) for name in ("app", "agent", "model", "session", "user")}
        patterns = {name: None if value is None else [_WILD.sub(r"[\1]", value)] for name, value in named.items()}
        return {"by": self.by.value, "per_app": self.per_app, "bucket_ns": 1, **patterns}


@dataclass(frozen=True, slots=True)
class CallOrder:
    """In which order, and how many at most."""

    sort: CallsSort = CallsSort.COST
    descending: bool = True
    limit: int = 100

    @property
    def values(self) -> dict[str, Any]:
        """What is bound."""
        return {"sort": self.sort.value, "descending": self.descending, "most": self.limit}


def find_figures(
    session: Session, window: Window, wanted: CallCriteria, order: CallOrder, prices: PriceBook
) -> CallFiguresList:
    """Returns figures of the calls of a window.

    Args:
        session: the snapshot to read.
        window: when the calls began.
        wanted: which.
        order: how they are sorted, and how many there may be.
        prices: what calls cost.
    """
    within, asked = Range.of(window), {**wanted.values, **order.values}
    total, *rows = _query_figures(
        session, counted_calls.find_calls_between(session, within), within, prices, asked, with_scores=True
    )
    return CallFiguresList(
        window=window,
        by=wanted.by,
        items=[_build_figures(row) for row in rows],
        total=_build_figures(total),
        groups=total["groups"],
        prices=describe_prices(prices),
    )


def find_total(session: Session, window: Window, prices: PriceBook) -> Usage | None:
    """Returns what all calls of a window used and cost together; None where there is none, or where there are too many
    to be counted in passing.

    Args:
        session: the snapshot to read.
        window: when the calls began.
        prices: what calls cost.
    """
    within = Range.of(window)
    if not 0 < _count_calls(session, within) <= IN_PASSING:
        return None
    asked = {**CallCriteria(CallsBy.APP).values, **CallOrder(limit=0).values}
    row, *_ = _query_figures(
        session, counted_calls.find_calls_between(session, within), within, prices, asked, with_details=False
    )
    return _build_figures(row).usage


def find_figures_by_bucket(session: Session, within: Range, bucket_ns: int, prices: PriceBook) -> dict[int, Row] | None:
    """Returns how many calls each bucket of a range had, and what they used and cost; None where there are too many to
    be counted in passing.

    Args:
        session: the snapshot to read.
        within: when the calls began.
        bucket_ns: nanoseconds of a bucket.
        prices: what calls cost.
    """
    count = _count_calls(session, within)
    if not 0 < count <= IN_PASSING:
        return None if count else {}
    asked = {
        **CallCriteria().values,
        **CallOrder(CallsSort.NAME, limit=MOST_BUCKETS).values,
        "by": "bucket",
        "bucket_ns": bucket_ns,
    }
    found = counted_calls.find_calls_between(session, within)
    _, *rows = _query_figures(session, found, within, prices, asked, with_details=False)
    return {int(row["name"]): row for row in rows}


def find_spenders(
    session: Session, within: Range, wanted: Mapping[str, Any], order: CallOrder, prices: PriceBook
) -> list[Row]:
    """Returns what the calls of a range used and cost, as `calls/figures.sql` has it, without that of all together.

    Args:
        session: the snapshot to read.
        within: when the calls began.
        wanted: which, as `CallCriteria.values` has it.
        order: how they are sorted, and how many there may be.
        prices: what calls cost.
    """
    found = counted_calls.find_calls_between(session, within)
    if not found.num_rows:
        return []  # to plan the question takes 15 ms, which every look at rules would take where no model is called
    _, *rows = _query_figures(session, found, within, prices, {**wanted, **order.values})
    return rows


def offer_calls(session: Session, found: pa.Table, prices: PriceBook) -> None:
    """Lets the next statements read calls, with what they cost.

    Args:
        session: the snapshot to read.
        found: as `counted_calls` has them.
        prices: what calls cost.
    """
    session.register("found_calls", found)
    session.register("rates", rates.build_rate_table(prices, session.rows(Query.CALLS_CALLED, most=MOST_MODELS)))


def _count_calls(session: Session, within: Range) -> int:
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns, **EVERYTHING.bounds}
    return int(session.one(Query.CALLS_COUNT, traces=None, **bounds)["calls"])


def _query_figures(
    session: Session,
    found: pa.Table,
    within: Range,
    prices: PriceBook,
    asked: Mapping[str, Any],
    *,
    with_scores: bool = False,
    with_details: bool = True,
) -> list[Row]:
    """Returns what is asked of the calls of a range; how long they took, and who answered them, only with details:
    these are a third of what the statement takes."""
    offer_calls(session, found, prices)
    is_judged = with_scores and _has_scores(session, found)
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    details = {"with_details": with_details, "without_details": not with_details}
    scores = {"with_scores": is_judged, "without_scores": not is_judged}
    return session.rows(Query.CALLS_FIGURES, **asked, **bounds, **details, **scores)


def _has_scores(session: Session, found: pa.Table) -> bool:
    """Returns whether any of some calls was scored; further queries of the session can read how. Within the statement
    that adds up what they cost this took memory beside that."""
    judged = session.table(Query.CALLS_JUDGED, **_find_stretch(session, found).bounds)
    session.register("judged_calls", judged)
    return bool(judged.num_rows)


def _find_stretch(session: Session, found: pa.Table) -> Stretch:
    """Returns when all was stored that names the traces of calls, or their nodes, of which other traces may tell."""
    if found.num_rows > MOST_NAMED:
        return EVERYTHING
    ids = [found.column(name).unique() for name in ("trace_id", "node_id")]
    return session.stretch_of_ids(pa.table({"id": pa.chunked_array(ids)}))


def describe_prices(prices: PriceBook) -> list[PriceState]:
    """Returns which prices hold."""
    if prices.fault:
        return [PriceState(error=prices.fault)]
    return [PriceState(origin=each.origin, date=each.date, source=each.source) for each in prices.lists]


def _build_figures(row: Row) -> CallFigures:
    latency = row["latency"] or (None, None)
    usage = Usage(
        calls=row["calls"],
        unreported=row["unreported"],
        unpriced=row["unpriced"],
        at_least=row["at_least"],
        reported=row["reported"],
        cost_usd=row["cost_usd"],
        **{name: row[name] for name in _TOKENS},
    )
    return CallFigures(
        name=row["name"] or "",
        app=row["of_app"],
        calls=row["calls"],
        errors=row["errors"],
        tool_calls=row["tool_calls"],
        usage=usage,
        p50_ms=latency[0],
        p95_ms=latency[1],
        first_chunk_p95_ms=row["first_chunk_p95_ms"],
        unpriced_models=row["unpriced_models"] or [],
        providers=row["providers"] or [],
        scores=[
            ScoreFigures(name=each["name"], accuracy=compute_accuracy(each["correct"], each["scored"]))
            for each in row["scores"]
        ],
        latest=moment_or_none(row["latest_ns"]),
    )
