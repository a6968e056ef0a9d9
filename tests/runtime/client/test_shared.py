"""State of the whole app: at once from outside, with the commit from inside of work."""

from typing import Any

import pytest

from runtime import App, Context, Retry
from runtime.errors import DefinitionError
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.runtime.worker.bench import StepBench


async def test_what_is_put_from_outside_is_there_at_once(settings: Settings, facts: Recorder):
    """For every user of the app, and as plain JSON."""
    app, same = (App("logistics", settings=settings, observer=facts) for _ in range(2))
    async with app.client(), same.client():
        assert await same.shared.get("open", "unknown") == "unknown"
        await app.shared.put("open", {"since": 7})
        assert await same.shared.get("open") == {"since": 7}


async def test_apps_have_nothing_in_common(settings: Settings, facts: Recorder):
    """The same key of another app is another one."""
    app, other = (App(name, settings=settings, observer=facts) for name in ("logistics", "accounting"))
    async with app.client(), other.client():
        await app.shared.put("open", True)
        assert await other.shared.get("open") is None


async def test_what_is_put_inside_of_work_waits_for_its_commit(settings: Settings, facts: Recorder):
    """The work itself sees it, others when it is done; a failed attempt puts nothing."""
    stepping = StepBench(settings, facts)
    shared, inside, outside = stepping.app.shared, list[Any](), list[Any]()

    @stepping.work(retry=Retry(attempts=2, first_delay=0))
    async def work(order: int, ctx: Context) -> None:
        outside.append(await stepping.app.session.store.read(None, "open"))
        await shared.put("open", ctx.attempt)
        inside.append(await shared.get("open"))
        if ctx.attempt == 1:
            raise OSError("no route")

    async with stepping.app:
        run = await stepping.begin()
        await run.result(30)
        assert await shared.get("open") == 2
    assert (inside, outside) == ([1, 2], [None, None])


async def test_a_null_is_no_default(settings: Settings, facts: Recorder):
    """It was put on purpose."""
    app = App("logistics", settings=settings, observer=facts)
    async with app.client():
        await app.shared.put("open", None)
        assert await app.shared.get("open", "unknown") is None


async def test_without_a_connection_it_says_how_to_connect(settings: Settings):
    """As everything else does."""
    app = App("logistics", settings=settings)
    with pytest.raises(DefinitionError, match="is not connected here"):
        await app.shared.get("open")


@pytest.mark.parametrize("key", [None, 7, "\ud83d"])
async def test_a_key_is_text_that_a_server_can_store(settings: Settings, key: Any):
    """Whatever its value is."""
    app = App("logistics", settings=settings)
    for ask in (app.shared.get(key), app.shared.put(key, 1)):
        with pytest.raises(DefinitionError, match="the state key can't be "):
            await ask
