"""Fan-outs are checked when the workflow is built, as far as they can be."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import Field

from runtime import App, FailedItem
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError


@dataclass
class Weight:
    grams: int


def workflow(kind: Any = list[int]) -> Workflow:
    """One whose input `parcels` is of a type."""
    return App("shop").workflow("order", parcels=kind, depot=str)


def weigh(parcel: int, depot: str) -> Weight:
    return Weight(parcel)


def takes_items(weigh: list[Weight]) -> None: ...


def takes_failures(weigh: list[Weight | FailedItem]) -> None: ...


def takes_none(weigh: list[Weight] | None) -> None: ...


def test_an_item_goes_to_the_parameter_that_is_called_like_nothing_else():
    """The others are inputs and steps, as ever."""
    flow = workflow()
    flow.step(over="parcels")(weigh)
    flow.step(name="total")(takes_items)
    steps = flow.build().steps
    assert steps["weigh"].fan_out is not None
    assert (steps["weigh"].fan_out.item, steps["weigh"].upstream) == ("parcel", ())
    assert steps["total"].upstream == ("weigh",)


def test_an_item_may_go_to_the_parameter_that_is_called_as_the_list():
    """Where there is no other."""
    flow = workflow()
    flow.step(over="parcels", name="weigh")(lambda parcels: parcels)
    fan = flow.build().steps["weigh"].fan_out
    assert fan is not None
    assert fan.item == "parcels"


def test_a_step_may_take_the_whole_list_beside_an_item():
    """By its name."""
    flow = workflow()

    @flow.step(name="pack")
    def pack(depot: str) -> list[int]:
        return [len(depot)]

    flow.step(over="pack", name="weigh")(lambda parcel, pack: len(pack))
    built = flow.build().steps["weigh"]
    assert built.upstream == ("pack",)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda: 1, "it has no parameter for that"),
        (lambda parcel, depto: 1, "more than one parameter is neither an input nor a step (parcel, depto)"),
    ],
)
def test_it_must_be_clear_who_takes_an_item(function: Any, said: str):
    """Else a misspelled name would be taken for it."""
    flow = workflow()
    flow.step(over="parcels", name="weigh")(function)
    with pytest.raises(DefinitionError, match=re.escape(said)):
        flow.build()


@pytest.mark.parametrize("kind", [int, dict[str, int], Weight, str])
def test_what_is_no_list_is_not_gone_over(kind: Any):
    """Said by its type, when the workflow is built."""
    flow = workflow(kind)
    flow.step(over="parcels", name="weigh")(lambda parcel: parcel)
    with pytest.raises(DefinitionError, match=r"goes over 'parcels', which is of type .*: it must be a list"):
        flow.build()


def test_a_list_that_must_have_so_many_items_is_gone_over():
    """It is a list, whatever else is asked of it: the ones that are tried when the workflow is built are short."""

    def total(weigh: Annotated[list[Weight | FailedItem], Field(min_length=2)]) -> None: ...

    flow = workflow(Annotated[list[int], Field(min_length=2)])
    flow.step(over="parcels", tolerate=1)(weigh)
    flow.step(total)
    assert flow.build()


def test_a_list_that_may_be_none_is_gone_over_whatever_is_asked_of_it():
    """What yields it may be skipped; what it must have is asked of its values."""

    def total(weigh: Annotated[list[Weight | FailedItem], Field(min_length=2)] | None) -> None: ...

    flow = workflow(Annotated[list[int], Field(min_length=2)] | None)
    flow.step(over="parcels", tolerate=1)(weigh)
    flow.step(total)
    assert flow.build()


def test_what_is_gone_over_must_be_there():
    """The nearest name is said."""
    flow = workflow()
    flow.step(over="parcel", name="weigh")(lambda item: item)
    with pytest.raises(DefinitionError, match=r"asks for 'parcel', which is neither an input.*'parcels'"):
        flow.build()


def test_a_reader_takes_failed_items_where_they_are_tolerated():
    """It says so by its type."""
    flow = workflow()
    flow.step(over="parcels", tolerate=1)(weigh)
    flow.step(name="total")(takes_failures)
    flow.build()
    other = workflow()
    other.step(over="parcels", tolerate=0.5)(weigh)
    other.step(name="total")(takes_items)
    with pytest.raises(DefinitionError, match=r"step 'total' reads 'weigh', which tolerates failed items"):
        other.build()


def test_a_fan_out_over_what_may_be_skipped_may_be_skipped_too():
    """So its readers take None."""

    def flow(reader: Any) -> Workflow:
        made = workflow()
        made.step(name="pack", when=lambda depot: depot == "north")(lambda depot: [1])
        made.step(over="pack", name="weigh")(lambda parcel: Weight(parcel))
        made.step(name="total")(reader)
        return made

    flow(takes_none).build()
    with pytest.raises(DefinitionError, match=r"step 'total' reads 'weigh', which is None where that step is skipped"):
        flow(takes_items).build()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"over": 7}, "can't go over 7"),
        ({"at_once": 2}, "at_once= or tolerate= without over="),
        ({"tolerate": 2}, "at_once= or tolerate= without over="),
        ({"over": "parcels", "at_once": 0}, "can't have 0 items under way"),
        ({"over": "parcels", "at_once": True}, "can't have True items under way"),
        ({"over": "parcels", "tolerate": -1}, "can't tolerate -1"),
        ({"over": "parcels", "tolerate": 1.5}, "can't tolerate 1.5"),
        ({"over": "parcels", "tolerate": "half"}, "can't tolerate 'half'"),
    ],
)
def test_options_that_cannot_be_are_refused_at_once(options: dict[str, Any], said: str):
    """When the step is declared."""
    with pytest.raises(DefinitionError, match=re.escape(said)):
        workflow().step(name="weigh", **options)(weigh)


@pytest.mark.parametrize(("tolerate", "of_ten"), [(0, 0), (3, 3), (0.3, 3), (0.29, 2), (1.0, 10), (1, 1)])
def test_a_share_is_one_of_the_items(tolerate: float, of_ten: int):
    """Rounded down; a whole number is a number of items."""
    flow = workflow()
    flow.step(over="parcels", tolerate=tolerate)(weigh)
    fan = flow.build().steps["weigh"].fan_out
    assert fan is not None
    assert fan.max_failures(10) == of_ten
