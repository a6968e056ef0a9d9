"""Lets time pass for what waits on the server: a test that turns its clock need not wait for retries."""

from typing import Any

from runtime.bus.keys import ChannelKeys
from runtime.client.session import Session
from runtime.resilience.breaker import key_of
from runtime.server.client import Client
from runtime.state.keys import StateKeys


async def let_pass(session: Session, ms: int) -> None:
    """Has all that an app has waiting be due `ms` milliseconds sooner: retries of steps and deliveries, and breakers.
    Leases of what is under way stay as they are."""
    client, keys = session.server.client, StateKeys(session.app.name)
    leased: Any = await client.hkeys(keys.leases)
    for queue in (keys.tasks, keys.suspects):
        await _sooner(client, queue, ms, set(leased))
    for one in session.app.subscriptions:
        await _sooner(client, ChannelKeys(one.channel).waiting(one.group), ms, set())
    steps = [step.step.breaker for workflow in session.app.workflows.values() for step in workflow.steps.values()]
    handlers = [one.breaker for one in session.app.subscriptions]
    for breaker in {one for one in (*steps, *handlers) if one is not None}:
        if await client.hexists(key_of(breaker), "open_until"):
            await client.hincrby(key_of(breaker), "open_until", -ms)


async def _sooner(client: Client, queue: str, ms: int, kept: set[bytes]) -> None:
    members: Any = await client.zrange(queue, 0, -1)
    for member in members:
        if member not in kept:
            await client.zincrby(queue, -ms, member)
