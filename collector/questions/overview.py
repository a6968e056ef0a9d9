"""Whether anything is wrong now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from collector.causality import lives
from collector.models import (
    ActivityPoint,
    AppBacklog,
    Breaker,
    Budget,
    BusState,
    ChannelBacklog,
    DeadLetterGroup,
    Overview,
    StepFigures,
    Totals,
    UndoFailure,
    Window,
)
from collector.questions import (
    agent_steps,
    backlog,
    beginning_traces,
    clocks,
    outages,
    problems,
    replacements,
    services,
    steps,
    top_runs,
)
from collector.questions.steps import StepCriteria
from collector.questions.windows import Range
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment
from runtime.semconv import RunOutcome

#: Services, groups, apps and problems that are listed, points of the activity, and steps that are listed as the worst:
#: at most so many.
SERVICES: Final = 100
GROUPS: Final = 200
APPS: Final = 200
PROBLEMS: Final = 60
ACTIVITY_POINTS: Final = 60
WORST_STEPS: Final = 5

#: Runs a life of which ended badly: of more, the database counts those that were not resumed.
FEW_RUNS: Final = 500


@dataclass(frozen=True, slots=True)
class BusPicture:
    """The bus at this moment, as much of it as could be had."""

    state: BusState
    channels: Sequence[ChannelBacklog] = field(default=())
    letters: Sequence[DeadLetterGroup] = field(default=())
    apps: Sequence[AppBacklog] = field(default=())
    spent_budgets: Sequence[Budget] = field(default=())
    undo_failures: Sequence[UndoFailure] = field(default=())
    breakers: Sequence[Breaker] = field(default=())
    """Those that are not closed, the longest first."""


def build_overview(session: Session, window: Window, bus: BusPicture, now: datetime) -> Overview:
    """Returns the overview of a window, with the bus as it is now."""
    within = Range.of(window)
    figures = steps.find_figures(
        session, within, StepCriteria(source=None if agent_steps.has_trouble(session, within) else "own")
    )
    counts = session.one(Query.OVERVIEW_STORED_COUNTS)
    refused = session.rows(Query.OVERVIEW_REJECTIONS, first_ns=within.first_ns)
    dropped = session.rows(Query.OVERVIEW_DROPPED_SPANS, first_ns=within.first_ns, end_ns=within.end_ns)
    stored = beginning_traces.find_stretch(session, within)
    told = services.find_service_figures(session, within, stored)
    again = session.one(Query.OVERVIEW_REPLACEMENTS, first_ns=within.first_ns)
    lost = {row["service"]: row["recently"] for row in dropped}
    found = problems.find_problems(bus.state, bus.letters, bus.channels, bus.apps, figures, refused, lost, bus.breakers)
    found += [
        *outages.find_problems(bus.breakers),
        *services.find_problems(told),
        *clocks.find_problems(session, now),
        *replacements.find_problems(again["contradicting"]),
    ]
    wrong = problems.sort_worst_first(found)
    return Overview(
        window=window,
        problems=wrong[:PROBLEMS],
        problems_total=len(wrong),
        totals=_build_totals(session, within, bus),
        activity=_build_activity(session, within),
        channels=backlog.select_worst_groups(bus.channels, GROUPS),
        groups_total=sum(len(channel.groups) for channel in bus.channels),
        apps=sorted(bus.apps, key=lambda app: app.due + app.suspects, reverse=True)[:APPS],
        apps_total=len(bus.apps),
        worst_steps=select_worst_steps(figures),
        bus=bus.state,
        spans_stored=counts["stored"],
        spans_rejected=counts["rejected"],
        spans_dropped=sum(row["dropped"] for row in dropped),
        spans_replaced=again["replaced"],
        services=told[:SERVICES],
        spent_budgets=list(bus.spent_budgets),
        undo_failures=list(bus.undo_failures),
    )


def select_worst_steps(figures: Sequence[StepFigures]) -> list[StepFigures]:
    """Returns the steps that most need a look: by errors, then wrong answers, then retries; those without any are left
    out."""

    bad = [step for step in figures if steps.is_bad(step)]
    return sorted(bad, key=steps.rate_badness, reverse=True)[:WORST_STEPS]


def _build_totals(session: Session, within: Range, bus: BusPicture) -> Totals:
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    named = session.stretch_of(Query.OVERVIEW_NAMED, beginning_traces.MOST_TRACES, **bounds).bounds_of("named")
    top_runs.offer_top_runs(session, within)
    runs = session.one(Query.OVERVIEW_BEGUN_RUNS, most=FEW_RUNS, **bounds, **named)
    row = session.one(Query.OVERVIEW_TOTALS, **bounds, **named)
    ages = [
        group.oldest_unprocessed_seconds
        for channel in bus.channels
        for group in channel.groups
        if group.oldest_unprocessed_seconds is not None
    ]
    return Totals(
        **row,
        runs=runs["runs"],
        runs_failed=_count_failed_runs(session, runs, {**bounds, **named}),
        dead_now=sum(letter.count for letter in bus.letters) if bus.state.connected else None,
        oldest_unprocessed_seconds=max(ages, default=None),
    )


def _count_failed_runs(session: Session, runs: Row, bounds: Mapping[str, int]) -> int:
    """Returns how many runs have failed and were not resumed. That is asked of those alone of which a life ended badly:
    whether each goes on takes longer to plan than all other totals, where it is asked of all."""
    if not runs["ended_badly"]:
        return 0
    if runs["ended_badly"] > FEW_RUNS:
        return int(session.one(Query.OVERVIEW_FAILED_RUNS, **bounds)["failed"])
    return sum(life.outcome == RunOutcome.FAILED for life in lives.read_lives(session, runs["ids"]).values())


def _build_activity(session: Session, within: Range) -> list[ActivityPoint]:
    bucket_ns = within.get_bucket_ns(ACTIVITY_POINTS)
    rows = session.rows(Query.OVERVIEW_ACTIVITY, first_ns=within.first_ns, end_ns=within.end_ns, bucket_ns=bucket_ns)
    by_bucket = {row.pop("bucket"): row for row in rows}
    nothing = dict.fromkeys(("runs", "events", "deliveries", "errors", "dead_letters"), 0)
    count = -((within.first_ns - within.end_ns) // bucket_ns)
    return [
        ActivityPoint(start=moment(within.first_ns + bucket * bucket_ns), **by_bucket.get(bucket, nothing))
        for bucket in range(count)
    ]
