"""Schedules: when they are due next, what ran last, and what an operator may do about them."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from collector.models import Schedule, ScheduleAnswer
from dashboard import data, keys, live, selection, wording
from dashboard.parts import confirmation, links, rows
from dashboard.parts.confirmation import Act

#: What is said of acts on schedules is said beside their list.
ABOUT: Final = "schedules"

_WIDTHS: Final = [3.2, 2.6, 3, 3, 2.6, 2.4]
_TITLES: Final = ("schedule", "due", "next", "last", "did not start", "")


def show(schedules: list[Schedule]) -> None:
    """Shows all schedules; nothing where there are none."""
    if not schedules:
        return
    st.subheader("Schedules", anchor=False)
    confirmation.show_last_result(ABOUT)
    with rows.of("schedules"):
        for cell, title in zip(st.columns(_WIDTHS), _TITLES, strict=True):
            cell.caption(title)
        for schedule in schedules:
            _row(schedule)


def _row(schedule: Schedule) -> None:
    name, due, following, last, not_started, press = st.columns(_WIDTHS, vertical_alignment="center")
    name.markdown(f"**{wording.plain(schedule.name)}** :gray[{wording.plain(schedule.app)}]")
    due.markdown(f":small[{wording.plain(schedule.when)}]")
    following.markdown(_next(schedule), help=_list_due_times(schedule))
    with last:
        _last(schedule)
    not_started.markdown(_not_started(schedule))
    with press, st.container(horizontal=True, gap="small"):
        _buttons(schedule)


def _next(schedule: Schedule) -> str:
    if schedule.paused_at is not None:
        return f":orange-badge[paused] :small[by {wording.plain(schedule.paused_by or 'somebody')}]"
    if not schedule.workers:
        return ":red-badge[no worker declares it]"
    waits = " :violet-badge[one waits]" if schedule.is_waiting else ""
    return f":small[{wording.due(schedule.times[0], data.zone())}]{waits}"


def _list_due_times(schedule: Schedule) -> str:
    return "  \n".join(wording.due(at, data.zone()) for at in schedule.times)


def _last(schedule: Schedule) -> None:
    if schedule.last_run_id is None or schedule.last_at is None:
        st.markdown(wording.DASH)
        return
    links.to(
        f":small[{wording.ago(schedule.last_at, data.now())}]",
        selection.RUNS,
        {"run": schedule.last_run_id},
        ":material/route:",
    )


def _not_started(schedule: Schedule) -> str:
    parts = [f"{schedule.skipped:,} skipped"] if schedule.skipped else []
    parts += [f"{schedule.dropped:,} missed"] if schedule.dropped else []
    return f":small[{', '.join(parts)}]" if parts else wording.DASH


def _buttons(schedule: Schedule) -> None:
    key = keys.key(schedule.app, schedule.name)
    st.button("Run now", key=f"run-{key}", type="tertiary", on_click=confirmation.ask, args=(_run(schedule),))
    if schedule.paused_at is None:
        st.button("Pause", key=f"pause-{key}", type="tertiary", on_click=confirmation.ask, args=(_pause(schedule),))
    else:
        st.button("Resume", key=f"resume-{key}", type="tertiary", on_click=confirmation.ask, args=(_resume(schedule),))


def _act(schedule: Schedule, verb: str, words: str, do: Callable[[str], str]) -> Act:
    title = f"{verb} schedule {schedule.name}?"
    return Act(about=ABOUT, title=title, words=words, verb=verb, do=lambda who, _: do(who))


def _run(schedule: Schedule) -> Act:
    name = f"**{wording.plain(schedule.name)}**"

    def do(who: str) -> str:
        answer = live.run_schedule(schedule.app, schedule.name, who)
        return f"Schedule {name} {_describe_answer(answer)}."

    words = (
        f"A run of **{wording.plain(schedule.workflow)}** starts. What a tick does while the one before goes on is "
        f"`{schedule.overlap}`. {name} stays due when it was."
    )
    return _act(schedule, "Run now", words, do)


def _describe_answer(answer: ScheduleAnswer) -> str:
    run = wording.short_id(answer.run_id or "")
    if answer.became == "started":
        return f"starts run {run}"
    return f"waits for run {run} to end" if answer.became == "waits" else f"starts nothing, for run {run} goes on"


def _pause(schedule: Schedule) -> Act:
    name = f"**{wording.plain(schedule.name)}**"

    def do(who: str) -> str:
        changed = live.pause_schedule(schedule.app, schedule.name, who).changed
        return f"Schedule {name} {'is paused' if changed else 'had been paused before'}."

    return _act(schedule, "Pause", f"{name} starts nothing until it is resumed; a run that goes on is left alone.", do)


def _resume(schedule: Schedule) -> Act:
    name = f"**{wording.plain(schedule.name)}**"

    def do(who: str) -> str:
        answer = live.unpause_schedule(schedule.app, schedule.name, who)
        dropped = f"{wording.many(answer.dropped, 'tick')} of the time that it was paused dropped"
        return f"Schedule {name} goes on, {dropped}."

    return _act(schedule, "Resume", f"{name} goes on. What was due while it was paused is dropped.", do)
