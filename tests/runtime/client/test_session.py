"""A connection is opened and closed whole, also where the event loop's own threads are all busy."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from runtime import App
from runtime.errors import SettingsError
from runtime.settings import Settings
from runtime.testing import Recorder


@pytest.fixture
async def _busy() -> AsyncIterator[None]:
    """Every thread of the event loop's own pool waits, and more calls stand in line."""
    go_on, loop = threading.Event(), asyncio.get_running_loop()
    calls = [loop.run_in_executor(None, go_on.wait) for _ in range(100)]
    yield
    go_on.set()
    await asyncio.gather(*calls)


def stepping(settings: Settings, facts: Recorder) -> App:
    app = App("logistics", settings=settings, observer=facts)
    app.workflow("w").step(name="only")(lambda: 7)
    app.subscribe("parcels", group="sms")(lambda parcel: None)
    return app


@pytest.mark.usefixtures("_busy")
async def test_busy_threads_of_the_event_loop_hold_up_neither_client_nor_worker(settings: Settings, facts: Recorder):
    """As of a web service whose requests call sync clients: nothing of ours stands in that line."""
    app = stepping(settings, facts)
    async with asyncio.timeout(30):
        async with app.client():
            run = await app.start(app._workflows["w"])
            await app.publish("parcels", 1)
        async with app:
            run = await app.start(app._workflows["w"])
            assert await run.result() == 7
    assert facts.closed


@pytest.mark.usefixtures("_busy")
@pytest.mark.xfail(reason="the driver looks names up in the event loop's own pool", strict=True)
async def test_busy_threads_of_the_event_loop_hold_up_no_connection_to_a_name(settings: Settings, facts: Recorder):
    """Also where the server has a name, which has to be looked up for each new connection."""
    assert settings.redis_url is not None
    url = settings.redis_url.replace("127.0.0.1", "localhost")
    async with asyncio.timeout(3), stepping(settings.model_copy(update={"redis_url": url}), facts).client():
        pass


async def test_an_address_that_can_not_be_is_refused_before_anything_is_opened(settings: Settings, facts: Recorder):
    """In one line that names the setting."""
    app = stepping(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/nothing"}), facts)
    with pytest.raises(SettingsError, match="its database must be a number"):
        async with app.client():
            pass
    assert not facts.closed


async def test_two_connections_of_one_app_in_one_process_are_apart(settings: Settings, facts: Recorder):
    """Apps that share a name and a server."""
    one, other = stepping(settings, facts), stepping(settings, facts)
    async with one.client(), other.client():
        assert one.session is not other.session
        run = await one.start(one._workflows["w"])
        assert [record.id for record in await other.session.store.runs(9)] == [run.id]
