"""How breakers stand, and what guarded work is told, as a backend keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from runtime.budgets.account import Parked
from runtime.outages import Deferral

#: How guarded work ended, for its breaker: `neutral` says nothing about the health of what it guards.
Health = Literal["ok", "failed", "neutral"]

#: `half_open`: its cool-down is over, and one probe decides. `held`: open until somebody closes it.
State = Literal["closed", "open", "half_open", "held"]


@dataclass(frozen=True, slots=True)
class Permit:
    """Guarded work may begin.

    Attributes:
        generation: of the breaker; a result counts only while that is the same.
        probe: names the one permit to probe; empty where the breaker is closed.
        deferred: what became of it before; None where it was never deferred.
    """

    generation: int
    probe: str = ""
    deferred: Deferral | None = None


@dataclass(frozen=True, slots=True)
class Glance:
    """How much a breaker would let begin now: `room` is None for any number; `wait_ms` until it may be more."""

    wait_ms: int
    room: int | None


@dataclass(frozen=True, slots=True)
class BreakerEffect:
    """What a result did to its breaker: whether it counted, opened it, or closed it.

    Attributes:
        at_ms: when, by the server's clock.
        since_ms: since when it was open that closes now; 0 where it was not open.
        probes: how many probes had failed before.
        why: it was open, in words.
        waiting: what waited for it and is to ask again now.
    """

    change: Literal["", "ignored", "opened", "closed"]
    at_ms: int = 0
    since_ms: int = 0
    probes: int = 0
    why: str = ""
    waiting: tuple[Parked, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """Work that waits for a breaker, and how it was deferred."""

    work: Parked
    deferred: Deferral


@dataclass(frozen=True, slots=True)
class BreakerChange:
    """A breaker opened, was held, or closed: why, and by whom, if that was an operator."""

    at_ms: int
    state: Literal["open", "held", "closed"]
    why: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class BreakerRecord:
    """A breaker as it stands.

    Attributes:
        state: see `State`.
        since_ms: since when it has not been closed; None where it is closed.
        why: what opened or closed it last; empty where nothing ever did.
        by: the operator who did; empty where none.
        failures: in a row, while it is closed.
        probes: that have failed since it opened.
        probe_ms: when it is probed next, or the lease of the probe under way ends; None where none is to come.
        prober: the probe under way, in words; empty where there is none.
        settings: as declared last, by the names of `Breaker`.
        guards: what it guards, in words, by app.
        waiting: what was deferred and has not begun since, those first that are so the longest.
        waiting_total: how many these are.
        changes: the newest first.
    """

    name: str
    state: State
    since_ms: int | None
    why: str
    by: str
    failures: int
    probes: int
    probe_ms: int | None
    prober: str
    settings: Mapping[str, float] = field(default_factory=dict)
    guards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waiting: tuple[WaitingWork, ...] = ()
    waiting_total: int = 0
    changes: tuple[BreakerChange, ...] = ()
