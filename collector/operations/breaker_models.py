"""The bus's breakers as the API gives them. Pure."""

from collections.abc import Sequence
from datetime import datetime

from collector.models import Breaker, BreakerChange, DeferredWork
from collector.operations.budget_models import build_parked_work
from collector.times import MILLISECOND_NS, moment
from runtime import admin as records


def build_breaker(record: records.BreakerRecord, most_waiting: int | None = None) -> Breaker:
    """Returns a breaker, with so much of what waits for it, or all that is known."""
    return Breaker(
        name=record.name,
        state=record.state,
        since=_moment_of_ms(record.since_ms),
        why=record.why,
        by=record.by or None,
        failures=record.failures,
        failed_probes=record.probes,
        next_probe=_moment_of_ms(record.probe_ms),
        prober=record.prober or None,
        settings=dict(record.settings),
        guards={app: list(words) for app, words in record.guards.items()},
        waiting=[_build_deferred_work(one) for one in record.waiting[:most_waiting]],
        waiting_total=record.waiting_total,
        changes=[_build_change(one) for one in record.changes],
    )


def sort_worst_first(breakers: Sequence[Breaker]) -> list[Breaker]:
    """Returns breakers with those first that are not closed, the longest first."""
    return sorted(breakers, key=lambda one: (one.state == "closed", str(one.since or ""), one.name))


def _build_deferred_work(waiting: records.WaitingWork) -> DeferredWork:
    told = build_parked_work(waiting.work).model_dump()
    until = moment(waiting.deferred.until_ms * MILLISECOND_NS)
    return DeferredWork(**told, times=waiting.deferred.times, until=until)


def _build_change(change: records.BreakerChange) -> BreakerChange:
    at = moment(change.at_ms * MILLISECOND_NS)
    return BreakerChange(at=at, state=change.state, why=change.why, by=change.by or None)


def _moment_of_ms(ms: int | None) -> datetime | None:
    return None if ms is None else moment(ms * MILLISECOND_NS)
