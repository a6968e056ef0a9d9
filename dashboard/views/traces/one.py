"""One trace: its spans in the order of their calls, each with its place in time, and the span that is chosen."""

import json
from typing import Final

import streamlit as st

from collector.models import Span, Trace
from dashboard import data, palette, selection, wording
from dashboard.figures import waterfall
from dashboard.figures.waterfall import WaterfallRow
from dashboard.parts import code, failure, links, logs, pinned_containers, table
from dashboard.views.traces.listing import status_of

#: Spans of a page.
_PAGE: Final = 100
#: Steps to the right that nesting takes at most, so that a name has room.
_DEEPEST: Final = 12
_FAILED: Final = "error"
_WIDTHS: Final = [5, 1.8, 1.6, 3.6]
#: Characters of a name that a line shows at most.
_ROOM: Final = 240


def show(trace_id: str) -> None:
    """Shows the trace."""
    links.within("All traces", "all-traces", {"trace": None, "span": None, "at": None}, ":material/arrow_back:")
    trace = data.get_or_none(lambda: data.trace(trace_id))
    if trace is None:
        st.warning(f"No span of a trace **{wording.plain(trace_id)}** was received.", icon=":material/help:")
        return
    every = waterfall.rows(trace.spans)
    _heading(trace, every)
    left, right = st.columns([7, 4], gap="medium")
    with left:
        _spans(every)
    with right, pinned_containers.beside("span-panel"):
        chosen = selection.read("span")
        _panel(next((row.span for row in every if row.span.span_id == chosen), every[0].span))


def _heading(trace: Trace, every: list[WaterfallRow]) -> None:
    root, errors = every[0].span, sum(row.span.status == _FAILED for row in every)
    name, service = (wording.plain(wording.clip(text, _ROOM)) for text in (root.name, root.service))
    st.subheader(f"{name} :gray[{service}]", anchor=False)
    whole = max(row.after + row.took for row in every)
    facts = [wording.many(len(every), "span"), f"took {wording.duration(whole)}"]
    facts += [f"{errors:,} failed"] if errors else []
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"{palette.markdown_badge(status_of(errors))} &nbsp;{' · '.join(facts)}", width="content")
        if root.node_id:
            links.to("See it in the picture", selection.EVENT, {"id": root.node_id}, ":material/account_tree:")
        logs.all_of({"trace": root.trace_id})
    st.caption(f"trace {root.trace_id}, {wording.plain(root.start)}")
    if trace.truncated:
        st.info(f"The trace has more spans; these are its first {len(every):,}.", icon=":material/content_cut:")


def _spans(found: list[WaterfallRow]) -> None:
    first = _first(len(found))
    shown = [_row(row) for row in found[first : first + _PAGE]]
    table.show("span", "Spans", _WIDTHS, shown, ("span", "service", "took", "when"))
    if len(found) > _PAGE:
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            st.caption(f"{first + 1:,} to {min(first + _PAGE, len(found)):,} of {len(found):,} spans", width="content")
            st.button(
                "Back",
                type="tertiary",
                disabled=not first,
                on_click=selection.write,
                kwargs={"at": str(max(first - _PAGE, 0)) if first > _PAGE else None},
            )
            st.button(
                "On",
                type="tertiary",
                disabled=first + _PAGE >= len(found),
                on_click=selection.write,
                kwargs={"at": str(first + _PAGE)},
            )


def _first(count: int) -> int:
    """Returns where the page of spans begins that the address names."""
    at = selection.read("at")
    return min(int(at), max(count - 1, 0)) if at.isascii() and at.isdecimal() and len(at) < 9 else 0


def _row(row: WaterfallRow) -> table.Row:
    span = row.span
    failed = span.status == _FAILED
    look, icon = (table.RED, ":material/error:") if failed else ("", "")
    bar = table.Bar(row.offset, row.width, failed=failed)
    cells = (
        [table.Part(wording.clip(span.name, _ROOM) or "(no name)", look, icon)],
        [table.Part(wording.clip(span.service, _ROOM), table.MUTED)],
        [table.Part(table.keep_on_one_line(wording.duration(row.took)))],
        [table.Part("", tip=f"{wording.duration(row.after)} after the begin", bar=bar)],
    )
    chosen = selection.read("span") == span.span_id
    return table.Row(cells, table.Link({"span": span.span_id}), chosen=chosen, depth=min(row.depth, _DEEPEST))


def _panel(span: Span) -> None:
    st.subheader(wording.name(span.name), anchor=False)
    badge = palette.markdown_badge(status_of(span.status == _FAILED))
    st.markdown(f"{badge} &nbsp;{wording.plain(span.kind)} of **{wording.name(span.service)}**")
    if span.node_id:
        links.to("See it in the picture", selection.EVENT, {"id": span.node_id}, ":material/account_tree:")
    if span.status_message:
        failure.show(span.status_message)
    for event in span.events:
        with st.expander(f"{wording.name(event.name)} :gray[{wording.plain(event.time)}]"):
            _json(event.attributes)
    if span.links:
        st.markdown("**Linked to**")
        for link in span.links:
            where = {"trace": link.trace_id, "span": link.span_id, "at": None}
            links.within(
                f"span {link.span_id} of trace {wording.short_id(link.trace_id)}",
                f"link-{link.trace_id}-{link.span_id}",
                where,
            )
    for title, attributes in (("Attributes", span.attributes), ("Resource", span.resource)):
        if attributes:
            st.markdown(f"**{title}**")
            _json(attributes)
    st.caption(f"span {span.span_id}" + (f", parent {span.parent_span_id}" if span.parent_span_id else ""))


def _json(attributes: dict[str, object]) -> None:
    text = json.dumps(attributes, indent=2, ensure_ascii=False, default=str)
    code.block(text, "json")
