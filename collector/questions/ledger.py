"""What the bus says against what the spans say."""

from collections.abc import Sequence

from collector.models import ChannelBacklog, Ledger, LedgerRow
from collector.store.database import Session
from collector.store.queries import Query


def compare_ledgers(session: Session, channels: Sequence[ChannelBacklog]) -> Ledger:
    """Returns every group of the bus, beside what spans tell of it."""
    told = {(row["channel"], row["consumer_group"]): row for row in session.rows(Query.LEDGER)}
    rows = []
    for channel in channels:
        for group in channel.groups:
            spans = told.get((channel.channel, group.group), {"done": 0, "dead": 0})
            rows.append(
                LedgerRow(
                    channel=channel.channel,
                    group=group.group,
                    bus=group,
                    spans_done=spans["done"],
                    spans_dead=spans["dead"],
                    difference=group.done - spans["done"],
                )
            )
    return Ledger(items=rows)
