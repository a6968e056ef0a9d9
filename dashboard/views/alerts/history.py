"""What is over: when, for how long, and what it was about."""

from typing import Final

import streamlit as st

from collector.models import Alert, AlertList
from dashboard import palette, selection, wording
from dashboard.parts import links
from dashboard.parts.stamp import stamp

_WIDTHS: Final = [1.8, 1.3, 6.6, 2.4, 1.2]
_TITLES: Final = ("over", "lasted", "what", "rule", "")


def show(answer: AlertList) -> None:
    """Shows a page of it."""
    st.subheader("What is over", anchor=False)
    cursor = selection.read("cursor")
    if not answer.items:
        st.caption("Nothing has fired and been resolved yet.")
        return
    with st.container(border=True, gap="xsmall"):
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
    over, lasted, what, rule, show = st.columns(_WIDTHS, vertical_alignment="center")
    with over:
        stamp(alert.resolved_at)
    lasted.markdown(f":small[{wording.between(alert.started_at, alert.resolved_at)}]")
    gone = "" if alert.ended_as in (None, "well") else f" :gray-badge[{wording.plain(alert.ended_as)}]"
    what.markdown(f"{palette.severity_icon(alert.severity)} &nbsp;{wording.plain(alert.title)}{gone}")
    with rule:
        where = {"rule": alert.rule, "cursor": None}
        links.within(f":small[{wording.plain(alert.rule)}]", f"rule-of-{alert.id}", where)
    with show:
        links.to("Show", alert.view, alert.params)
