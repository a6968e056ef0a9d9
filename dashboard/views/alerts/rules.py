"""Which rules look, how they stand, and who is told."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from collector.models import AlertList, AlertRule, RuleState, Silence, WebhookState
from dashboard import palette, wording
from dashboard.parts import acting
from dashboard.parts.stamp import stamp
from dashboard.views.alerts import amounts, silencing

_WIDTHS: Final = [6.6, 1.4, 2.0, 2.2, 1.6, 2.2]
_TITLES: Final = ("rule", "state", "threshold", "looks", "looked", "")
_WEBHOOK_WIDTHS: Final = [2.4, 3, 2, 2, 4.6]

#: How a rule looks: what needs somebody comes first.
_LOOKS: Final = {
    RuleState.BAD: ("red", "bad"),
    RuleState.FIRING: ("red", "firing"),
    RuleState.UNKNOWN: ("orange", "can't look"),
    RuleState.PENDING: ("yellow", "pending"),
    RuleState.OK: ("green", "ok"),
    RuleState.OFF: ("gray", "off"),
}


def show(answer: AlertList, wanted: str) -> None:
    """Shows all rules, or the one that is wanted, and the webhooks."""
    _rules(answer, wanted)
    _webhooks(answer.webhooks)


def _rules(answer: AlertList, wanted: str) -> None:
    st.subheader("Rules", anchor=False)
    where = f"in `{answer.file}`" if answer.file else "in `alerts.toml` in the home, or the file of `CAUSELINE_ALERTS`"
    st.caption(f"Change or add rules {where}; it is read again when it changes.")
    found = [rule for rule in answer.rules if wanted in ("", rule.name)]
    whole = {silence.rule: silence for silence in answer.silences if silence.about is None}
    with st.container(border=True, gap="xsmall"):
        for cell, title in zip(st.columns(_WIDTHS, vertical_alignment="bottom"), _TITLES, strict=True):
            cell.caption(title)
        for rule in sorted(found, key=lambda rule: list(_LOOKS).index(rule.state)):
            _rule(rule, whole.get(rule.name))


def _rule(rule: AlertRule, silence: Silence | None) -> None:
    name, state, threshold, looks, looked, act = st.columns(_WIDTHS, vertical_alignment="center")
    name.markdown(_named(rule))
    hue, word = _LOOKS[rule.state]
    count = f" {rule.firing}" if rule.firing > 1 else ""
    state.markdown(f":{hue}-badge[{word}{count}]")
    threshold.markdown(amounts.said(rule.threshold, rule.unit))
    looks.markdown(f":small[{amounts.lasting(rule)}]" if rule.kind else wording.DASH)
    with looked:
        stamp(rule.evaluated_at)
    if silence is not None:
        act.button("Unsilence", key=f"unsilence-rule-{rule.name}", on_click=acting.ask,
                   args=(silencing.unsilence(silence),))  # fmt: skip
        st.markdown(silencing.told(silence))
    elif rule.kind and rule.state is not RuleState.OFF:
        act.button("Silence", key=f"silence-rule-{rule.name}", on_click=acting.ask,
                   args=(silencing.silence(rule.name, rule.name, None),))  # fmt: skip


def _named(rule: AlertRule) -> str:
    icon = palette.severity_icon(rule.severity)
    own = "" if rule.is_default else " :violet-badge[yours]"
    lines = [f"{icon} &nbsp;**{wording.plain(rule.name)}**{own}"]
    if rule.says:
        lines.append(f":small[:gray[{wording.plain(rule.says)}]]")
    if rule.by:
        lines.append(f":gray-badge[by {wording.plain(rule.by)}]")
    if rule.filters:
        only = " ".join(
            f":gray-badge[{wording.plain(wording.sentence(name))}: {wording.plain(', '.join(patterns))}]"
            for name, patterns in rule.filters.items()
        )
        lines.append(only)
    if rule.error:
        hue = "red" if rule.state is RuleState.BAD else "orange"
        lines.append(f":small[:{hue}[{wording.plain(rule.error)}]]")
    return "  \n".join(lines)


def _webhooks(webhooks: Sequence[WebhookState]) -> None:
    st.subheader("Who is told", anchor=False)
    if not webhooks:
        st.caption("The collector's log and this page alone. Name a webhook in the file of rules, such as Slack's.")
        return
    with st.container(border=True, gap="xsmall"):
        titles = ("webhook", "where", "from", "last told", "")
        for cell, title in zip(st.columns(_WEBHOOK_WIDTHS), titles, strict=True):
            cell.caption(title)
        for webhook in webhooks:
            _webhook(webhook)


def _webhook(webhook: WebhookState) -> None:
    name, where, least, last, trouble = st.columns(_WEBHOOK_WIDTHS, vertical_alignment="center")
    name.markdown(f"**{wording.plain(webhook.name)}**")
    where.markdown(wording.plain(webhook.place) or wording.DASH)
    least.markdown(f":small[{wording.plain(webhook.severity.value)}]")
    with last:
        if webhook.last_sent_at is None:
            st.markdown(f":small[:gray[not since {'it failed' if webhook.error else 'the start'}]]")
        else:
            stamp(webhook.last_sent_at)
    waiting = f" :orange-badge[{wording.many(webhook.waiting, 'notice')} waiting]" if webhook.waiting else ""
    is_well = ":green-badge[works]" if webhook.last_sent_at and not webhook.error else ""
    trouble.markdown((f":small[:red[{wording.plain(webhook.error)}]]" if webhook.error else is_well) + waiting)
