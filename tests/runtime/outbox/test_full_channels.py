"""A full channel is asked rarely, and seldom spoken of."""

from runtime.outbox.full_channels import FIRST_WAIT, LONGEST_WAIT, WARN_EVERY, FullChannels
from runtime.testing import FakeClock


def test_each_refusal_in_a_row_doubles_the_wait() -> None:
    """Up to a limit; one event that is taken begins a new row."""
    clock = FakeClock()
    channels = FullChannels(clock)
    waits = []
    for _ in range(8):
        channels.note_refusal("parcels")
        waits.append(channels.next_try - clock.monotonic())
        clock.turn(LONGEST_WAIT)
    assert [round(wait, 3) for wait in waits] == [0.5, 1, 2, 4, 8, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]
    channels.note_acceptance("parcels")
    channels.note_refusal("parcels")
    assert round(channels.next_try - clock.monotonic(), 3) == FIRST_WAIT


def test_a_channel_is_left_alone_until_its_wait_is_over() -> None:
    """Others are not, and neither is one that has taken an event since."""
    clock = FakeClock()
    channels = FullChannels(clock)
    channels.note_refusal("parcels")
    assert (channels.is_left_alone("parcels"), channels.is_left_alone("notices")) == (True, False)
    clock.turn(FIRST_WAIT)
    assert not channels.is_left_alone("parcels")
    channels.note_refusal("parcels")
    channels.note_acceptance("parcels")
    assert not channels.is_left_alone("parcels")


def test_a_channel_is_warned_of_once_a_minute() -> None:
    """However often it is full meanwhile."""
    clock = FakeClock()
    channels = FullChannels(clock)
    assert (channels.note_refusal("parcels"), channels.note_refusal("notices"), channels.note_refusal("parcels")) == (
        True,
        True,
        False,
    )
    channels.note_acceptance("parcels")
    assert not channels.note_refusal("parcels")
    clock.turn(WARN_EVERY)
    assert (channels.note_refusal("parcels"), channels.note_refusal("parcels")) == (True, False)
