"""Broken promises are found, and kept ones are not complained about."""

from dataclasses import replace
from uuid import UUID

import pytest

from runtime.bus.records import ChannelLedger, DeadLetter, GroupLedger
from runtime.semconv import DeadLetterReason
from sample_agents import promises
from sample_agents.outcome import focus
from sample_agents.parcels import Delivered
from sample_agents.promises import Mail
from sample_agents.world import World

RUN = UUID("01930000-0000-7000-8000-000000000001")
WELL = GroupLedger("billing", owed=9, done=9, pending=0, retrying=0, dead=0, discarded=0, consumers=2)
FRAGILE = GroupLedger("sms", owed=9, done=6, pending=0, retrying=0, dead=2, discarded=1, consumers=2)
LETTER = DeadLetter(
    id=RUN,
    channel="shipment.delivered",
    group="sms",
    event_id=RUN,
    delivery_id=RUN,
    round=0,
    reason=DeadLetterReason.MAX_ATTEMPTS,
    attempts=5,
    dead_ms=1,
    state="dead",
    envelope="{}",
)


def channel(*groups: GroupLedger) -> ChannelLedger:
    return ChannelLedger("shipment.delivered", 9, groups)


def delivered(number: int, *, detour: bool = False, calls: int = 1) -> Delivered:
    return Delivered(
        number=number, seed=1, recipient="", phone="", weight_grams=1, route=("Berlin",), detour=detour, calls=calls
    )


def test_a_ledger_that_adds_up_breaks_no_promise():
    """Dead text messages are allowed, and so are expired ones, as long as they are accounted for."""
    assert promises.ledger(channel(WELL, FRAGILE), ["billing"]) == []
    assert promises.ledger(channel(WELL, replace(FRAGILE, done=4, expired=2)), ["billing"]) == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (replace(FRAGILE, done=5), "8 accounted for, 9 owed"),
        (replace(FRAGILE, done=5, pending=1), "group sms is not done: 1 pending"),
        (replace(FRAGILE, done=5, retrying=1), "0 pending, 1 retrying"),
    ],
)
def test_a_ledger_that_is_off_is_told(broken: GroupLedger, words: str):
    """With the figures."""
    (failure,) = promises.ledger(channel(WELL, broken), ["billing"])
    assert words in failure


def test_a_steady_group_with_a_dead_letter_or_without_a_ledger_is_told():
    """Billing never fails."""
    (dead,) = promises.ledger(channel(replace(WELL, done=8, dead=1)), ["billing"])
    (missing,) = promises.ledger(channel(FRAGILE), ["billing"])
    assert dead.startswith("group billing should have done everything")
    assert missing == "group billing should have done everything: None"
    assert promises.ledger(None, []) == ["nothing was announced: the channel does not exist"]


@pytest.mark.parametrize(
    ("expected", "letter", "count"),
    [
        (None, None, 0),
        (DeadLetterReason.MAX_ATTEMPTS, LETTER, 0),
        (None, LETTER, 1),
        (DeadLetterReason.MAX_ATTEMPTS, None, 1),
        (DeadLetterReason.NON_RETRYABLE, LETTER, 1),
    ],
)
def test_text_messages_are_dead_exactly_where_the_world_says_so(expected, letter, count):
    """One too many, one too few and one of another kind are all told."""
    assert len(promises.letters([Mail("S1-0001", expected, letter)])) == count


def test_a_shipment_that_is_missing_or_mistaken_is_told():
    """By its subject."""
    subjects = {1: "S1-0001", 2: "S1-0002", 3: "S1-0003"}
    assert promises.arrivals(subjects, {1: delivered(1), 3: delivered(2)}) == [
        "shipment S1-0002 did not arrive",
        "the run of S1-0003 returned another shipment",
    ]


def test_pickups_are_tried_again_exactly_where_the_carrier_was_busy():
    """One too many and one too few are both told; how often makes no difference."""
    arrived = {1: delivered(1), 2: delivered(2, calls=2), 3: delivered(3, calls=3), 4: delivered(4)}
    subjects = {number: f"S1-{number:04}" for number in arrived}
    assert promises.pickups(subjects, arrived, {2, 3}) == []
    assert promises.pickups(subjects, arrived, {3, 4}) == [
        "the booking of S1-0002 took 2 call(s); it should have been taken at once",
        "the booking of S1-0004 took 1 call(s); it should have been refused at first",
    ]


def test_parcels_are_sorted_wrong_exactly_where_the_label_is_smudged():
    """One too many and one too few are both told."""
    arrived = {1: delivered(1), 2: delivered(2, detour=True), 3: delivered(3, detour=True), 4: delivered(4)}
    subjects = {number: f"S1-{number:04}" for number in arrived}
    assert promises.sortings(subjects, arrived, {2, 3}) == []
    assert promises.sortings(subjects, arrived, {3, 4}) == [
        "parcel S1-0002 was sorted wrong; its label is clear",
        "parcel S1-0004 was sorted right; its label is smudged",
    ]


@pytest.mark.parametrize(
    ("ledger", "published", "settled"),
    [
        (None, 0, False),
        (channel(WELL, FRAGILE), 9, True),
        (channel(WELL, FRAGILE), 10, False),
        (channel(WELL, replace(FRAGILE, pending=1)), 9, False),
        (channel(WELL, replace(FRAGILE, retrying=1)), 9, False),
    ],
)
def test_a_channel_is_settled_when_all_is_published_and_nothing_waits(ledger, published, settled):
    """An event may still be on its way into the channel when its run has ended."""
    assert promises.is_settled(ledger, published) is settled


def test_the_shipment_to_look_at_is_one_that_a_replay_can_save():
    """Not one whose number nobody serves; and its pickup was tried again, where there is such a one."""
    world = World(7, 200)
    number = focus(world, dict.fromkeys(world.numbers, RUN))
    assert (world.dies_of(number), number in world.busy) == (DeadLetterReason.MAX_ATTEMPTS, True)
    assert focus(world, {}) == 0
