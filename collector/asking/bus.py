"""The live bus: what groups owe, who works, and what operators did."""

from collections.abc import Iterator
from typing import TypedDict, Unpack

from collector.asking.base import PAGE, Asking, TimeRange, walk
from collector.models import (
    AuditEntry,
    ChannelList,
    GroupOfChannel,
    Ledger,
    Page,
    RetiredGroup,
    RetireRequest,
    Worker,
    WorkerList,
)


class GroupFilter(TypedDict, total=False):
    """Of which groups; `q` finds text in the names of channel, group and app."""

    channel: str | None
    group: str | None
    app: str | None
    q: str | None


class AuditFilter(TimeRange, total=False):
    """Of which entries: of one dead letter or one run, one action, one operator."""

    dead_letter_id: str | None
    run_id: str | None
    action: str | None
    operator: str | None


class Bus(Asking):
    """What is asked about the live bus, and done with groups."""

    def channels(
        self, *, limit: int | None = None, cursor: str | None = None, **wanted: Unpack[GroupFilter]
    ) -> ChannelList:
        """Returns what groups owe now, by channel and name; `limit` counts groups."""
        return self._api.get(ChannelList, "/api/channels", limit=limit, cursor=cursor, **wanted)

    def every_group(self, **wanted: Unpack[GroupFilter]) -> Iterator[GroupOfChannel]:
        """Yields every group with its channel, by channel and name."""
        for channel in walk(lambda cursor: self.channels(limit=PAGE, cursor=cursor, **wanted)):
            for group in channel.groups:
                yield GroupOfChannel(channel=channel.channel, published=channel.published, **dict(group))

    def ledger(self, *, limit: int | None = None, cursor: str | None = None, **wanted: Unpack[GroupFilter]) -> Ledger:
        """Returns, group by group, what the bus counts beside what the spans say."""
        return self._api.get(Ledger, "/api/ledger", limit=limit, cursor=cursor, **wanted)

    def workers(self, *, app: str | None = None, limit: int | None = None, cursor: str | None = None) -> WorkerList:
        """Returns who works, and what the runs of each app owe, now."""
        return self._api.get(WorkerList, "/api/workers", app=app, limit=limit, cursor=cursor)

    def every_worker(self, *, app: str | None = None) -> Iterator[Worker]:
        """Yields every worker, by app; within an app the worker that was heard of last comes first."""
        return walk(lambda cursor: self.workers(app=app, limit=PAGE, cursor=cursor))

    def retire_group(self, channel: str, group: str, operator: str, reason: str) -> RetiredGroup:
        """Removes a group that no code serves any more, with all that it owes."""
        request = RetireRequest(channel=channel, group=group, operator=operator, reason=reason)
        return self._api.post(RetiredGroup, "/api/groups/retire", request)

    def audit(self, *, limit: int = 50, cursor: str | None = None, **wanted: Unpack[AuditFilter]) -> Page[AuditEntry]:
        """Returns what operators did, newest first; where something is looked for, a page with few entries may still
        have a `next`."""
        return self._api.get(Page[AuditEntry], "/api/audit", limit=limit, cursor=cursor, **wanted)

    def every_audit_entry(self, **wanted: Unpack[AuditFilter]) -> Iterator[AuditEntry]:
        """Yields all that operators did, newest first."""
        return walk(lambda cursor: self.audit(limit=PAGE, cursor=cursor, **wanted))
