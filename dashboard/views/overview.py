"""Overview: is anything wrong now?"""

from typing import Final

import pandas as pd
import streamlit as st

from collector.api.models import ChannelBacklog, GroupBacklog, Overview, Problem, Severity, StepFigures
from dashboard import data, links, selection, words

_ICONS: Final = {
    Severity.ERROR: ":red[:material/error:]",
    Severity.WARNING: ":orange[:material/warning:]",
    Severity.INFO: ":blue[:material/info:]",
}


def render() -> None:
    """The view."""
    st.header("Is anything wrong now?", anchor=False)
    _live()


@st.fragment(run_every=data.LOOK_EVERY)
def _live() -> None:
    with data.shown_errors():
        answer = data.overview()
        if _nothing_yet(answer):
            return
        _problems(answer)
        _totals(answer)
        _activity(answer)
        left, right = st.columns([7, 5], gap="large")
        with left:
            _backlog(answer.channels)
        with right:
            _worst(answer.worst_steps)
        st.caption(
            f"{answer.spans_stored:,} spans stored"
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


def _problems(answer: Overview) -> None:
    if not answer.bus.connected:
        st.warning(
            f"The bus can't be reached, so backlog and dead letters of this moment are not known: "
            f"{words.plain(answer.bus.error or 'no reason given')}",
            icon=":material/cloud_off:",
        )
    if not answer.problems:
        st.success("**All is well.** Nothing failed, nothing is stuck, nothing waits too long.",
                   icon=":material/check_circle:")  # fmt: skip
    for problem in answer.problems:
        _problem(problem)


def _problem(problem: Problem) -> None:
    with st.container(border=True):
        said, go = st.columns([9, 1.6], vertical_alignment="center")
        said.markdown(
            f"{_ICONS[problem.severity]} &nbsp;**{words.plain(problem.title)}**  \n"
            f":small[:gray[{words.plain(problem.detail)}]]"
        )
        with go:
            links.to("Show", problem.view, problem.params, ":material/arrow_forward:")


def _totals(answer: Overview) -> None:
    totals, activity = answer.totals, answer.activity
    errors = totals.errors / totals.attempts if totals.attempts else None
    waiting = totals.oldest_unprocessed_seconds
    _window(answer)
    cells = st.columns(6)
    series = {name: [getattr(point, name) for point in activity] or None for name in ("runs", "events", "deliveries")}
    with cells[0]:
        st.metric("Runs", f"{totals.runs:,}", chart_data=series["runs"], chart_type="area")
        if totals.runs_failed:
            links.to(f"{totals.runs_failed:,} failed", selection.RUNS, {"status": "failed"})
        else:
            links.to("All runs", selection.RUNS)
    with cells[1]:
        st.metric("Events", f"{totals.events:,}", chart_data=series["events"], chart_type="area")
        links.to("Recent events", selection.EVENT)
    with cells[2]:
        st.metric("Deliveries", f"{totals.deliveries:,}", chart_data=series["deliveries"], chart_type="area")
        links.to("By group", selection.STEPS, {"kind": "delivery"})
    with cells[3]:
        failing = [point.errors for point in activity] or None
        st.metric("Attempts that failed", words.share(errors), chart_data=failing, chart_type="area")
        links.to("By step", selection.STEPS)
    with cells[4]:
        dead = [point.dead_letters for point in activity] or None
        now = words.DASH if totals.dead_now is None else f"{totals.dead_now:,}"
        st.metric("Dead letters now", now, chart_data=dead, chart_type="area")
        links.to("Dead letters", selection.DEAD_LETTERS)
    with cells[5]:
        st.metric("Oldest unprocessed", "none" if waiting is None else words.duration(waiting * 1000))
        links.to("Dead letters", selection.DEAD_LETTERS)


def _window(answer: Overview) -> None:
    window, zone = answer.window, data.zone()
    text = f"{window.start.astimezone(zone):%d %b %H:%M} to {window.end.astimezone(zone):%H:%M}"
    if window.fallback:
        st.info(f"The last hour was quiet. Shown is the latest hour with data: {text}.", icon=":material/history:")
    else:
        st.caption(f"The last hour, {text}")


def _activity(answer: Overview) -> None:
    if not any(point.deliveries or point.runs for point in answer.activity):
        return
    zone = data.zone()
    frame = pd.DataFrame(
        {
            "time": [point.start.astimezone(zone).replace(tzinfo=None) for point in answer.activity],
            "went well": [max(point.deliveries - point.dead_letters, 0) for point in answer.activity],
            "errors": [point.errors for point in answer.activity],
            "dead letters": [point.dead_letters for point in answer.activity],
        }
    )
    st.subheader("Activity", anchor=False)
    st.bar_chart(
        frame, x="time", y=["went well", "errors", "dead letters"], x_label="", y_label="", height=190,
        color=["#5fb894", "#e8890c", "#c3232f"],
    )  # fmt: skip


def _backlog(channels: list[ChannelBacklog]) -> None:
    st.subheader("What each group owes", anchor=False)
    if not channels:
        st.caption("No channels yet: they appear with the first event published.")
        return
    widths = [3.4, 1.6, 1.6, 1.6, 1.8, 2.2]
    for cell, title in zip(st.columns(widths), ("", "done", "waiting", "retrying", "dead", "oldest"), strict=True):
        cell.caption(title)
    for channel in channels:
        st.markdown(f"**{words.plain(channel.channel)}** &nbsp;:gray[{channel.published:,} published]")
        for group in channel.groups:
            _group(channel.channel, group, widths)


def _group(channel: str, group: GroupBacklog, widths: list[float]) -> None:
    name, done, waiting, retrying, dead, oldest = st.columns(widths, vertical_alignment="center")
    with name:
        links.to(words.plain(group.group), selection.STEPS,
                 {"workflow": channel, "step": group.group, "kind": "delivery"})  # fmt: skip
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
    text = "" if since is None else words.duration(since * 1000)
    oldest.markdown(text if group.consumers else f"{text} :red-badge[no consumer]")


def _worst(steps: list[StepFigures]) -> None:
    st.subheader("Worst steps", anchor=False)
    if not steps:
        st.caption("No steps in this window.")
    for step in steps:
        name, figures = st.columns([4, 5], vertical_alignment="center")
        with name:
            where = {"workflow": step.workflow, "step": step.step, "kind": step.kind.value}
            links.to(words.plain(step.step), selection.STEPS, where)
        facts = [f"{words.share(step.error_rate)} failed", f"p95 {words.duration(step.latency.p95_ms)}"]
        facts += [f"{words.share(step.accuracy.value)} right"] if step.accuracy.n else []
        figures.markdown(f":small[{' · '.join(facts)}]")
