"""Steps and agents that most need a look, as the Overview shows them."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from collector.models import AgentTrouble, StepFigures
from dashboard import selection, wording
from dashboard.parts import table
from dashboard.views.steps.table import address

_WIDTHS: Final = [4.2, 1.4, 1.4, 1.5, 3.2]
_TITLES: Final = ("", "failed", "retried", "p95", "right")
_AGENT_TITLES: Final = ("", "failed", "retries", "p95", "")


def steps(found: Sequence[StepFigures]) -> None:
    """Shows the worst steps and groups."""
    st.subheader("Worst steps", anchor=False)
    if not found:
        st.caption("None failed, was retried, or was scored wrong in this window.")
        return
    table.show("worst-step", "Worst steps", _WIDTHS, [_step(step) for step in found], _TITLES)


def _step(step: StepFigures) -> table.Row:
    cells = (
        [table.Part(wording.clip(step.step, wording.NAME) or "(no name)")],
        [_share(step.error_rate, table.RED)],
        [_share(step.retry_rate, table.ORANGE)],
        [table.Part(table.keep_on_one_line(wording.duration(step.latency.p95_ms)))],
        _right(step),
    )
    return table.Row(cells, table.Link(address(step), selection.STEPS))


def _right(step: StepFigures) -> table.Cell:
    """Returns how often a step was right, a line for each score."""
    said = [
        table.Part(
            f"{table.keep_on_one_line(wording.share(score.accuracy.value))}{f' {score.name}' if score.name else ''}",
            breaks=at > 0,
        )
        for at, score in enumerate(step.scores)
    ]
    return said or [table.Part(wording.DASH, table.MUTED)]


def agents(found: Sequence[AgentTrouble]) -> None:
    """Shows the worst agents, everybody's; each leads to its steps, or to its runs."""
    st.subheader("Worst agents", anchor=False)
    if not found:
        st.caption("None failed, or was tried again, in this window.")
        return
    table.show("worst-agent", "Worst agents", _WIDTHS, [_agent(agent) for agent in found], _AGENT_TITLES)


def _agent(agent: AgentTrouble) -> table.Row:
    leads = table.Link({"q": agent.agent}, selection.STEPS)
    cells = (
        [table.Part(wording.clip(agent.agent, wording.NAME) or "(no name)")],
        [_share(agent.errors / agent.attempts, table.RED)],
        [table.Part(f"{agent.retries:,}", table.ORANGE if agent.retries else table.MUTED)],
        [table.Part(table.keep_on_one_line(wording.duration(agent.p95_ms)))],
        [table.Part(f"of {wording.many(agent.attempts, 'attempt')}", table.MUTED)],
    )
    return table.Row(cells, leads if agent.own else table.Link({"agent": agent.agent}, selection.RUNS))


def _share(value: float, look: str) -> table.Part:
    return table.Part(table.keep_on_one_line(wording.share(value)), look if value else table.MUTED)
