"""A process is told to end, and to hurry."""

import asyncio
import os
import signal

import pytest

from runtime.supervisor.ending import SIGNALS
from runtime.worker.signals import EndSignals


async def told(number: signal.Signals) -> None:
    """Sends this process a signal and lets its loop notice."""
    noticed = asyncio.Event()
    os.kill(os.getpid(), number)
    asyncio.get_running_loop().call_later(0.01, noticed.set)
    await noticed.wait()


@pytest.mark.parametrize("number", SIGNALS)
async def test_the_first_signal_says_to_end_and_the_second_to_hurry(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
):
    """Whichever it is."""
    monkeypatch.setattr("runtime.worker.signals.SAME_ORDER", 0.0)
    signals = EndSignals()
    with signals.handle():
        assert (signals.end.is_set(), signals.hurry.is_set()) == (False, False)
        await told(number)
        assert (signals.end.is_set(), signals.hurry.is_set()) == (True, False)
        await told(number)
        assert (signals.end.is_set(), signals.hurry.is_set()) == (True, True)


async def test_two_signals_at_once_are_one_order(monkeypatch: pytest.MonkeyPatch):
    """A terminal tells all its processes, and a supervisor tells its own."""
    monkeypatch.setattr("runtime.worker.signals.SAME_ORDER", 60.0)
    signals = EndSignals()
    with signals.handle():
        await told(signal.SIGINT)
        await told(signal.SIGTERM)
        assert (signals.end.is_set(), signals.hurry.is_set()) == (True, False)


async def test_afterwards_a_signal_does_what_it_always_does():
    """Whatever still goes on can be ended by one more."""
    with EndSignals().handle():
        pass
    assert [signal.getsignal(number) for number in SIGNALS] == [
        signal.default_int_handler,
        signal.SIG_DFL,
        signal.SIG_DFL,
    ]
