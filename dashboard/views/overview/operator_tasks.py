"""What a person has to see to, as the Overview shows it: budgets that are spent, and undos that have failed."""

from typing import Final

import streamlit as st

from collector.models import Budget, Overview, UndoFailure
from dashboard import data, selection, wording
from dashboard.parts import budget_texts, table

_WIDTHS: Final = [3.6, 5.4, 1.6, 1.8]
_TITLES: Final = ("", "because", "since", "")
#: Rows that are shown.
_MOST: Final = 12
#: Characters of what is the matter.
_ROOM: Final = 160


def is_any(answer: Overview) -> bool:
    """Returns whether there is anything that a person has to see to."""
    return bool(answer.spent_budgets or answer.undo_failures)


def show(answer: Overview) -> None:
    """Shows undos that have failed and budgets that are spent; nothing where there are none."""
    if not is_any(answer):
        return
    st.subheader("Left to a person", anchor=False)
    found = [*map(_undo, answer.undo_failures), *map(_budget, answer.spent_budgets)]
    table.show("need", "What is left to a person", _WIDTHS, found[:_MOST], _TITLES)
    if len(found) > _MOST:
        st.caption(f"And at least {len(found) - _MOST:,} more.")


def _undo(failure: UndoFailure) -> table.Row:
    subject = failure.subject or wording.short_id(failure.run_id)
    error = f": {wording.gist(failure.error, _ROOM)}" if failure.error else ""
    why = table.Part(wording.clip(f"undo of {', '.join(failure.steps)} failed{error}", _ROOM), icon=":material/undo:")
    since = [table.Part(wording.DASH, table.MUTED)]
    if failure.ended_at is not None:
        tip = wording.exact(failure.ended_at, data.zone())
        since = [table.Part(wording.ago(failure.ended_at, data.now()), "time", tip=tip)]
    cells = (
        [table.make_name_part(subject, table.STRONG), table.Part(failure.workflow, table.MUTED)],
        [why],
        since,
        [table.Part("See the run", icon=":material/route:")],
    )
    return table.Row(cells, table.Link({"run": failure.run_id}, selection.RUNS))


def _budget(budget: Budget) -> table.Row:
    reason = next((work.reason for work in budget.parked if work.reason), None)
    waits = (
        f"{budget_texts.describe_parked_work(budget)}, {reason}"
        if reason
        else budget_texts.describe_parked_work(budget)
    )
    said = f"{waits}: {', '.join(budget_texts.describe_spending(budget, data.now(), data.zone()))}"
    since = [
        table.Part(wording.ago(work.since, data.now()), "time", tip=wording.exact(work.since, data.zone()))
        for work in budget.parked[:1]
    ]
    cells = (
        [
            table.make_name_part(budget.what, table.STRONG),
            table.Part(f"{budget.app} {wording.short_id(budget.id)}", table.MUTED),
        ],
        [table.Part(said, icon=":material/hourglass_disabled:")],
        since,
        [table.Part("Raise or cancel", icon=":material/account_balance_wallet:")],
    )
    return table.Row(cells, table.Link({"budget": budget.id}, selection.RUNS))
