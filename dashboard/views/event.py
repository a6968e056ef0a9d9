"""Event: why did this happen, and what did it cause?"""

from typing import Final

import streamlit as st

from collector.client import Direction
from collector.models import CausalGraph, NodeKind
from dashboard import data, export, parallel_questions, selection, wording
from dashboard.figures import folding, spacetime, tree
from dashboard.figures.folded_graphs import FoldedGraph, of_graph
from dashboard.parts import components, folds, pinned_containers, timespan
from dashboard.views import node_panel, search

_TITLE: Final = "Why did this happen, and what did it cause?"
_BOTH: Final = "both"
_DIRECTIONS: Final[dict[Direction, str]] = {
    _BOTH: "Causes and effects",
    "causes": "Causes",
    "effects": "Effects",
    "whole": "Whole picture",
}


def render() -> None:
    """Shows the view."""
    if selection.read("id") and not selection.read("q"):
        st.header(_TITLE, anchor=False)  # a picture is of all time
    else:
        timespan.heading(_TITLE)
    with data.show_errors():
        focus = search.bar()
        if focus:
            _picture_of(focus)


def _picture_of(focus: str) -> None:
    shown_beside = selection.read("node") or focus
    if not folding.is_fold(shown_beside):
        parallel_questions.ask_ahead(
            lambda: data.get_or_none(lambda: data.node(shown_beside))
        )  # cached, until the panel asks
    graph = data.get_or_none(lambda: data.causality(focus, _read_direction()))
    if graph is None:
        search.unknown(focus)
        return
    focus = graph.focus  # the id of a span leads to its node
    selected = selection.read("node") or focus
    _direction(graph)
    if graph.truncated:
        st.info(_cut(graph), icon=":material/content_cut:")
    folded = of_graph(graph, folds.get_unfolded_ids(), keep=[focus, selected])
    folds.buttons(folded.groups, "event")
    scene = spacetime.lay_out(folded.graph, keep=[focus, selected])
    shown = {"selected": selected, "focus": focus}
    components.mount("spacetime", f"spacetime-{focus}", {"scene": scene.as_data(), **shown}, pick=folds.pick)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        st.subheader("From cause to effect", anchor=False)
        _tree(folded, shown)
    with right, pinned_containers.beside("node-panel"):
        node_panel.show(selected, graph, scene.members.get(selected, []), folded.groups)
    _keep_up(focus, _fingerprint(graph))


def _cut(graph: CausalGraph) -> str:
    """Returns what the picture leaves out, and the way to it."""
    more = f"at least {graph.left_out:,} more" if graph.left_out else "what lies beyond them"
    nearest = wording.many(len(graph.nodes), "node")
    return f"This picture has the nearest {nearest} and leaves out {more}. Search for a node to see what is near it."


def _tree(folded: FoldedGraph, shown: dict[str, str]) -> None:
    """Shows the list of causes and effects: its first rows where it is long, all of them when a reader asks for it."""
    rows, key = tree.rows(folded.graph), f"tree-{shown['focus']}"
    listed = rows if st.session_state.get(f"{key}-all") else rows[: tree.MOST_ROWS]
    components.mount("tree", key, {"rows": [row.as_data() for row in listed], **shown}, pick=folds.pick)
    if len(listed) < len(rows):
        st.caption(f"The first {len(listed):,} of {len(rows):,} rows.")
        st.button(
            f"Show all {len(rows):,} rows",
            key=f"{key}-more",
            icon=":material/unfold_more:",
            on_click=st.session_state.update,
            args=({f"{key}-all": True},),
        )


def _read_direction() -> Direction:
    """Returns what to draw of the focus: its cones, or the whole picture that it is a part of."""
    wanted = selection.read("show", _BOTH)
    return next((direction for direction in _DIRECTIONS if direction == wanted), _BOTH)


def _direction(graph: CausalGraph) -> None:
    key = selection.bind_widget("show", "event-show", _BOTH)
    st.session_state[key] = _read_direction()
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
        export.text("JSON", f"chain-{graph.focus}.json", graph.model_dump_json)


def _summary(graph: CausalGraph) -> str:
    subjects = {node.id: node.subject for node in graph.nodes if node.subject}
    subject = subjects.get(graph.focus) or next(iter(subjects.values()), None)
    dead = sum(node.kind == NodeKind.DEAD_LETTER for node in graph.nodes)
    parts = [wording.many(len(graph.nodes), "node"), wording.many(len({node.agent for node in graph.nodes}), "agent")]
    parts += [wording.many(dead, "dead letter")] if dead else []
    unsampled = sum(hole.reason == "not_sampled" for hole in graph.holes)
    parts += [wording.many(len(graph.holes) - unsampled, "hole")] if len(graph.holes) > unsampled else []
    parts += [f"{unsampled:,} not sampled"] if unsampled else []
    return (f"**{wording.name(subject)}** · " if subject else "") + " · ".join(parts)


def _fingerprint(graph: CausalGraph) -> str:
    return repr(sorted((node.id, node.status, node.attempts) for node in graph.nodes))


@st.fragment(run_every=data.LOOK_EVERY)
def _keep_up(focus: str, drawn: str) -> None:
    """Looks whether the picture has grown; draws again only then, so that nothing moves under a reader for nothing."""
    with data.show_errors():
        graph = data.get_or_none(lambda: data.causality(focus, _read_direction()))
        if graph is not None and _fingerprint(graph) != drawn:
            st.rerun()
