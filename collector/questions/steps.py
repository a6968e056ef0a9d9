"""How steps and groups do: latency, errors, retries, accuracy."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collector.causality import fates, nodes
from collector.errors import NotFoundError
from collector.models import (
    Accuracy,
    Latency,
    Node,
    NodeStatus,
    ScoreFigures,
    StepDetail,
    StepFigures,
    StepList,
    StepPoint,
    Window,
)
from collector.models.runs import OWN_SOURCE
from collector.questions import agent_steps, model_calls
from collector.questions.accuracy import compute_accuracy
from collector.questions.histogram import build_histogram
from collector.questions.names import Name, NamePosition
from collector.questions.search_text import SearchText
from collector.questions.storage import find_kept_since
from collector.questions.windows import Range
from collector.store import work_in_range
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment
from runtime.semconv import NodeKind

#: Points of a trend, and nodes to look at, that an answer holds at most.
TREND_POINTS: Final = 48
WORST_NODES: Final = 50

#: Whose steps are meant.
_OWN: Final = "own"
_OTHERS: Final = "others"


@dataclass(frozen=True, slots=True)
class StepCriteria:
    """Of which steps and groups figures are asked for; None for all.

    Attributes:
        kind: steps or deliveries only.
        workflow: of this workflow, or this channel, only.
        step: this step, or this group, only.
        q: text in the names or the agent; case doesn't matter.
        score: name of the score that accuracy is of; None for the one that most nodes were given.
        bad: only those of which something failed, was retried, or was scored wrong.
        app: of this app only.
        agent: of this agent only.
        model: only what called this model, itself or further down.
        status: only those of which something stands so: `ok`, `failed` or `running`.
        source: `own` for those of our runtime, `others` for those of agents of anybody else.
    """

    kind: NodeKind | None = None
    workflow: str | None = None
    step: str | None = None
    q: str | None = None
    score: str | None = None
    bad: bool = False
    app: str | None = None
    agent: str | None = None
    model: str | None = None
    status: NodeStatus | None = None
    source: str | None = None

    @property
    def values(self) -> dict[str, str | None]:
        """What every question of them binds."""
        return {name: getattr(self, name) for name in ("workflow", "step", "app", "agent", "model")}

    @property
    def can_be_own(self) -> bool:
        """Whether some of ours may be meant."""
        return self.source != _OTHERS

    @property
    def can_be_of_others(self) -> bool:
        """Whether some of others may be meant, who have no groups."""
        return self.source != _OWN and self.kind != NodeKind.DELIVERY


@dataclass(frozen=True, slots=True)
class _StepQueries:
    """The questions that one step's page is put together of."""

    span: Query
    attempts: Query
    scores: Query
    worst: Query


_OF_OURS: Final = _StepQueries(Query.STEPS_SPAN, Query.STEPS_ATTEMPTS, Query.STEPS_SCORES, Query.STEPS_WORST)
_OF_OTHERS: Final = _StepQueries(
    Query.STEPS_OTHERS_SPAN, Query.STEPS_OTHERS_ATTEMPTS, Query.STEPS_OTHERS_SCORES, Query.STEPS_OTHERS_WORST
)


def find_figures(session: Session, within: Range, which: StepCriteria = StepCriteria()) -> list[StepFigures]:
    """Returns the figures of all steps and groups, or of those asked for; steps first.

    Args:
        session: the snapshot to read.
        within: when the nodes began.
        which: of which steps and groups.
    """
    rows = []
    if which.can_be_own:
        rows = _query_figures(
            session,
            which,
            is_asked=True,
            is_kept=False,
            **work_in_range.stage_work_in_range(session, within.first_ns, within.end_ns),
        )
    return _add_figures_of_others(session, within, which, rows)


def _add_figures_of_others(
    session: Session, within: Range, which: StepCriteria, rows: Sequence[Row]
) -> list[StepFigures]:
    others = agent_steps.compute_figures(session, within, q=which.q, **which.values) if which.can_be_of_others else []
    return _build_all_figures(which, [*rows, *others])


def _build_all_figures(which: StepCriteria, rows: Sequence[Row]) -> list[StepFigures]:
    found = (_build_figures(row, which.score) for row in rows)
    return sorted((step for step in found if _has_status(step, which.status)), key=_name_of_step)


def _query_figures(session: Session, which: StepCriteria, **nodes: object) -> list[Row]:
    return session.rows(
        Query.STEPS_FIGURES, kind=which.kind, **which.values, **SearchText.parse(which.q).words, **nodes
    )


def _has_status(step: StepFigures, status: NodeStatus | None) -> bool:
    """Returns whether something of a step stands so."""
    failed = round(step.error_rate * step.nodes)
    counts = {
        NodeStatus.FAILED: failed,
        NodeStatus.RUNNING: step.running,
        NodeStatus.OK: step.nodes - failed - step.running,
    }
    return status is None or counts.get(status, 0) > 0


def find_steps(session: Session, window: Window, which: StepCriteria, behind: Name, limit: int) -> StepList:
    """Returns a page of the steps and groups of a window, in the order of their names.

    Args:
        session: the snapshot to read.
        window: when the nodes began.
        which: of which steps and groups.
        behind: name of the last one of the page before; empty for the first page.
        limit: entries of a page.
    """
    within = Range.of(window)
    found = [step for step in find_figures(session, within, which) if not which.bad or is_bad(step)]
    page, following = NamePosition(behind, within).page(found, _name_of_step, limit)
    models = model_calls.find_model_figures(session, within)
    return StepList(window=window, items=page, next=following, models=models, kept_since=find_kept_since(session))


