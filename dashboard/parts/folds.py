"""Which items and rounds are unfolded: the address says so, and a press on a fold or on its button changes it."""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from dashboard import selection, wording
from dashboard.figures.folding import Group, is_fold

#: The address's parameter: ids of what is unfolded.
UNFOLDED: Final = "unfolded"
#: Groups that have a button; each can be pressed in the figure itself.
_BUTTONS: Final = 6


def get_unfolded_ids() -> list[str]:
    """Returns the ids of the groups that are unfolded."""
    return [each for each in selection.read(UNFOLDED).split(",") if is_fold(each)]


def get_toggle_parameters(fold: str) -> Mapping[str, str | None]:
    """Returns what changes in the address when a fold is unfolded, or folded again."""
    known = get_unfolded_ids()
    wanted = [each for each in known if each != fold] if fold in known else [*known, fold]
    return {UNFOLDED: ",".join(wanted) or None}


def pick(node: object) -> None:
    """Takes what was pressed in a figure: a fold unfolds, and is selected as a node would be."""
    if not isinstance(node, str):
        return
    unfolds = is_fold(node) and node not in get_unfolded_ids()
    selection.write(node=node, **(get_toggle_parameters(node) if unfolds else {}))


def buttons(groups: Sequence[Group], key: str) -> None:
    """Shows a button for each group, that unfolds it or folds it again.

    Args:
        groups: what there is to fold.
        key: of the figure, unlike any other on the page.
    """
    if not groups:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-folds"):
        for group in groups[:_BUTTONS]:
            button(group, f"{key}-{group.id}")
        if len(groups) > _BUTTONS:
            st.caption(f"and {len(groups) - _BUTTONS:,} more that can be unfolded", width="content")


def button(group: Group, key: str) -> None:
    """Shows the button of one group."""
    verb, icon = ("Fold", ":material/unfold_less:") if group.is_open else ("Unfold", ":material/unfold_more:")
    st.button(
        f"{verb} {wording.plain(group.title)}",
        key=key,
        type="tertiary",
        icon=icon,
        help=wording.plain(group.said),
        on_click=_toggle,
        args=(group.id,),
    )


def _toggle(fold: str) -> None:
    selection.write(**get_toggle_parameters(fold))
