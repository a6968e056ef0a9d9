"""Event: why did this happen, and what did it cause?"""

from typing import Final

import streamlit as st

from collector.client import Direction
from collector.models import CausalGraph, NodeKind
from dashboard import data, selection, wording
from dashboard.figures import spacetime, tree
from dashboard.parts import components, pinned, timespan
from dashboard.views import node_panel, search

_TITLE: Final = "Why did this happen, and what did it cause?"
_BOTH: Final = "both"
_DIRECTIONS: Final[dict[Direction, str]] = {
    _BOTH: "Causes and effects",
    "causes": "Causes",
    "effects": "Effects",
    "whole": "Whole picture",
}
_TRUNCATED = "The picture was cut at the collector's limit of nodes: start from a later node to see the rest."


def render() -> None:
    """Shows the view."""
    if selection.read("id") and not selection.read("q"):
        st.header(_TITLE, anchor=False)  # a picture is of all time
    else:
        timespan.heading(_TITLE)
    with data.shown_errors():
        focus = search.bar()
        if focus:
            _picture_of(focus)


def _picture_of(focus: str) -> None:
    graph = data.found(lambda: data.causality(focus, _wanted()))
    if graph is None:
        search.unknown(focus)
        return
    focus = graph.focus  # the id of a span leads to its node
    selected = selection.read("node") or focus
    _direction(graph)
    if graph.truncated:
        st.info(_TRUNCATED, icon=":material/content_cut:")
    scene = spacetime.lay_out(graph, keep=[focus, selected])
    shown = {"selected": selected, "focus": focus}
    components.mount("spacetime", f"spacetime-{focus}", {"scene": scene.as_data(), **shown})
    left, right = st.columns([6, 5], gap="medium")
    with left:
        st.subheader("From cause to effect", anchor=False)
        components.mount("tree", f"tree-{focus}", {"rows": [row.as_data() for row in tree.rows(graph)], **shown})
    with right, pinned.beside("node-panel"):
        node_panel.show(selected, graph, scene.members.get(selected, []))
    _keep_up(focus, _fingerprint(graph))


def _wanted() -> Direction:
    """Returns what to draw of the focus: its cones, or the whole picture that it is a part of."""
    wanted = selection.read("show", _BOTH)
    return next((direction for direction in _DIRECTIONS if direction == wanted), _BOTH)


def _direction(graph: CausalGraph) -> None:
    key = selection.bound("show", "event-show", _BOTH)
    st.session_state[key] = _wanted()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.segmented_control(
            "Show",
            list(_DIRECTIONS),
            format_func=lambda each: _DIRECTIONS[each],
            key=key,
            on_change=selection.follow,
            args=("show", key),
            label_visibility="collapsed",
            required=True,
        )
        st.caption(_summary(graph))


def _summary(graph: CausalGraph) -> str:
    subject = next((node.subject for node in graph.nodes if node.subject), None)
    dead = sum(node.kind == NodeKind.DEAD_LETTER for node in graph.nodes)
    parts = [wording.many(len(graph.nodes), "node"), wording.many(len({node.agent for node in graph.nodes}), "agent")]
    parts += [wording.many(dead, "dead letter")] if dead else []
    unsampled = sum(hole.reason == "not_sampled" for hole in graph.holes)
    parts += [wording.many(len(graph.holes) - unsampled, "hole")] if len(graph.holes) > unsampled else []
    parts += [f"{unsampled:,} not sampled"] if unsampled else []
    return (f"**{wording.plain(subject)}** · " if subject else "") + " · ".join(parts)


def _fingerprint(graph: CausalGraph) -> str:
    return repr(sorted((node.id, node.status, node.attempts) for node in graph.nodes))


@st.fragment(run_every=data.LOOK_EVERY)
def _keep_up(focus: str, drawn: str) -> None:
    """Looks whether the picture has grown; draws again only then, so that nothing moves under a reader for nothing."""
    with data.shown_errors():
        graph = data.found(lambda: data.causality(focus, _wanted()))
        if graph is not None and _fingerprint(graph) != drawn:
            st.rerun()
