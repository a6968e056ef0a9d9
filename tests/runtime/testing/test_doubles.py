"""The doubles that ship with the runtime."""

import threading

import pytest

from runtime.facts import Ambient, AttemptEnded, DeliveryBegun, EventPublished
from runtime.semconv import DeliveryOutcome
from runtime.testing import FakeClock, Recorder
from tests.contract.made import TRACE
from tests.runtime.telemetry import samples


def test_a_recorder_keeps_facts_in_the_order_told():
    """Beginnings of attempts among them."""
    recorder = Recorder()
    recorder.emit(samples.event_published())
    attempt = recorder.open(samples.delivery_begun())
    attempt.pending()
    attempt.end(samples.delivery_ended())
    assert recorder.facts == (samples.event_published(), samples.delivery_begun())
    assert recorder.of(EventPublished) == [samples.event_published()]
    assert recorder.of(DeliveryBegun) == [samples.delivery_begun()]
    assert [(one.pendings, one.ended) for one in recorder.attempts] == [(1, samples.delivery_ended())]
    recorder.clear()
    assert (recorder.facts, recorder.attempts) == ((), ())


def test_an_attempt_ends_once():
    """A second end is a mistake of the core."""
    attempt = Recorder().open(samples.delivery_begun())
    attempt.end(samples.delivery_ended())
    with pytest.raises(AssertionError, match="has ended before"):
        attempt.end(AttemptEnded(outcome=DeliveryOutcome.OK, ended_ns=1))


def test_a_recorder_answers_with_the_surroundings_it_was_given():
    """And has nothing to flush."""
    surroundings = Ambient(TRACE)
    recorder = Recorder(surroundings)
    assert recorder.ambient() == surroundings
    assert recorder.flush(0)
    recorder.close()
    assert recorder.closed


def test_a_recorder_may_be_told_from_any_thread():
    """Nothing is lost."""
    recorder = Recorder()

    def tell() -> None:
        for _ in range(500):
            recorder.emit(samples.event_published())

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(recorder.facts) == 2000


def test_a_fake_clock_stands_still_until_it_is_turned():
    """Both its times move together."""
    clock = FakeClock(1000)
    assert (clock.now_ns(), clock.monotonic()) == (1000 * 10**9, 1000.0)
    clock.turn(0.5)
    assert (clock.now_ns(), clock.monotonic()) == (1000_500_000_000, 1000.5)
