"""Tests that work which may have gone to another worker is asked for before something is done that costs."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.errors import AttemptStaleError
from runtime.worker.lease_check import require_held

CLAIM: Any = object()


def kit(*, is_overdue: bool, lost: list[Any], asked: list[Any], found: tuple[Any, ...] = ()) -> Any:
    """Equipment whose store has given some claims to others, of which the last renewal has found some."""

    async def renew(claims: list[Any], lease_ms: int) -> list[Any]:
        asked.append((claims, lease_ms))
        return lost

    async def settled(ask: Callable[[], Awaitable[Any]]) -> Any:
        return await ask()

    store, heartbeat = SimpleNamespace(renew=renew), SimpleNamespace(is_overdue=is_overdue, has_lost=found.__contains__)
    return SimpleNamespace(store=store, heartbeat=heartbeat, ask_until_answered=settled, lease_ms=500)


async def test_work_whose_leases_are_renewed_asks_nobody():
    """It costs nothing."""
    asked: list[Any] = []
    await require_held(kit(is_overdue=False, lost=[CLAIM], asked=asked), CLAIM, "step 'work'")
    assert asked == []


async def test_who_was_frozen_and_still_has_its_step_goes_on():
    """And has its lease renewed."""
    asked: list[Any] = []
    await require_held(kit(is_overdue=True, lost=[], asked=asked), CLAIM, "step 'work'")
    assert asked == [([CLAIM], 500)]


async def test_who_was_frozen_and_has_lost_its_step_does_nothing_more():
    """Another worker does it."""
    with pytest.raises(AttemptStaleError, match="another worker has taken step 'work' over, or its run has ended"):
        await require_held(kit(is_overdue=True, lost=[CLAIM], asked=[]), CLAIM, "step 'work'")


async def test_what_a_renewal_has_found_lost_is_not_done_though_no_lease_is_overdue_any_more():
    """Who wakes up renews first, and then goes on with what it was at."""
    asked: list[Any] = []
    with pytest.raises(AttemptStaleError):
        await require_held(kit(is_overdue=False, lost=[CLAIM], asked=asked, found=(CLAIM,)), CLAIM, "step 'work'")
    assert asked == []
