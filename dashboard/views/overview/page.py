"""Overview: is anything wrong now?"""

from typing import Final

import streamlit as st

from collector.client import ApiError
from collector.models import Overview, Problem, Storage, Trends, WaitList
from dashboard import data, lists, live, palette, parallel_questions, period, selection, wording
from dashboard.figures import activity
from dashboard.parts import charting, page_parts, page_watch, table, timespan
from dashboard.views.overview import backlog, operator_tasks, services, tiles, waits, workers, worst_performers

#: Pixels that a panel needs at least; a window too narrow for two in a row gets more rows.
_PANEL_WIDTH: Final = 480
#: Of a problem's title, and of what there is to say of it.
_PROBLEM_WIDTHS: Final = [7.0, 5.0]
#: Characters of a problem's title.
_TITLE_ROOM: Final = 160
#: Problems that are shown at once, and in all.
_PROBLEMS: Final = 12
_MOST_PROBLEMS: Final = 60


def render() -> None:
    """Shows the view."""
    timespan.heading("Is anything wrong now?")
    with data.show_errors():
        within = period.current()
        trends = parallel_questions.ask_ahead(lambda: page_parts.get_or_error(lambda: lists.trends(within)))
        waiting = parallel_questions.ask_ahead(_waiting)
        answer = data.overview(within)
        if not _is_empty(answer):
            _show(answer, trends(), waiting())
        page_watch.watch(
            lambda: _make_fingerprint(data.overview(period.current()), _waiting()), _make_fingerprint(answer, waiting())
        )


def _waiting() -> WaitList | ApiError | None:
    return page_parts.get_or_error(live.waits)


def _show(answer: Overview, went: Trends | ApiError | None, waiting: WaitList | ApiError | None) -> None:
    _problems(answer)
    operator_tasks.show(answer)
    page_parts.show("What runs wait for", waiting, waits.show)
    trends = None
    if isinstance(went, ApiError):
        page_parts.show_failure("What has changed", went)
    else:
        trends = went
    tiles.show(answer, trends)
    _activity(answer)
    panels = st.grid(2, min_column_width=_PANEL_WIDTH, gap="large")
    with panels.cell():
        backlog.show(answer.channels, answer.groups_total)
        workers.show(answer.apps, answer.apps_total)
    with panels.cell():
        worst_performers.steps(answer.worst_steps)
        if trends is not None:
            worst_performers.agents(trends.worst_agents)
        services.show(answer.services)
    st.caption(
        f"{answer.spans_stored:,} spans stored"
        + _describe_storage(answer.storage)
        + (f" · {answer.spans_rejected:,} rejected" if answer.spans_rejected else "")
    )


def _make_fingerprint(answer: Overview, waiting: WaitList | ApiError | None) -> str:
    """Returns what is shown, without the moment at which the bus was asked."""
    return answer.model_dump_json() + repr(waiting.items if isinstance(waiting, WaitList) else waiting)


def _is_empty(answer: Overview) -> bool:
    if answer.spans_stored or answer.channels:
        return False
    st.info(
        "Nothing has happened yet. Start the sample with `causeline demo`, or your own agents with "
        "`causeline dev module:app`; this page fills by itself.",
        icon=":material/rocket_launch:",
    )
    return True


def _problems(answer: Overview) -> None:
    if not answer.bus.connected:
        st.warning(
            f"The bus can't be reached, so backlog, dead letters and who waits for an answer are not known now: "
            f"{wording.plain(answer.bus.error or 'no reason given')}",
            icon=":material/cloud_off:",
        )
    if not answer.problems and not operator_tasks.is_any(answer):
        st.success(
            "**All is well.** Nothing failed, nothing is stuck, nothing waits too long.", icon=":material/check_circle:"
        )
    total = max(answer.problems_total, len(answer.problems))  # an older collector says no total
    shown = [*_alerts(answer.alerts_firing), *map(_problem, answer.problems[:_PROBLEMS])]
    if shown:
        table.show("problem", "What is wrong", _PROBLEM_WIDTHS, shown)
    if len(answer.problems) > _PROBLEMS:
        with st.expander(f"{total - _PROBLEMS:,} more", icon=":material/more_horiz:"):
            rest = [_problem(problem) for problem in answer.problems[_PROBLEMS:_MOST_PROBLEMS]]
            table.show("more-problem", "What else is wrong", _PROBLEM_WIDTHS, rest)
            if total > _MOST_PROBLEMS:
                st.caption(f"And {total - _MOST_PROBLEMS:,} that are no worse.")


def _alerts(firing: int) -> list[table.Row]:
    """Returns the row that leads to the alerts that fire; none where none does."""
    if not firing:
        return []
    fire = "fires" if firing == 1 else "fire"
    said = table.Part(f"{wording.many(firing, 'alert')} {fire}", table.STRONG, ":material/notifications_active:")
    return [table.Row([[said], [table.Part("Rules, and who is told", table.MUTED)]], table.Link({}, selection.ALERTS))]


def _problem(problem: Problem) -> table.Row:
    look, icon = palette.SEVERITIES[problem.severity]
    cells = (
        [table.Part("", look, icon), table.make_name_part(problem.title, table.STRONG, _TITLE_ROOM)],
        [table.Part(problem.detail, table.MUTED)],
    )
    return table.Row(cells, table.Link(problem.params, problem.view))


def _describe_storage(storage: Storage | None) -> str:
    """Since when spans are kept, the room they take, and the last cleaning that removed any."""
    if storage is None or storage.kept_since is None:
        return ""
    zone = data.zone()
    said = f" since {storage.kept_since.astimezone(zone):%d %b %Y %H:%M}, {storage.file_bytes / 2**20:,.0f} MiB on disk"
    if storage.cleaned is not None and storage.cleaned.spans:
        said += f" · {storage.cleaned.at.astimezone(zone):%d %b %H:%M}: {storage.cleaned.spans:,} old ones removed"
    return said


def _activity(answer: Overview) -> None:
    if not any(point.deliveries or point.runs for point in answer.activity):
        return
    st.subheader("Activity", anchor=False)
    charting.draw("activity", activity.bars(answer.activity, data.zone()))
