"""What operators did, one act a row."""

from collections.abc import Sequence

import streamlit as st

from collector.models import AuditEntry
from dashboard import selection, wording
from dashboard.parts import links, rows
from dashboard.parts.stamp import stamp

_WIDTHS = [1.6, 1.8, 1.4, 4.6, 4]


def brief(entries: Sequence[AuditEntry]) -> None:
    """Shows what was done to one thing, beside it."""
    if not entries:
        return
    st.markdown("**Audit**")
    for entry in entries:
        why = f": {entry.reason}" if entry.reason else ""
        stamp(entry.at, f"{entry.action} by {entry.operator}{why}")


def table(entries: Sequence[AuditEntry]) -> None:
    """Shows what was done to anything; each row leads to it."""
    with rows.of("audit"):
        for cell, title in zip(st.columns(_WIDTHS), ("when", "who", "did", "to", "why"), strict=True):
            cell.caption(title)
        for entry in entries:
            _row(entry)


def _row(entry: AuditEntry) -> None:
    when, who, did, what, why = st.columns(_WIDTHS, vertical_alignment="center")
    with when:
        stamp(entry.at)
    who.markdown(wording.plain(entry.operator))
    did.markdown(wording.plain(entry.action))
    with what:
        _target(entry)
    why.markdown(f":small[{wording.plain(entry.reason)}]" if entry.reason else wording.DASH)


def _target(entry: AuditEntry) -> None:
    if entry.rule:
        links.to(f"{wording.plain(entry.rule)} :gray[rule]", selection.ALERTS, {"rule": entry.rule}, ":material/rule:")
    elif entry.schedule:
        links.to(f"{wording.plain(entry.schedule)} :gray[schedule]", selection.RUNS, {}, ":material/schedule:")
    elif entry.breaker:
        words = f"{wording.plain(entry.breaker)} :gray[breaker]"
        links.to(words, selection.GROUPS, {"breaker": entry.breaker}, ":material/electric_bolt:")
    elif entry.step:
        words = f"{wording.plain(entry.step)} :gray[step of {wording.plain(entry.workflow)}]"
        links.to(words, selection.TOPOLOGY, {"see": "advice"}, ":material/compare_arrows:")
    elif entry.budget_id:
        words = f"{wording.plain(entry.budget)} :gray[budget]"
        links.to(words, selection.RUNS, {"budget": entry.budget_id}, ":material/account_balance_wallet:")
    elif entry.run_id:
        words = f"{wording.plain(entry.workflow)} :gray[run {wording.short_id(entry.run_id)}]"
        links.to(words, selection.RUNS, {"run": entry.run_id}, ":material/route:")
    elif entry.dead_letter_id:
        words = f"{wording.plain(entry.group)} :gray[letter {wording.short_id(entry.dead_letter_id)}]"
        state = {"replay": "replayed", "discard": "discarded"}.get(entry.action)
        where = {"letter": entry.dead_letter_id, "state": state}
        links.to(words, selection.DEAD_LETTERS, where, ":material/mail:")
    else:
        st.markdown(f"{wording.plain(entry.group)} :gray[of {wording.plain(entry.channel)}]")
