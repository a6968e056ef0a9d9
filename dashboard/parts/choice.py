"""One of a few, chosen with a press; what is chosen stands in the address."""

from collections.abc import Mapping

import streamlit as st

from dashboard import selection


def show(label: str, key: str, options: Mapping[str, str], chosen: str, parameter: str, *clears: str) -> None:
    """Shows the choice.

    Args:
        label: what is chosen, for those who can't see it.
        key: the widget's, unlike any other.
        options: by value the words for it.
        chosen: the value that holds now; one of `options`.
        parameter: of the address.
        clears: parameters that another choice outdates.
    """
    st.session_state[key] = chosen
    st.segmented_control(
        label,
        list(options),
        format_func=lambda each: options[each],
        key=key,
        on_change=selection.follow,
        args=(parameter, key, *clears),
        label_visibility="collapsed",
        required=True,
    )


def of(options: Mapping[str, str], parameter: str) -> str:
    """Returns the value that the address names; empty, which is an option, where it names none that there is."""
    named = selection.read(parameter)
    return named if named in options else ""
