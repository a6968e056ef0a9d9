"""What groups owe, read from the live bus."""

from datetime import datetime

from pydantic import Field

from collector.models.base import NAME_LIMIT, Model


class GroupBacklog(Model):
    """What a group owes, read from the live bus. `owed` = done + pending + retrying + dead + discarded +
    expired."""

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
    app: str = ""
    """Whose workers serve it, as far as is known."""
    silent_seconds: float | None = None
    """How long ago a consumer of it gave a sign of life; None where none is remembered."""
    under_way: int = 0
    """How many of those that are pending a consumer works on."""
    suspects: int = 0
    """How many of those that are pending wait for a cell, because their worker is gone."""
    overdue_seconds: float | None = None
    """For how long the retry that was due first has waited to be handed on; None where none has."""
    expired: int = 0
    """Events that were of no use any more before anything had come of them."""
    is_ephemeral: bool = False
    """Whether it lives with one worker: what it owes is nobody's concern."""
    order_by: str = ""
    """By what it keeps an order; empty where it keeps none."""
    behind: int = 0
    """How many of those that are retrying wait behind another event of their key."""
    unmoved_seconds: float | None = None
    """For how long nothing of it has begun or ended, as far as the collector has looked; None where it has not."""


class ChannelBacklog(Model):
    """A channel and its groups, read from the live bus."""

    channel: str
    published: int
    groups: list[GroupBacklog]
    delayed: int = 0
    """Events that are held back, and not published yet."""


class OfChannel(Model):
    """Whose group it is."""

    channel: str
    published: int


class GroupOfChannel(GroupBacklog, OfChannel):
    """A group beside its channel: a row of a table of all groups."""


class ChannelList(Model):
    """A page of channels with their groups, as they are at a moment. `next` is the cursor of the page after it, or
    None."""

    items: list[ChannelBacklog]
    next: str | None = None
    at: datetime | None = None


class RetireRequest(Model):
    """A group that no code serves any more, who says so, and why."""

    channel: str = Field(min_length=1, max_length=NAME_LIMIT)
    group: str = Field(min_length=1, max_length=NAME_LIMIT)
    operator: str = Field(default="", max_length=200)
    reason: str = Field(min_length=1, max_length=1000)


class RetiredGroup(Model):
    """What a group owed that was retired, and owes no more; its dead letters stay readable."""

    channel: str
    group: str
    pending: int
    retrying: int
    dead: int


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
    """A page of groups, as they are at a moment. `next` is the cursor of the page after it, or None."""

    items: list[LedgerRow]
    next: str | None = None
    at: datetime | None = None


class BusState(Model):
    """Whether the collector reaches the bus, and what it says if not."""

    connected: bool
    error: str = ""
