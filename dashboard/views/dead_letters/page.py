"""Dead letters: what is stuck, and can I put it right?"""

from typing import Final

import streamlit as st

from collector.models import DeadLetterGroup, DeadLetterSummary
from dashboard import data, export, keys, live, period, selection, wording
from dashboard.parts import pinned_containers, search_box, timespan
from dashboard.period import Period
from dashboard.views.dead_letters import listing, panel, replay

_STATES = {"dead": "Waiting", "replayed": "Replayed", "discarded": "Discarded"}
_BACKLOG = ("channel", "group", "reason")
#: Widths of the list and of the letter that is read, and of what says that one may be.
_BESIDE: Final = (6, 5)
_ALONE: Final = (8, 3)
#: Backlogs that are shown as filters; of more, the largest.
_MOST = 24


def render() -> None:
    """Shows the view."""
    timespan.heading("What is stuck, and can I put it right?", of_all_time=True)
    with data.show_errors():
        summary = live.dead_letter_summary()
        _backlog(summary)
        _filters()
        replay.progress()
        left, right = st.columns(_BESIDE if selection.read("letter") else _ALONE, gap="medium")
        with left.container(gap="xsmall"):
            listing.show()
        with right, pinned_containers.beside("letter-panel"):
            panel.show()
        replay.confirm_if_asked()
        _keep_up(repr(summary.items))


@st.fragment(run_every=data.LOOK_EVERY)
def _keep_up(drawn: str) -> None:
    """Looks at the page again; draws it only where it has changed, and never while somebody confirms a replay."""
    if replay.is_confirmation_open():
        return
    with data.show_errors():
        moved = listing.refresh()
        if moved or repr(live.dead_letter_summary().items) != drawn:
            st.rerun()


def _backlog(summary: DeadLetterSummary) -> None:
    """Shows where letters wait, each a filter."""
    if not summary.items:
        st.success("Nothing is stuck: no delivery waits for somebody.", icon=":material/check_circle:")
        return
    chosen = tuple(selection.read(name) for name in _BACKLOG)
    with st.container(horizontal=True, gap="small"):
        for row in _select_backlogs(summary):
            here = (row.channel, row.group, row.reason)
            oldest = f", the oldest from {wording.ago(row.oldest, data.now())}" if row.oldest else ""
            st.button(
                f"**{row.count:,}** &nbsp;{wording.plain(row.group)} · {wording.plain(wording.sentence(row.reason))}",
                key=keys.key("backlog", *here),
                help=f"{wording.plain(row.channel)}{oldest}",
                icon=":material/filter_alt:" if chosen == here else None,
                type="primary" if chosen == here else "secondary",
                on_click=_toggle,
                args=here,
            )
    if len(summary.items) > _MOST:
        st.caption(f"The largest {_MOST} of {len(summary.items):,} backlogs. Search below for others.")


def _select_backlogs(summary: DeadLetterSummary) -> list[DeadLetterGroup]:
    """Returns the largest backlogs, and the one that is chosen."""
    chosen = tuple(selection.read(name) for name in _BACKLOG)
    largest = sorted(summary.items, key=lambda row: -row.count)
    rest = [row for row in largest[_MOST:] if (row.channel, row.group, row.reason) == chosen]
    return [*largest[:_MOST], *rest]


def _toggle(channel: str, group: str, reason: str) -> None:
    """Filters by a backlog; once more takes the filter away."""
    wanted = {"channel": channel, "group": group, "reason": reason}
    chosen = all(selection.read(name) == value for name, value in wanted.items())
    filters: dict[str, str | None] = {**wanted}
    selection.write(**(dict.fromkeys(wanted) if chosen else filters), cursor=None, state=None)


def _filters() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        key = selection.bind_widget("state", "letters-state", "dead")
        st.segmented_control(
            "State",
            list(_STATES),
            format_func=lambda each: _STATES[each],
            key=key,
            on_change=selection.follow,
            args=("state", key, "cursor"),
            label_visibility="collapsed",
            required=True,
        )
        search_box.show("letters", "Subject, id or error")
        export.button("dead-letters", listing.everything())
        within = period.current()
        st.caption(
            "Given up at any time"
            if within in (Period(), Period("all"))
            else f"Given up: {timespan.describe_period(within)}",
            width="content",
        )
        _show_active_filters()


def _show_active_filters() -> None:
    """Shows the filters of the backlog that are on, and the way out of them."""
    chosen = [selection.read(name) for name in _BACKLOG]
    if not any(chosen):
        return
    badges = [f":blue-badge[{wording.plain(wording.sentence(each))}]" for each in chosen if each]
    st.markdown(" ".join(badges), width="content")
    st.button(
        "Clear",
        icon=":material/close:",
        type="tertiary",
        on_click=selection.write,
        kwargs={**dict.fromkeys(_BACKLOG), "cursor": None},
    )