def is_bad(step: StepFigures) -> bool:
    """Returns whether something of a step failed, was retried, or was scored wrong."""
    return any(rate_badness(step))


def rate_badness(step: StepFigures) -> tuple[float, float, float]:
    """Returns how bad a step is: its errors, then the share of wrong answers under its worst score, then retries."""
    given = [step.accuracy, *(score.accuracy for score in step.scores)]
    shares = [accuracy.value for accuracy in given if accuracy.value is not None]
    return step.error_rate, 1 - min(shares, default=1.0), step.retry_rate


def find_step(session: Session, window: Window, which: StepCriteria) -> StepDetail:
    """Returns one step, or one group of a channel, over a window.

    Raises:
        NotFoundError: when it did nothing in the window.
    """
    within = Range.of(window)
    rows = _keep_nodes(session, within, which) if which.can_be_own else []
    # Ours comes first where others have one of its name, so that these need not be asked for.
    found = _build_all_figures(which, rows) if rows else _add_figures_of_others(session, within, which, rows)
    if not found:
        raise NotFoundError("step", f"{which.workflow}/{which.step}")
    queries = _OF_OURS if found[0].source == OWN_SOURCE else _OF_OTHERS
    busy = _busy_range(session.one(queries.span), within)
    buckets = {"origin_ns": busy.first_ns, "bucket_ns": busy.get_bucket_ns(TREND_POINTS)}
    attempts = session.rows(queries.attempts, **buckets)
    scores = session.rows(queries.scores, **buckets)
    judged = session.rows(queries.worst, most=WORST_NODES, score=which.score)
    return StepDetail(
        figures=found[0],
        window=window,
        histogram=build_histogram(duration for row in attempts for duration in row["durations"]),
        trend=_build_trend(busy, attempts, scores, found[0].score),
        worst=_find_worst_nodes(session, judged),
    )


def _keep_nodes(session: Session, within: Range, which: StepCriteria) -> list[Row]:
    """Puts the nodes of a step of ours together once, for all that is asked of them; returns its figures."""
    names = {name: getattr(which, name) for name in ("kind", "workflow", "step")}
    session.run(
        Query.STEPS_NODES, **names, **work_in_range.stage_work_in_range(session, within.first_ns, within.end_ns)
    )
    unasked = {"is_asked": False, "has_changed": False, "unchanged_ns": None, "end_ns": None}
    return _query_figures(session, which, is_kept=True, first_ns=within.first_ns, **unasked)


def _busy_range(found: Row, within: Range) -> Range:
    """Returns the range from the first attempt to the last: a step that was busy for ten seconds of an hour has a trend
    of ten seconds. Where no attempt has ended yet, the whole window."""
    return within if found["first_ns"] is None else Range(found["first_ns"], found["last_ns"] + 1, None)


def _find_worst_nodes(session: Session, judged: Sequence[Row]) -> list[Node]:
    ids = [row["node_id"] for row in judged]
    records = session.rows(Query.NODE_RECORDS_OF_SEVERAL, ids=ids, **session.stretch(ids).bounds) if ids else []
    built = nodes.build_nodes(records, fates.find_fates(session, records))
    return [
        built[row["node_id"]].model_copy(update={name: row[name] for name in _JUDGED if name in row})
        for row in judged
        if row["node_id"] in built
    ]


#: What is said of the worst nodes; of ours the node itself says how many attempts there were.
_JUDGED: Final = ("score", "score_name", "slow", "attempts")


def _name_of_step(step: StepFigures) -> Name:
    """Returns what tells steps apart; steps come before groups, and ours before those of others of the same name."""
    kind, whose = "01"[step.kind != NodeKind.STEP], "01"[step.source != OWN_SOURCE]
    return kind, step.workflow, step.step, whose


def _build_figures(row: Row, wanted: str | None) -> StepFigures:
    given = {each["name"]: each for each in row["scores"]}
    most = max(given, key=lambda name: given[name]["scored"], default=None)
    score = wanted if wanted in given else most if wanted is None else None
    accuracies = {name: compute_accuracy(each["correct"], each["scored"]) for name, each in given.items()}
    quantiles = row["quantiles"] or (0.0, 0.0, 0.0)
    return StepFigures(
        kind=NodeKind(row["kind"]),
        workflow=row["workflow"],
        step=row["step"],
        agent=row["agent"],
        app=row["app"] or "",
        source=row.get("source", OWN_SOURCE),
        nodes=row["nodes"],
        running=row["open"],
        attempts=row["attempts"],
        error_rate=row["bad"] / row["nodes"],
        retry_rate=row["retried"] / row["nodes"],
        accuracy=Accuracy(n=0) if score is None else accuracies[score],
        latency=Latency(p50_ms=quantiles[0], p95_ms=quantiles[1], p99_ms=quantiles[2]),
        score=score,
        scores=[ScoreFigures(name=name, accuracy=accuracy) for name, accuracy in accuracies.items()],
    )


def _build_trend(busy: Range, attempts: Sequence[Row], scores: Sequence[Row], score: str | None) -> list[StepPoint]:
    bucket_ns = busy.get_bucket_ns(TREND_POINTS)
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
