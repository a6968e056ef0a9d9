"""Faults are drawn from the seed alone, and each trouble has its own."""

from sample_agents.shapes.faults import (
    CARRIER,
    CARRIER_OUT,
    CRASHES,
    LONGEST,
    SLOW_SMS,
    SMS,
    STUCK,
    TIMEOUT,
    Faults,
    Trouble,
)

SPAN = 6.0
MOMENTS = [place / 50 for place in range(600)]


def test_the_same_seed_has_the_same_faults_and_another_has_others() -> None:
    """Crashes, outages and calls alike."""

    def drawn(seed: int) -> list[object]:
        faults = Faults(seed, SPAN)
        calls = [(faults.takes(SMS, n, 1, 2.0), faults.fails("board", n, 1)) for n in range(1, 60)]
        return [faults.crashes(), [faults.refuses(CARRIER, moment) for moment in MOMENTS], calls]

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)


def test_crashes_come_one_in_each_part_of_the_time() -> None:
    """So that the second does not hit a process that is still starting."""
    for seed in range(50):
        first, second = Faults(seed, SPAN).crashes()
        assert 0 <= first < SPAN / CRASHES <= second < SPAN


def test_an_outage_is_as_long_as_it_says_and_hits_no_other() -> None:
    """The carrier's does not refuse text messages."""
    faults = Faults(5, SPAN)
    refused = [moment for moment in MOMENTS if faults.refuses(CARRIER, moment)]
    assert abs(refused[-1] - refused[0] - CARRIER_OUT) < 0.05
    assert not any(faults.refuses("billing", moment) for moment in MOMENTS)


def test_without_crashes_there_are_outages_and_without_trouble_neither() -> None:
    """Calls that fail at first or get stuck stay: that is no operational fault."""
    outages, none = Faults(5, SPAN, Trouble.OUTAGES), Faults(5, SPAN, Trouble.NONE)
    assert (outages.crashes(), none.crashes()) == ([], [])
    assert any(outages.refuses(SMS, moment) for moment in MOMENTS)
    assert not any(none.refuses(SMS, moment) for moment in MOMENTS)
    assert any(none.fails("board", number, 1) for number in range(1, 200))


def test_a_slow_gateway_answers_in_time_and_so_does_what_is_stuck() -> None:
    """Neither shape is asked for what its timeout can't bear."""
    faults = Faults(5, SPAN)
    took = {faults.takes(SMS, number, 1, moment) for number in range(1, 80) for moment in MOMENTS[::10]}
    assert max(took) == SLOW_SMS < TIMEOUT
    assert STUCK in took
    assert min(took) <= LONGEST


def test_a_call_that_fails_by_itself_does_not_fail_again() -> None:
    """Retries help."""
    assert not any(Faults(5, SPAN).fails("board", number, 2) for number in range(1, 500))
