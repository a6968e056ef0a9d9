"""Pages of what groups owe, and of who works. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.models import ChannelBacklog, GroupBacklog, Worker
from collector.questions.names import Behind, Name


@dataclass(frozen=True, slots=True)
class Wanted:
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
        return self == Wanted()

    def holds(self, channel: str, group: GroupBacklog) -> bool:
        """Returns whether a group of a channel is wanted."""
        said = ((self.channel, channel), (self.group, group.group), (self.app, group.app))
        text = f"{channel} {group.group} {group.app}".lower()
        return all(wanted in (None, found) for wanted, found in said) and (self.q or "").strip().lower() in text


def page(
    channels: Sequence[ChannelBacklog], wanted: Wanted, limit: int, cursor: str | None
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
    found, following = (Behind.read(cursor) or Behind()).page(list(_rows(channels, wanted)), _name_of_row, limit)
    groups: dict[str, list[GroupBacklog]] = {}
    for channel, group in found:
        groups.setdefault(channel.channel, []).extend([] if group is None else [group])
    published = {channel.channel: channel.published for channel in channels}
    items = [ChannelBacklog(channel=name, published=published[name], groups=each) for name, each in groups.items()]
    return items, following


def workers(entries: Sequence[Worker], limit: int, cursor: str | None) -> tuple[list[Worker], str | None]:
    """Returns a page of workers, and the cursor of the next one.

    Raises:
        BadQueryError: when the cursor is none.
    """
    return (Behind.read(cursor) or Behind()).page(entries, lambda worker: (worker.app, worker.name), limit)


def _rows(channels: Iterable[ChannelBacklog], wanted: Wanted) -> Iterable[tuple[ChannelBacklog, GroupBacklog | None]]:
    for channel in channels:
        if not channel.groups and wanted.is_all:
            yield channel, None
        for group in channel.groups:
            if wanted.holds(channel.channel, group):
                yield channel, group


def _name_of_row(row: tuple[ChannelBacklog, GroupBacklog | None]) -> Name:
    channel, group = row
    return (channel.channel,) if group is None else (channel.channel, group.group)
