"""Keeping alerts silent: for how long, by whom and why; and ending that."""

from typing import Final

import streamlit as st

from collector.models import Silence
from dashboard import alerting, data, wording
from dashboard.parts.confirmation import Act

#: Stands for all alerts where it is said what became of a silence.
ABOUT: Final = "alerts"

_LENGTHS: Final = {
    "15 minutes": 900.0,
    "1 hour": 3_600.0,
    "4 hours": 14_400.0,
    "1 day": 86_400.0,
    "7 days": 604_800.0,
    "30 days": 2_592_000.0,
}
_USUAL: Final = 1
_KEY: Final = "silence-for"


def silence(rule: str, what: str, about: dict[str, str] | None) -> Act:
    """Returns the act that keeps a rule silent, or what it says about one thing.

    Args:
        rule: the rule's name.
        what: what is silenced, in words.
        about: the one thing; None for all that the rule finds.
    """

    def do(who: str, why: str) -> str:
        made = alerting.silence(rule, about, _LENGTHS[st.session_state.get(_KEY) or next(iter(_LENGTHS))], who, why)
        return f"Nobody is told of **{wording.plain(what)}** until {_until(made)}."

    scope = "what this rule says about it" if about is not None else "whatever this rule finds"
    return Act(
        about=ABOUT,
        title="Silence this?",
        words=f"Nobody is told of {scope}: **{wording.plain(what)}**. It still fires, and is shown here.",
        verb="Silence",
        do=do,
        wants_reason=True,
        also=lambda: st.selectbox("For how long", list(_LENGTHS), index=_USUAL, key=_KEY),
    )


def unsilence(silence: Silence) -> Act:
    """Returns the act that ends a silence."""

    def do(who: str, _: str) -> str:
        alerting.unsilence(silence.id, who)
        return f"**{wording.plain(silence.rule)}** is silent no more: what fires is told."

    return Act(
        about=ABOUT,
        title="End this silence?",
        words=f"{wording.plain(describe_silence(silence))}.  \nWhat fires and was not told is told within seconds.",
        verb="Unsilence",
        do=do,
    )


def describe_silence(silence: Silence) -> str:
    """Returns who keeps something silent, until when, and why, as text."""
    return f"Silenced until {_until(silence)} by {silence.operator}: {silence.reason}"


def _until(silence: Silence) -> str:
    local = silence.until.astimezone(data.zone())
    is_today = local.date() == data.now().astimezone(data.zone()).date()
    return f"{local:%H:%M}" if is_today else f"{local:%d %b %H:%M}"
