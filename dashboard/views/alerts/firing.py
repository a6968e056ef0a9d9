"""What fires now: the worst first, and what is silenced last."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import streamlit as st

from collector.models import Alert, AlertList, Severity, Silence
from dashboard import data, palette, wording
from dashboard.parts import confirmation, list_section, table
from dashboard.views.alerts import amounts, silencing

_WIDTHS: Final = [6.0, 4.4, 3.2, 1.4]
_TITLES: Final = ("what", "rule, and what it is about", "value", "")

#: Alerts that are shown at once, the worst first.
_MOST: Final = 25


def show(answer: AlertList) -> None:
    """Shows all alerts that fire."""
    st.subheader("Firing", anchor=False)
    if not answer.firing:
        st.success(
            "**Nothing fires.** Rules look every few seconds, and whatever they find shows here by itself.",
            icon=":material/notifications_off:",
        )
        return
    silences = {silence.id: silence for silence in answer.silences}
    found = list_section.of(answer.firing, _MOST, "Alerts", "firing")
    rows = [row for alert in found for row in _rows(alert, silences)]
    table.show("firing", "What fires", _WIDTHS, rows, _TITLES, wraps=True)


def _rows(alert: Alert, silences: Mapping[str, Silence]) -> list[table.Row]:
    """Returns the row of an alert, and below it who keeps it silent."""
    silence = silences.get(alert.silence_id or "")
    cells = (_make_title_cell(alert), _about(alert), _value(alert), [_act(alert, silence)])
    row = table.Row(cells, table.Link(alert.params, alert.view))
    if silence is None:
        return [row]
    told = table.Part(silencing.describe_silence(silence), table.MUTED, ":material/notifications_paused:")
    return [row, table.Row([[told]], depth=1)]


def _make_title_cell(alert: Alert) -> table.Cell:
    look, icon = palette.SEVERITIES[alert.severity]
    if alert.silence_id is not None:
        look, icon = table.MUTED, ":material/notifications_paused:"
    return [
        table.Part("", look, icon),
        table.make_name_part(alert.title, table.STRONG),
        table.Part(alert.detail, table.MUTED, breaks=True),
    ]


def _about(alert: Alert) -> table.Cell:
    rule = table.Part(alert.rule, icon=":material/rule:", link=table.Link({"rule": alert.rule, "cursor": None}))
    about = [
        table.Part(f"{wording.sentence(name)}: {value}", "badge-gray") for name, value in alert.about.items() if value
    ]
    return [rule, *about]


def _value(alert: Alert) -> table.Cell:
    """Returns how an alert's value stands against the threshold of its rule, and for how long."""
    since = wording.exact(alert.started_at, data.zone())
    lasted = table.keep_on_one_line(f"for {wording.between(alert.started_at, data.now())}")
    if not alert.unit or alert.threshold is None:
        return [table.Part(lasted, table.MUTED, tip=f"since {since}")]
    value, limit = (
        table.keep_on_one_line(amounts.format_amount(each, alert.unit)) for each in (alert.value, alert.threshold)
    )
    return [
        table.Part(value, table.RED if alert.severity is Severity.ERROR else table.ORANGE),
        table.Part(table.keep_on_one_line(f"\N{MIDDLE DOT} threshold {limit}"), table.MUTED),
        table.Part(lasted, table.MUTED, tip=f"since {since}", breaks=True),
    ]


def _act(alert: Alert, silence: Silence | None) -> table.Part:
    """Returns the button for what an operator may do about it."""
    if silence is not None:
        return table.Part("Unsilence", press=partial(confirmation.ask, silencing.unsilence(silence)))
    asked = silencing.silence(alert.rule, alert.title, alert.about)
    return table.Part("Silence", press=partial(confirmation.ask, asked))
