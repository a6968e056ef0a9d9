"""One step, or one group: how its times are spread, its trend, and its worst nodes."""

from typing import Final

import streamlit as st

from collector.models import OWN_SOURCE, Node, NodeStatus, StepDetail
from dashboard import data, lists, parallel_questions, period, selection, wording
from dashboard.figures import charts, step_charts
from dashboard.parts import charting, links, table

#: A score below this is wrong.
_WRONG: Final = 0.5

#: Of the worst nodes: which, why, and when.
_WORST_WIDTHS: Final = [4, 6, 1.4]
#: Characters of an error in their row.
_ERROR_ROOM: Final = 100

#: Parameters of the address that choose a step; of a delivery `workflow` is the channel and `step` the group.
_CHOSEN: Final = ("workflow", "step", "kind", "score", "source")


def is_chosen() -> bool:
    """Returns whether the address names a step."""
    return bool(selection.read("kind") or selection.read("step"))


def ask_ahead() -> None:
    """Asks for the step that is chosen while the page shows what stands above it; the answer is cached for `show`."""
    if is_chosen():
        within, chosen = period.current(), [selection.read(name) for name in _CHOSEN]
        parallel_questions.ask_ahead(lambda: data.get_or_none(lambda: lists.step(within, *chosen)))


def show() -> None:
    """Shows the step that is chosen."""
    workflow, step, kind, score, source = [selection.read(name) for name in _CHOSEN]
    detail = data.get_or_none(lambda: lists.step(period.current(), workflow, step, kind, score, source))
    with st.container(border=True):
        _heading(workflow, step)
        if detail is None:
            st.warning(f"Nothing is recorded of **{wording.plain(step)}** in this time.", icon=":material/help:")
        else:
            _show_detail(detail)


def _heading(workflow: str, step: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        name = f"{wording.plain(step)} :gray[in {wording.plain(workflow)}]"
        st.subheader(name, anchor=False, width="content")
        charting.way_to_zoom("step-zoom")
        links.within("Close", "close-step", dict.fromkeys(_CHOSEN), ":material/close:")


def _show_detail(detail: StepDetail) -> None:
    told = detail.figures.source
    if told != OWN_SOURCE:
        st.caption(f"Told by {wording.plain(told) or 'the program itself'}")
        links.to("Its runs", selection.RUNS, {"workflow": detail.figures.workflow}, ":material/list:")
    _scores(detail)
    zone = data.zone()
    spread, trend, right = st.columns(3, gap="medium")
    with spread:
        st.markdown("**How long attempts take**")
        charting.show("histogram", step_charts.histogram(detail.histogram), lambda: charts.histogram(detail.histogram))
    with trend:
        st.markdown("**Latency over time**")
        charting.show("trend", step_charts.trend(detail.trend, zone), lambda: charts.trend(detail.trend, zone))
    with right:
        by = f" by {wording.plain(detail.figures.score)}" if detail.figures.score else ""
        st.markdown(f"**Failed, and right{by}**")
        charting.show("shares", step_charts.shares(detail.trend, zone), lambda: charts.shares(detail.trend, zone))
    _worst(detail)


def _scores(detail: StepDetail) -> None:
    """Lets the reader choose among several scores: two questions about an answer have two accuracies."""
    names = [score.name for score in detail.figures.scores]
    if len(names) < 2:
        return
    key = "steps-score"
    st.session_state[key] = detail.figures.score if detail.figures.score in names else names[0]
    st.selectbox(
        "Score",
        names,
        key=key,
        on_change=selection.follow,
        args=("score", key),
        width=340,
        help="Which score the trend of right answers, and the worst nodes, go by",
    )


def _worst(detail: StepDetail) -> None:
    st.markdown("**Worst lately**")
    if not detail.worst:
        st.caption("None failed, was retried, scored badly, or took longer than the others.")
    else:
        table.show("worst-node", "Worst lately", _WORST_WIDTHS, [_bad(node) for node in detail.worst])


def _bad(node: Node) -> table.Row:
    took = wording.between(node.start, node.end)
    cells = (
        [
            table.Part(
                wording.clip(node.subject or wording.short_id(node.id), wording.NAME), icon=":material/account_tree:"
            )
        ],
        [*_why(node), table.Part(took), *_error(node)],
        [table.Part(wording.ago(node.start, data.now()), "time", tip=wording.exact(node.start, data.zone()))],
    )
    return table.Row(cells, table.Link({"id": node.id}, selection.EVENT))


def _why(node: Node) -> list[table.Part]:
    """Returns why a node is among the worst, as badges: it ended badly, was scored wrong, took several attempts, or
    long."""
    bad = node.status not in (NodeStatus.OK, NodeStatus.RUNNING)
    reasons = [table.badge(node.status)] if bad else []
    by = f" by {node.score_name}" if node.score_name else ""
    if node.score is not None and node.score < _WRONG:
        reasons.append(table.Part(f"scored wrong{by}", "badge-red", ":material/close:"))
    if node.attempts > 1:
        reasons.append(table.Part(wording.many(node.attempts, "attempt"), "badge-orange", ":material/refresh:"))
    if node.slow:
        reasons.append(table.Part("slow", "badge-orange", ":material/hourglass_bottom:"))
    return reasons or [table.badge(node.status)]


def _error(node: Node) -> list[table.Part]:
    return [table.Part(wording.gist(node.error, _ERROR_ROOM), table.MUTED)] if node.error else []
