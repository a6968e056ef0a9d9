"""Which rules look, how they stand, and who is told."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import streamlit as st

from collector.models import AlertList, AlertRule, RuleState, Silence, WebhookState
from dashboard import data, palette, wording
from dashboard.parts import confirmation, table
from dashboard.parts.stamp import stamp
from dashboard.views.alerts import amounts, silencing

_WIDTHS: Final = [2.5, 4.4, 1.2, 1.3, 2.0, 1.3, 1.7]
_TITLES: Final = ("rule", "looks for", "state", "threshold", "looks", "looked", "")
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
    found.sort(key=lambda rule: list(_LOOKS).index(rule.state))
    rows = [row for rule in found for row in _rows(rule, whole.get(rule.name))]
    table.show("rule", "Rules", _WIDTHS, rows, _TITLES, wraps=True)


def _rows(rule: AlertRule, silence: Silence | None) -> list[table.Row]:
    """Returns the row of a rule, and below it those of what it is narrowed to, what is wrong with it, and who keeps it
    silent."""
    look, icon = palette.SEVERITIES[rule.severity]
    own = [table.Part("yours", "badge-violet")] if not rule.is_default else []
    state_hue, word = _LOOKS[rule.state]
    count = f" {rule.firing}" if rule.firing > 1 else ""
    cells: list[table.Cell] = [
        [table.Part("", look, icon), table.make_name_part(rule.name, table.STRONG), *own],
        [table.Part(rule.says, table.MUTED)],
        [table.Part(f"{word}{count}", f"badge-{state_hue}")],
        [table.Part(table.keep_on_one_line(amounts.format_amount(rule.threshold, rule.unit)))],
        [table.Part(amounts.lasting(rule) if rule.kind else wording.DASH, table.MUTED)],
        [table.Part(wording.ago(rule.evaluated_at, data.now()), table.MUTED)],
        _act(rule, silence),
    ]
    narrowed = [f"by {rule.by}"] if rule.by else []
    narrowed += [f"{wording.sentence(name)}: {', '.join(patterns)}" for name, patterns in rule.filters.items()]
    below: list[table.Cell] = [[table.Part(each, "badge-gray") for each in narrowed]] if narrowed else []
    if rule.error:
        below.append([table.Part(rule.error, table.RED if rule.state is RuleState.BAD else table.ORANGE)])
    if silence is not None:
        below.append([table.Part(silencing.describe_silence(silence), table.MUTED, ":material/notifications_paused:")])
    return [table.Row(cells), *(table.Row([cell], depth=1) for cell in below)]


def _act(rule: AlertRule, silence: Silence | None) -> table.Cell:
    """Returns the button for what an operator may do about a rule."""
    if silence is not None:
        return [table.Part("Unsilence", press=partial(confirmation.ask, silencing.unsilence(silence)))]
    if rule.kind and rule.state is not RuleState.OFF:
        return [table.Part("Silence", press=partial(confirmation.ask, silencing.silence(rule.name, rule.name, None)))]
    return [table.Part("")]


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
