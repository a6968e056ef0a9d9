"""Workers that are alive and what they do, as the Overview shows it."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from collector.models import AppBacklog
from dashboard import selection, wording
from dashboard.parts import links

_WIDTHS: Final = [3.4, 1.6, 2.2, 1.6, 2.2]
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
    for cell, title in zip(st.columns(_WIDTHS), ("", "alive", "steps at once", "due", "oldest due"), strict=True):
        cell.caption(title)
    for app in apps[:_MOST]:
        _row(app)
    if max(total, len(apps)) > _MOST:
        st.caption(f"{_MOST} of {max(total, len(apps)):,} apps; Groups and workers has all.")


def _row(app: AppBacklog) -> None:
    name, alive, busy, due, oldest = st.columns(_WIDTHS, vertical_alignment="center")
    with name:
        links.to(wording.name(app.app), selection.GROUPS, {"app": app.app})
    owes = app.due or app.under_way or app.suspects
    alive.markdown(f"{app.workers:,}" if app.workers else ":red[**none**]" if owes else ":gray[none]")
    busy.markdown(f"{app.under_way:,} :gray[of {app.slots:,}]" if app.slots else f"{app.under_way:,}")
    due.markdown(f"{app.due:,}")
    since = [waiting.seconds for waiting in (app.oldest, app.oldest_suspect) if waiting is not None]
    oldest.markdown(wording.duration(max(since) * 1000) if since else "")
