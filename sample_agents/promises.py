"""What a workload of the demo promised, compared with what the bus says. Pure."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from runtime.bus.records import ChannelLedger, DeadLetter, GroupLedger
from runtime.semconv import DeadLetterReason
from sample_agents.parcels import Delivered


@dataclass(frozen=True, slots=True)
class Mail:
    """The text message about one shipment: why it should be dead, and the dead letter that it left."""

    subject: str
    expected: DeadLetterReason | None
    letter: DeadLetter | None


def arrivals(orders: Mapping[int, str], arrived: Mapping[int, Delivered]) -> list[str]:
    """Shipments that did not arrive, or not as themselves.

    Args:
        orders: subjects by number.
        arrived: what the runs returned, by number.
    """
    failures = [f"shipment {subject} did not arrive" for number, subject in orders.items() if number not in arrived]
    mixed = [number for number, delivered in arrived.items() if delivered.number != number]
    return failures + [f"the run of {orders[number]} returned another shipment" for number in mixed]


def pickups(orders: Mapping[int, str], arrived: Mapping[int, Delivered], busy: Container[int]) -> list[str]:
    """Pickups that had to be tried again and should not have been, or the other way round.

    Args:
        orders: subjects by number.
        arrived: what the runs returned, by number.
        busy: the shipments whose carrier was busy at first.
    """
    failures = []
    for number, one in arrived.items():
        if (one.calls > 1) != (number in busy):
            should = "have been refused at first" if number in busy else "have been taken at once"
            failures.append(f"the booking of {orders[number]} took {one.calls} call(s); it should {should}")
    return failures


def sortings(orders: Mapping[int, str], arrived: Mapping[int, Delivered], smudged: Container[int]) -> list[str]:
    """Parcels that were sorted wrong and should not have been, or the other way round.

    Args:
        orders: subjects by number.
        arrived: what the runs returned, by number.
        smudged: the shipments whose label can't be read well.
    """
    failures = []
    for number, one in arrived.items():
        if one.detour != (number in smudged):
            words = "wrong; its label is clear" if one.detour else "right; its label is smudged"
            failures.append(f"parcel {orders[number]} was sorted {words}")
    return failures


def letters(mails: Iterable[Mail]) -> list[str]:
    """Text messages that are dead and should not be, or the other way round, or for another reason."""
    failures = []
    for mail in mails:
        found = mail.letter.reason if mail.letter else None
        if found != mail.expected:
            words = f"is dead ({found})" if found else "is not dead"
            failures.append(f"the text message of {mail.subject} {words}; it should be: {mail.expected or 'sent'}")
    return failures


def ledger(channel: ChannelLedger | None, steady: Iterable[str]) -> list[str]:
    """Groups whose sums are off or that still owe something, and steady groups with dead letters.

    Args:
        channel: after everything has settled; None where it does not exist.
        steady: groups that never fail.
    """
    if channel is None:
        return ["nothing was announced: the channel does not exist"]
    failures = [failure for group in channel.groups for failure in _sums(group)]
    by_name = {group.group: group for group in channel.groups}
    for name in steady:
        group = by_name.get(name)
        if group is None or group.done != group.owed:
            failures.append(f"group {name} should have done everything: {group}")
    return failures


def is_settled(channel: ChannelLedger | None, published: int) -> bool:
    """Whether so many events were published and no group has anything left to do.

    Args:
        channel: as it is now.
        published: events that the channel must have carried.
    """
    if channel is None or channel.published < published:
        return False
    return all(group.pending + group.retrying == 0 for group in channel.groups)


def _sums(group: GroupLedger) -> list[str]:
    failures = []
    if group.accounted != group.owed:
        failures.append(f"the ledger of group {group.group} is off: {group.accounted} accounted for, {group.owed} owed")
    if group.pending + group.retrying:
        failures.append(f"group {group.group} is not done: {group.pending} pending, {group.retrying} retrying")
    return failures
