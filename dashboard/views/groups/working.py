"""Who works, and what the runs of each app owe."""

from typing import Final

import streamlit as st

from collector.models import AppBacklog, WaitingStep, Worker, WorkerList
from dashboard import data, export, keys, live, selection, wording
from dashboard.parts import links, rows

_WIDTHS: Final = [4.4, 2, 3, 1.6, 1.8, 2]
#: Keys of an app that are named, those whose steps have waited the longest.
_KEYS: Final = 5
_TITLES: Final = ("worker", "version", "where", "slots", "since", "last heard of")


def show(workers: WorkerList) -> None:
    """Shows the workers of all apps, or of that which the address names."""
    wanted = selection.read("app")
    export.heading("Workers", "workers", live.all_workers(wanted))
    apps = [app for app in workers.apps if wanted in ("", app.app)]
    if not apps:
        st.caption("No app has had a worker here. Start one with `causeline worker module:app`.")
    for app in apps:
        with rows.of(keys.key("worker", app.app)):
            _app(app)
            found = [worker for worker in workers.items if worker.app == app.app]
            if found:
                for cell, title in zip(st.columns(_WIDTHS), _TITLES, strict=True):
                    cell.caption(title)
            for worker in found:
                _row(worker)


def _app(app: AppBacklog) -> None:
    alive = wording.many(app.workers, "live worker") if app.workers else ":red-badge[no live worker]"
    facts = [
        alive,
        f"{wording.many(app.due, 'step')} due",
        f"{app.under_way:,} under way in {wording.many(app.slots, 'slot')}",
    ]
    facts += [
        f":red-badge[agent {wording.plain(one.agent)}: {wording.many(one.due, 'step')} due, no worker]"
        for one in app.unserved
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


def _row(worker: Worker) -> None:
    name, version, where, slots, since, heard = st.columns(_WIDTHS, vertical_alignment="center")
    name.markdown(f":small[{wording.plain(worker.name)}{_whom(worker)}]", help="\n\n".join(worker.doing) or None)
    version.markdown(wording.plain(worker.version) or wording.DASH)
    where.markdown(f":small[{wording.plain(worker.host)}, process {worker.process}]")
    slots.markdown(":gray-badge[cell]" if worker.is_cell else _slots(worker))
    since.markdown(f":small[{wording.ago(worker.started_at, data.now())}]")
    heard.markdown(f":small[{wording.duration(worker.silent_seconds * 1000)} ago]")


def _slots(worker: Worker) -> str:
    return f"{worker.under_way:,} of {worker.slots:,}" if worker.under_way else f"{worker.slots:,}"


def _whom(worker: Worker) -> str:
    """For whom it works, where it does not do all."""
    named = [f"for {', '.join(map(wording.plain, worker.agents))}"] if worker.agents else []
    named += [f"{worker.only} only"] if worker.only else []
    return "".join(f" · {one}" for one in named)
