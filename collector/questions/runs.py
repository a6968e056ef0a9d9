"""Runs, their steps, and what they published."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from collector.causality import status
from collector.errors import NotFoundError
from collector.models import NodeStatus, Run, RunDetail, RunLife, RunOnServer, RunPage, places
from collector.prices.price_list import PriceBook
from collector.questions import (
    agent_calls,
    agent_runs,
    id_places,
    items,
    listed_runs,
    listed_tops,
    live_runs,
    lookup,
    newest_pages,
    run_candidates,
    run_steps,
    time_ranges,
    usage_totals,
    values,
)
from collector.questions.candidates import CandidateIds
from collector.questions.events import LISTED_DELIVERIES, PAYLOAD_EXCERPT, build_events, format_id
from collector.questions.paging import EXTRA, PagePosition, merge_pages
from collector.questions.run_criteria import RunCriteria as RunCriteria
from collector.questions.search_text import SearchText
from collector.questions.storage import find_kept_since
from collector.questions.usage_totals import RunUsage
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import clamp_end, duration_ms, moment, moment_or_none
from runtime.semconv import NodeKind

#: Times as many runs as fill a page that are looked at where those are listed that stand so, or are of a workflow.
_SPARE: Final = 4

#: How a run of others can stand.
_OF_OTHERS: Final = (
    NodeStatus.OK,
    NodeStatus.FAILED,
    NodeStatus.RUNNING,
    NodeStatus.WAITING,
    NodeStatus.RETRYING,
    NodeStatus.CANCELLED,
)

_SEARCH: Final = newest_pages.IdSearch(Query.RUNS_FOUND, (NodeKind.RUN, NodeKind.STEP), id_places.keep_causes)


def find_runs(
    session: Session, place: PagePosition, wanted: RunCriteria, limit: int, prices: PriceBook = agent_runs.NO_PRICES
) -> RunPage:
    """Returns runs, newest first.

    Args:
        session: the snapshot to read.
        place: where the page begins, and when they began.
        wanted: of which runs.
        limit: entries of a page.
        prices: what calls of models cost.
    """
    sought = SearchText.parse(wanted.q)
    own = [] if wanted.is_of_others else _find_own_rows(session, place, wanted, sought, limit)
    tops = listed_tops.PageTraces(session)
    others = [] if wanted.source == "own" else _find_rows_of_others(session, place, wanted, sought, limit, tops)
    told = {
        node_id: run
        for node_id, run in agent_runs.find_runs(session, others, prices, wanted.app, tops.find_folded_spans).items()
        if wanted.status in (None, run.status)
    }
    marked = [{**row, "dropped": row["node_id"] not in told} for row in others]
    page, following = merge_pages(((own, "run_id"), (marked, "node_id")), place, limit)
    spent = usage_totals.find_usage_by_run(session, [row["run_id"] for row in page if "node_id" not in row], prices)
    return RunPage(
        items=[
            told[row["node_id"]]
            if "node_id" in row
            else _add_usage(_build_run(row), spent.get(row["run_id"], RunUsage()))
            for row in page
        ],
        next=following,
        window=place.within.window,
        kept_since=find_kept_since(session),
        searched=lookup.describe_search(session, sought) if sought and not page else None,
    )


def _find_own_rows(
    session: Session, place: PagePosition, wanted: RunCriteria, sought: SearchText, limit: int
) -> list[Row]:
    if wanted.status == NodeStatus.WAITING and not wanted.waiting:
        return []
    outcomes = None if wanted.status is None else [run_candidates.OUTCOMES.get(wanted.status, "")]
    which = {
        **wanted.name_values,
        "outcomes": outcomes,
        "waiting": list(wanted.waiting) if wanted.status == NodeStatus.WAITING else None,
    }
    most, unasked = limit + EXTRA, dict.fromkeys(which)
    of_ids: newest_pages.OfIds | None = None
    if which == unasked:
        of_ids = partial(listed_runs.list_runs_of_ids, session, unasked)
    elif which == {**unasked, "outcomes": outcomes, "workflow": wanted.workflow}:
        of_ids = partial(listed_runs.list_runs_by_status, session, unasked, outcomes, wanted.workflow)
    if sought:
        return newest_pages.search_rows(session, Query.RUNS_LIST, _SEARCH, sought, place, most, of_ids, **which)
    own = run_candidates.find_own_runs(session, wanted)
    if own.found is None and of_ids is not None:
        spare = None if which == unasked else _SPARE
        return newest_pages.find_first_rows(
            session, Query.RUNS_LIST, Query.RUNS_NEWEST, of_ids, place, most, None, spare, **which
        )

    def find_further() -> tuple[CandidateIds | None, Mapping[str, None]]:
        beside = run_candidates.find_own_runs_beside(session, wanted)
        return beside.found, beside.settled

    return newest_pages.find_rows_among(
        session, Query.RUNS_LIST, own.found, place, most, of_ids, find_further, **{**which, **own.settled}
    )


def _find_rows_of_others(
    session: Session,
    place: PagePosition,
    wanted: RunCriteria,
    sought: SearchText,
    limit: int,
    tops: listed_tops.PageTraces,
) -> list[Row]:
    if wanted.status not in (None, *_OF_OTHERS):
        return []
    which = {
        "failed": None if wanted.status in (None, NodeStatus.RUNNING) else wanted.status == NodeStatus.FAILED,
        "running": None if wanted.status in (None, NodeStatus.FAILED) else wanted.status == NodeStatus.RUNNING,
    }
    of = {**wanted.name_values, "waiting": True if wanted.status == NodeStatus.WAITING else None}
    most, words = limit + EXTRA, {**sought.ids, **sought.words}
    if sought:
        return newest_pages.search_top_rows(
            session, Query.AGENTS_RUNS, Query.AGENTS_FOUND, sought, place, most, **which, **of
        )
    found = run_candidates.find_traces_of_others(session, wanted)
    of_traces = partial(tops.list_runs_of_traces, which | of | words)
    is_plain = all(value is None for value in of.values())
    if wanted.session is None and (found is None or not found.is_few):
        keep, named = tops.build_filter(of), {**which, "workflow": wanted.workflow}
        look = partial(newest_pages.find_top_rows, session, Query.AGENTS_NEWEST, of_traces, place, most, keep, **named)
        newest = look(is_found=False)
        # They may lie behind many that are of nothing that is asked for.
        if newest is None:
            led = found if found is not None else run_candidates.find_every_trace(session, wanted)
            if led is not None:
                session.register("found", led.ids)
                newest = look(is_found=True)
        if newest is not None:
            return newest
    # Runs of a session may lie anywhere, so that the newest times don't fill a page.
    if found is not None and not is_plain and (found.is_few or wanted.session is not None):
        at = time_ranges.bind_place(place, place.within.first_ns, place.within.end_ns)
        listed = listed_tops.list_runs_among(session, found.uuids, most=most, **at, **words, **which, **of)
        if listed is not None:
            return listed
    read = of_traces if is_plain else None

    def find_further() -> tuple[CandidateIds | None, Mapping[str, None]]:
        return run_candidates.find_traces_of_others(session, wanted, with_tops=True), {}

    return newest_pages.find_rows_among(
        session, Query.AGENTS_RUNS, found, place, most, read, find_further, **words, **which, **of
    )


def find_run(
    session: Session,
    run_id: UUID,
    server: RunOnServer | None = None,
    prices: PriceBook = agent_runs.NO_PRICES,
) -> RunDetail:
    """Returns one run with its lives, its steps, oldest first, and the events that they published.

    Args:
        session: the snapshot to read.
        run_id: which.
        server: what the live bus says of it; what that knows and spans don't tell yet is told.
        prices: what calls of models cost.

    Raises:
        NotFoundError: when neither tells of it.
    """
    stored = session.stretch([run_id]).bounds
    rows = session.rows(Query.RUNS_ONE, id=run_id, **stored)
    if not rows:
        return agent_runs.find_run(session, run_id, prices) or _build_detail_of_server(run_id, server)
    steps = session.rows(Query.RUNS_STEPS, id=run_id, excerpt=values.EXCERPT, **stored)
    listed, left_out = items.split_listed(run_id, steps)
    scores = _find_scores(session, [step["node_id"] for step in listed])
    totals = {
        "steps": len(steps),
        "failed_steps": sum(step["outcome"] == "failed" for step in steps),
        "retries": sum(max(step["attempts"] - 1, 0) for step in steps),
    }
    told = _build_run({**rows[0], **totals})
    nodes = [step["node_id"] for step in steps]
    published = session.rows(
        Query.RUNS_EVENTS, steps=nodes, payload_most=PAYLOAD_EXCERPT, **session.stretch(nodes).bounds
    )
    called = agent_calls.find_calls_of_run(session, run_id, nodes, prices)
    run = live_runs.merge_run(told, server)
    return RunDetail(
        run=_mark_undoing(_add_usage(run, called.used), server),
        steps=[live_runs.merge_step(run_steps.build_step(row, scores, called), told, run, server) for row in listed],
        items_left_out=left_out,
        calls=called.outside,
        children=called.children,
        events=build_events(session, published, LISTED_DELIVERIES),
        lives=live_runs.merge_lives(
            [_build_life(row) for row in session.rows(Query.RUNS_LIVES, id=run_id, **stored)], run, server
        ),
        server=server,
    )


def _build_detail_of_server(run_id: UUID, server: RunOnServer | None) -> RunDetail:
    """Returns a run of which there are no spans, as the live bus has it."""
    if server is None:
        raise NotFoundError("run", str(run_id))
    run = live_runs.build_run_of_server(run_id, server)
    return RunDetail(
        run=_mark_undoing(run, server), steps=[], events=[], lives=live_runs.merge_lives([], run, server), server=server
    )


def _mark_undoing(run: Run, server: RunOnServer | None) -> Run:
    """Returns a run as it stands where its steps are being undone."""
    is_undoing = server is not None and server.is_undoing
    return run.model_copy(update={"status": NodeStatus.UNDOING}) if is_undoing else run


def _build_run(row: Row) -> Run:
    is_undoing = row.get("is_undoing", False)  # of one that had ended, its end is of the life before
    end_ns = None if is_undoing else row["end_ns"]
    return Run(
        run_id=str(row["run_id"]),
        workflow=row["workflow"],
        service=row["service"],
        status=NodeStatus.UNDOING if is_undoing else status.of_run(row["outcome"]),
        start=moment(row["start_ns"]),
        end=moment_or_none(clamp_end(row["start_ns"], end_ns)),
        duration_ms=duration_ms(row["begun_ns"], end_ns),
        subject=row["subject"],
        correlation_id=format_id(row["correlation_id"]),
        input_keys=row["input_keys"],
        version=row["version"],
        life=row["life"],
        steps=row["steps"],
        failed_steps=row["failed_steps"],
        retries=row["retries"],
    )


def _add_usage(run: Run, spent: RunUsage) -> Run:
    return run.model_copy(update={"usage": spent.all, "own_usage": spent.own})


def _build_life(row: Row) -> RunLife:
    return RunLife(
        life=row["life"],
        status=status.of_run(row["outcome"]),
        start=moment(row["start_ns"]),
        end=moment_or_none(clamp_end(row["start_ns"], row["end_ns"])),
        failed_step=row["failed_step"] and places.called(row["failed_step"], row["failed_place"]),
        error=row["status_message"] or row["error_type"],
    )


def _find_scores(session: Session, steps: Sequence[UUID]) -> dict[UUID, Row]:
    """Returns the scores of steps that have some."""
    if not steps:
        return {}
    rows = session.rows(Query.RUNS_SCORES, ids=steps, **session.stretch(steps).bounds)
    return {row["node_id"]: row for row in rows}
