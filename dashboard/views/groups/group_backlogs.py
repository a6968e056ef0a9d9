"""What each group owes, who serves it, and how one is retired that nobody serves any more."""

from typing import Final

import streamlit as st

from collector.models import ChannelBacklog, GroupBacklog
from dashboard import export, keys, live, selection, wording
from dashboard.parts import confirmation, links, rows
from dashboard.parts.confirmation import Act

_WIDTHS: Final = [2.7, 1.6, 2.6, 1.2, 1.4, 1.3, 1.2, 1.1, 1.3, 1.2]
_TITLES: Final = ("group", "app", "served by", "waiting", "under way", "retrying", "dead", "done", "oldest", "")

#: Stands for all groups where it is said what became of one that is there no more.
ABOUT: Final = "groups"


def show(channels: list[ChannelBacklog]) -> None:
    """Shows a page of groups."""
    wanted = (selection.read(name) for name in ("channel", "group", "app", "q"))
    export.heading("Groups", "groups", live.all_groups(*wanted))
    st.caption("As they are now")
    found = [(channel, channel.groups) for channel in channels if channel.groups]
    if not found:
        st.caption("There is no such group: none was ever made, or it was retired.")
        return
    with rows.of("group"):
        for cell, title in zip(st.columns(_WIDTHS, vertical_alignment="bottom"), _TITLES, strict=True):
            cell.caption(title)
        for channel, groups in found:
            name = wording.name(channel.channel)
            delayed = f", {channel.delayed:,} held back" if channel.delayed else ""
            st.markdown(f"**{name}** &nbsp;:gray[{channel.published:,} published{delayed}]")
            for group in groups:
                _row(channel.channel, group)


def _row(channel: str, group: GroupBacklog) -> None:
    name, app, served, waiting, under_way, retrying, dead, done, oldest, act = st.columns(
        _WIDTHS, vertical_alignment="center"
    )
    with name:
        where = {"workflow": channel, "step": group.group, "kind": "delivery"}
        links.to(wording.name(group.group), selection.STEPS, where)
    app.markdown(wording.plain(group.app) or wording.DASH)
    served.markdown(_describe_workers(group))
    waiting.markdown(f"{group.pending - group.under_way:,}{_suspects(group)}")
    under_way.markdown(f"{group.under_way:,}")
    behind = f" :small[:gray[{group.behind:,} behind others]]" if group.behind else ""
    retrying.markdown((f":orange[{group.retrying:,}]" if group.retrying else "0") + behind)
    with dead:
        if group.dead:
            links.to(f":red[**{group.dead:,}**]", selection.DEAD_LETTERS, {"channel": channel, "group": group.group})
        else:
            st.markdown("0")
    done.markdown(f"{group.done:,}" + (f" :small[:gray[{group.expired:,} expired]]" if group.expired else ""))
    oldest.markdown(_span(group.oldest_unprocessed_seconds))
    if not group.consumers:
        key = keys.key("retire", channel, group.group)
        act.button("Retire", key=key, type="tertiary", on_click=confirmation.ask, args=(_retire(channel, group),))


def _describe_workers(group: GroupBacklog) -> str:
    if group.consumers:
        return wording.many(group.consumers, "worker")
    heard = "" if group.silent_seconds is None else f" :small[:gray[heard {_span(group.silent_seconds)} ago]]"
    return f":red-badge[nobody]{heard}"


def _suspects(group: GroupBacklog) -> str:
    return f" :small[:orange[{group.suspects:,} for a cell]]" if group.suspects else ""


def _span(seconds: float | None) -> str:
    return wording.DASH if seconds is None else wording.duration(seconds * 1000)


def _retire(channel: str, group: GroupBacklog) -> Act:
    named = f"**{wording.name(group.group)}** of {wording.name(channel)}"

    def do(who: str, why: str) -> str:
        retired = live.retire_group(channel, group.group, who, why)
        owed = retired.pending + retired.retrying
        letters = f"; {wording.many(retired.dead, 'dead letter')} can still be read" if retired.dead else ""
        return f"{named} is retired. It owed {wording.many(owed, 'event')}, which nobody owes any more{letters}."

    owes = group.pending + group.retrying
    return Act(
        about=ABOUT,
        title="Retire this group?",
        words=f"{named} owes {wording.many(owes, 'event')}, and nobody will process them. Its dead letters stay "
        "readable. A worker whose code still has its handler makes it anew, for what is published from then on.",
        verb=f"Retire {wording.make_spoken_label(group.group)}",
        do=do,
        wants_reason=True,
    )
