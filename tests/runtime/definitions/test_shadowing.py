"""Steps that have a choreographed successor are refused when they are declared, by name, where that can't be."""

from typing import Any

import pytest

from runtime import App, Breaker, Shadow
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError
from runtime.shadows.record import StepAddress


def bank(shadow: str | Shadow = "receipts", **options: Any) -> tuple[App, Workflow]:
    """An app whose flow ends with a step that has a successor."""
    app = App("bank")
    flow = app.workflow("payment", cents=int)
    flow.step(name="settle")(lambda cents: cents)
    flow.step(name="receipt", shadow=shadow, **options)(lambda settle: settle)
    return app, flow


def heard(app: App, group: str = "receipts", channel: str = "receipts", **options: Any) -> None:
    """Declares a handler."""
    app.subscribe(channel, group=group, **options)(lambda payload: None)


def test_a_successor_subscribes_beside_its_step_with_care_of_its_own():
    """On a channel that no author can name, tried once, with a time limit, a few at a time."""
    app, _ = bank(Shadow("receipts", timeout=5, ignore=("id",)))
    heard(app, timeout=60)
    own, beside = app.build().subscriptions

    assert (own.channel, own.shadow_of, own.retry.attempts) == ("receipts", None, 3)
    assert (beside.channel, beside.group, beside.retry.attempts) == ("receipts~shadow", "receipts", 1)
    assert (beside.timeout, beside.at_once) == (5, 4)
    assert beside.shadow_of is not None
    assert beside.shadow_of.place == StepAddress("bank", "payment", "receipt")


def test_what_a_run_yields_does_not_depend_on_who_does_a_step():
    """The result of a step that may be moved is no part of it."""
    app, _ = bank()
    heard(app)
    assert app.build().workflows["payment"].sinks == ("settle",)


def test_a_step_whose_result_is_read_is_refused():
    """Once it is moved there is none."""
    app, flow = bank()
    heard(app)
    flow.step(name="file")(lambda receipt: receipt)
    with pytest.raises(DefinitionError, match=r"step 'receipt' has a shadow=, and its result is read by file"):
        app.build()


def test_so_is_one_that_a_condition_reads():
    """It would be asked without a result."""
    app, flow = bank()
    heard(app)
    flow.step(name="file", when=lambda receipt: receipt)(lambda settle: settle)
    with pytest.raises(DefinitionError, match="is read by file"):
        app.build()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"publishes": "sent"}, "publishes="),
        ({"over": "cents"}, "over="),
        ({"until": lambda receipt: True, "max_rounds": 2}, "until="),
        ({"undo": lambda receipt: None}, "undo="),
        ({"breaker": Breaker("printer")}, "breaker="),
    ],
)
def test_what_no_event_can_do_is_refused_beside_a_successor(options: dict[str, Any], found: str):
    """By its name, with what to do instead."""
    with pytest.raises(DefinitionError, match=f"step 'receipt' has a shadow= and {found}"):
        bank(**options)


def test_a_successor_has_to_be_declared():
    """Else a moved step would publish to nobody."""
    app, _ = bank()
    with pytest.raises(DefinitionError, match=r"successor of step 'receipt' of workflow payment is channel receipts"):
        app.build()


def test_which_of_several_groups_it_is_has_to_be_said():
    """The others are only told of what was moved."""
    app, _ = bank()
    heard(app)
    heard(app, "archive")
    with pytest.raises(DefinitionError, match=r"can be receipts, archive: say which"):
        app.build()
    app, _ = bank(Shadow("receipts", group="archive"))
    heard(app)
    heard(app, "archive")
    assert [one.group for one in app.build().subscriptions if one.shadow_of] == ["archive"]


def test_a_group_that_nobody_can_rely_on_is_no_successor():
    """What fails there for good is dropped."""
    app, _ = bank()
    heard(app, ephemeral=True)
    with pytest.raises(DefinitionError, match="is ephemeral"):
        app.build()


def test_two_steps_have_two_successors():
    """Nobody could tell whose event it is."""
    app, flow = bank()
    heard(app)
    flow.step(name="copy", shadow="receipts")(lambda settle: settle)
    with pytest.raises(DefinitionError, match="have the same successor, group receipts of channel receipts"):
        app.build()


@pytest.mark.parametrize(
    "given",
    [
        lambda: Shadow("no channel"),
        lambda: Shadow("receipts", group="no group"),
        lambda: Shadow("receipts", ignore="id"),  # type: ignore[arg-type]  # what an author may write
        lambda: Shadow("receipts", unordered=("",)),
        lambda: Shadow("receipts", sample=0),
        lambda: Shadow("receipts", sample=2),
        lambda: Shadow("receipts", timeout=0),
        lambda: bank(7),  # type: ignore[arg-type]  # as above
    ],
)
def test_what_is_no_successor_is_refused(given: Any):
    """When it is declared."""
    with pytest.raises(DefinitionError):
        given()


@pytest.mark.parametrize("where", ["ignore", "unordered"])
def test_a_field_with_a_place_in_a_list_is_refused(where: str):
    """It would never be met, and what differs there would go on to be told: it is of each item."""
    with pytest.raises(DefinitionError, match=rf"^{where}= of a shadow .*write 'items\.id' for 'items\[0\]\.id'"):
        Shadow("receipts", **{where: ("items[0].id",)})
