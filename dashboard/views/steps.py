"""Steps: which step is slow or wrong?"""

from typing import Final

import streamlit as st

from collector.models import Accuracy, Node, NodeKind, NodeStatus, StepDetail, StepFigures, StepList
from dashboard import data, export, palette, selection, wording
from dashboard.figures import charts
from dashboard.parts import links, model_calls
from dashboard.parts.stamp import stamp

_KINDS: Final = {"": "All", "step": "Steps", "delivery": "Deliveries"}
_WIDTHS: Final = [3.2, 2.4, 1.3, 3.2, 1.3, 1.3, 1.3, 1.3, 1.3]
_TITLES: Final = ("step or group", "workflow or channel", "nodes", "accuracy", "p50", "p95", "p99", "failed", "retried")
#: A score below this is wrong.
_WRONG: Final = 0.5


def render() -> None:
    """Shows the view."""
    st.header("Which step is slow or wrong?", anchor=False)
    with data.shown_errors():
        answer = data.steps(selection.read("q"))
        kind = selection.read("show")
        rows = [each for each in answer.items if kind in ("", each.kind)]
        _filters(rows)
        _window(answer)
        if not rows:
            model_calls.show(answer.models)
            st.info("No step has run in this window. Start some work, or clear the search.", icon=":material/inbox:")
            return
        _table(rows)
        model_calls.show(answer.models)
        chosen = tuple(selection.read(name) for name in ("workflow", "step", "kind"))
        if chosen[1]:
            _detail(*chosen)
        else:
            st.caption("Choose a step to see how its times are spread, its trend, and its worst nodes.")


def _filters(rows: list[StepFigures]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        key = "steps-show"
        st.session_state[key] = selection.read("show") or ""
        st.segmented_control(
            "Kind", list(_KINDS), format_func=lambda each: _KINDS[each], key=key, on_change=selection.follow,
            args=("show", key), label_visibility="collapsed", required=True,
        )  # fmt: skip
        key = selection.bound("q", "steps-q")
        st.text_input(
            "Search", key=key, placeholder="Name of a step, group, workflow or channel", icon=":material/search:",
            on_change=selection.follow, args=("q", key), label_visibility="collapsed", width=340,
        )  # fmt: skip
        export.button("steps", lambda: rows)


def _window(answer: StepList) -> None:
    window, zone = answer.window, data.zone()
    text = f"{window.start.astimezone(zone):%d %b %H:%M} to {window.end.astimezone(zone):%H:%M}"
    if window.fallback:
        st.info(f"The last hour was quiet. Shown is the latest hour with data: {text}.", icon=":material/history:")
    else:
        st.caption(f"{text}. Times are of one attempt; waiting between attempts is not in them.")


def _table(rows: list[StepFigures]) -> None:
    with st.container(border=True, gap="xsmall"):
        for cell, title in zip(st.columns(_WIDTHS, gap="xsmall", vertical_alignment="bottom"), _TITLES, strict=True):
            cell.caption(title)
        for row in rows:
            _row(row)


def _row(row: StepFigures) -> None:
    cells = st.columns(_WIDTHS, gap="xsmall", vertical_alignment="center")
    icon = ":material/account_tree:" if row.kind == NodeKind.STEP else ":material/call_received:"
    with cells[0]:
        where = {"workflow": row.workflow, "step": row.step, "kind": row.kind.value}
        here = all(selection.read(name) == value for name, value in where.items())
        name = wording.plain(row.step)
        links.within(
            f"**:primary[{name}]**" if here else name, f"step-{row.kind}-{row.workflow}-{row.step}", where, icon
        )
    latency = row.latency
    times = [_whole(wording.duration(each)) for each in (latency.p50_ms, latency.p95_ms, latency.p99_ms)]
    rates = [_rate(row.error_rate, "red"), _rate(row.retry_rate, "orange")]
    texts = [f":gray[{wording.plain(row.workflow)}]", f"{row.nodes:,}", _accuracy(row.accuracy), *times, *rates]
    for cell, text in zip(cells[1:], texts, strict=True):
        cell.markdown(f":small[{text}]")


def _whole(text: str) -> str:
    """Returns a figure that no line ends within."""
    return text.replace(" ", wording.NO_BREAK)


def _accuracy(accuracy: Accuracy) -> str:
    if accuracy.value is None:
        return f":gray[{wording.DASH}]"
    low, high = wording.share(accuracy.low).removesuffix(" %"), wording.share(accuracy.high)
    return f"**{_whole(wording.share(accuracy.value))}** :gray[{low}{wording.DASH}{_whole(high)}, n {accuracy.n:,}]"


def _rate(value: float, hue: str) -> str:
    return f":{hue if value else 'gray'}[{_whole(wording.share(value))}]"


def _detail(workflow: str, step: str, kind: str) -> None:
    detail = data.found(lambda: data.step(workflow, step, kind))
    if detail is None:
        st.warning(f"Nothing is recorded of **{wording.plain(step)}** in this window.", icon=":material/help:")
        return
    st.subheader(f"{wording.plain(step)} :gray[in {wording.plain(workflow)}]", anchor=False)
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
        st.markdown("**Attempts failed, answers right**")
        st.plotly_chart(charts.shares(detail.trend, zone), key="shares", config=bare)
    _worst(detail)


def _worst(detail: StepDetail) -> None:
    st.markdown("**Worst lately**")
    if not detail.worst:
        st.caption("None failed, was retried, scored badly, or took longer than the others.")
    for node in detail.worst:
        what, how, when = st.columns([4, 5, 2], vertical_alignment="center")
        with what:
            text = wording.plain(node.subject or wording.short_id(node.id))
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
    reasons += [":red-badge[:material/close: scored wrong]"] if node.score is not None and node.score < _WRONG else []
    tries = wording.many(node.attempts, "attempt")
    reasons += [f":orange-badge[:material/refresh: {tries}]"] if node.attempts > 1 else []
    reasons += [":orange-badge[:material/hourglass_bottom: slow]"] if node.slow else []
    return " ".join(reasons) or palette.markdown_badge(node.status)


def _error(node: Node) -> list[str]:
    return [wording.plain(wording.gist(node.error, 100))] if node.error else []
