"""What each group owes, as the Overview shows it."""

from typing import Final

import streamlit as st

from collector.models import ChannelBacklog, GroupBacklog
from dashboard import selection, wording
from dashboard.parts import links, table

#: Groups that are shown.
_ROWS: Final = 40
_WIDTHS: Final = [2.2, 1.9, 1.2, 1.2, 1.2, 0.9, 1.1]
_TITLES: Final = ("", "", "done", "waiting", "retrying", "dead", "oldest")
#: Where on the page they are.
ANCHOR: Final = "backlog"


def show(channels: list[ChannelBacklog], groups: int) -> None:
    """Shows the groups that owe most, by channel.

    Args:
        channels: those with groups.
        groups: how many groups there are in all.
    """
    st.subheader("What each group owes", anchor=ANCHOR)
    links.to("All groups", selection.GROUPS, icon=":material/groups:")
    if not channels:
        st.caption("No channels yet: they appear with the first event published.")
        return
    kept = _most_owing(channels)
    rows: list[table.Row] = []
    for channel in channels:
        shown = [group for group in channel.groups if (channel.channel, group.group) in kept]
        if shown or (not channel.groups and len(kept) < _ROWS):
            name = wording.clip(channel.channel, wording.NAME) or "(no name)"
            published = table.Part(f"{channel.published:,} published", table.MUTED)
            rows.append(table.Row([[table.Part(name, table.STRONG), published]]))
        rows += [_group(channel.channel, group) for group in shown]
    table.show("backlog", "What each group owes", _WIDTHS, rows, _TITLES)
    total = max(groups, sum(len(channel.groups) for channel in channels))  # an older collector says no total
    if total > _ROWS:
        st.caption(f"The {_ROWS} of {total:,} groups that owe most; Groups has all.")


def _most_owing(channels: list[ChannelBacklog]) -> set[tuple[str, str]]:
    """Returns the groups that are shown, by channel and name: those that owe something, where there are too many."""
    owed = [(_owes(group), (channel.channel, group.group)) for channel in channels for group in channel.groups]
    return {where for _, where in sorted(owed, key=lambda row: row[0], reverse=True)[:_ROWS]}


def _owes(group: GroupBacklog) -> tuple[int, int]:
    return group.dead, group.pending + group.retrying


def _group(channel: str, group: GroupBacklog) -> table.Row:
    where = {"channel": channel, "group": group.group}
    name = [table.Part(wording.clip(group.group, wording.NAME) or "(no name)")]
    served = table.Part("not served", "badge-red", link=table.Link(where, selection.GROUPS))
    dead = table.Part(f"{group.dead:,}", table.RED, link=table.Link(where, selection.DEAD_LETTERS))
    since = group.oldest_unprocessed_seconds
    cells = (
        name,
        [table.Part("")] if group.consumers else [served],
        [table.Part(f"{group.done:,}")],
        [table.Part(f"{group.pending:,}")],
        [table.Part(f"{group.retrying:,}", table.ORANGE if group.retrying else "")],
        [dead if group.dead else table.Part("0")],
        [table.Part("" if since is None else table.keep_on_one_line(wording.duration(since * 1000)))],
    )
    leads = {"workflow": channel, "step": group.group, "kind": "delivery"}
    return table.Row(cells, table.Link(leads, selection.STEPS))
