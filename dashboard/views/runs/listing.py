"""The list of runs."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import streamlit as st

from collector.client import ApiError
from collector.models import OWN_SOURCE, NodeStatus, Run, WaitingRun
from dashboard import data, export, lists, live, parallel_questions, period, selection, wording
from dashboard.parts import choice, links, page_parts, pages, search_box, table, timespan, usage
from dashboard.period import Period
from dashboard.views.overview.waits import describe_wait
from dashboard.views.runs import budgets, schedules

_STATUSES: Final = {
    "": "All",
    "running": "Running",
    "waiting": "Waiting",
    "ok": "Ok",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "undoing": "Undoing",
}
_WIDTHS: Final = [4.2, 1.5, 4.6, 1.5]
_SOURCES: Final = {"": "Everybody's", "own": "Causeline's", "others": "Others'"}
#: Characters of the name of what a run waits for.
_WAIT_ROOM: Final = 60
#: Filters that links set, by parameter, each in words.
_NARROWED: Final = {
    "app": "of app",
    "workflow": "of workflow",
    "agent": "with agent",
    "model": "with model",
    "session": "of session",
}


def show() -> None:
    """Shows the list."""
    _filters()
    _show_active_filters()
    planned = parallel_questions.ask_ahead(lambda: page_parts.get_or_error(live.schedules))
    granted = parallel_questions.ask_ahead(lambda: page_parts.get_or_error(live.budgets))
    page = lists.runs(period.current(), _read_filters(), selection.read("cursor"), pages.size())
    timespan.show_window(page.window)
    if page.items:
        waiting = _waiting(page.items)
        table.show("run", "Runs", _WIDTHS, [_row(run, waiting.get(run.run_id, [])) for run in page.items])
        pages.show_pager(page.next, sized=True)
    else:
        _empty()
    page_parts.show("Schedules", planned(), schedules.show)
    page_parts.show("Budgets", granted(), budgets.show)


def _filters() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        choice.show("Status", "runs-status", _STATUSES, _status(), "status", "cursor")
        choice.show("Whose", "runs-source", _SOURCES, choice.of(_SOURCES, "source"), "source", "cursor")
        search_box.show("runs", "Subject or id of a run")
        export.button("runs", lists.all_runs(period.current(), _read_filters()))


def _read_filters() -> lists.RunSelection:
    told = {name: selection.read(name) for name in ("q", "source", *_NARROWED)}
    return lists.RunSelection(status=_status(), **told)


def _show_active_filters() -> None:
    """Shows what else narrows the list, each with a way out."""
    for name, words in _NARROWED.items():
        if value := selection.read(name):
            links.within(
                f"{words} **{wording.plain(value)}**",
                f"runs-not-{name}",
                {name: None, "cursor": None},
                ":material/filter_alt_off:",
            )


def _status() -> str:
    status = selection.read("status")
    return status if status in _STATUSES else ""


def _empty() -> None:
    is_waiting = _status() == "waiting"
    waits = page_parts.get_or_error(live.waits) if is_waiting else None
    if isinstance(waits, ApiError):
        page_parts.show_failure("Which runs wait for an answer", waits)
    elif is_waiting and waits is None:
        st.warning(
            "The bus can't be reached, so which of Causeline's runs wait for an answer is not known now.",
            icon=":material/cloud_off:",
        )
    elif _read_filters() != lists.RunSelection() or period.current() != Period():
        st.info("No run matches. Clear the search, or choose another status or time.", icon=":material/filter_alt_off:")
    else:
        st.info("No runs yet. Start one, such as with `causeline demo`, and it appears here.", icon=":material/inbox:")


def _describe_failures(run: Run) -> str:
    """Returns how many steps failed; of a run that ended well, that it got over them."""
    return f"{run.failed_steps:,} failed" + (", recovered" if run.status == NodeStatus.OK else "")


def _waiting(runs: Sequence[Run]) -> dict[str, list[WaitingRun]]:
    """Returns what runs wait for, by their ids; asked of those runs alone that go on."""
    on = tuple(run.run_id for run in runs if run.status == NodeStatus.RUNNING and _is_own(run))
    waiting: dict[str, list[WaitingRun]] = defaultdict(list)
    found = page_parts.get_or_error(lambda: live.waits(on)) if on else None
    if isinstance(found, ApiError):
        page_parts.show_failure("What these runs wait for", found)
    elif found is not None:
        for wait in found.items:
            waiting[wait.run_id].append(wait)
    return waiting


def _waits(waits: Sequence[WaitingRun]) -> table.Cell:
    """Returns what a run waits for the longest, and since when."""
    if not waits:
        return []
    first = waits[0]
    since = wording.exact(first.since, data.zone())
    more = f" and {len(waits) - 1:,} more" if len(waits) > 1 else ""
    said = (
        f"waiting for {wording.clip(describe_wait(first), _WAIT_ROOM)}{more} for "
        f"{wording.format_elapsed(first.since, data.now())}"
    )
    return [table.Part(said, "badge-violet", ":material/person_raised_hand:", tip=since, breaks=True)]


def _row(run: Run, waits: Sequence[WaitingRun]) -> table.Row:
    parts = [wording.many(run.steps, "step")] if run.steps or _is_own(run) else []
    parts += [wording.duration(run.duration_ms)] if run.duration_ms is not None else []
    parts += [_describe_failures(run)] if run.failed_steps else []
    parts += [wording.many(run.retries, "retry", "retries")] if run.retries else []
    parts += [describe_resumptions(run)] if run.life > 1 else []
    parts += [usage.brief(run.usage)]
    cells = (
        _name(run),
        [table.badge(run.status)],
        [*table.join_facts(parts), *_waits(waits)],
        [table.moment(run.start)],
    )
    return table.Row(cells, table.Link({"run": run.run_id}))


def _name(run: Run) -> table.Cell:
    if _is_own(run):
        subject = run.subject or wording.short_id(run.run_id)
        return [table.make_name_part(subject, table.STRONG), table.Part(run.workflow, table.MUTED)]
    told = [table.make_name_part(run.workflow, table.STRONG), table.Part(_source(run) or "spans", _hue(run))]
    return [*told, table.Part(run.session, table.MUTED)] if run.session else told


def describe_resumptions(run: Run) -> str:
    """Returns how often a run was resumed, in words."""
    times = run.life - 1
    return "resumed" if times == 1 else f"resumed {times} times"


def foreign_name(run: Run) -> str:
    """Returns what somebody else's run is called, with what told of it, as Markdown."""
    session = f" &nbsp;:gray[{wording.name(run.session)}]" if run.session else ""
    return f"**{wording.name(run.workflow)}** &nbsp;{badge(run)}{session}"


def badge(run: Run) -> str:
    """Returns which instrumentation told of a run, as Markdown."""
    told = _source(run)
    return f":violet-badge[{wording.name(told)}]" if told else ":gray-badge[spans]"


def _source(run: Run) -> str:
    return run.source.removeprefix("opentelemetry.instrumentation.").removeprefix("openinference.instrumentation.")


def _hue(run: Run) -> str:
    return "badge-violet" if run.source else "badge-gray"


def _is_own(run: Run) -> bool:
    return run.source == OWN_SOURCE
