"""Alerts: what fires, and who is told?"""

import streamlit as st

from collector.models import AlertList, RuleState
from dashboard import alerting, data, selection, wording
from dashboard.parts import confirmation, page_watch, tiles
from dashboard.views.alerts import firing, history, rules, silencing

#: Pixels that a figure needs at least; a window too narrow for all of them in a row gets more rows.
_CARD_WIDTH = 175


def render() -> None:
    """Shows the view."""
    st.header("What fires, and who is told?", anchor=False)
    with data.show_errors():
        _filter()
        confirmation.show_last_result(silencing.ABOUT)
        wanted = selection.read("rule")
        answer = alerting.alerts(wanted, "")
        _now(answer, wanted)
        history.show(alerting.alerts(selection.read("rule"), selection.read("cursor")))
        confirmation.confirm_if_asked()
        page_watch.watch(lambda: _brief(alerting.alerts(selection.read("rule"), "")), _brief(answer))


def _brief(answer: AlertList) -> str:
    """Returns all that an answer says, but for when each rule looked last."""
    return answer.model_dump_json(exclude={"rules": {"__all__": {"evaluated_at"}}})


def _now(answer: AlertList, wanted: str) -> None:
    """Shows how many alerts fire, what is wrong with the file of rules, the alerts themselves, and the rules."""
    _totals(answer)
    if answer.file_error:
        st.error(
            f"**{wording.plain(answer.file)}** can't be used as it is: {wording.plain(answer.file_error)}.  \n"
            "What it said before, or the default rules, are in force.",
            icon=":material/draft:",
        )
    firing.show(answer)
    rules.show(answer, wanted)


def _totals(answer: AlertList) -> None:
    silenced = sum(alert.silence_id is not None for alert in answer.firing)
    looking = [rule for rule in answer.rules if rule.state not in (RuleState.BAD, RuleState.OFF, RuleState.UNKNOWN)]
    blind = sum(rule.state in (RuleState.BAD, RuleState.UNKNOWN) for rule in answer.rules)
    untold = sum(webhook.waiting for webhook in answer.webhooks)
    looked = max((rule.evaluated_at for rule in answer.rules if rule.evaluated_at), default=None)
    cells = (
        tiles.Tile(
            "Firing", f"{len(answer.firing) - silenced:,}", says="and are told" if answer.firing else "nothing is wrong"
        ),
        tiles.Tile("Silenced", f"{silenced:,}", says="fire, and nobody is told"),
        tiles.Tile("Rules that look", f"{len(looking):,}", says=f"looked {wording.ago(looked, data.now())}"),
        tiles.Tile("Rules that can't", f"{blind:,}", says="bad, or they could not look"),
        tiles.Tile("Webhooks", f"{len(answer.webhooks):,}", says=f"{wording.many(untold, 'notice')} waiting"),
    )
    tiles.show("alerts", len(cells), _CARD_WIDTH, cells)


def _filter() -> None:
    """Shows which rule the page is narrowed to, and the way out of it."""
    rule = selection.read("rule")
    if rule:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Only :blue-badge[{wording.plain(rule)}]", width="content")
            everything = {"rule": None, "cursor": None}
            st.button("Show all", icon=":material/close:", type="tertiary", on_click=selection.write, kwargs=everything)
