"""Who sends spans, as the Overview shows it."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from collector.models import ServiceFigures
from dashboard import selection, wording
from dashboard.parts import links
from dashboard.parts.stamp import stamp

_WIDTHS: Final = [3.4, 1.6, 1.6, 2.2]
#: Services that are shown at most.
_MOST: Final = 20
#: Characters of a name that a row shows at most.
_ROOM: Final = 240


def show(services: Sequence[ServiceFigures]) -> None:
    """Shows the services that sent spans in the range of the view, those with failures of others' spans first."""
    st.subheader("Services", anchor=False)
    with st.container(horizontal=True):
        links.to("Traces", selection.TRACES, icon=":material/timeline:")
        links.to("Logs", selection.LOGS, icon=":material/notes:")
    if not services:
        st.caption("No service has sent a span in this time.")
        return
    for cell, title in zip(st.columns(_WIDTHS), ("", "spans", "failed", "last span"), strict=True):
        cell.caption(title)
    for service in services[:_MOST]:
        _row(service)
    if len(services) > _MOST:
        st.caption(f"{_MOST} of {len(services)} services or more; search Traces for another.")


def _row(service: ServiceFigures) -> None:
    name, spans, failed, last = st.columns(_WIDTHS, vertical_alignment="center")
    with name:
        where = {"service": service.service}
        links.to(
            wording.plain(wording.clip(service.service, _ROOM)) or ":gray[without a name]", selection.TRACES, where
        )
    spans.markdown(f"{service.spans:,}")
    with failed:
        if service.errors:
            links.to(f":red[**{service.errors:,}**]", selection.TRACES, {**where, "status": "error"})
        else:
            st.markdown("0")
    with last:
        stamp(service.last_seen)
