"""What an operator may do with a run: answer what it waits for, end it, let it go on once it has failed, undo it."""

from typing import Final

import streamlit as st

from collector.client import ApiError
from collector.models import NodeStatus, RunDetail, RunOnServer, RunWait
from dashboard import data, live, wording
from dashboard.parts import answer, confirmation, links
from dashboard.parts.confirmation import Act

#: How a run stands that has ended.
_ENDED: Final = (NodeStatus.OK, NodeStatus.FAILED, NodeStatus.CANCELLED)

#: Steps that are named, at most.
_MOST_NAMES: Final = 12

#: What to do about a field that has no JSON.
_JSON: Final = 'Write it as JSON, such as 7, true, "text" or {"ok": true}.'


def buttons(detail: RunDetail) -> None:
    """Shows what can be done now; nothing where the workers' server is away, or has forgotten the run."""
    if detail.server is None:
        return
    server, status = detail.server, detail.run.status
    if server.is_undoing:  # nobody can stop what takes back
        return
    if status == NodeStatus.RUNNING:
        act = _cancel(detail)
        st.button("Cancel", key="cancel-run", icon=":material/cancel:", on_click=confirmation.ask, args=(act,))
    if status == NodeStatus.FAILED and not server.is_undone:
        act = _resume(detail)
        st.button("Resume", key="resume-run", icon=":material/play_arrow:", on_click=confirmation.ask, args=(act,))
    if status in _ENDED and _has_undos(server):
        act = _undo(detail)
        st.button("Undo", key="undo-run", icon=":material/undo:", on_click=confirmation.ask, args=(act,))


def _has_undos(server: RunOnServer) -> bool:
    """Returns whether something is left to undo; an older collector does not say, and a press of Undo does."""
    return bool(server.undo_failed or not server.is_undone) if server.has_undos is None else server.has_undos


def waits(detail: RunDetail) -> None:
    """Shows what a run waits for, each with a button that answers it."""
    for number, wait in enumerate(detail.server.waits if detail.server else ()):
        with st.container(border=True, key=f"wait-{number}"):
            words, press = st.columns([5, 1.2], vertical_alignment="center")
            words.markdown(_waits_for(wait))
            act = _answer(detail, wait)
            press.button(
                "Answer",
                key=f"answer-wait-{number}",
                icon=":material/reply:",
                type="primary",
                width="stretch",
                on_click=confirmation.ask,
                args=(act,),
            )


def show_parked_work(detail: RunDetail) -> None:
    """Shows what of a run waits for a budget to be raised, and leads to that."""
    for number, work in enumerate((detail.server.parked if detail.server else [])[:_MOST_NAMES]):
        with st.container(border=True, key=f"parked-{number}"):
            words, press = st.columns([5, 1.6], vertical_alignment="center")
            why = wording.plain(work.reason or "the budget is spent")
            words.markdown(
                f":orange[:material/hourglass_disabled:] &nbsp;Step **{wording.plain(work.step or work.what)}** is "
                f"parked since {wording.exact(work.since, data.zone())}: {why}, of the budget of "
                f"{wording.plain(work.budget or 'its cause')}."
            )
            with press:
                links.within("Raise or cancel", f"parked-{number}-budget", {"run": None, "budget": work.budget_id})


def _waits_for(wait: RunWait) -> str:
    until = "" if wait.until is None else f" Times out at {wording.exact(wait.until, data.zone())}."
    return (
        f":violet[:material/person_raised_hand:] &nbsp;Step **{wording.plain(wait.step)}** waits for "
        f"**{wording.plain(_describe_wait(wait))}** since {wording.exact(wait.since, data.zone())}.{until}"
    )


def _describe_wait(wait: RunWait) -> str:
    return f"{wait.name} ({wait.key})" if wait.key else wait.name


def _answer(detail: RunDetail, wait: RunWait) -> Act:
    key = f"answer-{wait.name}-{wait.key}"

    def do(who: str, _: str) -> str:
        try:
            given = answer.value(wait.answer_schema, key)
        except ValueError as error:
            raise ApiError("no_json", str(error), _JSON) from None
        live.answer_run(detail.run.run_id, wait, given, who)
        return f"{_name(detail)} has its **{wording.plain(_describe_wait(wait))}**, and goes on."

    return Act(
        about=detail.run.run_id,
        title=f"Answer {_describe_wait(wait)}",
        words=f"{_name(detail)} goes on with what you answer. The first answer counts, and can't be taken back.",
        verb="Answer",
        do=do,
        also=lambda: answer.fields(wait.answer_schema, key),
    )


def _name(detail: RunDetail) -> str:
    run = detail.run
    return f"**{wording.name(run.subject or wording.short_id(run.run_id))}** of {wording.plain(run.workflow)}"


def _cancel(detail: RunDetail) -> Act:
    def do(who: str, _: str) -> str:
        answer = live.cancel_run(detail.run.run_id, who)
        return f"{_name(detail)} is cancelled." if answer.changed else f"{_name(detail)} had been cancelled before."

    return Act(
        about=detail.run.run_id,
        title="Cancel this run?",
        words=f"{_name(detail)} ends now. What is under way commits nothing any more. What steps with `undo=` have "
        "done is undone, the last first; what the others have done, and all that was published, stays. A run that was "
        "cancelled can't be resumed.",
        verb="Cancel this run",
        do=do,
    )


def _resume(detail: RunDetail) -> Act:
    def do(who: str, _: str) -> str:
        live.resume_run(detail.run.run_id, who)
        return f"{_name(detail)} was resumed."

    last = detail.lives[-1]
    step = f"step **{wording.plain(last.failed_step)}**" if last.failed_step else "the step that failed"
    error = f" It failed of: {wording.plain(wording.gist(last.error, 200))}" if last.error else ""
    return Act(
        about=detail.run.run_id,
        title="Resume this run?",
        words=f"{_name(detail)} goes on from {step}, with all its attempts anew; what is committed stays.{error}",
        verb="Resume this run",
        do=do,
    )


def _undo(detail: RunDetail) -> Act:
    def do(who: str, _: str) -> str:
        changed = live.undo_run(detail.run.run_id, who).changed
        return f"{_name(detail)} is being undone." if changed else f"Of {_name(detail)} there is nothing to undo."

    failed = detail.server.undo_failed if detail.server else []
    if failed:
        again = ", ".join(f"**{wording.plain(step)}**" for step in failed[:_MOST_NAMES])
        words = f"The undo of {again} of {_name(detail)} is tried again, with all its attempts anew."
    else:
        words = (
            f"What steps of {_name(detail)} with `undo=` have done is undone, the last first; what the others have "
            "done, and all that was published, stays. A run that was undone can't be resumed."
        )
    return Act(
        about=detail.run.run_id,
        title="Undo this run?",
        words=words,
        verb="Undo this run",
        do=do,
    )
