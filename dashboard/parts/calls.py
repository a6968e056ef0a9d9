"""What steps of agents called: models, tools, retrievers and guardrails, a row each."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from collector.models import Call
from dashboard import palette, wording
from dashboard.parts import links, usage

#: Icons by what was called.
_ICONS: Final = {
    "model": ":material/psychology:",
    "embedding": ":material/data_array:",
    "tool": ":material/build:",
    "retriever": ":material/manage_search:",
    "guardrail": ":material/shield:",
    "evaluator": ":material/grading:",
}
_WIDTHS: Final = [3.2, 1.8, 2.6, 1.2, 4.6]

#: Calls that a table shows at once; more are a press away.
AT_ONCE: Final = 40


def show(calls: Sequence[Call], key: str) -> None:
    """Shows calls in order of their beginning.

    Args:
        calls: what was called.
        key: a name for what of the table is remembered, unlike any other.
    """
    whole = len(calls) <= AT_ONCE or st.session_state.get(key, False)
    for call in calls if whole else calls[:AT_ONCE]:
        _row(call)
    if not whole:
        st.button(
            f"Show all {len(calls):,} calls", key=f"{key}-all", type="tertiary", icon=":material/unfold_more:",
            on_click=_open, args=(key,),
        )  # fmt: skip


def _open(key: str) -> None:
    st.session_state[key] = True


def _row(call: Call) -> None:
    what, status, model, took, facts = st.columns(_WIDTHS, vertical_alignment="center", gap="xsmall")
    with what:
        links.within(wording.name(call.name), f"call-{call.node_id}", {"call": call.node_id}, _ICONS.get(call.role))
    status.markdown(palette.markdown_badge(call.status))
    model.markdown(f":small[{wording.plain(call.model)}]" if call.model else f":small[:gray[{call.role}]]")
    took.markdown(f":small[{wording.duration(call.duration_ms)}]")
    facts.markdown(f":small[{_facts(call)}]")


def _price(call: Call) -> str:
    """Returns how a call's cost is known, where that is not plain, or why it is not."""
    if call.usage is None or not call.cost_note:
        return ""
    plain = call.usage.cost_usd is not None and not call.usage.at_least and ";" not in call.cost_note
    return "" if plain or call.usage.unreported else call.cost_note


def _facts(call: Call) -> str:
    told = [usage.brief(call.usage), usage.parts(call.usage), _price(call)]
    if call.first_chunk_ms is not None:
        told.append(f"first part after {wording.duration(call.first_chunk_ms)}")
    facts = [f":gray[{wording.plain(part)}]" for part in told if part]
    facts += [f":orange[{wording.plain(part)}]" for part in (call.uncounted, *call.notes) if part]
    facts += [f":red[{wording.plain(wording.gist(call.error, 160))}]"] if call.error else []
    return " \N{MIDDLE DOT} ".join(facts) or wording.DASH
