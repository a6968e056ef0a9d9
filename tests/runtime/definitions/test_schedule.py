"""A schedule that can't be is refused where it is declared, by name."""

from typing import Any

import pytest

from runtime import App, CatchUp, Cron, Every
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError

HOURLY = Every(hours=1)


def shop() -> tuple[App, Workflow]:
    """An app with a workflow that takes a region, and perhaps a limit."""
    app = App("shop")
    report = app.workflow("report", region=str, limit=int | None)
    report.step(name="gather")(lambda region, limit: region)
    return app, report


def test_a_schedule_has_its_inputs_as_its_runs_get_them():
    """Checked when the app is built, as JSON; what may be left out is None."""
    app, report = shop()
    missed = CatchUp(at_most=3)
    app.schedule("nightly", report, Cron("0 9 * * *"), inputs={"region": "eu"}, missed=missed, overlap="allow")
    (built,) = app.build().schedules
    assert (built.inputs, built.workflow.name) == ({"region": '"eu"', "limit": "null"}, "report")
    assert (built.schedule.missed, built.schedule.overlap) == (CatchUp(3), "allow")


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({}, "schedule 'nightly': workflow report takes region, limit; missing: region"),
        ({"region": "eu", "size": 1}, "schedule 'nightly': .*unknown: size"),
        ({"region": 7}, "schedule 'nightly': .*input 'region' of workflow report"),
        ({"region": object()}, "schedule 'nightly': .*input 'region'"),
    ],
)
def test_inputs_that_do_not_fit_are_refused_when_the_app_is_built(inputs: dict[str, Any], why: str):
    """Not at three in the morning."""
    app, report = shop()
    app.schedule("nightly", report, HOURLY, inputs=inputs)
    with pytest.raises(DefinitionError, match=why):
        app.build()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"when": "0 9 * * *"}, r"schedule 'nightly' can't be due '0 9 \* \* \*': give Cron\("),
        ({"when": 60}, "schedule 'nightly' can't be due 60"),
        ({"missed": "all"}, "missed='all' of schedule 'nightly' can't be: give 'latest', 'none', or CatchUp"),
        ({"overlap": "queue"}, "overlap='queue' of schedule 'nightly' can't be: give 'skip', 'buffer', 'cancel'"),
        ({"inputs": ["eu"]}, r"the inputs of schedule 'nightly' can't be \['eu'\]: give a dict"),
        ({"budget": 5}, "the budget of schedule 'nightly' can't be 5: give a Budget"),
        ({"subject": 7}, "the subject of schedule 'nightly' can't be 7"),
        ({"name": "a b"}, "'a b'"),
    ],
)
def test_what_cannot_be_is_refused_by_name(options: dict[str, Any], why: str):
    """With what could be."""
    app, report = shop()
    given = {"name": "nightly", "when": HOURLY} | options
    with pytest.raises(DefinitionError, match=why):
        app.schedule(given.pop("name"), report, given.pop("when"), **given)


def test_a_name_is_given_once_and_a_workflow_is_the_apps_own():
    """Neither would say what is meant."""
    app, report = shop()
    app.schedule("nightly", report, HOURLY, inputs={"region": "eu"})
    with pytest.raises(DefinitionError, match="app shop has two schedules named 'nightly'"):
        app.schedule("nightly", report, HOURLY)
    _, other = shop()
    strangers: tuple[Any, ...] = (other, "report", None)
    for stranger in strangers:
        with pytest.raises(DefinitionError, match=r"schedule 'weekly' can't start .*: give what app.workflow\(\) made"):
            app.schedule("weekly", stranger, HOURLY)
