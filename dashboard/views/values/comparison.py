"""What an attempt was given and returned beside what another was: of its node, in another round, or in another run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import streamlit as st

from collector.models import Attempt, NodeDetail, NodeKind, NodeStatus, Run, RunDetail, RunStep
from dashboard import data, lists, palette, selection, wording
from dashboard.figures import diff
from dashboard.parts import components, cut_texts, links
from dashboard.period import Period

#: In the address, that somebody wants to compare and has not said yet with what.
CHOOSE: Final = "?"

#: Runs that are offered.
_RUNS: Final = 25

#: The fields of an attempt that hold values, with what they are called.
FIELDS: Final = (("input", "Given"), ("result", "Returned"))
_NOTHING: Final = "There is nothing to compare with: no other attempt, round or run of it is recorded."
_NO_RUN: Final = (
    "There is no other attempt to compare with. Rounds and other runs are offered where its run is shown, in Runs."
)
_ALL_TIME: Final = Period(last="all")


@dataclass(frozen=True, slots=True)
class ComparisonOption:
    """What may be compared with: its sign in the address, and what it is called."""

    sign: str
    label: str


def is_open(node_id: str) -> bool:
    """Returns whether the address says that a node's values are compared."""
    return selection.read("values") == node_id and bool(selection.read("with"))


def show(detail: NodeDetail, at: int, run: RunDetail | None) -> None:
    """Shows the values of an attempt beside those of what the address names.

    Args:
        detail: of the node.
        at: the place of the attempt among the node's.
        run: that it is a step of, where the page knows it.
    """
    if run is None and detail.node.run_id:
        run = data.get_or_none(lambda: data.run(str(detail.node.run_id)))
    offered = {other.sign: other.label for other in _list_options(detail, at, run)}
    chosen = selection.read("with")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choose(offered, chosen, detail.node.id)
        links.within("Close", "close-comparison", {"with": None}, ":material/close:")
    if not offered:
        st.caption(_NOTHING if run else _NO_RUN)
    if chosen == CHOOSE:
        return
    with st.spinner("Looking for it ...", show_time=False):
        found = _find_attempt(chosen, detail, run)
    if found is None:
        st.info("What the address names has no values that are recorded.", icon=":material/help:")
        return
    _show_differences(detail, at, *found, label=offered.get(chosen, wording.short_id(chosen)))


def _choose(offered: dict[str, str], chosen: str, node_id: str) -> None:
    key = f"with-{node_id}"
    signs = [*offered, *([chosen] if chosen not in (CHOOSE, *offered) else [])]
    st.session_state[key] = chosen if chosen in signs else None
    st.selectbox(
        "Compare with",
        signs,
        key=key,
        format_func=lambda sign: offered.get(sign, wording.short_id(sign)),
        placeholder="another attempt, round or run",
        on_change=selection.follow,
        args=("with", key),
        disabled=not signs,
    )


def _list_options(detail: NodeDetail, at: int, run: RunDetail | None) -> Iterator[ComparisonOption]:
    node = detail.node
    for place, attempt in enumerate(detail.attempts):
        if place != at:
            yield ComparisonOption(f"attempt-{place + 1}", f"attempt {place + 1}, {_word(attempt)}")
    if node.kind == NodeKind.DELIVERY and node.event_id:
        event = data.get_or_none(lambda: data.event(str(node.event_id)))
        for other in event.rounds if event else ():
            if other.group == node.group and other.id != node.id:
                yield ComparisonOption(other.id, f"round {other.round or 0}, {palette.LOOKS[other.status].word}")
    own = _find_own_step(run, node.id)
    if run is None or own is None:
        return
    yield from _tries(own, node.id)
    for step in run.steps:
        if step.step == own.step and step.node_id != own.node_id:
            yield ComparisonOption(
                step.node_id, f"round {step.round + 1} in this run, {palette.LOOKS[step.status].word}"
            )
    for each in _runs_like(run.run):
        when = wording.ago(each.start, data.now())
        name = wording.tame(each.subject or wording.short_id(each.run_id))
        yield ComparisonOption(f"run-{each.run_id}", f"run {name}, {palette.LOOKS[each.status].word}, {when}")


