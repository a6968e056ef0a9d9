"""One step, or one group: how its times are spread, its trend, and its worst nodes."""

from typing import Final

import streamlit as st

from collector.models import OWN_SOURCE, Node, NodeStatus, StepDetail
from dashboard import data, lists, palette, period, selection, together, wording
from dashboard.figures import charts
from dashboard.parts import links
from dashboard.parts.stamp import stamp

#: A score below this is wrong.
_WRONG: Final = 0.5

#: Parameters of the address that choose a step; of a delivery `workflow` is the channel and `step` the group.
_CHOSEN: Final = ("workflow", "step", "kind", "score", "source")


def is_chosen() -> bool:
    """Returns whether the address names a step."""
    return bool(selection.read("kind") or selection.read("step"))


def ahead() -> None:
    """Asks for the step that is chosen beside what is shown before; the answer is cached until then."""
    if is_chosen():
        within, chosen = period.current(), [selection.read(name) for name in _CHOSEN]
        together.ahead(lambda: data.found(lambda: lists.step(within, *chosen)))


def show() -> None:
    """Shows the step that is chosen."""
    workflow, step, kind, score, source = [selection.read(name) for name in _CHOSEN]
    detail = data.found(lambda: lists.step(period.current(), workflow, step, kind, score, source))
    with st.container(border=True):
        _heading(workflow, step)
        if detail is None:
            st.warning(f"Nothing is recorded of **{wording.plain(step)}** in this time.", icon=":material/help:")
        else:
            _shown(detail)


def _heading(workflow: str, step: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        name = f"{wording.plain(step)} :gray[in {wording.plain(workflow)}]"
        st.subheader(name, anchor=False, width="content")
        links.within("Close", "close-step", dict.fromkeys(_CHOSEN), ":material/close:")


def _shown(detail: StepDetail) -> None:
    told = detail.figures.source
    if told != OWN_SOURCE:
        st.caption(f"Told by {wording.plain(told) or 'the program itself'}")
        links.to("Its runs", selection.RUNS, {"workflow": detail.figures.workflow}, ":material/list:")
    _scores(detail)
    zone = data.zone()
    spread, trend, right = st.columns(3, gap="medium")
    bare = {"displayModeBar": False}
    with spread:
        st.markdown("**How long attempts take**")
        st.plotly_chart(charts.histogram(detail.histogram), key="histogram", config=bare)
    with trend:
        st.markdown("**Latency over time**")
        st.plotly_chart(charts.trend(detail.trend, zone), key="trend", config=bare)
    with right:
        by = f" by {wording.plain(detail.figures.score)}" if detail.figures.score else ""
        st.markdown(f"**Failed, and right{by}**")
        st.plotly_chart(charts.shares(detail.trend, zone), key="shares", config=bare)
    _worst(detail)


def _scores(detail: StepDetail) -> None:
    """Lets the reader choose among several scores: two questions about an answer have two accuracies."""
    names = [score.name for score in detail.figures.scores]
    if len(names) < 2:
        return
    key = "steps-score"
    st.session_state[key] = detail.figures.score if detail.figures.score in names else names[0]
    st.selectbox(
        "Score", names, key=key, on_change=selection.follow, args=("score", key), width=340,
        help="Which score the trend of right answers, and the worst nodes, go by",
    )  # fmt: skip


def _worst(detail: StepDetail) -> None:
    st.markdown("**Worst lately**")
    if not detail.worst:
        st.caption("None failed, was retried, scored badly, or took longer than the others.")
    for node in detail.worst:
        what, how, when = st.columns([4, 5, 2], vertical_alignment="center")
        with what:
            text = wording.name(node.subject or wording.short_id(node.id))
            links.to(text, selection.EVENT, {"id": node.id}, ":material/account_tree:")
        took = wording.between(node.start, node.end)
        how.markdown(f"{_why(node)} :small[{' · '.join([took, *_error(node)])}]")
        with when:
            stamp(node.start)


def _why(node: Node) -> str:
    """Returns why a node is among the worst, as Markdown badges: it ended badly, was scored wrong, took several
    attempts, or long."""
    bad = node.status not in (NodeStatus.OK, NodeStatus.RUNNING)
    reasons = [palette.markdown_badge(node.status)] if bad else []
    by = f" by {wording.plain(node.score_name)}" if node.score_name else ""
    if node.score is not None and node.score < _WRONG:
        reasons.append(f":red-badge[:material/close: scored wrong{by}]")
    tries = wording.many(node.attempts, "attempt")
    reasons += [f":orange-badge[:material/refresh: {tries}]"] if node.attempts > 1 else []
    reasons += [":orange-badge[:material/hourglass_bottom: slow]"] if node.slow else []
    return " ".join(reasons) or palette.markdown_badge(node.status)


def _error(node: Node) -> list[str]:
    return [wording.plain(wording.gist(node.error, 100))] if node.error else []
