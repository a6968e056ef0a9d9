"""Budgets: what causes may still spend, what waits for that, and what an operator may do about it."""

from typing import Final

import streamlit as st

from collector.models import Budget
from dashboard import data, keys, wording
from dashboard.parts import budget_texts, confirmation, links, rows
from dashboard.views.runs import budget_actions

_WIDTHS: Final = [3.4, 2, 4.6, 2.4, 2]
_TITLES: Final = ("budget", "status", "spent", "waits", "")
#: Budgets that are shown.
_MOST: Final = 15


def show(budgets: list[Budget]) -> None:
    """Shows budgets that hold still, those first that something waits for; nothing where there are none."""
    budgets = [budget for budget in budgets if budget.status != "cancelled" and not budget.is_over]
    if not budgets:
        confirmation.show_last_result(budget_actions.ABOUT)  # also of the last one, which was just cancelled
        return
    st.subheader("Budgets", anchor=False)
    confirmation.show_last_result(budget_actions.ABOUT)
    with rows.of("budgets"):
        for cell, title in zip(st.columns(_WIDTHS), _TITLES, strict=True):
            cell.caption(title)
        for budget in budgets[:_MOST]:
            _row(budget)
    if len(budgets) > _MOST:
        st.caption(f"The {_MOST} that need a look, or are newest; `causeline budgets list` has more.")


def _row(budget: Budget) -> None:
    name, status, limits, waits, press = st.columns(_WIDTHS, vertical_alignment="center")
    with name:
        label = f"{wording.name(budget.what)} :gray[{wording.plain(budget.app)} {wording.short_id(budget.id)}]"
        links.within(label, f"budget-{keys.key(budget.id)}", {"budget": budget.id})
    status.markdown(budget_texts.badge(budget))
    limits.markdown(
        f":small[{wording.plain(' · '.join(budget_texts.describe_spending(budget, data.now(), data.zone())))}]"
    )
    waits.markdown(_waits(budget))
    with press, st.container(horizontal=True, gap="small"):
        budget_actions.buttons(budget)


def _waits(budget: Budget) -> str:
    if not budget.parked:
        return wording.DASH
    return (
        f":small[{budget_texts.describe_parked_work(budget)} for "
        f"{wording.format_elapsed(budget.parked[0].since, data.now())}]"
    )
