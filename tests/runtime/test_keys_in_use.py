"""Every key that is really on the server is one that the scripts' preludes document, and of the type they say."""

import asyncio
import re
from importlib.resources import files
from typing import Any

from runtime import App, Breaker, Budget, Context, Every, NonRetryableError, Retry, limit
from runtime.admin import Admin
from runtime.resilience.limits import Limit
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.state.tasks import Task
from runtime.testing import Recorder
from tests.waiting import until

LINE = re.compile(r"^-- (causeline:1:\{\S+?\}|\s+):(\S+) +(string|hash|set|zset|list|stream) ")
ALONE = re.compile(r"^-- (causeline:1:\w+) +(set) ")
PLACEHOLDER = re.compile(r"<\w+>")


def documented() -> dict[str, str]:
    """The patterns of all preludes, as regular expressions, with the type that each key has."""
    found: dict[str, str] = {}
    for package in ("runtime.bus", "runtime.state", "runtime.resilience", "runtime.budgets", "runtime.shadows"):
        tag = ""
        for line in (files(package) / "lua" / "prelude.lua").read_text().splitlines():
            if alone := ALONE.match(line):
                found[alone[1]] = alone[2]
            match = LINE.match(line)
            if match is None:
                continue
            tag = match[1] if match[1].strip() else tag
            parts = PLACEHOLDER.split(f"{tag}:{match[2]}")
            found["[^:{}]+".join(re.escape(part) for part in parts)] = match[3]
    return found


def refused(book: None) -> None:
    """Of a step, and of an undo."""
    raise NonRetryableError("no carrier")


def _subscribe(app: App, mended: list[bool]) -> None:
    """All kinds of groups; `billing` fails until something stands in the list."""

    @app.subscribe("parcels", retry=Retry(attempts=2, first_delay=0))
    async def sms(ctx: Context) -> None:
        ctx.state.put("key", 1)
        ctx.publish("noted", 1)
        if ctx.attempt == 1:
            raise OSError("no route")

    @app.subscribe("parcels")
    async def billing() -> None:
        if not mended:
            raise NonRetryableError("no bank")

    @app.subscribe("parcels", retry=Retry(first_delay=60, max_delay=600), breaker=Breaker("bank", 1, 60))
    async def slow() -> None:
        raise OSError("later")

    @app.subscribe("ledger", order_by="id", retry=Retry(first_delay=60, max_delay=600))
    async def books() -> None:
        raise OSError("later")

    @app.subscribe("ledger", ephemeral=True)
    async def board() -> None:
        pass


async def everything(settings: Settings, facts: Recorder, admin: Admin) -> None:
    """Uses all that the runtime has."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("w", order=int)
    mended: list[bool] = []

    carrier = Breaker("carrier", 5, 60, rate=0.9)

    @workflow.step(breaker=carrier, retry=Retry(attempts=2, first_delay=0), publishes="parcels")
    async def first(order: int, ctx: Context) -> int:
        ctx.state.put("key", 1)
        await ctx.once("look", lambda: 1)
        await ctx.stream("said")
        await ctx.wait_for("word")
        if ctx.attempt == 1:
            raise OSError("no route")
        return order

    workflow.step(name="second", undo=lambda second: None)(lambda first: [1])
    workflow.step(name="third", over="second")(lambda item: item)
    lost = app.workflow("lost")
    lost.step(name="book", undo=refused, retry=Retry(attempts=1))(lambda: None)
    lost.step(name="ship", retry=Retry(attempts=1))(refused)
    paused = app.workflow("paused", limits=[limit(key="tenant", at_once=0)], tenant=str)
    paused.step(name="ask")(lambda tenant: None)
    receipts = app.workflow("receipts")
    receipts.step(name="pay")(lambda: 1)
    receipts.step(name="receipt", shadow="receipts")(lambda pay: pay)
    app.subscribe("receipts", group="receipts")(lambda: None)
    tidy = app.workflow("tidy")
    tidy.step(name="tidy")(lambda: None)
    app.schedule("hourly", tidy, Every(hours=1))

    _subscribe(app, mended)
    async with app:
        await app.shared.put("open", True)
        await asyncio.gather(*(app.publish("ledger", {"id": 1}) for _ in range(2)))
        await app.publish("ledger", {"id": 1}, delay=600)
        await until(admin.schedules)
        await admin.run_schedule("hourly", "ann")
        for number in range(3):
            run = await app.start(workflow, order=number)
            await run.send("word", number)
            await run.result(15)

        await app.start(receipts)

        async def disagreed() -> bool:
            return any(one.disagreed for one in await admin.shadows())

        await until(disagreed)
        await admin.switch_step("receipt", "moved", "ann", "")

        async def dead() -> bool:
            return len((await admin.dead_letters()).items) == 3

        await until(dead)
        await app.start(lost)
        await until(admin.undo_failures)
        mended.append(True)
        letters = (await admin.dead_letters()).items
        await admin.replay([letters[0].id], "ann")
        await admin.discard([letters[1].id], "ann", "lost")
        await admin.cancel((await app.start(workflow, order=9, key="nine", deadline=60)).id, "ann")
        await app.publish("parcels", 9, key="nine")
        await app.publish("parcels", 10, budget=Budget(hops=1))
        await admin.raise_budget(await app.publish("parcels", 11, budget=Budget(hops=9)), Budget(hops=1), "ann")
        await asyncio.gather(*(app.publish("parcels", number) for number in range(5)))
    async with app.client():
        late = await app.start(workflow, order=10)
        store, bounded = app.session.store, Task((await app.start(workflow, order=11)).id, "w", "first")
        await store.set_aside({Task(late.id, "w", "first"): "sorter"})
        turning = Task((await app.start(paused, tenant="acme")).id, "paused", "ask")
        await store.set_aside({turning: "ask"}, {turning: app.session.app.workflows["paused"].steps["ask"].limits})
        assert await store.claim(
            bounded, "gone|1", 60_000, [], limits=(Limit("sorter", at_once=9, calls_per_minute=9),)
        )
    await admin.retire("parcels", "logistics.billing", "ann", "renamed")


async def test_every_key_is_documented(settings: Settings, facts: Recorder, admin: Admin, clients: Clients):
    """And every documented key is used by the whole of it, or reserved in words."""
    patterns = documented()
    await everything(settings, facts, admin)
    used = set()
    keys: Any = await clients.commands.keys("*")
    for key in sorted(keys):
        matching = [pattern for pattern in patterns if re.fullmatch(pattern, key.decode())]
        assert matching, f"no prelude documents {key.decode()}"
        kind: Any = await clients.commands.type(key)
        assert kind.decode() in {patterns[pattern] for pattern in matching}, f"{key.decode()} is a {kind.decode()}"
        used.update(matching)
    # Gone by the end: the worker has said goodbye, taken its wake-ups and told all; nothing waits or goes on any more,
    # no answer was lost, and what was parked for a group went with it.
    passing = (
        ":shaped",
        ":live",
        ":workers",
        ":wake",
        ":ended",
        ":tasks",
        ":suspects",
        ":leases",
        ":d:",
        ":untold",
        ":once:",
        ":asked",
        ":eph",
        ":ticks",
        ":deadlines",
        ":r:",
        ":p:",
        ":q:",
        ":spent",
    )
    assert [pattern for pattern in set(patterns) - used if not any(re.escape(one) in pattern for one in passing)] == []
