"""One breaker: how it stands, what waits for it, and how it opened and closed before."""

from typing import Final

import streamlit as st

from collector.models import Breaker, BreakerChange, DeferredWork
from dashboard import data, live, selection, wording
from dashboard.parts import breaker_texts, confirmation, links, page_watch, table
from dashboard.views.groups import breaker_actions

_WIDTHS: Final = [5, 2, 5]
_TITLES: Final = ("waits", "since", "")
_CHANGE_WIDTHS: Final = [2.4, 1.6, 2, 7]
_CHANGE_TITLES: Final = ("when", "", "by", "why")


def show(name: str) -> None:
    """Shows the breaker."""
    links.within("All groups and breakers", "all-breakers", {"breaker": None}, ":material/arrow_back:")
    breaker = data.get_or_none(lambda: live.breaker(name))
    if breaker is None:
        st.warning(f"There is no breaker **{wording.plain(name)}**.", icon=":material/help:")
        return
    st.subheader(wording.name(breaker.name), anchor=False)
    facts = [f"since {wording.ago(breaker.since, data.now())}"] if breaker.since else []
    facts += [breaker_texts.explain_state(breaker), breaker_texts.describe_next_probe(breaker)]
    facts += [wording.many(breaker.failed_probes, "failed probe")] if breaker.failed_probes else []
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        said = " · ".join(part for part in facts if part)
        st.markdown(f"{breaker_texts.badge(breaker)} &nbsp;{wording.plain(said)}", width="content")
        breaker_actions.buttons(breaker)
    confirmation.show_last_result(breaker_actions.ABOUT)
    _show_settings(breaker)
    _waiting(breaker)
    _changes(breaker)
    page_watch.watch(lambda: live.breaker(name).model_dump_json(), breaker.model_dump_json())


def _show_settings(breaker: Breaker) -> None:
    settings = " · ".join(f"{key} {value:g}" for key, value in breaker.settings.items())
    if settings:
        st.caption(wording.plain(settings))
    for app, guarded in breaker.guards.items():
        if guarded:
            st.markdown(f":small[{wording.plain(app)} guards {wording.plain(', '.join(guarded))}]")


def _waiting(breaker: Breaker) -> None:
    if not breaker.waiting:
        st.caption("Nothing is deferred. Groups that it guards leave what they have not read in their channel.")
        return
    table.show("deferred", "What waits for the breaker", _WIDTHS, list(map(_work, breaker.waiting)), _TITLES)
    if breaker.waiting_total > len(breaker.waiting):
        st.caption(f"And {breaker.waiting_total - len(breaker.waiting):,} more, which have waited less long.")


def _work(work: DeferredWork) -> table.Row:
    since = [table.Part(wording.ago(work.since, data.now()), "time", tip=wording.exact(work.since, data.zone()))]
    told = [table.Part(breaker_texts.describe_deferred_work(work), icon=":material/schedule:")]
    if work.run_id:
        name = [table.make_name_part(work.step or "", table.STRONG), table.Part(work.workflow or "", table.MUTED)]
        return table.Row((name, since, told), table.Link({"run": work.run_id}, selection.RUNS))
    name = [
        table.make_name_part(work.group or work.what, table.STRONG),
        table.Part(f"event of {work.channel}", table.MUTED),
    ]
    return table.Row((name, since, told), table.Link({"id": work.node_id}, selection.EVENT))


def _changes(breaker: Breaker) -> None:
    if not breaker.changes:
        st.caption("It has never been open.")
        return
    found = list(map(_change, breaker.changes))
    table.show("changes", "How it opened and closed", _CHANGE_WIDTHS, found, _CHANGE_TITLES)


def _change(change: BreakerChange) -> table.Row:
    hue = "green" if change.state == "closed" else "red"
    cells = (
        [table.moment(change.at)],
        [table.Part(change.state, f"badge-{hue}")],
        [table.Part(change.by or wording.DASH)],
        [table.Part(wording.clip(change.why, wording.LINE))],
    )
    return table.Row(cells)
