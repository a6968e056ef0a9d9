"""What fires now, one alert a card: the worst first, and what is silenced last."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from collector.models import Alert, AlertList, Severity, Silence
from dashboard import data, palette, wording
from dashboard.parts import acting, links, stretch
from dashboard.parts.stamp import fact
from dashboard.views.alerts import amounts, silencing

_WIDTHS: Final = [6, 2.3, 1.5, 2]

#: Alerts that are shown at once, the worst first.
_MOST: Final = 25


def show(answer: AlertList) -> None:
    """Shows all that fires."""
    st.subheader("Firing", anchor=False)
    if not answer.firing:
        st.success("**Nothing fires.** Rules look every few seconds, and whatever they find shows here by itself.",
                   icon=":material/notifications_off:")  # fmt: skip
    silences = {silence.id: silence for silence in answer.silences}
    for alert in stretch.of(answer.firing, _MOST, "Alerts", "firing"):
        _card(alert, silences)


def _card(alert: Alert, silences: Mapping[str, Silence]) -> None:
    silence = silences.get(alert.silence_id or "")
    with st.container(border=True):
        said, since, show, act = st.columns(_WIDTHS, vertical_alignment="center")
        with said:
            _said(alert, is_silenced=alert.silence_id is not None)
        with since:
            _since(alert)
        with show:
            links.to("Show", alert.view, alert.params, ":material/arrow_forward:")
        if silence is None:
            act.button(
                "Silence", key=f"silence-{alert.id}", on_click=acting.ask,
                args=(silencing.silence(alert.rule, alert.title, alert.about),),
            )  # fmt: skip
        else:
            act.button(
                "Unsilence", key=f"unsilence-{alert.id}", on_click=acting.ask,
                args=(silencing.unsilence(silence),),
            )  # fmt: skip
            st.markdown(silencing.told(silence))


def _said(alert: Alert, *, is_silenced: bool) -> None:
    icon = ":gray[:material/notifications_paused:]" if is_silenced else palette.severity_icon(alert.severity)
    st.markdown(f"{icon} &nbsp;**{wording.name(alert.title)}**  \n:small[:gray[{wording.plain(alert.detail)}]]")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        links.within(
            f":small[{wording.plain(alert.rule)}]", f"rule-of-{alert.id}", {"rule": alert.rule, "cursor": None},
            ":material/rule:",
        )  # fmt: skip
        about = " ".join(
            f":gray-badge[{wording.plain(wording.sentence(name))}: {wording.plain(value)}]"
            for name, value in alert.about.items()
            if value
        )
        if about:
            st.markdown(about, width="content")


def _since(alert: Alert) -> None:
    lasted = wording.between(alert.started_at, data.now())
    fact("fires for", lasted, f"since {wording.exact(alert.started_at, data.zone())}")
    if alert.unit and alert.threshold is not None:
        hue = "red" if alert.severity is Severity.ERROR else "orange"
        value, limit = (wording.plain(amounts.said(each, alert.unit)) for each in (alert.value, alert.threshold))
        st.markdown(f":small[:{hue}[{value}] :gray[· threshold {limit}]]")
