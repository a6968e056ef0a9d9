"""What groups owe, read from the live bus."""

from collector.models.base import Model


class GroupBacklog(Model):
    """What a group owes, read from the live bus. `owed` = done + pending + retrying + dead + discarded."""

    group: str
    owed: int
    done: int
    pending: int
    """Not yet read, or being worked on, or a replay that waits."""
    retrying: int
    dead: int
    discarded: int
    consumers: int
    """Live consumers now."""
    oldest_unprocessed_seconds: float | None = None


class ChannelBacklog(Model):
    """A channel and its groups, read from the live bus."""

    channel: str
    published: int
    groups: list[GroupBacklog]


class ChannelList(Model):
    """All channels."""

    items: list[ChannelBacklog]
    next: str | None = None


class LedgerRow(Model):
    """What the bus says against what the spans say, for one group."""

    channel: str
    group: str
    bus: GroupBacklog
    spans_done: int
    spans_dead: int
    difference: int
    """Done by the bus less done by the spans; not zero means that spans were lost or not sampled."""


class Ledger(Model):
    """All groups."""

    items: list[LedgerRow]
    next: str | None = None


class BusState(Model):
    """Whether the collector reaches the bus, and what it says if not."""

    connected: bool
    error: str = ""
