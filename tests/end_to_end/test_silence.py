"""The article's own question: what happens when an agent fails silently? With a real runtime, bus and collector."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.alerts import causal_findings, engine, rule_status
from collector.client import CollectorClient
from collector.models import Alert, NodeStatus
from collector.operations import backlog_watch
from collector.operations.link import make_connector
from collector.questions import standstill
from runtime import App, Context, Event, NonRetryableError
from runtime.settings import Settings
from tests.collector.alerts.webhook import HookServer
from tests.collector.live import LiveCollector
from tests.end_to_end.house import House
from tests.waiting import until

RULES = """
[rules.unprocessed]
threshold = 1
well_for = 0
[rules.no_consumer]
for = 0
well_for = 0
[rules.no_worker]
for = 0
well_for = 0
[rules.dead_letters]
well_for = 0
[rules.missing_effect]
within = {within}
[webhooks.slack]
url = "{url}"
"""


@pytest.fixture
def hook() -> Iterator[HookServer]:
    """Who is told."""
    with HookServer() as server:
        yield server


@pytest.fixture
def house(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: HookServer) -> Iterator[House]:
    """All of it, in this process; what is late is late soon."""
    for module, name, value in (
        (backlog_watch, "LOOK_EVERY", 0.1),
        (engine, "FIRST_LOOK", 0.0),
        (engine, "LOOK_EVERY", 0.1),
        (rule_status, "COSTLY_EVERY", 0.2),
        (rule_status, "FACTOR", 0.0),
        (standstill, "PATIENCE_SECONDS", 0.5),
        (causal_findings, "FEWEST", 5),
    ):
        monkeypatch.setattr(module, name, value)
    for name, value in (("HOME", str(tmp_path)), ("REDIS_URL", redis_url), ("LEASE", "0.6")):
        monkeypatch.setenv(f"CAUSELINE_{name}", value)
    rules = tmp_path / "alerts.toml"
    rules.write_text(RULES.format(url=hook.url, within=3_600))
    with LiveCollector(tmp_path / "causeline.duckdb", make_connector(redis_url), rules=rules) as collector:
        monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", collector.url)
        settings = Settings(home=tmp_path, redis_url=redis_url, collector_url=collector.url, lease=0.6)
        with CollectorClient(collector.url) as client:
            yield House(collector, client, settings)


def store(house: House) -> App:
    """An app whose till takes orders and says that they are paid, unless it is broken: then it swallows its error."""
    app = App("store", settings=house.settings)

    @app.subscribe("orders", group="till")
    async def till(event: Event[int], ctx: Context) -> None:
        try:
            if "broken" in house.world:
                raise ConnectionError("no bank")
            ctx.publish("payments", event.data)
        except ConnectionError:
            pass  # as agents do

    @app.subscribe("payments", group="books")
    async def books(event: Event[int]) -> None:
        if "refuses" in house.world:
            raise NonRetryableError("no books")

    return app


async def fires(house: House, rule: str) -> Alert:
    """The first alert of a rule, once it fires."""

    async def found() -> Alert | None:
        firing = (await house.ask(house.client.alerts)).firing
        return next((alert for alert in firing if alert.rule == rule), None)

    return await until(found, f"an alert of {rule}")


async def is_over(house: House, rule: str) -> None:
    """Waits until nothing of a rule fires."""

    async def over() -> bool:
        return rule not in {alert.rule for alert in (await house.ask(house.client.alerts)).firing}

    await until(over, f"the end of {rule}")


async def test_a_consumer_that_fails_silently_is_told_of(house: House, hook: HookServer, tmp_path: Path) -> None:
    """All its events are done, nothing is dead, no span failed; and what always followed has not come."""

    async def done() -> bool:
        event = await house.ask(lambda: house.client.event(str(silent)))
        return event is not None and [each.status for each in event.deliveries] == [NodeStatus.OK]

    async with store(house) as app:
        for number in range(8):
            await app.publish("orders", number)

        async def paid() -> bool:
            events = await house.ask(lambda: house.client.events(channel="payments"))
            booked = [each.status for event in events.items for each in event.deliveries]
            return booked == [NodeStatus.OK] * 8

        await until(paid, "payments that are booked")
        house.world["broken"] = True
        silent = await app.publish("orders", 8)
        await until(done, "the event that its consumer swallows")
        (tmp_path / "alerts.toml").write_text(RULES.format(url=hook.url, within=0.3))
        alert = await fires(house, "missing_effect")
        assert alert.title == "1 event on orders: nothing on payments followed"
        assert alert.params == {"id": str(silent)}
        overview = await house.ask(house.client.overview)
        assert (overview.problems, overview.alerts_firing) == ([], 1)
        (told,) = await until(lambda: hook.told)
        assert (told["rule"], told["id"]) == ("missing_effect", alert.id)
        assert told["url"].endswith(f"/event?id={silent}")


async def test_events_that_nobody_takes_and_letters_that_die_fire_and_are_resolved(
    house: House, hook: HookServer
) -> None:
    """On the real bus: with no worker at all, then with one that gives up, then when somebody has put it right."""
    app = store(house)
    work = app.workflow("audit", number=int)
    work.step(name="count")(lambda number: number)
    async with app:
        pass  # its groups are there from now on
    async with app.client():
        await app.publish("orders", 1)
        await app.start(work, number=7)
        late = await fires(house, "unprocessed")
        assert late.about == {"channel": "orders", "group": "till"}
        assert (await fires(house, "no_consumer")).title == "Nobody serves till of orders"
        assert (await fires(house, "no_worker")).title == "Nobody works for store, and 1 step waits"
    house.world["refuses"] = True
    async with store(house):
        dead = await fires(house, "dead_letters")
        assert dead.about == {"channel": "payments", "group": "books"}
        for rule in ("unprocessed", "no_consumer"):
            await is_over(house, rule)
        letters = await house.ask(house.client.dead_letters)
        await asyncio.to_thread(house.client.discard, [letter.id for letter in letters.items], "ada", "wrong")
        await is_over(house, "dead_letters")
    ends = {told["rule"] for told in hook.told if told["status"] == "resolved"}
    await until(lambda: ends | {told["rule"] for told in hook.told if told["status"] == "resolved"} >= {"dead_letters"})
    told = [(told["id"], told["status"]) for told in hook.told]
    assert len(told) == len(set(told))
