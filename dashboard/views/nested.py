"""The spans within a node, a line each; the attributes of the one that is chosen."""

from typing import Final

import streamlit as st

from collector.models import NodeDetail, SpanBrief
from dashboard import selection, wording
from dashboard.parts import cut_texts, list_section, table

#: Spans that are listed at once.
_AT_ONCE: Final = 50
_WIDTHS: Final = (4.4, 1.4, 4.2)

#: Parameters of the address: which span is chosen, by its place; how many come before the first that is listed.
_CHOSEN: Final = "within"
_FROM: Final = "within-from"


def show(detail: NodeDetail) -> None:
    """Shows the spans within a node, and the attributes of the span that is chosen."""
    st.markdown("**Within it**")
    places = range(len(detail.nested))
    chosen = selection.read(_CHOSEN)
    listed = list_section.of(places, _AT_ONCE, "Spans", _FROM)
    table.show("nested", "Spans within it", _WIDTHS, [_row(detail.nested[at], at, chosen) for at in listed])
    if detail.truncated:
        st.caption("There are more spans within it; the first are shown.")
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 7 and int(chosen) in places:
        span = detail.nested[int(chosen)]
        st.markdown(f"Attributes of **{wording.name(span.name)}**")
        cut_texts.show_attributes(span.attributes, detail.node.id, f"/nested/{chosen}/attributes")


def _row(span: SpanBrief, at: int, chosen: str) -> table.Row:
    told = [span.model or ""]
    if span.input_tokens or span.output_tokens:
        told.append(f"{span.input_tokens or 0:,} tokens in, {span.output_tokens or 0:,} out")
    cells = (
        [table.Part(wording.clip(span.name, wording.NAME) or "(no name)")],
        [table.Part(table.keep_on_one_line(wording.between(span.start, span.end)))],
        table.join_facts(told, table.MUTED),
    )
    is_chosen = chosen == str(at)
    return table.Row(cells, table.Link({_CHOSEN: None if is_chosen else str(at)}), chosen=is_chosen)
