"""What each group owes, as the Overview shows it."""

from typing import Final

import streamlit as st

from collector.models import ChannelBacklog, GroupBacklog
from dashboard import selection, wording
from dashboard.parts import links

#: Groups that are shown.
_ROWS: Final = 40
#: Where on the page they are.
ANCHOR: Final = "backlog"


def show(channels: list[ChannelBacklog], groups: int) -> None:
    """Shows the groups that owe most, by channel.

    Args:
        channels: those with groups.
        groups: how many groups there are in all.
    """
    st.subheader("What each group owes", anchor=ANCHOR)
    links.to("Groups and workers", selection.GROUPS, icon=":material/groups:")
    if not channels:
        st.caption("No channels yet: they appear with the first event published.")
        return
    widths = [3.4, 1.6, 1.6, 1.6, 1.8, 2.2]
    for cell, title in zip(st.columns(widths), ("", "done", "waiting", "retrying", "dead", "oldest"), strict=True):
        cell.caption(title)
    kept = _most_owing(channels)
    for channel in channels:
        shown = [group for group in channel.groups if (channel.channel, group.group) in kept]
        if shown or (not channel.groups and len(kept) < _ROWS):
            st.markdown(f"**{wording.name(channel.channel)}** &nbsp;:gray[{channel.published:,} published]")
        for group in shown:
            _group(channel.channel, group, widths)
    total = max(groups, sum(len(channel.groups) for channel in channels))  # an older collector says no total
    if total > _ROWS:
        st.caption(f"The {_ROWS} of {total:,} groups that owe most; Groups and workers has all.")


def _most_owing(channels: list[ChannelBacklog]) -> set[tuple[str, str]]:
    """Returns the groups that are shown, by channel and name: those that owe something, where there are too many."""
    owed = [(_owes(group), (channel.channel, group.group)) for channel in channels for group in channel.groups]
    return {where for _, where in sorted(owed, key=lambda row: row[0], reverse=True)[:_ROWS]}


def _owes(group: GroupBacklog) -> tuple[int, int]:
    return group.dead, group.pending + group.retrying


def _group(channel: str, group: GroupBacklog, widths: list[float]) -> None:
    name, done, waiting, retrying, dead, oldest = st.columns(widths, vertical_alignment="center")
    with name:
        links.to(wording.name(group.group), selection.STEPS,
                 {"workflow": channel, "step": group.group, "kind": "delivery"})  # fmt: skip
        if not group.consumers:
            where = {"channel": channel, "group": group.group}
            links.to(":red-badge[not served]", selection.GROUPS, where, ":material/groups:")
    done.markdown(f"{group.done:,}")
    waiting.markdown(f"{group.pending:,}")
    retrying.markdown(f":orange[{group.retrying:,}]" if group.retrying else "0")
    with dead:
        if group.dead:
            where = {"channel": channel, "group": group.group}
            links.to(f":red[**{group.dead:,}**]", selection.DEAD_LETTERS, where, ":material/mail:")
        else:
            st.markdown("0")
    since = group.oldest_unprocessed_seconds
    oldest.markdown("" if since is None else wording.duration(since * 1000))
