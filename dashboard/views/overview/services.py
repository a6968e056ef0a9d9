"""Who sends spans, as the Overview shows it."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from collector.models import ServiceFigures
from dashboard import data, selection, wording
from dashboard.parts import links, table

_WIDTHS: Final = [3.4, 1.6, 1.6, 2.2]
_TITLES: Final = ("", "spans", "failed", "last span")
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
    table.show("service", "Services", _WIDTHS, [_row(service) for service in services[:_MOST]], _TITLES)
    if len(services) > _MOST:
        st.caption(f"{_MOST} of {len(services)} services or more; search Traces for another.")


def _row(service: ServiceFigures) -> table.Row:
    where = {"service": service.service}
    failed = table.Part(
        f"{service.errors:,}", table.RED, link=table.Link({**where, "status": "error"}, selection.TRACES)
    )
    seen = service.last_seen
    cells = (
        [table.Part(wording.clip(service.service, _ROOM) or "without a name")],
        [table.Part(f"{service.spans:,}")],
        [failed if service.errors else table.Part("0", table.MUTED)],
        [table.Part(wording.ago(seen, data.now()), table.MUTED, tip=wording.exact(seen, data.zone()))],
    )
    return table.Row(cells, table.Link(where, selection.TRACES))
