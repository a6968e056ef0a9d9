"""Limits by key are refused where they can't be, by name: when they are declared, or when a run has no such value."""

from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from runtime import App, Every, limit
from runtime.definitions.inputs import encode_inputs
from runtime.definitions.key_values import read_key_values
from runtime.errors import DefinitionError
from runtime.resilience.limits import Limit

PER_TENANT = limit(key="tenant", at_once=2)


class Plan(StrEnum):
    FREE = "free plan"


class Order(BaseModel):
    """Of somebody."""

    tenant: str | None = None
    number: int = 0


def crew(inputs: dict[str, Any] | None = None, /, **more: Any) -> App:
    """A workflow of two steps, one of them for an agent; a handler; and a workflow that is that workflow."""
    app = App("crew")
    work = app.workflow("work", **({"tenant": str} if inputs is None else inputs), **more)
    work.step(name="search", agent="research")(lambda: 1)
    work.step(name="write")(lambda search: 1)
    app.subscribe("found", group="notes")(lambda event: None)
    return app


def values(inputs: dict[str, Any], key: str, **given: Any) -> dict[str, str]:
    """The values of the keys of a run."""
    work = crew(inputs, limits=[limit(key=key, at_once=1)]).build().workflows["work"]
    return read_key_values(work, encode_inputs(work, given))


def test_a_step_keeps_to_all_limits_that_hold_for_it():
    """Those of its agent, of its workflow and its own, each under a name of its own."""
    app = crew(limits=[PER_TENANT])
    app.agent("research", at_once=9, limits=[limit(key="tenant", calls_per_minute=5)])
    work = app._workflows["work"]
    work.step(name="cite", limits=[limit(key="tenant", tokens_per_minute=0)])(lambda write: 1)
    steps = app.build().workflows["work"].steps
    of_work = Limit("workflow work by tenant", 2, key="tenant")
    assert steps["search"].limits == (
        Limit("research", 9),
        Limit("agent research by tenant", None, 5, key="tenant"),
        of_work,
    )
    assert steps["write"].limits == (of_work,)
    assert steps["cite"].limits == (of_work, Limit("step cite of work by tenant", None, None, 0, key="tenant"))
    assert app.build().workflows["work"].keys == ("tenant",)


def test_an_agent_may_be_limited_by_key_alone():
    """All of its steps together are not bounded then."""
    app = crew()
    app.agent("research", limits=[PER_TENANT])
    assert app.build().limits == {}
    assert [one.name for one in app.build().workflows["work"].steps["search"].limits] == ["agent research by tenant"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"key": 7, "at_once": 1}, "a limit's key can't be 7: name an input"),
        ({"key": "", "at_once": 1}, "a limit's key can't be ''"),
        ({"key": "order.", "at_once": 1}, "a limit's key can't be 'order.'"),
        ({"key": "two words", "at_once": 1}, "a limit's key can't be 'two words'"),
        ({"key": "tenant", "at_once": -1}, "at_once of the limit by 'tenant' can't be -1: give a whole number"),
        ({"key": "tenant", "at_once": True}, "at_once of the limit by 'tenant' can't be True"),
        ({"key": "tenant", "calls_per_minute": 1.5}, "calls_per_minute of the limit by 'tenant' can't be 1.5"),
        ({"key": "tenant"}, "the limit by 'tenant' is given no limit: say at_once="),
    ],
)
def test_a_limit_that_cannot_be_is_refused(given: dict[str, Any], why: str):
    """As soon as it is made."""
    with pytest.raises(DefinitionError, match=why):
        limit(**given)


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (PER_TENANT, "can't be KeyLimit"),
        ("tenant", "can't be 'tenant'"),
        ([{"key": "tenant"}], "give a list, such as"),
        ([PER_TENANT, limit(key="tenant", at_once=3)], "is given two limits by 'tenant': put them into one"),
    ],
)
def test_what_is_no_list_of_limits_is_refused_wherever_it_is_given(limits: Any, why: str):
    """And so is a second one by the same key."""
    with pytest.raises(DefinitionError, match=rf"workflow work .*{why}"):
        crew(limits=limits)
    with pytest.raises(DefinitionError, match=rf"agent 'research' .*{why}"):
        crew().agent("research", limits=limits)
    with pytest.raises(DefinitionError, match=rf"step 'cite' .*{why}"):
        crew()._workflows["work"].step(name="cite", limits=limits)(lambda: 1)


