"""Workers, by app: each with its version, for whom it works, what it does, and when it was last heard of."""

from typing import Final

import streamlit as st

from collector.models import AppBacklog, WaitingStep, Worker, WorkerList
from dashboard import data, export, live, selection, wording
from dashboard.parts import links, table
from dashboard.views.workers import agents, by_agent

_WIDTHS: Final = [3.2, 1.4, 2.2, 4.2, 1.2, 1.6, 1.8]
_TITLES: Final = ("worker", "version", "for", "doing now", "slots", "since", "last heard of")
#: Keys of an app that are named, those whose steps have waited the longest.
_KEYS: Final = 5
#: Agents that a row names.
_NAMED: Final = 3


def show(workers: WorkerList) -> None:
    """Shows the workers of all apps, or of that which the address names."""
    wanted = selection.read("app")
    export.heading("Workers", "workers", live.all_workers(wanted))
    apps = [app for app in workers.apps if wanted in ("", app.app)]
    if not apps:
        st.caption("No app has had a worker here. Start one with `causeline worker module:app`.")
    for at, app in enumerate(apps):
        _app(app)
        there = {worker.name for worker in agents.find_live_workers(app, workers.items)}
        found = [worker for worker in workers.items if worker.app == app.app]
        if found:
            rows = [_row(worker, is_live=worker.name in there) for worker in found]
            table.show(f"worker-{at}", f"Workers of {app.app}", _WIDTHS, rows, _TITLES)


def _app(app: AppBacklog) -> None:
    alive = wording.many(app.workers, "live worker") if app.workers else ":red-badge[no live worker]"
    facts = [
        alive,
        f"{wording.many(app.due, 'step')} due",
        f"{app.under_way:,} under way in {wording.many(app.slots, 'slot')}",
    ]
    facts += [
        f":gray-badge[{wording.name(one.words)}: {wording.many(one.due, 'step')} due for agent "
        f"{wording.name(one.agent)}, the first for {wording.duration(one.seconds * 1000)}]"
        for one in sorted(app.waiting_keys, key=lambda one: -one.seconds)[:_KEYS]
    ]
    facts += [f":orange[{app.suspects:,} in a cell or waiting for one]"] if app.suspects else []
    st.markdown(f"**{wording.plain(app.app)}** &nbsp;:small[{' · '.join(facts)}]")
    for waiting, what in ((app.oldest, "is due the longest"), (app.oldest_suspect, "waits for a cell the longest")):
        if waiting is not None:
            _waiting(waiting, what)


def _waiting(step: WaitingStep, what: str) -> None:
    words = (
        f":small[{wording.plain(step.step)} of {wording.plain(step.workflow)} {what}: "
        f"{wording.duration(step.seconds * 1000)}]"
    )
    links.to(words, selection.RUNS, {"run": step.run_id}, ":material/route:")


def _row(worker: Worker, *, is_live: bool) -> table.Row:
    name = table.make_name_part(worker.name)
    where = table.Part(f"{worker.host}, process {worker.process}", table.MUTED, breaks=True)
    heard = f"{wording.duration(worker.silent_seconds * 1000)} ago"
    silent = not is_live and not worker.is_cell
    cells = (
        [name, where],
        [table.Part(wording.clip(worker.version, wording.NAME) or wording.DASH)],
        _whom(worker),
        by_agent.work(worker.work, max(0, worker.under_way - len(worker.work))),
        [table.Part("cell", "badge-gray")] if worker.is_cell else [table.Part(_slots(worker))],
        [table.Part(wording.ago(worker.started_at, data.now()))],
        [table.Part(heard, table.RED if silent else ""), *([table.Part("silent", "badge-red")] if silent else [])],
    )
    return table.Row(cells)


def _slots(worker: Worker) -> str:
    return f"{worker.under_way:,} of {worker.slots:,}" if worker.under_way else f"{worker.slots:,}"


def _whom(worker: Worker) -> table.Cell:
    """Returns the agents that a worker works for."""
    named = [table.Part(name, "badge-blue") for name in worker.agents[:_NAMED]]
    more = len(worker.agents) - _NAMED
    named += [table.Part(f"and {more} more", table.MUTED)] if more > 0 else []
    only = [table.Part(f"{worker.only} only", table.MUTED)] if worker.only else []
    return [*(named or [table.Part("all", table.MUTED)]), *only]
