"""Workers that are alive and what they do, as the Overview shows it."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from collector.models import AppBacklog
from dashboard import selection, wording
from dashboard.parts import table

_WIDTHS: Final = [3.4, 1.6, 2.2, 1.6, 2.2]
_TITLES: Final = ("", "alive", "steps at once", "due", "oldest due")
#: Apps that are shown at most.
_MOST: Final = 20


def show(apps: Sequence[AppBacklog], total: int) -> None:
    """Shows which apps have workers, what those do now, and what waits for them.

    Args:
        apps: those of which most is due first.
        total: how many there are.
    """
    st.subheader("Workers", anchor=False)
    if not apps:
        st.caption("No worker has been heard of. `causeline worker module:app` starts one.")
        return
    table.show("worker", "Workers", _WIDTHS, [_row(app) for app in apps[:_MOST]], _TITLES)
    if max(total, len(apps)) > _MOST:
        st.caption(f"{_MOST} of {max(total, len(apps)):,} apps; Workers has all.")


def _row(app: AppBacklog) -> table.Row:
    owes = app.due or app.under_way or app.suspects
    nobody = table.Part("none", table.RED if owes else table.MUTED)
    busy = [table.Part(f"{app.under_way:,}")]
    since = [waiting.seconds for waiting in (app.oldest, app.oldest_suspect) if waiting is not None]
    cells = (
        [table.Part(wording.clip(app.app, wording.NAME) or "(no name)")],
        [table.Part(f"{app.workers:,}") if app.workers else nobody],
        [*busy, table.Part(f"of {app.slots:,}", table.MUTED)] if app.slots else busy,
        [table.Part(f"{app.due:,}")],
        [table.Part(table.keep_on_one_line(wording.duration(max(since) * 1000)) if since else "")],
    )
    return table.Row(cells, table.Link({"app": app.app}, selection.WORKERS))