def test_a_workflow_that_is_limited_by_what_its_runs_do_not_have_is_refused():
    """The nearest is named."""
    with pytest.raises(
        DefinitionError,
        match="workflow work has no input 'tennant', by which the limit of workflow work by tennant goes: did you mean "
        "'tenant'\\? its inputs are tenant",
    ):
        crew(limits=[limit(key="tennant", at_once=1)]).build()
    app = crew({})
    app.agent("research", limits=[limit(key="tenant.id", at_once=1)])
    with pytest.raises(DefinitionError, match=r"the limit of agent research by tenant.id goes: it has no inputs"):
        app.build()


def test_limits_of_an_agent_without_steps_are_refused():
    """By key as others."""
    app = crew()
    app.agent("notes", limits=[PER_TENANT])
    with pytest.raises(DefinitionError, match="agent 'notes' of app crew has limits, which hold for steps alone"):
        app.build()


def test_a_step_that_is_a_workflow_has_no_limits_of_its_own():
    """It holds nothing while it waits; the steps of that workflow do. Limits that would bound nothing are refused."""
    app = crew()
    whole = app.workflow("whole", tenant=str, limits=[PER_TENANT])
    with pytest.raises(DefinitionError, match=r"step 'part' is workflow work, whose own steps have .*limits="):
        whole.step(name="part", limits=[PER_TENANT])(app._workflows["work"])
    whole.step(app._workflows["work"])
    with pytest.raises(DefinitionError, match="workflow whole has limits, which hold for steps that are functions"):
        app.build()


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        (str, "acme & söhne", "acme & söhne"),
        (int, 7, "7"),
        (Plan, Plan.FREE, "free plan"),
        (UUID, UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (str, "x" * 200, "x" * 200),
    ],
)
def test_the_value_of_a_key_is_a_short_text_or_a_whole_number(kind: Any, given: Any, value: str):
    """Whatever its type, it is what it is stored as."""
    assert values({"tenant": kind}, "tenant", tenant=given) == {"tenant": value}


def test_it_may_be_a_field_within_an_input():
    """However deep."""
    assert values({"order": Order}, "order.tenant", order=Order(tenant="acme")) == {"order.tenant": "acme"}
    nested = {"a": {"b": {"c": 7}}}
    assert values({"order": dict[str, Any]}, "order.a.b.c", order=nested) == {"order.a.b.c": "7"}


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        (str | None, None, "can't be None"),
        (list[str], ["acme"], "can't be a list"),
        (dict[str, str], {"id": "acme"}, "can't be an object"),
        (bool, True, "can't be True"),
        (float, 1.5, "can't be a number with a fraction"),
        (str, "", "is empty"),
        (str, "x" * 201, "has 201 characters"),
        (str, "two\nlines", "holds what can't be printed"),
        (str, "half \ud83d", "holds what can't be printed"),
    ],
)
def test_any_other_value_is_refused_when_the_run_is_started(kind: Any, given: Any, why: str):
    """By name, and with what may be."""
    with pytest.raises(DefinitionError, match=rf"'tenant' of a run of workflow work, .* limited, {why}: give a text"):
        values({"tenant": kind}, "tenant", tenant=given)


@pytest.mark.parametrize("order", [Order(tenant="acme"), {"number": 1}])
def test_a_field_that_is_not_there_is_refused(order: Any):
    """Also of what has no fields at all."""
    with pytest.raises(DefinitionError, match=r"'order.tenant.id' of a run .* is not there: it has no '(id|tenant)'"):
        values({"order": Any}, "order.tenant.id", order=order)


def test_a_schedule_whose_runs_would_be_refused_is_refused():
    """When the app is built, not at its first tick."""
    app = crew({"tenant": str | None}, limits=[PER_TENANT])
    app.schedule("hourly", app._workflows["work"], Every(hours=1))
    with pytest.raises(DefinitionError, match=r"schedule 'hourly': 'tenant' of a run .* can't be None"):
        app.build()


def test_limits_is_no_name_of_an_input():
    """It says what holds for the workflow."""
    with pytest.raises(DefinitionError, match="the limits of workflow work can't be <class 'int'>"):
        App("crew").workflow("work", limits=int)
