"""Agents, one a row: who serves it, what is under way, what of its limit is used, and what waits for it."""

from typing import Final

import streamlit as st

from collector.models import AgentLimit, UnderWay, WorkerList
from dashboard import selection, wording
from dashboard.parts import table
from dashboard.views.workers import agents
from dashboard.views.workers.agents import Agent

_WIDTHS: Final = [2.6, 2.4, 4.2, 2.6, 2.8]
_TITLES: Final = ("agent", "served by", "doing now", "limit", "waiting")
#: Rows that are shown.
_MOST: Final = 100
#: Versions, and pieces of work, that a row names.
_VERSIONS: Final = 3
_PIECES: Final = 3
_IDLE: Final = table.Part("nothing", table.MUTED)


def show(workers: WorkerList) -> None:
    """Shows the agents of all apps, those first that nobody serves."""
    found = agents.list_agents(workers)
    if not found:
        return
    st.subheader("By agent", anchor=False)
    rest = {agent.app: "everything else" for agent in found if agent.name}
    rows = [_row(agent, agent.name or rest.get(agent.app, "everything")) for agent in found[:_MOST]]
    table.show("agent", "Agents", _WIDTHS, rows, _TITLES)
    if len(found) > _MOST:
        st.caption(f"{_MOST} of {len(found):,} agents, those first that need a look; choose an app below for its own.")


def work(pieces: list[UnderWay], more: int = 0) -> table.Cell:
    """Returns pieces of work, each of a step with the way to its run, and how many there are beside."""
    cell: list[table.Part] = []
    for at, piece in enumerate(pieces[:_PIECES]):
        name = wording.clip(piece.name.partition(" of run ")[0], wording.NAME)
        link = table.Link({"run": piece.run_id}, selection.RUNS) if piece.run_id else None
        took = table.keep_on_one_line(wording.duration(piece.seconds * 1000))
        cell += [table.Part(name, link=link, tip=piece.name, breaks=at > 0), table.Part(f"for {took}", table.MUTED)]
    more += max(0, len(pieces) - _PIECES)
    if more:
        cell.append(table.Part(f"and {more:,} more", table.MUTED, breaks=True))
    return cell or [_IDLE]


def _row(agent: Agent, called: str) -> table.Row:
    name = table.make_name_part(called, table.STRONG if agent.name else "")
    app = table.Part(wording.clip(agent.app, wording.NAME), table.MUTED)
    cells = ([name, app], _make_workers_cell(agent), work(agent.work), _limit(agent.limit), _waiting(agent))
    return table.Row(cells, table.Link({"app": agent.app}, selection.WORKERS))


def _make_workers_cell(agent: Agent) -> table.Cell:
    if not agent.workers:
        return [table.Part("no worker", table.MUTED if agent.is_served else "badge-red")]
    count = table.Part(wording.many(len(agent.workers), "worker"))
    versions = [table.Part(version, "badge-gray", tip="version of their code") for version in agent.versions]
    more = len(versions) - _VERSIONS
    told = [*versions[:_VERSIONS], *([table.Part(f"and {more} more", table.MUTED)] if more > 0 else [])]
    return [count, *told]


def _limit(limit: AgentLimit | None) -> table.Cell:
    """Returns what is used of a limit, what is reached in colour."""
    if limit is None:
        return [table.Part(wording.DASH, table.MUTED, tip="no limit")]
    told = (
        (limit.at_once_used, limit.at_once, "at once"),
        (limit.calls_used, limit.calls_per_minute, "calls a minute"),
        (limit.tokens_used, limit.tokens_per_minute, "tokens a minute"),
    )
    parts = [_describe_limit_use(used, bound, what) for used, bound, what in told if bound is not None]
    return [table.Part(text, look, breaks=at > 0) for at, (text, look) in enumerate(parts)]


def _describe_limit_use(used: int, bound: int, what: str) -> tuple[str, str]:
    if bound == 0:
        return f"paused: 0 {what}", "badge-orange"
    return f"{used:,} of {bound:,} {what}", table.ORANGE if used >= bound else ""


def _waiting(agent: Agent) -> table.Cell:
    """Returns what is due, the way to the run whose step has waited the longest, and that nobody takes it."""
    due = agent.due
    if due is None:
        return [_IDLE]
    oldest = due.oldest
    said = f"{wording.many(due.due, 'step')}, the first for {wording.duration(oldest.seconds * 1000)}"
    look = "" if agent.is_served else table.RED
    link = table.Link({"run": oldest.run_id}, selection.RUNS)
    cell = [table.Part(said, look, link=link, tip=f"{oldest.step} of {oldest.workflow}")]
    if not agent.is_served:
        cell.append(table.Part("nobody serves it", "badge-red", breaks=True))
    elif agent.is_full:
        cell.append(table.Part("for its limit", table.ORANGE, breaks=True))
    return cell
