"""Looks at what processes hold, again and again, and tells whether it grows."""

import time
from collections import defaultdict
from typing import Final

from tests.end_to_end.memory.figures import Trend, held_mib
from tests.end_to_end.memory.house import House
from tests.waiting import until_sync

#: Seconds between two looks, and between two lines that tell of them.
_EVERY: Final = 1.0
_TOLD: Final = 30.0

Samples = dict[str, list[tuple[float, float]]]


def look(house: House, seconds: float, warm: float) -> bool:
    """Looks for a time, and tells figures as it goes on and at its end.

    Args:
        house: what is looked at.
        seconds: for how long.
        warm: seconds of these that are not judged: caches fill, and what comes in is not yet as much as what goes.

    Returns:
        Whether nothing grows.
    """
    began = time.monotonic()
    samples: Samples = defaultdict(list)
    told = 0.0
    while (at := time.monotonic() - began) < seconds:
        for name, pid in house.processes().items():
            if (held := held_mib(pid)) is not None:
                samples[name].append((at, held))
        if at - told >= _TOLD:
            told = at
            print(_line(house, at, samples), flush=True)
        _pass(began + at + _EVERY)
    trends = {name: Trend.of([one for one in found if one[0] >= warm]) for name, found in samples.items()}
    print(_summary(house))
    for name, trend in trends.items():
        print(f"{name}: {trend}", flush=True)
    return all(trend.is_flat for trend in trends.values())


def _pass(moment: float) -> None:
    until_sync(lambda: time.monotonic() >= moment, "time passes", 60)


def _line(house: House, at: float, samples: Samples) -> str:
    held = ", ".join(f"{name} {found[-1][1]:.0f}" for name, found in samples.items())
    return f"{at:4.0f} s: {held} MiB; {_summary(house)}"


def _summary(house: House) -> str:
    sent = sum(sender.records for sender in house.senders)
    refused = sum(sender.refused for sender in house.senders)
    told = f"{sent} records ({refused} requests refused), {house.poller.answers} answers {dict(house.poller.errors)}, "
    told += f"{house.orders.started} runs"
    return told + (f", {house.reader.views} views ({len(house.reader.broken)} broken)" if house.reader else "")
