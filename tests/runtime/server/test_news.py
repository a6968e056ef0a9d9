"""What is told on the server is heard by whoever waits for it, over one connection."""

import asyncio
from typing import Any

import pytest

from runtime.server.client import Clients
from tests.runtime.proxy import Proxy
from tests.waiting import until


async def test_each_hears_what_it_waits_for(clients: Clients):
    """And nothing else; several may wait for the same."""
    async with (
        clients.news.hearing(("over", "a")) as one,
        clients.news.hearing(("over", "a")) as two,
        clients.news.hearing(("over", "b")) as other,
    ):
        assert one.is_sure
        assert other.is_sure
        await clients.commands.publish("over", "a")
        await asyncio.gather(one.wait(10), two.wait(10))
        assert [each.come.is_set() for each in (one, two, other)] == [True, True, False]


async def test_who_waits_is_told_when_nothing_can_be_heard_any_more(far: Clients, proxy: Proxy):
    """It looks for itself; the next one hears again."""
    async with far.news.hearing(("over", "a")) as heard:
        await proxy.go_away()
        await until(heard.come.is_set)
        assert not heard.is_sure
    await proxy.come_back()
    async with far.news.hearing(("over", "a")) as heard:
        assert heard.is_sure
        await far.commands.publish("over", "a")
        await until(heard.come.is_set)


async def test_whoever_may_not_subscribe_looks_for_himself(clients: Clients, redis_url: str):
    """As a user of a shared server may not."""
    await clients.commands.execute_command("ACL", "SETUSER", "mute", "on", ">secret", "~*", "resetchannels", "+@all")
    mute = Clients.of(redis_url.replace("redis://", "redis://mute:secret@"))
    try:
        async with mute.news.hearing(("over", "a")) as heard:
            assert not heard.is_sure
    finally:
        await mute.close()
        await clients.commands.execute_command("ACL", "DELUSER", "mute")


async def test_who_waits_is_told_whatever_ends_the_reading(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A fault of ours, say: it looks for itself, and the next one hears again."""

    take = clients.news._handle_message

    def strange(message: dict[str, Any]) -> None:
        if message["type"] == "message":
            raise KeyError("nobody thought of it")
        take(message)

    monkeypatch.setattr(clients.news, "_handle_message", strange)
    async with clients.news.hearing(("over", "a")) as heard:
        await clients.commands.publish("over", "a")
        await until(heard.come.is_set)
        assert not heard.is_sure
    assert "heard no more, in a way that nobody thought of" in caplog.text
    monkeypatch.undo()
    async with clients.news.hearing(("over", "a")) as heard:
        assert heard.is_sure
        await clients.commands.publish("over", "a")
        await until(heard.come.is_set)
