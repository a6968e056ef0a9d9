"""Every way to settle an attempt at a step, each as one call whose answer is true when it holds."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from runtime.state.tasks import Claim, Commit
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import outgoing

Call = Callable[[StateBackend, Claim], Awaitable[Any]]


async def commit(state: StateBackend, claim: Claim) -> Any:
    made = Commit('"done"', ["delivery"], [outgoing(50)], {"key": "1"}, {"shared": "1"})
    return await state.store.commit(claim, made)


async def retry(state: StateBackend, claim: Claim) -> Any:
    return await state.store.retry(claim, 60_000)


async def postpone(state: StateBackend, claim: Claim) -> Any:
    return await state.store.postpone(claim, 60_000)


async def release(state: StateBackend, claim: Claim) -> Any:
    return await state.store.release(claim)


async def fail(state: StateBackend, claim: Claim) -> Any:
    return await state.store.fail(claim, "OSError", "no route")


async def renew(state: StateBackend, claim: Claim) -> Any:
    return not await state.store.renew([claim], LEASE_MS)


async def record(state: StateBackend, claim: Claim) -> Any:
    return await state.store.record_call(claim, "search", '"found"')


SETTLING: Final[tuple[Call, ...]] = (commit, retry, postpone, release, fail)
CALLS: Final[tuple[Call, ...]] = (*SETTLING, renew, record)
