"""Lets time pass for what waits on the server: a test that turns its clock need not wait for retries."""

from typing import Final

from runtime.bus.keys import ChannelKeys
from runtime.client.session import Session
from runtime.resilience.redis import key_of
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys

#: Runs whose waits are turned, the newest first: more than any test has.
_RUNS: Final = 1_000


async def advance_server_time(session: Session, ms: int) -> None:
    """Has all that an app has waiting be due `ms` milliseconds sooner: retries of steps and deliveries, what steps wait
    for, events that are held back, deadlines of runs, and breakers. Leases of what is under way stay as they are."""
    client, keys = session.server.client, StateKeys(session.app.name)
    scripts = Scripts(client, __package__)
    for queue in (keys.tasks, keys.suspects):
        await scripts.call("sooner", [queue, keys.leases], ms)
    for run in await session.store.runs(_RUNS):
        await scripts.call("expire", [keys.waits(run.id)], ms)
    await scripts.call("sooner", [keys.deadlines], ms)
    for one in session.app.subscriptions:
        for waiting in (ChannelKeys(one.channel).waiting(one.group), ChannelKeys(one.channel).later):
            await scripts.call("sooner", [waiting], ms)
        await session.bus.promote(one.channel, one.group)
    steps = [step.step.breaker for workflow in session.app.workflows.values() for step in workflow.steps.values()]
    handlers = [one.breaker for one in session.app.subscriptions]
    for breaker in {one for one in (*steps, *handlers) if one is not None}:
        if await client.hexists(key_of(breaker), "open_until"):
            await client.hincrby(key_of(breaker), "open_until", -ms)
