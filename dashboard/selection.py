"""The URL and what the reader has selected: every selection can be sent to somebody as a link, and Back undoes it."""

from typing import Final

import streamlit as st

#: The views by their URL path; the first is where a bare address leads.
OVERVIEW: Final = "overview"
EVENT: Final = "event"
DEAD_LETTERS: Final = "dead-letters"
STEPS: Final = "steps"
RUNS: Final = "runs"
GROUPS: Final = "groups"
WORKERS: Final = "workers"
TRACES: Final = "traces"
ALERTS: Final = "alerts"
LOGS: Final = "logs"
SESSIONS: Final = "sessions"
TOPOLOGY: Final = "topology"
VIEWS: Final = (OVERVIEW, EVENT, DEAD_LETTERS, STEPS, RUNS, TOPOLOGY, SESSIONS, TRACES, LOGS, GROUPS, WORKERS, ALERTS)
#: A name for the page that a bare address leads to, of which it takes none; its view is under its own path as well.
BARE: Final = "home"


def read(name: str, default: str = "") -> str:
    """Returns a parameter of the URL as it stands there, or the default where it is absent: a name may begin or end
    with a space."""
    return st.query_params.get(name, default)


def write(**parameters: str | None) -> None:
    """Changes parameters of the URL in one go; None or an empty one is taken out, the rest stay."""
    current = st.query_params.to_dict()
    wanted = {**current, **parameters}
    kept = {name: value for name, value in wanted.items() if value}
    if kept != current:
        st.query_params.from_dict(kept)


def bind_widget(name: str, key: str, default: str = "") -> str:
    """Makes a widget follow the URL: puts the parameter's value into its state before it is drawn.

    Args:
        name: the parameter.
        key: the widget's key.
        default: the value where the parameter is absent.

    Returns:
        The key, to hand to the widget together with `on_change=selection.follow`.
    """
    st.session_state[key] = read(name, default)
    return key


def follow(name: str, key: str, *clears: str) -> None:
    """Writes a widget's value into the URL; a callback for `on_change`. `clears` names parameters that it outdates."""
    value = st.session_state.get(key)
    write(**{name: str(value) if value else None}, **dict.fromkeys(clears))
