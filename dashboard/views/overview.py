"""Overview: is anything wrong now?"""

from typing import Final

import streamlit as st

from collector.models import ChannelBacklog, GroupBacklog, Overview, Problem, StepFigures, Storage
from dashboard import data, palette, period, selection, wording
from dashboard.figures import activity
from dashboard.parts import links, timespan, usage
from dashboard.views import services

#: Pixels that a card, and a panel, need at least; a window too narrow for all of them in a row gets more rows.
_CARD_WIDTH: Final = 175
_PANEL_WIDTH: Final = 480
#: Problems that are shown at once, and in all.
_PROBLEMS: Final = 12
_MOST_PROBLEMS: Final = 60
#: Groups of the backlog, and services, that are shown.
_ROWS: Final = 40
#: Where on this page the backlog is.
_BACKLOG: Final = "backlog"


def render() -> None:
    """Shows the view."""
    timespan.heading("Is anything wrong now?")
    _live()


@st.fragment(run_every=data.LOOK_EVERY)
def _live() -> None:
    with data.shown_errors():
        answer = data.overview(period.current())
        if _nothing_yet(answer):
            return
        _alerts(answer.alerts_firing)
        _problems(answer)
        _totals(answer)
        _activity(answer)
        panels = st.grid(2, min_column_width=_PANEL_WIDTH, gap="large")
        with panels.cell():
            _backlog(answer.channels, answer.groups_total)
        with panels.cell():
            _worst(answer.worst_steps)
            services.show(answer.services)
        st.caption(
            f"{answer.spans_stored:,} spans stored"
            + _kept(answer.storage)
            + (f" · {answer.spans_rejected:,} rejected" if answer.spans_rejected else "")
        )


def _nothing_yet(answer: Overview) -> bool:
    if answer.spans_stored or answer.channels:
        return False
    st.info(
        "Nothing has happened yet. Start the sample with `causeline demo`, or your own agents with "
        "`causeline dev module:app`; this page fills by itself.",
        icon=":material/rocket_launch:",
    )
    return True


def _alerts(firing: int) -> None:
    if not firing:
        return
    with st.container(border=True):
        said, go = st.columns([9, 1.6], vertical_alignment="center")
        fire = "fires" if firing == 1 else "fire"
        said.markdown(f":red[:material/notifications_active:] &nbsp;**{wording.many(firing, 'alert')} {fire}**")
        with go:
            links.to("Alerts", selection.ALERTS, None, ":material/arrow_forward:")


def _problems(answer: Overview) -> None:
    if not answer.bus.connected:
        st.warning(
            f"The bus can't be reached, so backlog and dead letters of this moment are not known: "
            f"{wording.plain(answer.bus.error or 'no reason given')}",
            icon=":material/cloud_off:",
        )
    if not answer.problems:
        st.success("**All is well.** Nothing failed, nothing is stuck, nothing waits too long.",
                   icon=":material/check_circle:")  # fmt: skip
    total = max(answer.problems_total, len(answer.problems))  # an older collector says no total
    for problem in answer.problems[:_PROBLEMS]:
        _problem(problem)
    if len(answer.problems) > _PROBLEMS:
        with st.expander(f"{total - _PROBLEMS:,} more", icon=":material/more_horiz:"):
            for problem in answer.problems[_PROBLEMS:_MOST_PROBLEMS]:
                _problem(problem)
            if total > _MOST_PROBLEMS:
                st.caption(f"And {total - _MOST_PROBLEMS:,} that are no worse.")


def _problem(problem: Problem) -> None:
    with st.container(border=True):
        said, go = st.columns([9, 1.6], vertical_alignment="center")
        said.markdown(
            f"{palette.severity_icon(problem.severity)} &nbsp;"
            f"**{wording.plain(problem.title)}**  \n"
            f":small[:gray[{wording.plain(problem.detail)}]]"
        )
        with go:
            links.to("Show", problem.view, problem.params, ":material/arrow_forward:")


def _totals(answer: Overview) -> None:
    totals = answer.totals
    errors = totals.errors / totals.attempts if totals.attempts else None
    waiting = totals.oldest_unprocessed_seconds
    oldest = "none" if waiting is None else wording.duration(waiting * 1000)
    timespan.named(answer.window)
    runs, lost = totals.runs + totals.runs_of_others, totals.runs_failed + totals.failed_of_others
    failed = f"{lost:,} failed" if lost else "All runs"
    only = {"status": "failed"} if lost else None
    cells: list[tuple[str, str, str, str, dict[str, str] | None]] = [
        ("Runs", f"{runs:,}", failed, selection.RUNS, only),
        ("Events", f"{totals.events:,}", "Newest events", selection.EVENT, None),
        ("Deliveries", f"{totals.deliveries:,}", "By group", selection.STEPS, {"show": "delivery"}),
        ("Attempts that failed", wording.share(errors), "By step", selection.STEPS, None),
        ("Dead letters now", _known(totals.dead_now), "Read them", selection.DEAD_LETTERS, None),
        ("Oldest unprocessed", oldest, "What waits", f"#{_BACKLOG}", None),
    ]
    if answer.usage is not None:
        spent = wording.plain(usage.cost(answer.usage) or "not known")
        cells.append(
            ("Cost of models", spent, f"{wording.many(answer.usage.calls, 'call')}", selection.STEPS, {"by": "model"})
        )
    wall = st.grid(len(cells), min_column_width=_CARD_WIDTH, border=True)
    for name, value, label, view, parameters in cells:
        with wall.cell():
            st.metric(name, value)
            if view.startswith("#"):
                st.markdown(f":small[:material/arrow_downward: [{label}]({view})]")
            else:
                links.to(label, view, parameters)


