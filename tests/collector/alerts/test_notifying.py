"""Who is told of alerts: once each, in order, again where it failed; and nobody learns the address."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from collector.alerts import notifier
from collector.errors import StoreError
from tests.collector.alerts.guarded import DASHBOARD, Guard
from tests.collector.alerts.test_bus_findings import owe
from tests.collector.alerts.webhook import SECRET, HookServer
from tests.collector.operations.memory import MemoryBus
from tests.waiting import until


@pytest.fixture
def hook(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> Iterator[HookServer]:
    """A webhook that the rules know by a variable."""
    with HookServer() as server:
        monkeypatch.setenv("SLACK_URL", server.url)
        guard.say('[webhooks.slack]\nurl_env = "SLACK_URL"')
        yield server


async def late(guard: Guard, bus: MemoryBus) -> None:
    """An event waits for too long."""
    owe(bus, pending=2, oldest_unprocessed_ms=301_000)
    await guard.look(after=1)


async def well(guard: Guard, bus: MemoryBus) -> None:
    """Nothing waits any more, for long enough."""
    owe(bus)
    await guard.lasting(70)


async def test_a_webhook_is_told_once_that_it_fires_and_once_that_it_is_over(
    guard: Guard, bus: MemoryBus, hook: HookServer
) -> None:
    """In Slack's words and in fields, with a link."""
    await late(guard, bus)
    await guard.lasting(60)
    await well(guard, bus)
    await until(lambda: len(hook.told) == 2)
    first, second = hook.told
    assert first["text"] == (
        ":red_circle: *firing* An event on c has waited 5 min for g\n"
        "2 unprocessed in all, 0 of them between attempts.\n"
        f"<{DASHBOARD}/groups?channel=c&group=g|Show> · rule unprocessed"
    )
    assert (first["status"], first["rule"], first["severity"]) == ("firing", "unprocessed", "error")
    assert (first["about"], first["value"], first["unit"]) == ({"channel": "c", "group": "g"}, 301.0, "seconds")
    assert first["url"] == f"{DASHBOARD}/groups?channel=c&group=g"
    assert (first["started_at"], first["resolved_at"]) == ("2026-01-01T00:00:01.000000000Z", None)
    assert second["text"].startswith(":white_check_mark: *resolved*")
    assert (second["id"], second["status"]) == (first["id"], "resolved")
    assert hook.requests == 2


