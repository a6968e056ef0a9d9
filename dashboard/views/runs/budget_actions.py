"""What an operator may do with a budget: raise it, or let nothing under it begin any more."""

from typing import Final

import streamlit as st

from collector.client import ApiError
from collector.models import Budget
from dashboard import keys, live, wording
from dashboard.parts import confirmation
from dashboard.parts.confirmation import Act

#: What is said of acts on budgets is said beside their list.
ABOUT: Final = "budgets"

#: The most that the form adds at once.
_MOST: Final = 1_000_000_000


def buttons(budget: Budget) -> None:
    """Shows what can be done now; nothing with one that is cancelled."""
    if budget.status == "cancelled":
        return
    key = keys.key(budget.id)
    st.button("Raise", key=f"raise-{key}", type="tertiary", on_click=confirmation.ask, args=(_raise(budget),))
    st.button("Cancel", key=f"cancel-{key}", type="tertiary", on_click=confirmation.ask, args=(_cancel(budget),))


def _raise(budget: Budget) -> Act:
    def do(who: str, _: str) -> str:
        more = {name: st.session_state.get(_field(budget, name)) for name in _get_limit_labels(budget)}
        added = {name: value for name, value in more.items() if value}
        if not added:
            raise ApiError(
                "nothing_added", "Nothing is added.", "Say how much more it may spend of at least one limit."
            )
        answer = live.raise_budget(budget.id, who, added)
        said = f" {wording.many(answer.parked, 'parked step or delivery', 'parked steps and deliveries')} asks again."
        return f"The budget of {_name(budget)} is raised.{said if answer.parked else ''}"

    return Act(
        about=ABOUT,
        title="Raise this budget?",
        words=f"What is parked under the budget of {_name(budget)} asks again at once, and goes on as far as what is "
        "left lets it. Say what is added to each limit:",
        verb="Raise this budget",
        do=do,
        also=lambda: _fields(budget),
    )


def _fields(budget: Budget) -> None:
    """Draws a field for each limit that the budget has."""
    whole = {"min_value": 0, "max_value": _MOST, "value": None, "placeholder": "nothing"}
    broken = {**whole, "min_value": 0.0, "max_value": float(_MOST)}
    for name, label in _get_limit_labels(budget).items():
        shape = whole if name in ("tokens", "hops") else broken
        st.number_input(label, key=_field(budget, name), **shape)


def _get_limit_labels(budget: Budget) -> dict[str, str]:
    """Returns the limits that a budget has, each with what its field is called."""
    limits = {
        "usd": (budget.usd_limit, "US dollars more"),
        "tokens": (budget.tokens_limit, "Tokens more"),
        "hops": (budget.hops_limit, "Hops (steps and deliveries) more"),
        "minutes": (budget.ends_at, "Minutes more, from now where they are over"),
    }
    return {name: label for name, (limit, label) in limits.items() if limit is not None}


def _field(budget: Budget, name: str) -> str:
    return f"raise-{name}-{keys.key(budget.id)}"


def _cancel(budget: Budget) -> Act:
    def do(who: str, _: str) -> str:
        answer = live.cancel_budget(budget.id, who)
        said = f" {wording.many(answer.parked, 'parked step or delivery', 'parked steps and deliveries')} ended."
        return f"The budget of {_name(budget)} is cancelled.{said if answer.parked else ''}"

    return Act(
        about=ABOUT,
        title="Cancel this budget?",
        words=f"Nothing under the budget of {_name(budget)} begins any more: parked steps fail their runs, parked "
        "deliveries go dead, and so does all that comes later. This can't be taken back.",
        verb="Cancel this budget",
        do=do,
    )


def _name(budget: Budget) -> str:
    return f"**{wording.plain(budget.what)}**"
