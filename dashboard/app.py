"""The router: which view answers which address."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import period, selection, sign_in
from dashboard.parts import footer, links, theme
from dashboard.views import event, logs
from dashboard.views.alerts import page as alerts
from dashboard.views.dead_letters import page as dead_letters
from dashboard.views.groups import page as groups
from dashboard.views.overview import page as overview
from dashboard.views.runs import page as runs
from dashboard.views.sessions import page as sessions
from dashboard.views.steps import page as steps
from dashboard.views.topology import page as topology
from dashboard.views.traces import page as traces
from dashboard.views.workers import page as workers

#: A file, for an icon by name would be fetched from the internet.
_ICON: Final = Path(__file__).with_name("icon.svg")


def serve(first: str = selection.OVERVIEW) -> None:
    """Answers with the view that the address names.

    Args:
        first: the view that a bare address leads to.
    """
    st.set_page_config(page_title="Causeline", page_icon=str(_ICON), layout="wide")
    theme.put_right()
    is_in = sign_in.has_access()
    views = {
        selection.OVERVIEW: (overview.render, "Overview", ":material/monitoring:"),
        selection.EVENT: (event.render, "Event", ":material/account_tree:"),
        selection.DEAD_LETTERS: (dead_letters.render, "Dead letters", ":material/mail:"),
        selection.STEPS: (steps.render, "Steps", ":material/speed:"),
        selection.RUNS: (runs.render, "Runs", ":material/route:"),
        selection.TOPOLOGY: (topology.render, "Topology", ":material/hub:"),
        selection.SESSIONS: (sessions.render, "Sessions", ":material/forum:"),
        selection.TRACES: (traces.render, "Traces", ":material/timeline:"),
        selection.LOGS: (logs.render, "Logs", ":material/notes:"),
        selection.GROUPS: (groups.render, "Groups", ":material/groups:"),
        selection.WORKERS: (workers.render, "Workers", ":material/engineering:"),
        selection.ALERTS: (alerts.render, "Alerts", ":material/notifications:"),
    }
    pages = {
        path: st.Page(
            render, title=title, icon=icon, url_path=selection.BARE if path == first else path, default=path == first
        )
        for path, (render, title, icon) in views.items()
    }
    links.register_pages(pages)
    page = st.navigation(
        [*pages.values(), _make_page_at_path(*views[first], path=first)], position="top" if is_in else "hidden"
    )
    if is_in:
        period.carry(page.url_path)
        st.set_page_config(page_title=f"{page.title} · Causeline", page_icon=str(_ICON), layout="wide")
        page.run()
        footer.show()
        sign_in.show_sign_out()


def _make_page_at_path(render: Callable[[], None], title: str, icon: str, path: str) -> Page:
    """Returns the first view under its own path: of the page that a bare address leads to, Streamlit says that there
    is no such page."""

    def again() -> None:
        render()

    return st.Page(again, title=title, icon=icon, url_path=path, visibility="hidden")


if __name__ == "__main__":
    serve()
