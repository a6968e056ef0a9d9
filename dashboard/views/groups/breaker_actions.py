"""What an operator may do with a breaker: open it, hold it open, or close it."""

from typing import Final

import streamlit as st

from collector.models import Breaker
from dashboard import keys, live, wording
from dashboard.parts import confirmation
from dashboard.parts.confirmation import Act

#: What is said of acts on breakers is said beside their list.
ABOUT: Final = "breakers"


def buttons(breaker: Breaker) -> None:
    """Shows what can be done now."""
    key = keys.key(breaker.name)
    acts = {"open": ("Open", _open), "hold": ("Hold", _hold), "close": ("Close", _close)}
    useless = {"closed": ("close",), "open": ("open",), "half_open": (), "held": ("open", "hold")}[breaker.state]
    for name, (label, act) in acts.items():
        if name not in useless:
            asked = (act(breaker),)
            st.button(label, key=f"{name}-{key}", type="tertiary", on_click=confirmation.ask, args=asked)


def _open(breaker: Breaker) -> Act:
    def do(who: str, why: str) -> str:
        live.operate_breaker("open", breaker.name, who, why)
        return f"Breaker {_name(breaker)} is open."

    cooldown = breaker.settings.get("cooldown")
    during = f" for {wording.duration(cooldown * 1000)}" if cooldown else ""
    return Act(
        about=ABOUT,
        title="Open this breaker?",
        words=f"What {_name(breaker)} guards does not begin{during}: it is deferred, and uses up no attempt. Then one "
        "attempt is let through, and closes it if that goes well.",
        verb="Open this breaker",
        do=do,
        wants_reason=True,
    )


def _hold(breaker: Breaker) -> Act:
    def do(who: str, why: str) -> str:
        live.operate_breaker("hold", breaker.name, who, why)
        return f"Breaker {_name(breaker)} is held open until somebody closes it."

    return Act(
        about=ABOUT,
        title="Hold this breaker open?",
        words=f"What {_name(breaker)} guards does not begin until somebody closes it: it is deferred, and uses up no "
        "attempt. Nothing probes it meanwhile.",
        verb="Hold this breaker open",
        do=do,
        wants_reason=True,
    )


def _close(breaker: Breaker) -> Act:
    def do(who: str, why: str) -> str:
        changed = live.operate_breaker("close", breaker.name, who, why).changed
        return f"Breaker {_name(breaker)} is closed." if changed else f"Breaker {_name(breaker)} was closed before."

    return Act(
        about=ABOUT,
        title="Close this breaker?",
        words=f"What waits for {_name(breaker)} comes back in waves. Where what it guards still fails, it opens again.",
        verb="Close this breaker",
        do=do,
        wants_reason=True,
    )


def _name(breaker: Breaker) -> str:
    return f"**{wording.plain(breaker.name)}**"
