"""What is over: when, for how long, and what it was about."""

from typing import Final

import streamlit as st

from collector.models import Alert, AlertList
from dashboard import alerting, export, palette, selection, wording
from dashboard.parts import table

_WIDTHS: Final = [6.6, 2.4, 1.3, 1.6]
_TITLES: Final = ("what", "rule", "lasted", "over")


def show(answer: AlertList) -> None:
    """Shows a page of the alerts that are over."""
    export.heading("What is over", "alerts", alerting.all_alerts(selection.read("rule")))
    cursor = selection.read("cursor")
    if not answer.items:
        st.caption("Nothing has fired and been resolved yet.")
        return
    table.show("alert", "What is over", _WIDTHS, [_row(alert) for alert in answer.items], _TITLES)
    if not cursor and not answer.next:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Newest", type="tertiary", disabled=not cursor, on_click=selection.write, kwargs={"cursor": None})
        st.button(
            "Older", type="tertiary", disabled=not answer.next, on_click=selection.write, kwargs={"cursor": answer.next}
        )


def _row(alert: Alert) -> table.Row:
    look, icon = palette.SEVERITIES[alert.severity]
    gone = [] if alert.ended_as in (None, "well") else [table.Part(alert.ended_as, "badge-gray")]
    rule = table.Link({"rule": alert.rule, "cursor": None})
    cells = (
        [table.Part("", look, icon), table.Part(alert.title), *gone],
        [table.Part(alert.rule, link=rule)],
        [table.Part(table.keep_on_one_line(wording.between(alert.started_at, alert.resolved_at)))],
        [table.moment(alert.resolved_at)],
    )
    return table.Row(cells, table.Link(alert.params, alert.view))
