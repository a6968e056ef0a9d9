"""How a breaker stands, and what waits for it, in words."""

from typing import Final

from collector.models import Breaker, Deferral, DeferredWork
from dashboard import data, wording

#: Its state as a badge.
_BADGES: Final = {
    "closed": ":green-badge[:material/check_circle: closed]",
    "open": ":red-badge[:material/electric_bolt: open]",
    "half_open": ":orange-badge[:material/troubleshoot: half open]",
    "held": ":red-badge[:material/front_hand: held open]",
}


def badge(breaker: Breaker) -> str:
    """Returns how a breaker stands, as Markdown."""
    return _BADGES[breaker.state]


def explain_state(breaker: Breaker) -> str:
    """Returns what opened or closed it last, and who, in plain text; empty where nothing ever did."""
    by = f"by {breaker.by}" if breaker.by else ""
    return ": ".join(part for part in (by, breaker.why) if part)


def describe_next_probe(breaker: Breaker) -> str:
    """Returns when a breaker is probed next, in plain text; empty where it is not."""
    if breaker.prober:
        return f"{breaker.prober} probes it now"
    if breaker.next_probe is None:
        return ""
    if breaker.next_probe <= data.now():
        return "whoever asks next probes it"
    return f"next probe {wording.clock(breaker.next_probe, data.now(), data.zone())}"


def describe_waiting_work(breaker: Breaker) -> str:
    """Returns how much waits for a breaker, in plain text; empty where nothing does."""
    return f"{breaker.waiting_total:,} deferred" if breaker.waiting_total else ""


def describe_deferred_work(work: DeferredWork) -> str:
    """Returns how often work was deferred, and until when, in plain text."""
    times = "once" if work.times == 1 else f"{work.times:,} times"
    return f"deferred {times}, until {wording.clock(work.until, data.now(), data.zone())}"


def describe_delay(deferral: Deferral) -> tuple[str, str, str]:
    """Returns that an attempt was deferred before it began: what to call that, how often, and when that was."""
    times = "once" if deferral.times == 1 else f"{deferral.times:,} times"
    zone = data.zone()
    when = f"from {wording.exact(deferral.since, zone)} until {wording.exact(deferral.until, zone)}"
    return "Deferred", times, f"breaker {deferral.breaker} was open, {when}"
