"""Workers: who is there, and what are they doing?"""

import streamlit as st

from collector.models import WorkerList
from dashboard import data, live, selection, wording
from dashboard.parts import page_watch
from dashboard.views.workers import by_agent, by_app


def render() -> None:
    """Shows the view."""
    st.header("Who is there, and what are they doing?", anchor=False)
    with data.show_errors():
        _filter()
        workers = _fetch_workers()
        _show(workers)
        page_watch.watch(lambda: _brief(_fetch_workers()), _brief(workers))


def _fetch_workers() -> WorkerList:
    return live.workers(selection.read("app"))


def _show(workers: WorkerList) -> None:
    if not workers.items and not workers.apps:
        st.info(
            "Nobody has worked yet: no worker was ever here. Start one with `causeline worker module:app`, and this "
            "page fills by itself.",
            icon=":material/rocket_launch:",
        )
        return
    by_agent.show(workers)
    by_app.show(workers)
    if workers.next:
        st.caption(f"The first {len(workers.items):,} workers; the file has all.")


def _filter() -> None:
    """Shows which app the page is narrowed to, and the way out of it."""
    app = selection.read("app")
    if app:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Only :blue-badge[{wording.plain(app)}]", width="content")
            nothing = {"app": None}
            st.button("Show all", icon=":material/close:", type="tertiary", on_click=selection.write, kwargs=nothing)


def _brief(workers: WorkerList) -> str:
    """Returns who works for whom, and on what, and what waits; but for how long each was heard of, and it took."""
    return repr(
        [
            (one.app, one.name, one.version, one.agents, one.under_way, [work.name for work in one.work])
            for one in workers.items
        ]
    ) + repr([(app.app, app.workers, app.due, app.under_way, _of_agents(app.model_dump())) for app in workers.apps])


def _of_agents(app: dict[str, object]) -> object:
    """Returns limits, and how much waits for whom."""
    lanes = app["lanes"]
    return app["limits"], [(lane["agent"], lane["due"]) for lane in lanes] if isinstance(lanes, list) else []
