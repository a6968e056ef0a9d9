"""How steps and groups do: latency, errors, retries, accuracy."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from collector.causality import fates, nodes
from collector.errors import NotFoundError
from collector.models import Latency, LatencyBin, Node, StepDetail, StepFigures, StepList, StepPoint, Window
from collector.questions.accuracy import wilson
from collector.questions.wanted import Wanted
from collector.questions.windows import Range
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment
from runtime.semconv import NodeKind

#: Points of a trend, bins of a histogram, and nodes to look at that an answer holds at most.
TREND_POINTS: Final = 48
HISTOGRAM_BINS: Final = 24
WORST_NODES: Final = 50


def figures(
    session: Session,
    within: Range,
    *,
    kind: NodeKind | None = None,
    workflow: str | None = None,
    step: str | None = None,
    q: str | None = None,
) -> list[StepFigures]:
    """Returns the figures of all steps and groups, or of those asked for; steps first.

    Args:
        session: the snapshot to read.
        within: when the nodes began.
        kind: steps or deliveries only.
        workflow: of this workflow, or this channel, only.
        step: this step, or this group, only.
        q: text in the names or the agent.
    """
    rows = session.rows(
        Query.STEPS_FIGURES,
        first_ns=within.first_ns,
        end_ns=within.end_ns,
        kind=kind,
        workflow=workflow,
        step=step,
        **Wanted.read(q).words,
    )
    return [_figures(row) for row in rows]


def all_steps(session: Session, window: Window, q: str | None) -> StepList:
    """Returns all steps and groups of a window."""
    return StepList(window=window, items=figures(session, Range.of(window), q=q))


def one(session: Session, window: Window, kind: NodeKind, workflow: str, step: str) -> StepDetail:
    """Returns one step, or one group of a channel, over a window.

    Raises:
        NotFoundError: when it did nothing in the window.
    """
    within = Range.of(window)
    found = figures(session, within, kind=kind, workflow=workflow, step=step)
    if not found:
        raise NotFoundError("step", f"{workflow}/{step}")
    which: dict[str, Any] = {
        "kind": kind,
        "workflow": workflow,
        "step": step,
        "first_ns": within.first_ns,
        "end_ns": within.end_ns,
    }
    busy = _busy(session, which, within)
    buckets = {"origin_ns": busy.first_ns, "bucket_ns": busy.buckets(TREND_POINTS)}
    attempts = session.rows(Query.STEPS_ATTEMPTS, **buckets, **which)
    scores = session.rows(Query.STEPS_SCORES, **buckets, **which)
    return StepDetail(
        figures=found[0],
        window=window,
        histogram=histogram(duration for row in attempts for duration in row["durations"]),
        trend=_trend(busy, attempts, scores),
        worst=_worst(session, which),
    )


def _busy(session: Session, which: dict[str, Any], within: Range) -> Range:
    """Returns the range from the first attempt to the last: a step that was busy for ten seconds of an hour has a trend
    of ten seconds. Where no attempt has ended yet, the whole window."""
    found = session.one(Query.STEPS_SPAN, **which)
    return within if found["first_ns"] is None else Range(found["first_ns"], found["last_ns"] + 1, None)


def _worst(session: Session, which: dict[str, Any]) -> list[Node]:
    judged = session.rows(Query.STEPS_WORST, most=WORST_NODES, **which)
    ids = [row["node_id"] for row in judged]
    records = session.rows(Query.NODE_RECORDS_OF_SEVERAL, ids=ids) if ids else []
    built = nodes.build(records, fates.of_all(session, records))
    return [
        built[row["node_id"]].model_copy(update={"score": row["score"], "slow": row["slow"]})
        for row in judged
        if row["node_id"] in built
    ]


def histogram(durations_ms: Iterable[float]) -> list[LatencyBin]:
    """Returns durations in bins of equal ratio, because latencies spread over orders of magnitude; empty for none.

    An attempt that ended before it began, by clocks that disagree or because nobody said its end, took no time.
    """
    durations = sorted(max(duration, 0.0) for duration in durations_ms)
    if not durations:
        return []
    low = max(durations[0], 0.001)
    ratio = max((durations[-1] / low) ** (1 / HISTOGRAM_BINS), 1.02) * (1 + 1e-9)
    counts = [0] * HISTOGRAM_BINS
    for duration in durations:
        place = int(math.log(max(duration, low) / low) / math.log(ratio))
        counts[min(place, HISTOGRAM_BINS - 1)] += 1
    filled = max(index for index, count in enumerate(counts) if count) + 1
    bounds = [low * ratio**index for index in range(filled + 1)]
    bounds[0] = min(low, durations[0])
    return [LatencyBin(low_ms=bounds[index], high_ms=bounds[index + 1], count=counts[index]) for index in range(filled)]


def _figures(row: Row) -> StepFigures:
    quantiles = row["quantiles"] or (0.0, 0.0, 0.0)
    return StepFigures(
        kind=NodeKind(row["kind"]),
        workflow=row["workflow"],
        step=row["step"],
        agent=row["agent"],
        nodes=row["nodes"],
        attempts=row["attempts"],
        error_rate=row["bad"] / row["nodes"],
        retry_rate=row["retried"] / row["nodes"],
        accuracy=wilson(row["correct"], row["scored"]),
        latency=Latency(p50_ms=quantiles[0], p95_ms=quantiles[1], p99_ms=quantiles[2]),
    )


def _trend(busy: Range, attempts: Sequence[Row], scores: Sequence[Row]) -> list[StepPoint]:
    bucket_ns = busy.buckets(TREND_POINTS)
    by_bucket = {row["bucket"]: row for row in attempts}
    accuracy = {row["bucket"]: row["accuracy"] for row in scores}
    count = -((busy.first_ns - busy.end_ns) // bucket_ns)
    points = []
    for bucket in range(count):
        row = by_bucket.get(bucket)
        quantiles = row["quantiles"] if row else (None, None)
        points.append(
            StepPoint(
                start=moment(busy.first_ns + bucket * bucket_ns),
                attempts=row["attempts"] if row else 0,
                errors=row["errors"] if row else 0,
                p50_ms=quantiles[0],
                p95_ms=quantiles[1],
                accuracy=accuracy.get(bucket),
            )
        )
    return points