def _kept(storage: Storage | None) -> str:
    """Since when spans are kept, the room they take, and the last cleaning that removed any."""
    if storage is None or storage.kept_since is None:
        return ""
    zone = data.zone()
    said = f" since {storage.kept_since.astimezone(zone):%d %b %Y %H:%M}, {storage.file_bytes / 2**20:,.0f} MiB on disk"
    if storage.cleaned is not None and storage.cleaned.spans:
        said += f" · {storage.cleaned.at.astimezone(zone):%d %b %H:%M}: {storage.cleaned.spans:,} old ones removed"
    return said


def _known(number: int | None) -> str:
    return wording.DASH if number is None else f"{number:,}"


def _activity(answer: Overview) -> None:
    if not any(point.deliveries or point.runs for point in answer.activity):
        return
    st.subheader("Activity", anchor=False)
    st.altair_chart(activity.bars(answer.activity, data.zone()), width="stretch")


def _backlog(channels: list[ChannelBacklog], groups: int) -> None:
    st.subheader("What each group owes", anchor=_BACKLOG)
    links.to("Groups and workers", selection.GROUPS, icon=":material/groups:")
    if not channels:
        st.caption("No channels yet: they appear with the first event published.")
        return
    widths = [3.4, 1.6, 1.6, 1.6, 1.8, 2.2]
    for cell, title in zip(st.columns(widths), ("", "done", "waiting", "retrying", "dead", "oldest"), strict=True):
        cell.caption(title)
    kept = _most_owing(channels)
    for channel in channels:
        shown = [group for group in channel.groups if (channel.channel, group.group) in kept]
        if shown or (not channel.groups and len(kept) < _ROWS):
            st.markdown(f"**{wording.name(channel.channel)}** &nbsp;:gray[{channel.published:,} published]")
        for group in shown:
            _group(channel.channel, group, widths)
    total = max(groups, sum(len(channel.groups) for channel in channels))  # an older collector says no total
    if total > _ROWS:
        st.caption(f"The {_ROWS} of {total:,} groups that owe most; Groups and workers has all.")


def _most_owing(channels: list[ChannelBacklog]) -> set[tuple[str, str]]:
    """Returns the groups that are shown, by channel and name: those that owe something, where there are too many."""
    owed = [(_owes(group), (channel.channel, group.group)) for channel in channels for group in channel.groups]
    return {where for _, where in sorted(owed, key=lambda row: row[0], reverse=True)[:_ROWS]}


def _owes(group: GroupBacklog) -> tuple[int, int]:
    return group.dead, group.pending + group.retrying


def _group(channel: str, group: GroupBacklog, widths: list[float]) -> None:
    name, done, waiting, retrying, dead, oldest = st.columns(widths, vertical_alignment="center")
    with name:
        links.to(wording.name(group.group), selection.STEPS,
                 {"workflow": channel, "step": group.group, "kind": "delivery"})  # fmt: skip
        if not group.consumers:
            where = {"channel": channel, "group": group.group}
            links.to(":red-badge[not served]", selection.GROUPS, where, ":material/groups:")
    done.markdown(f"{group.done:,}")
    waiting.markdown(f"{group.pending:,}")
    retrying.markdown(f":orange[{group.retrying:,}]" if group.retrying else "0")
    with dead:
        if group.dead:
            where = {"channel": channel, "group": group.group}
            links.to(f":red[**{group.dead:,}**]", selection.DEAD_LETTERS, where, ":material/mail:")
        else:
            st.markdown("0")
    since = group.oldest_unprocessed_seconds
    oldest.markdown("" if since is None else wording.duration(since * 1000))


def _worst(steps: list[StepFigures]) -> None:
    st.subheader("Worst steps", anchor=False)
    if not steps:
        st.caption("None failed, was retried, or was scored wrong in this window.")
    for step in steps:
        name, figures = st.columns([4, 5], vertical_alignment="center")
        with name:
            where = {"workflow": step.workflow, "step": step.step, "kind": step.kind.value}
            links.to(wording.name(step.step), selection.STEPS, where)
        facts = [
            f"{wording.share(step.error_rate)} failed",
            f"{wording.share(step.retry_rate)} retried",
            f"p95 {wording.duration(step.latency.p95_ms)}",
        ]
        facts += [
            f"{wording.share(score.accuracy.value)} right{f' by {wording.plain(score.name)}' if score.name else ''}"
            for score in step.scores
        ]
        # A line may end between two facts, but not between a number and its unit.
        unbroken = [each.replace(" ", wording.NO_BREAK) for each in facts]
        figures.markdown(f":small[{f'{wording.NO_BREAK}· '.join(unbroken)}]")
