"""The details of one node of the picture."""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Final

import streamlit as st

from collector.models import Attempt, CausalGraph, Hole, Node, NodeDetail, NodeKind, NodeStatus
from dashboard import data, palette, selection, wording
from dashboard.figures.folding import Group
from dashboard.parts import breaker_texts, code, cut_texts, failure, folds, letters, links, logs
from dashboard.parts.stamp import fact
from dashboard.views import nested
from dashboard.views.values import attempt_values

#: Siblings that are listed.
_MEMBERS: Final = 100
#: How attributes of calls of models and tools begin, in the conventions that tell what was said.
_TALK: Final = ("gen_ai.", "llm.", "ai.prompt", "ai.toolCall", "tool.", "langfuse.observation.", "traceloop.entity.")
_BAD: Final = (NodeStatus.DEAD, NodeStatus.FAILED, NodeStatus.RETRYING)


def show(node_id: str, graph: CausalGraph, members: list[str], groups: Sequence[Group] = ()) -> None:
    """Shows the panel.

    Args:
        node_id: which node.
        graph: the picture it is in; names its causes, and tells a hole from a node that nobody knows.
        members: ids of all the nodes that it stands for in the picture, where siblings were collapsed.
        groups: items and rounds that can be folded.
    """
    group = next((group for group in groups if group.id == node_id), None)
    if group is not None:
        _group(group, graph)
        return
    hole = next((hole for hole in graph.holes if hole.id == node_id), None)
    if hole is not None:
        _hole(hole)
        return
    if members:
        _members(members, graph)
        return
    detail = data.get_or_none(lambda: data.node(node_id))
    if detail is None:
        st.info("Nothing is recorded under the selected id. Click a node of the picture.", icon=":material/help:")
        return
    _heading(detail)
    _facts(detail)
    for note in detail.notes:
        st.warning(wording.plain(note), icon=":material/help:")
    _error(detail)
    _waits(detail)
    _attempts(detail)
    _payload(detail)
    attempt_values.show(detail)
    _work(detail)
    logs.show(detail.logs)
    logs.all_of({"node": detail.node.id}, detail.logs.total)
    _ids(detail)


def _hole(hole: Hole) -> None:
    not_sampled = hole.reason == "not_sampled"
    st.subheader("Not sampled" if not_sampled else "Never arrived", anchor=False)
    names = "names" if len(hole.named_by) == 1 else "name"
    why = (
        "It was left out by sampling: of this correlation only dead letters, replays and discards are recorded."
        if not_sampled
        else "Its spans may be lost, late, or still waiting in the buffer of a process that ended."
    )
    st.markdown(
        f"{wording.many(len(hole.named_by), 'node')} of the picture {names} this one as the cause, but no record of it "
        f"came in. {why}"
    )
    code.block(hole.id)


def _members(members: list[str], graph: CausalGraph) -> None:
    st.subheader(wording.many(len(members), "sibling"), anchor=False)
    st.caption("Drawn as one, for there are too many to read. Choose one to see it by itself.")
    _show_node_buttons(members, graph, lambda node_id: {"id": node_id, "node": None})


def _group(group: Group, graph: CausalGraph) -> None:
    """Shows items of a fan-out, or rounds of a loop, as a whole."""
    st.subheader(wording.plain(group.title), anchor=False)
    at_least = "At least, for the picture is cut: " if graph.truncated else ""
    st.markdown(f"{at_least}{wording.plain(group.said)}")
    folds.button(group, f"panel-{group.id}")
    st.caption("Choose one to see it by itself.")
    _show_node_buttons(group.members, graph, lambda node_id: {"node": node_id})