def _tries(step: RunStep, node_id: str) -> Iterator[ComparisonOption]:
    """Yields attempts at a step of others that are nodes of their own, the last of which is the step's."""
    nodes = [*step.tries, step.node_id]
    for number, other in enumerate(nodes, 1):
        if other != node_id:
            status = step.status if other == step.node_id else NodeStatus.FAILED
            yield ComparisonOption(other, f"attempt {number}, {palette.LOOKS[status].word}")


def _runs_like(run: Run) -> list[Run]:
    page = lists.runs(_ALL_TIME, lists.RunSelection(workflow=run.workflow), "")
    return [each for each in page.items if each.run_id != run.run_id][:_RUNS]


def _find_own_step(run: RunDetail | None, node_id: str) -> RunStep | None:
    return next((step for step in run.steps if node_id in (step.node_id, *step.tries)), None) if run else None


def _find_attempt(sign: str, detail: NodeDetail, run: RunDetail | None) -> tuple[NodeDetail, int] | None:
    """Returns the node that is named and the place of its attempt; None where there is none with values."""
    kind, _, which = sign.partition("-")
    if kind == "attempt":
        place = int(which) - 1 if which.isdecimal() and len(which) < 9 else -1
        return (detail, place) if 0 <= place < len(detail.attempts) else None
    node_id: str | None = sign
    if kind == "run":
        node_id = _find_same_step(data.get_or_none(lambda: data.run(which)), _find_own_step(run, detail.node.id))
    other = data.get_or_none(lambda: data.node(node_id)) if node_id else None
    places = [at for at, each in enumerate(other.attempts if other else ()) if _has_values(each)]
    return (other, places[-1]) if other and places else None


def _find_same_step(run: RunDetail | None, own: RunStep | None) -> str | None:
    """Returns the step of a run that has the name, and if it can be the round, of another run's."""
    steps = [step for step in run.steps if own and step.step == own.step] if run else []
    same = [step for step in steps if own and step.round == own.round]
    return next((step.node_id for step in (*same, *steps[-1:])), None)


def _has_values(attempt: Attempt) -> bool:
    return attempt.input is not None or attempt.result is not None


def _show_differences(detail: NodeDetail, at: int, other: NodeDetail, there: int, label: str) -> None:
    this = "this one" if len(detail.attempts) < 2 else f"this one, attempt {at + 1}"
    sides = [(label, other, there), (this, detail, at)]
    if other.node.id == detail.node.id and there > at:  # what came later stands on the right
        sides.reverse()
    titles = [name for name, _, _ in sides]
    for field, title in FIELDS:
        left, right = (_value(node, place, field) for _, node, place in sides)
        if left is None and right is None:
            continue
        compared = diff.compare(left, right)
        if compared.is_same:
            st.markdown(f"**{title}** &nbsp;:green-badge[:material/check: the same]")
            continue
        changes = f":red[\N{MINUS SIGN}{compared.removed:,}] :green[+{compared.added:,}] :gray[lines]"
        st.markdown(f"**{title}** &nbsp;{changes}")
        components.mount("diff", f"diff-{field}-{detail.node.id}", {"rows": compared.as_data(), "titles": titles})
        if compared.is_cut:
            st.caption(f"The first {diff.MOST:,} lines of each are compared.")


def _value(detail: NodeDetail, at: int, field: str) -> str | None:
    return cut_texts.get_full_text(getattr(detail.attempts[at], field), detail.node.id, f"/attempts/{at}/{field}")


def _word(attempt: Attempt) -> str:
    return palette.LOOKS[palette.of_outcome(attempt.outcome)].word
