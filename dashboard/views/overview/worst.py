"""Steps and agents that most need a look, as the Overview shows them."""

from collections.abc import Sequence

import streamlit as st

from collector.models import AgentTrouble, StepFigures
from dashboard import selection, wording
from dashboard.parts import links
from dashboard.views.steps import table


def steps(found: Sequence[StepFigures]) -> None:
    """Shows the worst steps and groups."""
    st.subheader("Worst steps", anchor=False)
    if not found:
        st.caption("None failed, was retried, or was scored wrong in this window.")
    for step in found:
        name, figures = st.columns([4, 5], vertical_alignment="center")
        with name:
            links.to(wording.name(step.step), selection.STEPS, table.address(step))
        facts = [
            f"{wording.share(step.error_rate)} failed",
            f"{wording.share(step.retry_rate)} retried",
            f"p95 {wording.duration(step.latency.p95_ms)}",
        ]
        facts += [
            f"{wording.share(score.accuracy.value)} right{f' by {wording.plain(score.name)}' if score.name else ''}"
            for score in step.scores
        ]
        figures.markdown(_unbroken(facts))


def agents(found: Sequence[AgentTrouble]) -> None:
    """Shows the worst agents, everybody's; each leads to its steps, or to its runs."""
    st.subheader("Worst agents", anchor=False)
    if not found:
        st.caption("None failed, or was tried again, in this window.")
    for agent in found:
        name, figures = st.columns([4, 5], vertical_alignment="center")
        with name:
            where = (selection.STEPS, {"q": agent.agent}) if agent.own else (selection.RUNS, {"agent": agent.agent})
            links.to(wording.name(agent.agent), *where)
        facts = [
            f"{wording.share(agent.errors / agent.attempts)} of {wording.many(agent.attempts, 'attempt')} failed",
            *([wording.many(agent.retries, "retry", "retries")] if agent.retries else []),
            *([f"p95 {wording.duration(agent.p95_ms)}"] if agent.p95_ms is not None else []),
        ]
        figures.markdown(_unbroken(facts))


def _unbroken(facts: Sequence[str]) -> str:
    """Returns facts as a line that may end between two of them, but not between a number and its unit."""
    unbroken = [each.replace(" ", wording.NO_BREAK) for each in facts]
    return f":small[{f'{wording.NO_BREAK}· '.join(unbroken)}]"