def _show_node_buttons(members: list[str], graph: CausalGraph, leads: Callable[[str], dict[str, str | None]]) -> None:
    """Shows some nodes, each as a button, those first that went wrong."""
    nodes = {node.id: node for node in graph.nodes}
    members = sorted(members, key=lambda each: nodes[each].status not in _BAD)
    if len(members) > _MEMBERS:
        st.caption(f"{_MEMBERS} of {len(members):,} are listed, those first that went wrong.")
    with st.container(height=420, border=False):
        for node_id in members[:_MEMBERS]:
            node = nodes[node_id]
            st.button(
                f"{wording.name(_get_sibling_name(node))} · {palette.LOOKS[node.status].word}",
                key=f"member-{node_id}",
                on_click=selection.write,
                kwargs=leads(node_id),
                width="stretch",
            )


def _get_sibling_name(node: Node) -> str:
    """Returns what tells siblings apart: whose they are, or which of a step's."""
    return node.name if node.step else node.subject or node.name


def _heading(detail: NodeDetail) -> None:
    node = detail.node
    st.subheader(wording.name(node.name), anchor=False)
    round_ = f" · round {node.round}" if node.round else ""
    badge = letters.badge(detail.letter) if detail.letter else palette.markdown_badge(node.status)
    st.markdown(
        f"{badge} &nbsp;{wording.sentence(node.kind)}{round_}"
        + (f" on **{wording.name(node.agent)}**" if node.agent else "")
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        if node.kind == NodeKind.DEAD_LETTER:
            where = {"letter": node.id, "state": _state(node)}
            links.to("Open the dead letter", selection.DEAD_LETTERS, where, ":material/mail:")
        if node.run_id:
            links.to("Open the run", selection.RUNS, {"run": node.run_id}, ":material/route:")
        if node.kind == NodeKind.SPAN and any(name.startswith(_TALK) for name in detail.attributes):
            links.to("What was said", selection.RUNS, {"call": node.id}, ":material/forum:")
        if node.id != selection.read("id"):
            links.within("Start from here", "start-here", {"id": node.id, "node": None}, ":material/my_location:")


def _state(node: Node) -> str | None:
    return {"replayed": "replayed", "discarded": "discarded"}.get(node.status)


def _facts(detail: NodeDetail) -> None:
    node, now, zone = detail.node, data.now(), data.zone()
    facts: list[tuple[str, str, str]] = []
    if node.start:
        facts.append(("Began", wording.ago(node.start, now), wording.exact(node.start, zone)))
    if node.start and node.end and node.end > node.start:
        facts.append(("Took", wording.between(node.start, node.end), f"until {wording.exact(node.end, zone)}"))
    if node.attempts > 1 and node.kind == NodeKind.RUN:
        facts.append(("Lives", f"{node.attempts:,}", "it failed and was resumed; the latest says how it stands"))
    elif node.attempts > 1:
        facts.append(("Attempts", f"{node.attempts:,}", "tries at the same node, in this round"))
    if detail.operator:
        facts.append(("By", detail.operator, "the operator, as the audit names them"))
    if detail.context_size is not None:
        facts.append(("Context", wording.size(detail.context_size), "bytes of JSON that the attempt was given"))
    if detail.inbox == "already_applied":
        tip = "an earlier attempt had written it to the handler's own database; this one only acknowledged it"
        facts.append(("Inbox", "already applied", tip))
    facts += [breaker_texts.describe_delay(each.deferred) for each in detail.attempts if each.deferred]
    for evaluation in detail.evaluations:
        score = wording.DASH if evaluation.score is None else f"{evaluation.score:g}"
        facts.append(
            (
                evaluation.name,
                f"{score} {evaluation.label or ''}".strip(),
                evaluation.explanation or "score",
            )
        )
    _show_facts(facts)


def _show_facts(facts: Sequence[tuple[str, str, str]]) -> None:
    if not facts:
        return
    with st.container(horizontal=True, gap="large"):
        for name, value, tip in facts:
            fact(name, value, tip)


def _error(detail: NodeDetail) -> None:
    node, letter = detail.node, detail.letter
    if node.reason:
        st.markdown(f"Gave up: **{wording.plain(wording.sentence(node.reason))}**")
    error = letter.error if letter else node.error
    if error:
        failure.show(error)
    if letter and (fate := letters.fate(letter)):
        st.markdown(fate)


def _waits(detail: NodeDetail) -> None:
    """Shows who answered what a step waited for, and when; the way to the node whose code did."""
    if not detail.waits:
        return
    st.markdown("**Waited for**")
    for at, wait in enumerate(detail.waits):
        key = f" ({wording.plain(wait.key)})" if wait.key else ""
        when = wording.exact(wait.at, data.zone())
        who = f"answered by {wording.plain(wait.by)}" if wait.by else ":orange[nobody answered in time]"
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"{wording.plain(wait.name)}{key}: {who} :gray[{when}]", width="content")
            if wait.node_id:
                links.within("Go there", f"answered-{at}", {"node": wait.node_id}, ":material/my_location:")


