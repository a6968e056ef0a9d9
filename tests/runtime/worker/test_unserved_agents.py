"""A group that the app's code does not serve any more is named when a worker starts: its events wait for nobody."""

import logging

import pytest

from runtime import App
from runtime.admin import Admin
from runtime.settings import Settings
from runtime.testing import Recorder


def app_with(settings: Settings, facts: Recorder, *groups: str, name: str = "logistics") -> App:
    """An app whose handlers have these groups."""
    app = App(name, settings=settings, observer=facts)
    for group in groups:
        app.subscribe("parcels", group=group)(lambda event: None)
    app.workflow("shipment").step(name="pickup")(lambda: None)
    return app


async def named(app: App, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What a worker that starts says of groups."""
    caplog.clear()
    async with app:
        pass
    return [record.getMessage() for record in caplog.records if record.getMessage().startswith("group ")]


async def test_a_group_without_a_handler_is_named_until_it_is_retired(
    settings: Settings, facts: Recorder, admin: Admin, caplog: pytest.LogCaptureFixture
):
    """With what becomes of its events, and what to do; groups of other apps are their own business."""
    caplog.set_level(logging.WARNING, "causeline")
    assert await named(app_with(settings, facts, "sms", "books"), caplog) == []
    assert await named(app_with(settings, facts, name="other"), caplog) == []
    renamed = app_with(settings, facts, "sms", "ledger")
    (said,) = await named(renamed, caplog)
    assert said.startswith("group books of channel parcels has no handler in app logistics any more: was it renamed?")
    assert "become dead letters when the channel is full" in said
    assert said.endswith("`causeline groups retire parcels books` removes it")
    await admin.retire("parcels", "books", "ann", "renamed")
    assert await named(renamed, caplog) == []
