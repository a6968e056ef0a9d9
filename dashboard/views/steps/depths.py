"""How accuracy depends on how far down the chain an agent is, and on how much context it has."""

from typing import Final

import streamlit as st

from collector.models import AccuracyList, AccuracyMeasure
from dashboard import data, lists, parallel_questions, period, selection, wording
from dashboard.figures import charts, step_charts
from dashboard.parts import charting

#: Measures by the word of the address.
_SIZES: Final = {AccuracyMeasure.CONTEXT: "Bytes given", AccuracyMeasure.TOKENS: "Tokens that models read"}
_SCORE: Final = "judged"
_SIZE: Final = "size"


def ask_ahead() -> None:
    """Asks for the accuracies while the page shows what stands above the charts; the answer is cached for `show`."""
    within, score = period.current(), selection.read(_SCORE)
    parallel_questions.ask_ahead(lambda: data.get_or_none(lambda: lists.accuracy(within, score)))


def show() -> None:
    """Shows both charts, where anything was scored; what is orchestrated beside what is choreographed."""
    score = selection.read(_SCORE)
    found = data.get_or_none(
        lambda: lists.accuracy(period.current(), score)
    )  # None where the collector is an older one
    if found is None or not found.scores:
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Accuracy along the chain", anchor=False, help=_help(found), width="content")
        charting.way_to_zoom("depths-zoom")
    _choose_score(found)
    if not found.items:
        st.caption(f"Nothing was judged by {wording.plain(score)} in this time.")
        return
    depth, context = st.columns(2, gap="medium")
    with depth:
        st.markdown("**By depth in the chain**")
        _chart(found, AccuracyMeasure.DEPTH)
    with context:
        st.markdown("**By size of the context**")
        _chart(found, _choose_size(found))
    shown = len({(band.workflow, band.kind) for band in found.items})
    if shown < found.chains_total:
        st.caption(f"The {shown} chains with most scores; there are {found.chains_total:,}.")


def _help(found: AccuracyList) -> str:
    by = f" by {wording.plain(found.score)}" if found.score else ""
    return (
        f"Share of right answers{by}, with 95 % intervals. A chain is named after the workflow that began it; solid "
        "lines are steps that an orchestrator called, dashed ones agents that reacted to events. The depth counts "
        "steps and deliveries from the first cause, across runs that start runs."
    )


def _choose_score(found: AccuracyList) -> None:
    if len(found.scores) < 2:
        return
    key = "steps-judged"
    st.session_state[key] = found.score if found.score in found.scores else found.scores[0]
    st.selectbox(
        "Judged by",
        found.scores,
        key=key,
        on_change=selection.follow,
        args=(_SCORE, key),
        width=340,
        help="Which score these charts go by",
    )


def _choose_size(found: AccuracyList) -> AccuracyMeasure:
    """Returns the measure of context that the reader chose; tokens can be chosen where a model said them."""
    there = [measure for measure in _SIZES if any(band.measure == measure for band in found.items)]
    if len(there) < 2:
        return next(iter(there), AccuracyMeasure.CONTEXT)
    key = "steps-size"
    said = selection.read(_SIZE)
    st.session_state[key] = AccuracyMeasure(said) if said in set(there) else there[0]
    st.segmented_control(
        "Size",
        there,
        format_func=lambda each: _SIZES[each],
        key=key,
        on_change=selection.follow,
        args=(_SIZE, key),
        label_visibility="collapsed",
        required=True,
    )
    return AccuracyMeasure(st.session_state[key])


def _chart(found: AccuracyList, measure: AccuracyMeasure) -> None:
    bands = [band for band in found.items if band.measure == measure]
    if not bands:
        st.caption("Nothing says how large the context was.")
        return
    drawn = step_charts.accuracy(bands, measure)
    charting.show(f"accuracy-{measure}", drawn, lambda: charts.accuracy(bands, measure))
