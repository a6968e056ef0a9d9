"""What an attempt was given and what it returned, and the way to compare that with another's."""

from typing import Final

import streamlit as st

from collector.models import Attempt, NodeDetail, RunDetail
from dashboard import palette, selection, wording
from dashboard.parts import cut_texts, links
from dashboard.views.values import comparison

#: Characters, and lines, up to which a value is shown at once; a longer one is folded.
_SHORT: Final = 1_200
_LINES: Final = 14


def show(detail: NodeDetail, run: RunDetail | None = None) -> None:
    """Shows the values of a node's newest attempt, or of that which the address names.

    Args:
        detail: the node's.
        run: that it is a step of, where the page knows it.
    """
    told = [at for at, each in enumerate(detail.attempts) if each.input is not None or each.result is not None]
    if not told:
        return
    at = _get_chosen_place(detail, told)
    if len(detail.attempts) > 1:
        _choose(detail, told, at)
    is_compared = comparison.is_open(detail.node.id)
    for field, title in comparison.FIELDS:
        value = getattr(detail.attempts[at], field)
        if value is not None:
            _value(value, title, detail.node.id, f"/attempts/{at}/{field}", is_folded=is_compared)
    if is_compared:
        comparison.show(detail, at, run)
    else:
        where = {"values": detail.node.id, "with": comparison.CHOOSE, "attempt": str(at + 1)}
        links.within("Compare with another", f"compare-{detail.node.id}", where, ":material/compare_arrows:")


def excerpt(value: str | None, room: int = 160) -> str:
    """Returns the beginning of a value on one line; empty where there is none."""
    return "" if value is None else wording.clip(value, room)


def _get_chosen_place(detail: NodeDetail, told: list[int]) -> int:
    """Returns the place of the attempt that is shown among all."""
    wanted = selection.read("attempt") if selection.read("values") == detail.node.id else ""
    places = {str(at + 1): at for at in told}
    return places.get(wanted, told[-1])


def _choose(detail: NodeDetail, told: list[int], at: int) -> None:
    key = f"attempt-{detail.node.id}"
    st.session_state[key] = at
    st.selectbox(
        "Values of attempt",
        told,
        key=key,
        format_func=lambda place: label(detail.attempts[place], place),
        on_change=_follow,
        args=(detail.node.id, key),
    )


def _follow(node_id: str, key: str) -> None:
    selection.write(values=node_id, attempt=str(st.session_state[key] + 1))


def label(attempt: Attempt, place: int) -> str:
    """Returns what an attempt is called in a list of its node's."""
    return f"{place + 1}, {palette.LOOKS[palette.of_outcome(attempt.outcome)].word}"


def _value(value: str, title: str, node_id: str, place: str, *, is_folded: bool) -> None:
    if not is_folded and len(value) <= _SHORT and wording.pretty(value).count("\n") < _LINES:
        st.markdown(f"**{title}**")
        cut_texts.show_text(value, node_id, place, "json")
        return
    with st.expander(f"**{title}** &nbsp;:small[{excerpt(value, 90)}]"):
        cut_texts.show_text(value, node_id, place, "json")
