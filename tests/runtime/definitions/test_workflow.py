"""A workflow is declared step by step; what can't work is refused with the step's name."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from runtime.definitions.context import Context
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry


@dataclass
class Order:
    parcel: int


class Opaque:
    """A type that nothing can be read into."""


def shipment() -> Workflow:
    workflow = Workflow("shipment", {"order": Order})

    @workflow.step
    def pickup(order: Order, ctx: Context) -> int:
        return order.parcel

    @workflow.step(name="deliver", agent="courier", publishes="delivered", timeout=5)
    async def delivery(pickup: int, order: Order) -> str:
        return ""

    return workflow


def test_a_built_workflow_knows_its_steps_needs_and_sinks():
    """The context is no need, and inputs are no steps."""
    built = shipment().build()
    assert (built.name, list(built.inputs), built.sinks) == ("shipment", ["order"], ("deliver",))
    assert built.needs == {"pickup": 0, "deliver": 1}
    deliver = built.steps["deliver"]
    assert (deliver.upstream, deliver.downstream, deliver.depth) == (("pickup",), (), 2)
    assert built.steps["pickup"].signature.context == "ctx"


def test_a_step_keeps_what_was_said_of_it():
    """And has defaults for the rest."""
    built = shipment().build()
    pickup, deliver = built.steps["pickup"].step, built.steps["deliver"].step
    assert (pickup.retry, pickup.timeout, pickup.breaker, pickup.publishes, pickup.agent) == (
        Retry(),
        None,
        None,
        None,
        "pickup",
    )
    assert (deliver.name, deliver.timeout, deliver.publishes, deliver.agent) == ("deliver", 5, "delivered", "courier")


def test_a_declared_function_is_still_itself():
    """It can be called and tested as it is."""
    workflow = Workflow("shipment", {})

    def plain() -> int:
        return 7

    assert workflow.step(plain) is plain
    assert workflow.step(name="other", breaker=Breaker("x"))(plain) is plain


def test_two_steps_of_one_name_are_refused():
    """The second would hide the first."""
    workflow = shipment()
    with pytest.raises(DefinitionError, match="shipment has two steps named 'pickup': rename one"):
        workflow.step(name="pickup")(lambda: None)


@pytest.mark.parametrize("name", ["subject", "correlation_id"])
def test_names_that_starting_a_run_needs_are_no_inputs(name: str):
    """`app.start(workflow, subject=...)` means something else."""
    with pytest.raises(DefinitionError, match=f"can't have an input named {name!r}"):
        Workflow("shipment", {name: str})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "a b"}, "step name 'a b' can't be used"),
        ({"publishes": "a b"}, "channel name 'a b' can't be used"),
        ({"timeout": 0}, "timeout of 0 s: it must be more than 0"),
        ({"timeout": -1}, "timeout of -1 s"),
        ({"timeout": float("nan")}, "timeout of nan s: it must be more than 0"),
        ({"timeout": timedelta(seconds=5)}, "timeout of .*, which is not a number of seconds: it must be more than 0"),
        ({"timeout": float("inf")}, "timeout of inf s: it must be more than 0, and 3650 days at most"),
        ({"timeout": 1e300}, r"timeout of 1e\+300 s: it must be more than 0, and 3650 days at most"),
        ({"timeout": "5"}, "timeout of '5', which is not a number of seconds"),
        ({"retry": 3}, r"step 'plain' has the retry 3: give a Retry, such as Retry\(attempts=3\)"),
        ({"breaker": "model-api"}, r"has the breaker 'model-api': give a Breaker, such as Breaker\('model-api'\)"),
        ({"name": 7}, "step name 7 can't be used"),
    ],
)
def test_options_that_can_not_be_are_refused(options: dict[str, Any], message: str):
    """When the step is declared."""
    workflow = Workflow("shipment", {})

    def plain() -> None: ...

    with pytest.raises(DefinitionError, match=message):
        workflow.step(**options)(plain)


def test_a_step_that_takes_what_can_not_be_named_is_refused():
    """Parameters are filled by name."""
    workflow = Workflow("shipment", {})

    @workflow.step
    def pickup(*orders: int) -> None: ...

    with pytest.raises(DefinitionError, match=r"step 'pickup' takes \*orders: int: name each parameter"):
        workflow.build()


def test_types_that_can_not_travel_are_refused():
    """Of inputs, parameters and results, each named."""
    with pytest.raises(DefinitionError, match="no steps"):
        Workflow("w", {"order": int}).build()
    taking, giving, given = Workflow("w", {"order": int}), Workflow("w", {}), Workflow("w", {"order": Opaque})

    @taking.step
    def pickup(order: Opaque) -> None: ...

    @giving.step(name="pickup")
    def returns() -> Opaque: ...

    @given.step(name="pickup")
    def nothing() -> None: ...

    with pytest.raises(DefinitionError, match="parameter 'order' of step 'pickup' has a type that can't travel"):
        taking.build()
    with pytest.raises(DefinitionError, match="the result of step 'pickup' has a type that can't travel"):
        giving.build()
    with pytest.raises(DefinitionError, match="input 'order' of workflow w has a type that can't travel"):
        given.build()
