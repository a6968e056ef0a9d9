"""What is over: when, for how long, and what it was about."""

from typing import Final

import streamlit as st

from collector.models import Alert, AlertList
from dashboard import alerting, export, palette, selection, wording
from dashboard.parts import links, rows
from dashboard.parts.stamp import clock

_WIDTHS: Final = [6.6, 2.4, 1.3, 1.6]
_TITLES: Final = ("what", "rule", "lasted", "over")


def show(answer: AlertList) -> None:
    """Shows a page of it."""
    export.heading("What is over", "alerts", alerting.all_alerts(selection.read("rule")))
    cursor = selection.read("cursor")
    if not answer.items:
        st.caption("Nothing has fired and been resolved yet.")
        return
    with rows.of("alert"):
        for cell, title in zip(st.columns(_WIDTHS), _TITLES, strict=True):
            cell.caption(title)
        for alert in answer.items:
            _row(alert)
    if not cursor and not answer.next:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Newest", type="tertiary", disabled=not cursor, on_click=selection.write, kwargs={"cursor": None})
        st.button("Older", type="tertiary", disabled=not answer.next, on_click=selection.write,
                  kwargs={"cursor": answer.next})  # fmt: skip


def _row(alert: Alert) -> None:
    what, rule, lasted, over = st.columns(_WIDTHS, vertical_alignment="center")
    gone = "" if alert.ended_as in (None, "well") else f" :gray-badge[{wording.plain(alert.ended_as)}]"
    with what:
        title = f"{palette.severity_icon(alert.severity)} &nbsp;{wording.plain(alert.title)}{gone}"
        links.to(title, alert.view, alert.params)
    with rule:
        where = {"rule": alert.rule, "cursor": None}
        links.within(f":small[{wording.plain(alert.rule)}]", f"rule-of-{alert.id}", where)
    lasted.markdown(f":small[{wording.between(alert.started_at, alert.resolved_at)}]")
    with over:
        clock(alert.resolved_at)
