"""How steps and groups do: latency, errors, retries, accuracy."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.causality import fates, nodes
from collector.errors import NotFoundError
from collector.models import (
    Accuracy,
    Latency,
    LatencyBin,
    Node,
    ScoreFigures,
    StepDetail,
    StepFigures,
    StepList,
    StepPoint,
    Window,
)
from collector.questions import model_calls
from collector.questions.accuracy import wilson
from collector.questions.names import Behind, Name
from collector.questions.storage import kept_since
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


@dataclass(frozen=True, slots=True)
class Which:
    """Of which steps and groups figures are asked for; None for all.

    Attributes:
        kind: steps or deliveries only.
        workflow: of this workflow, or this channel, only.
        step: this step, or this group, only.
        q: text in the names or the agent; case doesn't matter.
        score: name of the score that accuracy is of; None for the one that most nodes were given.
        bad: only those of which something failed, was retried, or was scored wrong.
    """

    kind: NodeKind | None = None
    workflow: str | None = None
    step: str | None = None
    q: str | None = None
    score: str | None = None
    bad: bool = False


def figures(session: Session, within: Range, which: Which = Which()) -> list[StepFigures]:
    """Returns the figures of all steps and groups, or of those asked for; steps first.

    Args:
        session: the snapshot to read.
        within: when the nodes began.
        which: of which steps and groups.
    """
    rows = session.rows(
        Query.STEPS_FIGURES,
        first_ns=within.first_ns,
        end_ns=within.end_ns,
        kind=which.kind,
        workflow=which.workflow,
        step=which.step,
        **Wanted.read(which.q).words,
    )
    return [_figures(row, which.score) for row in rows]


def find(session: Session, window: Window, which: Which, behind: Name, limit: int) -> StepList:
    """Returns a page of the steps and groups of a window, in the order of their names.

    Args:
        session: the snapshot to read.
        window: when the nodes began.
        which: of which steps and groups.
        behind: name of the last one of the page before; empty for the first page.
        limit: entries of a page.
    """
    within = Range.of(window)
    found = [step for step in figures(session, within, which) if not which.bad or is_bad(step)]
    page, following = Behind(behind, within).page(found, _name, limit)
    models = model_calls.figures(session, within)
    return StepList(window=window, items=page, next=following, models=models, kept_since=kept_since(session))


def is_bad(step: StepFigures) -> bool:
    """Returns whether something of a step failed, was retried, or was scored wrong."""
    return any(badness(step))


def badness(step: StepFigures) -> tuple[float, float, float]:
    """Returns how bad a step is: its errors, then the share of wrong answers under its worst score, then retries."""
    given = [step.accuracy, *(score.accuracy for score in step.scores)]
    shares = [accuracy.value for accuracy in given if accuracy.value is not None]
    return step.error_rate, 1 - min(shares, default=1.0), step.retry_rate


def one(session: Session, window: Window, which: Which) -> StepDetail:
    """Returns one step, or one group of a channel, over a window.

    Raises:
        NotFoundError: when it did nothing in the window.
    """
    within = Range.of(window)
    found = figures(session, within, which)
    kind, workflow, step = which.kind, which.workflow, which.step
    if not found:
        raise NotFoundError("step", f"{workflow}/{step}")
    asked: dict[str, Any] = {
        "kind": kind,
        "workflow": workflow,
        "step": step,
        "first_ns": within.first_ns,
        "end_ns": within.end_ns,
    }
    busy = _busy(session, asked, within)
    buckets = {"origin_ns": busy.first_ns, "bucket_ns": busy.buckets(TREND_POINTS)}
    attempts = session.rows(Query.STEPS_ATTEMPTS, **buckets, **asked)
    scores = session.rows(Query.STEPS_SCORES, **buckets, **asked)
    return StepDetail(
        figures=found[0],
        window=window,
        histogram=histogram(duration for row in attempts for duration in row["durations"]),
        trend=_trend(busy, attempts, scores, found[0].score),
        worst=_worst(session, asked, which.score),
    )


def _busy(session: Session, which: dict[str, Any], within: Range) -> Range:
    """Returns the range from the first attempt to the last: a step that was busy for ten seconds of an hour has a trend
    of ten seconds. Where no attempt has ended yet, the whole window."""
    found = session.one(Query.STEPS_SPAN, **which)
    return within if found["first_ns"] is None else Range(found["first_ns"], found["last_ns"] + 1, None)


def _worst(session: Session, which: dict[str, Any], score: str | None) -> list[Node]:
    judged = session.rows(Query.STEPS_WORST, most=WORST_NODES, score=score, **which)
    ids = [row["node_id"] for row in judged]
    records = session.rows(Query.NODE_RECORDS_OF_SEVERAL, ids=ids) if ids else []
    built = nodes.build(records, fates.of_all(session, records))
    return [
        built[row["node_id"]].model_copy(update={name: row[name] for name in ("score", "score_name", "slow")})
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


def _name(step: StepFigures) -> Name:
    """Returns what tells steps apart; steps come before groups."""
    return "0" if step.kind == NodeKind.STEP else "1", step.workflow, step.step


def _figures(row: Row, wanted: str | None) -> StepFigures:
    given = {each["name"]: each for each in row["scores"]}
    most = max(given, key=lambda name: given[name]["scored"], default=None)
    score = wanted if wanted in given else most if wanted is None else None
    accuracies = {name: wilson(each["correct"], each["scored"]) for name, each in given.items()}
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
        accuracy=Accuracy(n=0) if score is None else accuracies[score],
        latency=Latency(p50_ms=quantiles[0], p95_ms=quantiles[1], p99_ms=quantiles[2]),
        score=score,
        scores=[ScoreFigures(name=name, accuracy=accuracy) for name, accuracy in accuracies.items()],
    )


def _trend(busy: Range, attempts: Sequence[Row], scores: Sequence[Row], score: str | None) -> list[StepPoint]:
    bucket_ns = busy.buckets(TREND_POINTS)
    by_bucket = {row["bucket"]: row for row in attempts}
    accuracy: dict[int, dict[str, float]] = defaultdict(dict)
    for row in scores:
        accuracy[row["bucket"]][row["name"]] = row["accuracy"]
    count = -((busy.first_ns - busy.end_ns) // bucket_ns)
    points = []
    for bucket in range(count):
        attempted = by_bucket.get(bucket)
        quantiles = (attempted["quantiles"] if attempted else None) or (None, None)
        points.append(
            StepPoint(
                start=moment(busy.first_ns + bucket * bucket_ns),
                attempts=attempted["attempts"] if attempted else 0,
                errors=attempted["errors"] if attempted else 0,
                p50_ms=quantiles[0],
                p95_ms=quantiles[1],
                accuracy=None if score is None else accuracy[bucket].get(score),
                scores=accuracy[bucket],
            )
        )
    return points