def _attempts(detail: NodeDetail) -> None:
    said = [each for each in detail.attempts if each.error_type or each.outcome not in ("", "ok")]
    if len(detail.attempts) < 2 and not said:
        return
    st.markdown("**Lives**" if detail.node.kind == NodeKind.RUN else "**Attempts**")
    for index, attempt in enumerate(detail.attempts):
        _attempt(attempt, detail.node.id, f"/attempts/{index}")


def _attempt(attempt: Attempt, node_id: str, place: str) -> None:
    status = palette.of_outcome(attempt.outcome)
    took = [wording.between(attempt.start, attempt.end)] if attempt.end else []
    how = attempt.error_type or palette.ending(attempt.outcome)
    facts = " · ".join([*took, *([wording.plain(how)] if how else [])])
    title = f"{palette.LOOKS[status].icon} :{palette.LOOKS[status].hue}[**{attempt.attempt}**] &nbsp;{facts}"
    with st.expander(title):
        where = f" by {wording.plain(attempt.worker)}" if attempt.worker else ""
        where += f", version {wording.plain(attempt.version)}" if attempt.version else ""
        st.caption(f"{wording.exact(attempt.start, data.zone())}{where}")
        if attempt.error_message:
            st.markdown(wording.plain(attempt.error_message, wording.MESSAGE))
        if attempt.traceback:
            cut_texts.show_text(attempt.traceback, node_id, f"{place}/traceback", "python")


def _payload(detail: NodeDetail) -> None:
    if detail.payload:
        st.markdown("**Payload**")
        cut_texts.show_text(detail.payload, detail.node.id, "/payload", "json")


def _work(detail: NodeDetail) -> None:
    read = [
        f"{each} {wording.size(size)}" if size is not None else each
        for each, size in zip_longest(detail.keys_read, detail.key_sizes)
    ]
    for name, keys in (("Keys read", read), ("Keys written", detail.keys_written)):
        if keys:
            st.markdown(f"**{name}** &nbsp;" + " ".join(f":gray-badge[{wording.plain(each)}]" for each in keys))
    if detail.keys_unused:
        named = " ".join(f":orange-badge[{wording.plain(each)}]" for each in detail.keys_unused)
        st.markdown(
            f"**Never used** &nbsp;{named}",
            help="The step asks for them, and its code has not used them. Ask for less, and its context is smaller.",
        )
    if detail.nested:
        nested.show(detail)


def _ids(detail: NodeDetail) -> None:
    node = detail.node
    ids = {
        "Node": node.id,
        "Correlation": node.correlation_id,
        "Caused by": detail.causation_id,
        "Event": node.event_id if node.event_id != node.id else None,
        "Run": node.run_id if node.run_id != node.id else None,
        "Trace": node.trace_id,
    }
    with st.expander("Ids and attributes", icon=":material/fingerprint:"):
        for name, value in ids.items():
            if value:
                st.caption(name)
                code.block(value)
        if detail.attributes:
            st.caption("Attributes")
            cut_texts.show_attributes(detail.attributes, node.id, "/attributes")
