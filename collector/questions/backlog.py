"""Pages of what groups owe, of who works, and of schedules. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.models import ChannelBacklog, GroupBacklog, Schedule, Worker
from collector.questions.names import Name, NamePosition


@dataclass(frozen=True, slots=True)
class GroupCriteria:
    """Of which groups; None for all.

    Attributes:
        channel: of this channel only.
        group: with this name only.
        app: served by this app only.
        q: text in the names of channel, group or app; case doesn't matter.
    """

    channel: str | None = None
    group: str | None = None
    app: str | None = None
    q: str | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self == GroupCriteria()

    def is_match(self, channel: str, group: GroupBacklog) -> bool:
        """Returns whether a group of a channel is wanted."""
        said = ((self.channel, channel), (self.group, group.group), (self.app, group.app))
        text = f"{channel} {group.group} {group.app}".lower()
        return all(wanted in (None, found) for wanted, found in said) and (self.q or "").strip().lower() in text


def page_channels(
    channels: Sequence[ChannelBacklog], wanted: GroupCriteria, limit: int, cursor: str | None
) -> tuple[list[ChannelBacklog], str | None]:
    """Returns channels with those of their groups that a page holds, and the cursor of the next one. A channel may be
    on several pages; one without groups counts as one.

    Args:
        channels: all there are.
        wanted: of which groups.
        limit: groups of a page.
        cursor: where it begins; None for the first.

    Raises:
        BadQueryError: when the cursor is none.
    """
    found, following = (NamePosition.read(cursor) or NamePosition()).page(
        list(_list_rows(channels, wanted)), _name_of_row, limit
    )
    return _channels_of_rows(found, channels), following


def select_worst_groups(channels: Sequence[ChannelBacklog], most: int) -> list[ChannelBacklog]:
    """Returns channels with those of their groups that owe most, in the order that they came in; all of them where
    there are no more. A channel without groups counts as one that owes nothing.

    Args:
        channels: all there are.
        most: groups, at most.
    """
    rows = list(_list_rows(channels, GroupCriteria()))
    kept = sorted(range(len(rows)), key=lambda at: _trouble_key(rows[at][1]), reverse=True)[:most]
    return _channels_of_rows([rows[at] for at in sorted(kept)], channels)


def _trouble_key(group: GroupBacklog | None) -> tuple[int, bool, int, float]:
    """Returns what sorts groups by how much they need a look: dead letters, nobody who serves them, what waits."""
    if group is None:
        return 0, False, 0, 0.0
    waiting = group.pending + group.retrying
    return group.dead, waiting > 0 and not group.consumers, waiting, group.oldest_unprocessed_seconds or 0.0


def page_workers(entries: Sequence[Worker], limit: int, cursor: str | None) -> tuple[list[Worker], str | None]:
    """Returns a page of workers, and the cursor of the next one.

    Raises:
        BadQueryError: when the cursor is none.
    """
    return (NamePosition.read(cursor) or NamePosition()).page(entries, lambda worker: (worker.app, worker.name), limit)


def page_schedules(entries: Sequence[Schedule], limit: int, cursor: str | None) -> tuple[list[Schedule], str | None]:
    """Returns a page of schedules, and the cursor of the next one.

    Raises:
        BadQueryError: when the cursor is none.
    """
    return (NamePosition.read(cursor) or NamePosition()).page(
        entries, lambda schedule: (schedule.app, schedule.name), limit
    )


_Row = tuple[ChannelBacklog, GroupBacklog | None]


def _channels_of_rows(rows: Iterable[_Row], channels: Sequence[ChannelBacklog]) -> list[ChannelBacklog]:
    """Returns channels that hold the groups of some rows alone."""
    groups: dict[str, list[GroupBacklog]] = {}
    for channel, group in rows:
        groups.setdefault(channel.channel, []).extend([] if group is None else [group])
    published = {channel.channel: channel.published for channel in channels}
    return [ChannelBacklog(channel=name, published=published[name], groups=each) for name, each in groups.items()]


def _list_rows(channels: Iterable[ChannelBacklog], wanted: GroupCriteria) -> Iterable[_Row]:
    for channel in channels:
        if not channel.groups and wanted.is_all:
            yield channel, None
        for group in channel.groups:
            if wanted.is_match(channel.channel, group):
                yield channel, group


def _name_of_row(row: _Row) -> Name:
    channel, group = row
    return (channel.channel,) if group is None else (channel.channel, group.group)
