"""What an operator may do with a run: end it while it goes on, let it go on once it has failed."""

import streamlit as st

from collector.models import NodeStatus, RunDetail
from dashboard import live, wording
from dashboard.parts import acting
from dashboard.parts.acting import Act


def buttons(detail: RunDetail) -> None:
    """Shows what can be done now; nothing where the workers' server is away, or has forgotten the run."""
    if detail.server is None:
        return
    if detail.run.status == NodeStatus.RUNNING:
        act = _cancel(detail)
        st.button("Cancel", key="cancel-run", icon=":material/cancel:", on_click=acting.ask, args=(act,))
    elif detail.run.status == NodeStatus.FAILED:
        act = _resume(detail)
        st.button("Resume", key="resume-run", icon=":material/play_arrow:", on_click=acting.ask, args=(act,))


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
        words=f"{_name(detail)} ends now. What is under way commits nothing any more; what its steps have done and "
        "published stays. A run that was cancelled can't be resumed.",
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