async def test_what_failed_is_told_again_until_it_is_heard_and_in_order(
    guard: Guard, bus: MemoryBus, hook: HookServer, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The secret in its address is nowhere to be read: in the log, in the answers, in the database."""
    caplog.set_level(logging.DEBUG)
    hook.statuses = [500, 429, 404]
    await late(guard, bus)
    await well(guard, bus)
    await until(lambda: len(hook.told) == 2)
    assert [told["status"] for told in hook.told] == ["firing", "resolved"]
    assert hook.requests == 5
    await until(lambda: guard.all.webhooks[0].waiting == 0)
    (state,) = guard.all.webhooks
    assert (state.name, state.place, state.error) == ("slack", "127.0.0.1", "")
    assert state.last_sent_at is not None
    assert "webhook slack was not told: it answers with status 500" in caplog.text
    assert "webhook slack is told again" in caplog.text
    guard.database.checkpoint()
    stored = await asyncio.to_thread(path.read_bytes)
    for text in (caplog.text, guard.all.model_dump_json(), stored.decode("latin-1")):
        assert SECRET not in text


async def test_an_unreachable_webhook_is_said_without_its_address(
    guard: Guard, bus: MemoryBus, caplog: pytest.LogCaptureFixture
) -> None:
    """As is one that can't be an address at all; rules go on."""
    guard.say(f'[webhooks.pager]\nurl = "http://127.0.0.1:1/{SECRET}"\n[webhooks.bad]\nurl = "ftp://{SECRET}"')
    await late(guard, bus)
    await until(lambda: guard.all.webhooks[0].error)
    assert [state.error for state in guard.all.webhooks] == [
        "it can't be reached (ConnectError)",
        "its URL must begin with http:// or https:// and name a host",
    ]
    assert SECRET not in caplog.text
    assert len(guard.firing()) == 1


async def test_a_slow_webhook_holds_up_nobody(
    guard: Guard, bus: MemoryBus, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither looks, nor another webhook."""
    with HookServer() as other:
        guard.say(f'[webhooks.slack]\nurl = "{hook.url}"\n[webhooks.other]\nurl = "{other.url}"')
        hook.goes_on.clear()
        await late(guard, bus)
        await until(lambda: other.told)
        await well(guard, bus)
        await until(lambda: len(other.told) == 2)
        assert (hook.told, hook.requests) == ([], 1)
        hook.goes_on.set()
        await until(lambda: len(hook.told) == 2)


async def test_one_that_never_answers_is_given_up_and_tried_again(
    guard: Guard, bus: MemoryBus, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while; and in the end it may be told twice, which is better than never."""
    monkeypatch.setattr(notifier, "ATTEMPT_SECONDS", 0.2)
    hook.goes_on.clear()
    await late(guard, bus)
    await until(lambda: hook.requests > 1)
    assert guard.all.webhooks[0].error == "it does not answer within 0.2 s"
    monkeypatch.setattr(notifier, "ATTEMPT_SECONDS", 10.0)
    hook.goes_on.set()
    await until(lambda: guard.all.webhooks[0].waiting == 0)


async def test_what_was_not_told_before_a_restart_is_told_after_it(
    guard: Guard, bus: MemoryBus, hook: HookServer
) -> None:
    """And what was told is not told again."""
    hook.statuses = [500] * 1_000
    await late(guard, bus)
    await until(lambda: hook.requests)
    await guard.restart()
    hook.statuses = []
    await guard.look(after=10, times=3)
    await until(lambda: hook.told)
    await guard.restart()
    await guard.look(after=10, times=3)
    await well(guard, bus)
    await until(lambda: len(hook.told) == 2)
    assert [told["status"] for told in hook.told] == ["firing", "resolved"]


async def test_what_is_news_no_more_after_a_long_stop_is_told_to_nobody(
    guard: Guard, bus: MemoryBus, hook: HookServer
) -> None:
    """Not even once; what comes after it is."""
    hook.statuses = [500] * 1_000
    await late(guard, bus)
    await until(lambda: hook.requests)
    await guard.restart()
    hook.statuses = []
    guard.clock.now += notifier.NOTICE_LIFETIME_SECONDS + 1
    await well(guard, bus)
    await until(lambda: hook.told)
    assert [told["status"] for told in hook.told] == ["resolved"]
    await until(lambda: guard.alerts.book.load_open(0)[2] == [])


async def test_a_failure_that_nobody_thought_of_ends_no_line(
    guard: Guard, bus: MemoryBus, hook: HookServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again. The log says where it was, without the error's own words: they may hold the address."""
    real = guard.alerts.notifier._get_client

    async def broken(*, is_here: bool) -> httpx.AsyncClient:
        monkeypatch.setattr(guard.alerts.notifier, "_get_client", real)
        raise LookupError(SECRET)

    monkeypatch.setattr(guard.alerts.notifier, "_get_client", broken)
    await late(guard, bus)
    await until(lambda: hook.told)
    assert "webhook slack was not told: it failed (LookupError); it is tried again" in caplog.text
    assert "in broken" in caplog.text
    assert SECRET not in caplog.text


async def test_a_webhook_hears_of_what_is_bad_enough_for_it(guard: Guard, bus: MemoryBus, hook: HookServer) -> None:
    """By severity."""
    guard.say(f'[webhooks.pager]\nurl = "{hook.url}"\nseverity = "error"\n[rules.unprocessed]\nseverity = "warning"')
    await late(guard, bus)
    owe(bus, pending=2, oldest_unprocessed_ms=301_000, dead=9)
    await guard.look(after=10)
    await until(lambda: hook.told)
    assert {alert.rule for alert in guard.firing()} == {"unprocessed", "dead_letters"}
    assert [told["rule"] for told in hook.told] == ["dead_letters"]


async def test_names_from_outside_mention_nobody_in_slack(guard: Guard, bus: MemoryBus, hook: HookServer) -> None:
    """Nor do they command a terminal that shows the log."""
    owe(bus, pending=2, oldest_unprocessed_ms=301_000)
    ledger = bus.ledger[0]
    bus.ledger = [type(ledger)("<!channel>&\x1b[31m\u202e", ledger.published, ledger.groups)]
    await guard.look(after=1)
    await until(lambda: hook.told)
    assert "&lt;!channel&gt;&amp; [31m" in hook.told[0]["text"]
    assert "\x1b" not in hook.told[0]["text"]


async def test_the_store_that_cannot_be_written_keeps_nobody_from_being_told(
    guard: Guard, bus: MemoryBus, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is when alerts are needed most; they are written down later."""

    def full(*_: object) -> None:
        raise StoreError("no space left")

    record = guard.alerts.book.save_changes
    monkeypatch.setattr(guard.alerts.book, "save_changes", full)
    await late(guard, bus)
    await until(lambda: hook.told)
    monkeypatch.setattr(guard.alerts.book, "save_changes", record)
    await guard.look(after=10)
    fired, _, _ = guard.alerts.book.load_open(0)
    assert [alert.rule for alert in fired] == ["unprocessed"]
