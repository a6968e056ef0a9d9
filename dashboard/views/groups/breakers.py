"""Breakers: which are open, since when and why, what waits for them, and when others were."""

from typing import Final

import streamlit as st

from collector.models import Breaker, BreakerList, Outage
from dashboard import data, keys, wording
from dashboard.parts import breaker_texts, confirmation, links, rows, table
from dashboard.views.groups import breaker_actions

_WIDTHS: Final = [2.6, 1.5, 1.6, 5, 1.4, 2.4]
_TITLES: Final = ("breaker", "state", "since", "why", "waits", "")
_OVER_WIDTHS: Final = [3, 2.4, 1.6, 6]
_OVER_TITLES: Final = ("was open", "from", "for", "because")
#: Breakers, and outages, that are shown.
_MOST: Final = 30
_MOST_OUTAGES: Final = 15
#: Characters of what opened one.
_ROOM: Final = 160


def show(found: BreakerList) -> None:
    """Shows breakers, those first that are not closed; nothing where there are none."""
    if not found.items:
        return
    st.subheader("Breakers", anchor=False)
    confirmation.show_last_result(breaker_actions.ABOUT)
    with rows.of("breakers"):
        for cell, title in zip(st.columns(_WIDTHS), _TITLES, strict=True):
            cell.caption(title)
        for breaker in found.items[:_MOST]:
            _row(breaker)
    if len(found.items) > _MOST:
        st.caption(f"And {len(found.items) - _MOST:,} more; `causeline breakers list` has all.")
    if found.outages:
        over = [_over(one) for one in found.outages[:_MOST_OUTAGES]]
        table.show("outages", "Outages that are over", _OVER_WIDTHS, over, _OVER_TITLES)
        if len(found.outages) > _MOST_OUTAGES:
            st.caption(f"The newest {_MOST_OUTAGES} of the time range.")


def _row(breaker: Breaker) -> None:
    name, state, since, why, waits, press = st.columns(_WIDTHS, vertical_alignment="center")
    with name:
        links.within(wording.name(breaker.name), f"breaker-{keys.key(breaker.name)}", {"breaker": breaker.name})
    state.markdown(breaker_texts.badge(breaker))
    since.markdown(f":small[{wording.ago(breaker.since, data.now())}]" if breaker.since else wording.DASH)
    words = " · ".join(
        part for part in (breaker_texts.explain_state(breaker), breaker_texts.describe_next_probe(breaker)) if part
    )
    why.markdown(f":small[{wording.plain(words, _ROOM)}]" if words else wording.DASH)
    waits.markdown(f":small[{breaker_texts.describe_waiting_work(breaker)}]" if breaker.waiting_total else wording.DASH)
    with press, st.container(horizontal=True, gap="small"):
        breaker_actions.buttons(breaker)


def _over(outage: Outage) -> table.Row:
    by = f", closed by {outage.by}" if outage.by else ""
    cells = (
        [table.make_name_part(outage.name, table.STRONG)],
        [table.moment(outage.start)],
        [table.Part(wording.between(outage.start, outage.end))],
        [table.Part(wording.clip(outage.why, _ROOM) + by)],
    )
    return table.Row(cells, table.Link({"breaker": outage.name}))
