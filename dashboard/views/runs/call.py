"""One call of a model or a tool: how it was asked, what was said, what it used, how long it took."""

import json
from functools import partial

import streamlit as st

from collector.models import CallDetail
from dashboard import data, lists, palette, selection, wording
from dashboard.parts import code, failure, links, messages, usage
from dashboard.parts.stamp import fact, stamp


def show(node_id: str) -> None:
    """Shows the call."""
    detail = data.get_or_none(lambda: lists.call(node_id))
    if detail is None:
        st.warning(f"There is no call **{wording.plain(node_id)}**.", icon=":material/help:")
        links.within("All runs", "call-nowhere", {"call": None}, ":material/arrow_back:")
        return
    back = selection.read("run") or detail.run_id
    links.within("Back to the run", "call-back", {"call": None, "run": back}, ":material/arrow_back:")
    _heading(detail)
    _facts(detail)
    if detail.call.error:
        failure.show(detail.call.error)
    for note in (*detail.notes, *([detail.call.uncounted] if detail.call.uncounted else []), *detail.call.notes):
        st.markdown(f":orange[:small[{wording.plain(note)}]]")
    whole = partial(lists.fetch_full_call_text, node_id)
    _messages(detail, whole)
    _request(detail)
    _raw(node_id)


def _heading(detail: CallDetail) -> None:
    call = detail.call
    st.subheader(wording.name(call.model or call.name), anchor=False)
    said = [palette.markdown_badge(call.status), wording.plain(call.role)]
    said += ["from the record of an earlier attempt: nothing was called"] if call.recorded else []
    said += [f"parked: {wording.plain(call.parked)}"] if call.parked else []
    said += [f"of {wording.plain(call.provider)}"] if call.provider else []
    said += [f"by **{wording.name(detail.agent)}**"] if detail.agent else []
    said += [f"user {wording.name(detail.user)}"] if detail.user else []
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(" &nbsp;".join(said), width="content")
        links.to("See it in the picture", selection.EVENT, {"id": call.node_id}, ":material/account_tree:")
        if detail.session:
            links.to(
                f"Session {wording.name(detail.session)}",
                selection.SESSIONS,
                {"session": detail.session},
                ":material/forum:",
            )
    stamp(call.start, f"call {call.node_id}")


def _facts(detail: CallDetail) -> None:
    call, used = detail.call, detail.call.usage
    facts = [("Took", wording.duration(call.duration_ms), "from its begin to its end")]
    if call.role in ("model", "embedding"):
        told = "how many tokens, as the provider reported them"
        facts.append(("Tokens in", _number(used.input_tokens if used else None), told))
        facts.append(("Tokens out", _number(used.output_tokens if used else None), told))
    if used:
        parts = (
            ("Cached", used.cache_read_tokens, "of those in: read from a cache"),
            ("Into cache", used.cache_write_tokens, "of those in: written into a cache"),
            ("Reasoning", used.reasoning_tokens, "of those out: thoughts"),
            ("Tokens in all", used.undivided_tokens, "the total alone was told"),
        )
        facts += [(name, _number(number), tip) for name, number, tip in parts if number is not None]
        if call.cost_note:
            missing = "no price" if used.unpriced > used.unreported else "not known"
            facts.append(("Cost", usage.cost(used) or missing, call.cost_note))
    if call.first_chunk_ms is not None:
        facts.append(("First part after", wording.duration(call.first_chunk_ms), "from the call's begin"))
    if detail.output_per_second is not None:
        facts.append(("Rate", f"{detail.output_per_second:g} tokens/s", "from the first part to the end"))
    if detail.streamed is not None:
        facts.append(("Streamed", "yes" if detail.streamed else "no", "whether the answer came in parts"))
    if detail.finish_reasons:
        facts.append(("Ended", ", ".join(detail.finish_reasons), "why the model stopped"))
    with st.container(horizontal=True, gap="large"):
        for name, value, tip in facts:
            fact(name, value, tip)
    if call.cost_note:
        st.caption(f"Cost: {wording.plain(call.cost_note)}")


def _messages(detail: CallDetail, whole: messages.Whole) -> None:
    if not detail.messages and not detail.answer:
        st.info(
            "No messages were sent with this call: whoever traces it does so without contents.",
            icon=":material/visibility_off:",
        )
        return
    if detail.messages:
        st.markdown(f"**{'What it was told' if detail.call.role == 'model' else 'What it was given'}**")
        with st.container(border=True, key="call-told"):
            messages.show(detail.messages, "call-told-of", "/messages", whole)
    if detail.answer:
        st.markdown("**What it answered**")
        with st.container(border=True, key="call-answer"):
            messages.show(detail.answer, "call-answer-of", "/answer", whole)
    if detail.source:
        st.caption(f"Read from {wording.plain(detail.source)}")


def _request(detail: CallDetail) -> None:
    if detail.parameters:
        st.markdown("**Parameters of the request**")
        code.block(json.dumps(detail.parameters, indent=2, ensure_ascii=False, default=str), "json")
    if detail.call.role != "model":
        return
    if detail.tools is None:
        st.caption("Which tools it was offered was not sent.")
        return
    with st.expander(f"{wording.many(len(detail.tools), 'tool')} offered", icon=":material/build:"):
        for tool in detail.tools:
            st.markdown(f"**{wording.name(tool.name)}** :gray[{wording.plain(tool.description)}]")
            code.block(wording.pretty(tool.definition), "json")


def _raw(node_id: str) -> None:
    """Shows what was sent as it came, where a reader asks for it."""
    key = f"raw-{node_id}"
    if not st.session_state.get(key):
        st.button(
            "Show all that was sent",
            key=f"ask-{key}",
            icon=":material/data_object:",
            type="tertiary",
            on_click=st.session_state.update,
            args=({key: True},),
        )
        return
    found = data.get_or_none(lambda: data.node(node_id))
    if found is not None:
        st.caption("All attributes, as they were sent")
        from_sender = json.dumps(found.attributes, indent=2, ensure_ascii=False, default=str)
        code.block(from_sender, "json")


def _number(number: int | None) -> str:
    return "not reported" if number is None else f"{number:,}"
