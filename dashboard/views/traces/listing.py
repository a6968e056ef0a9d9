"""The list of traces."""

from typing import Final

import streamlit as st

from collector.models import NodeStatus, TraceBrief
from dashboard import export, lists, period, selection, wording
from dashboard.parts import choice, pages, search_box, table, timespan
from dashboard.period import Period

_STATUSES: Final = {"": "All", "error": "Failed", "ok": "Ok"}
_WIDTHS: Final = [4.2, 1.5, 4.6, 1.5]
#: Services of a trace that its row names.
_SERVICES: Final = 4
#: Characters of a name that a row shows at most.
_ROOM: Final = 240


def show() -> None:
    """Shows the list."""
    _filters()
    service = selection.read("service")
    page = lists.traces(
        period.current(), selection.read("q"), service, _status(), selection.read("cursor"), pages.size()
    )
    timespan.show_window(page.window)
    if not page.items:
        _empty()
    else:
        table.show("trace", "Traces", _WIDTHS, [_row(trace) for trace in page.items])
    pages.show_pager(page.next, sized=True)


def status_of(errors: int) -> NodeStatus:
    """Returns how a trace, or a span, with so many failures stands."""
    return NodeStatus.FAILED if errors else NodeStatus.OK


def _status() -> str:
    status = selection.read("status")
    return status if status in _STATUSES else ""


def _filters() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        choice.show("Status", "traces-status", _STATUSES, _status(), "status", "cursor")
        search_box.show("traces", "Span, service, agent or trace id")
        asked = (selection.read("q"), selection.read("service"), _status())
        export.button("traces", lists.all_traces(period.current(), *asked))
        if service := selection.read("service"):
            st.markdown(f"Only :blue-badge[{wording.plain(service)}]", width="content")
            st.button(
                "Show all",
                icon=":material/close:",
                type="tertiary",
                on_click=selection.write,
                kwargs={"service": None, "cursor": None},
            )


def _empty() -> None:
    narrowed = selection.read("q") or selection.read("service") or _status() or period.current() != Period()
    if narrowed:
        st.info(
            "No trace matches. Clear the search, or choose another status or time.", icon=":material/filter_alt_off:"
        )
    else:
        st.info(
            "No traces yet. Any OpenTelemetry client can send them: set OTEL_EXPORTER_OTLP_ENDPOINT to the "
            "collector's address.",
            icon=":material/inbox:",
        )


def _row(trace: TraceBrief) -> table.Row:
    name = [
        table.make_name_part(trace.name, table.STRONG),
        table.Part(wording.clip(trace.service, _ROOM), table.MUTED),
    ]
    parts = [wording.many(trace.spans, "span"), wording.duration(trace.duration_ms)]
    parts += [f"{trace.errors:,} failed"] if trace.errors else []
    parts += [_others(trace)] if len(trace.services) > 1 else []
    parts += [] if trace.has_root else ["its root has not arrived"]
    cells = (name, [table.badge(status_of(trace.errors))], table.join_facts(parts), [table.moment(trace.start)])
    return table.Row(cells, table.Link({"trace": trace.trace_id}))


def _others(trace: TraceBrief) -> str:
    others = [each for each in trace.services if each != trace.service]
    named = ", ".join(wording.clip(each, _ROOM) for each in others[:_SERVICES])
    return f"with {named}" + (f" and {len(others) - _SERVICES} more" if len(others) > _SERVICES else "")
