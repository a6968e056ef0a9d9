"""One budget: what is spent of it, and what waits for it."""

from typing import Final

import streamlit as st

from collector.models import Budget, ParkedWork
from dashboard import data, live, selection, wording
from dashboard.parts import budget_texts, confirmation, links, table
from dashboard.parts.stamp import stamp
from dashboard.views.runs import budget_actions

_WIDTHS: Final = [7, 2.4, 2]
_TITLES: Final = ("parked", "since", "")


def show(budget_id: str) -> None:
    """Shows the budget."""
    links.within("All runs and budgets", "all-budgets", {"budget": None}, ":material/arrow_back:")
    budget = data.get_or_none(lambda: live.budget(budget_id))
    if budget is None:
        st.warning(f"There is no budget **{wording.plain(budget_id)}**.", icon=":material/help:")
        return
    st.subheader(f"{wording.name(budget.what)} :gray[{wording.plain(budget.app)}]", anchor=False)
    facts = [f"by {budget.by}"] if budget.by else []
    facts += budget_texts.describe_spending(budget, data.now(), data.zone())
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"{budget_texts.badge(budget)} &nbsp;{wording.plain(' · '.join(facts))}", width="content")
        links.to("See its cause in the picture", selection.EVENT, {"id": budget.id}, ":material/account_tree:")
        if budget.parent:
            links.within("The budget over it", "budget-over", {"budget": budget.parent}, ":material/arrow_upward:")
        budget_actions.buttons(budget)
    stamp(budget.opened_at, f"declared with {budget.id}")
    confirmation.show_last_result(budget_actions.ABOUT)
    _waiting(budget)


def _waiting(budget: Budget) -> None:
    if not budget.parked:
        st.caption("Nothing is parked under it.")
        return
    found = [_row(work, budget) for work in budget.parked]
    table.show("parked", "What is parked", _WIDTHS, found, _TITLES)
    if budget.parked_total > len(budget.parked):
        st.caption(f"And {budget.parked_total - len(budget.parked):,} more, which have waited less long.")


def _row(work: ParkedWork, budget: Budget) -> table.Row:
    since = table.Part(wording.ago(work.since, data.now()), "time", tip=wording.exact(work.since, data.zone()))
    if work.run_id:  # what has not begun is in no picture yet
        name = [table.make_name_part(work.step or "", table.STRONG), table.Part(work.workflow or "", table.MUTED)]
        name += [table.Part(work.reason, table.ORANGE)] if work.reason else []
        return table.Row(
            (name, [since], [table.Part("Its run", icon=":material/route:")]),
            table.Link({"run": work.run_id}, selection.RUNS),
        )
    name = [
        table.make_name_part(work.group or work.what, table.STRONG),
        table.Part(f"event of {work.channel}", table.MUTED),
    ]
    leads = [table.Part("Its cause", icon=":material/account_tree:")]
    return table.Row((name, [since], leads), table.Link({"id": budget.id}, selection.EVENT))
