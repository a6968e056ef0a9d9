"""The router: which view answers which address."""

from pathlib import Path
from typing import Final

import streamlit as st

from dashboard import selection
from dashboard.parts import links
from dashboard.views import event, overview, steps
from dashboard.views.alerts import page as alerts
from dashboard.views.dead_letters import page as dead_letters
from dashboard.views.groups import page as groups
from dashboard.views.runs import page as runs

#: A file, for an icon by name would be fetched from the internet.
_ICON: Final = Path(__file__).with_name("icon.svg")


def serve(first: str = selection.OVERVIEW) -> None:
    """Answers with the view that the address names.

    Args:
        first: the view that a bare address leads to.
    """
    st.set_page_config(page_title="Causeline", page_icon=str(_ICON), layout="wide")
    views = {
        selection.OVERVIEW: (overview.render, "Overview", ":material/monitoring:"),
        selection.EVENT: (event.render, "Event", ":material/account_tree:"),
        selection.DEAD_LETTERS: (dead_letters.render, "Dead letters", ":material/mail:"),
        selection.STEPS: (steps.render, "Steps", ":material/speed:"),
        selection.RUNS: (runs.render, "Runs", ":material/route:"),
        selection.GROUPS: (groups.render, "Groups", ":material/groups:"),
        selection.ALERTS: (alerts.render, "Alerts", ":material/notifications:"),
    }
    pages = {
        path: st.Page(render, title=title, icon=icon, url_path=path, default=path == first)
        for path, (render, title, icon) in views.items()
    }
    links.know(pages)
    st.navigation(list(pages.values()), position="top").run()


if __name__ == "__main__":
    serve()
