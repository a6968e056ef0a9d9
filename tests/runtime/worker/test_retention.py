"""What has been kept for long enough is removed from the server by whoever works, for its own app alone."""

from typing import Any

import pytest

from runtime import App, NonRetryableError
from runtime.admin import Admin
from runtime.errors import RunNotFoundError
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.waiting import until

#: In days: a time that has passed when anybody looks.
NO_TIME = 0.0


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.worker.tidy_loop.TIDY_EVERY", 0.01)
    monkeypatch.setattr("runtime.worker.tidy_loop.FORGET_EVERY", 2)


def hasty(settings: Settings) -> Settings:
    """Nothing is kept that is over."""
    return settings.model_copy(update=dict.fromkeys(("keep_runs", "keep_letters", "keep_audit"), NO_TIME))


def app_of(name: str, settings: Settings, facts: Recorder) -> tuple[App, Any]:
    """An app of one step, and its workflow; its group `name` gives all events up."""
    app = App(name, settings=settings, observer=facts)
    workflow = app.workflow("shipment", order=int)
    workflow.step(name="pickup")(lambda order: order)

    @app.subscribe("letters", group=name)
    async def give_up(event: int) -> None:
        raise NonRetryableError("no")

    return app, workflow


async def test_a_run_is_gone_with_its_key_once_it_was_kept_for_its_time(settings: Settings, facts: Recorder):
    """Whoever holds it is told, and the key may stand for another run."""
    app, workflow = app_of("logistics", hasty(settings), facts)
    async with app:
        run = await app.start(workflow, order=1, key="one")

        async def is_gone() -> bool:
            try:
                await run.status()
            except RunNotFoundError:
                return True
            return False

        await until(is_gone)
        with pytest.raises(RunNotFoundError, match="was its data removed"):
            await app.get_run(run.id)
        assert (await app.start(workflow, order=2, key="one")).id != run.id


async def test_what_operators_did_and_what_they_settled_is_gone_also_where_the_group_was_retired(
    settings: Settings, facts: Recorder, admin: Admin
):
    """Of another app, whose settings may say otherwise, everything stays."""
    for name in ("logistics", "books"):
        app, _ = app_of(name, settings, facts)
        async with app:
            await app.publish("letters", 1)
            letters = await until(lambda name=name: waiting(admin, name))
        await admin.discard([letter.id for letter in letters], "ann", "late")
        await admin.retire("letters", name, "ann", "renamed")
    app = App("logistics", settings=hasty(settings), observer=facts)
    app.workflow("shipment").step(name="pickup")(lambda: None)
    async with app:

        async def kept() -> set[str] | None:
            groups = {entry.group for entry in (await admin.audit()).items}
            groups |= {letter.group for letter in (await admin.dead_letters(state="all")).items}
            return groups if groups != {"logistics", "books"} else None

        assert await until(kept) == {"books"}
        assert len((await admin.audit()).items) == 2


async def waiting(admin: Admin, group: str) -> list[Any]:
    return list((await admin.dead_letters(group=group)).items)
