"""Asks the breaker that guards some work before it begins, and tells it how that went."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from runtime.budgets.account import Parked
from runtime.causality.error_info import describe_error
from runtime.clock import Clock
from runtime.definitions.breakers import breakers_of
from runtime.definitions.declarations import BuiltApp
from runtime.errors import ServerError
from runtime.outages import Deferral
from runtime.resilience.breaker import Breaker
from runtime.resilience.breaker_state import Health, Permit
from runtime.resilience.contract import Breakers
from runtime.resilience.outages import build_outage
from runtime.resilience.retry import Retry
from runtime.runs.parked_work import wake_parked_work
from runtime.state.contract import StateStore
from runtime.worker.work import Equipment

Value = TypeVar("Value")

_log = logging.getLogger("causeline.worker")

#: Renewals of a permit to probe within its lease.
_RENEWALS: Final = 3


class Guard:
    """Stands before one attempt, or one recorded call.

    Args:
        equipment: of the worker.
        breaker: that guards it.
        work: as operators see it while it waits.
    """

    def __init__(self, equipment: Equipment, breaker: Breaker, work: Parked) -> None:
        self._kit = equipment
        self._breaker = breaker
        self._work = work
        self._permit: Permit | None = None
        self._renewing: asyncio.Task[None] | None = None

    @property
    def deferred(self) -> Deferral | None:
        """What became of the work before; None where it was never deferred."""
        return self._permit.deferred if self._permit else None

    async def request_permit(self) -> int:
        """In how many ms the work should ask again; 0 when it may begin. Waits for a server that is away."""
        answer = await self._kit.ask_until_answered(
            lambda: self._kit.breakers.request_permit(self._breaker, self._work, self._kit.lease_ms),
        )
        if isinstance(answer, int):
            return answer
        self._permit = answer
        if answer.probe:
            self._renewing = asyncio.create_task(self._renew(answer), name=f"causeline probe of {self._breaker.name}")
        return 0

    async def hasten_called(self) -> None:
        """Has its work ask again at once that was told to before it had left its slot: whoever told it found nothing
        to hasten yet, and the work would wait for as long as it was to at first."""
        if await self._kit.ask_until_answered(lambda: self._kit.breakers.is_called(self._breaker, self._work.node)):
            await self._kit.ask_until_answered(lambda: wake_parked_work([self._work], self._kit.bus, self._store_of))

    def limit_timeout(self, own: float | None) -> float | None:
        """Seconds that it may take: less than its own timeout where it is a probe that has a shorter one."""
        short = self._breaker.probe_timeout if self._permit and self._permit.probe else None
        return min((seconds for seconds in (own, short) if seconds is not None), default=None)

    async def record_outcome(self, error: BaseException | None, took: float, retry: Retry) -> bool:
        """Tells the breaker how the work went, which took so many seconds; whether it was a probe that failed."""
        health, why = self._judge_health(error, took, retry)
        was_probe = bool(self._permit and self._permit.probe)
        await self._record(health, why)
        return was_probe and health == "failed"

    async def give_back_permit(self) -> None:
        """Gives back a permit to probe that nothing was decided with. Every way out leads here."""
        await self._record("neutral")

    def _judge_health(self, error: BaseException | None, took: float, retry: Retry) -> tuple[Health, str]:
        breaker = self._breaker
        if error is not None:
            if breaker.is_ignored(error, retry):
                return "neutral", ""
            return "failed", describe_error(error, self._kit.redactor.text) or type(error).__name__
        if breaker.is_slow(took):
            return "failed", f"it took {took:.2f} s, and counts as slow from {breaker.slow} s on"
        return "ok", ""

    async def _record(self, health: Health, why: str = "") -> None:
        permit, self._permit = self._permit, None
        if self._renewing is not None:
            self._renewing.cancel()
        if permit is None or (health == "neutral" and not permit.probe):
            return
        try:
            recorded = await self._kit.breakers.record(self._breaker, permit, health, why)
            await wake_parked_work(recorded.waiting, self._kit.bus, self._store_of)
        except ServerError as trouble:  # the outcome counts more than the breaker's memory of it
            _log.debug("breaker %s was not told of an outcome: %s", self._breaker.name, trouble)
            return
        if recorded.change == "opened":
            _log.warning("breaker %s is open for %s s: %s", self._breaker.name, self._breaker.cooldown, why)
        elif recorded.change == "closed":
            _log.info("breaker %s is closed again; what waits for it comes back in waves", self._breaker.name)
            over = build_outage(self._breaker.name, recorded)
            if over is not None:
                self._kit.observer.emit(over)

    def _store_of(self, app: str) -> StateStore | None:
        """Steps of other apps come when they are due."""
        return self._kit.store if app == self._kit.app else None

    async def _renew(self, permit: Permit) -> None:
        lease_ms = self._kit.lease_ms
        is_ours = True
        while is_ours:
            await asyncio.sleep(lease_ms / 1000 / _RENEWALS)
            try:
                is_ours = await self._kit.breakers.renew(self._breaker, permit, lease_ms)
            except ServerError as trouble:
                _log.debug("the permit to probe %s is not renewed: %s", self._breaker.name, trouble)


async def call_guarded(guard: Guard | None, retry: Retry, call: Callable[[], Awaitable[Value]], clock: Clock) -> Value:
    """Makes a call, and tells the breaker that guards it, if one does, how that went."""
    if guard is None:
        return await call()
    began = clock.monotonic()
    try:
        value = await call()
    except Exception as error:
        await guard.record_outcome(error, clock.monotonic() - began, retry)
        raise
    except BaseException:
        await guard.give_back_permit()
        raise
    await guard.record_outcome(None, clock.monotonic() - began, retry)
    return value


async def declare_breakers(breakers: Breakers, app: BuiltApp) -> None:
    """Makes an app's breakers known to operators, with what it guards by each. At once or never: they are known as soon
    as work asks them, too."""
    guards: dict[Breaker, list[str]] = {}
    first: dict[str, Breaker] = {}
    for breaker, what in breakers_of(app.workflows.values(), app.subscriptions):
        # What each place ignores is its own: it is one breaker all the same.
        guards.setdefault(first.setdefault(breaker.name, breaker), []).append(what)
    try:
        await breakers.declare(app.name, guards)
    except ServerError as trouble:
        _log.debug("breakers are not made known yet: %s", trouble)
