"""A step reads only the keys that it names, and no key is larger than it may be."""

import pytest

from runtime import App
from runtime.definitions.inputs import encode_inputs
from runtime.definitions.key_rules import KeyRules
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError, KeyTooLargeError, UnencodableError


def test_a_key_that_was_not_named_is_refused_with_what_was():
    """The step, the key, and what to do."""
    rules = KeyRules("step 'pay'", ("draft",))
    rules.check_read("draft")
    with pytest.raises(DefinitionError) as caught:
        rules.check_read("budget")
    assert str(caught.value) == "step 'pay' reads state key 'budget', and names 'draft' alone: add it to its reads="
    with pytest.raises(DefinitionError, match="names none: add it"):
        KeyRules("step 'pay'", ()).check_read("budget")
    KeyRules("step 'pay'").check_read("budget")


def test_a_value_that_is_too_large_is_refused_with_key_owner_and_both_sizes():
    """To the byte, in UTF-8; nothing is gained by trying again, as with all that can't travel."""
    rules = KeyRules("step 'pay'", most_bytes=2048)
    rules.check_size("draft", "\u00fc" * 1024)
    with pytest.raises(KeyTooLargeError) as caught:
        rules.check_size("draft", "\u00fc" * 1024 + "x" * 103)
    assert str(caught.value) == (
        "key 'draft' of step 'pay' takes 2.1 KiB, and a key takes 2.0 KiB at most: keep what is large elsewhere, and "
        "where it is in the key; or set CAUSELINE_KEY_KIB"
    )
    assert isinstance(caught.value, UnencodableError)


@pytest.mark.parametrize("reads", ["draft", 7, {"draft"}, ["draft", 7], ["\ud800"]])
def test_names_of_keys_that_can_not_be_are_refused_when_a_step_is_declared(reads: object):
    """By the name of the step, or of the key."""
    with pytest.raises(DefinitionError, match=r"reads=|state key"):
        Workflow("shipment", {"order": int}).step(name="pay", reads=reads)(lambda order: order)  # type: ignore[call-overload]  # it is refused


def test_a_step_that_is_a_workflow_names_no_keys_itself():
    """Its own steps do."""
    app = App("shop")
    inner = app.workflow("inner", order=int)
    with pytest.raises(DefinitionError, match="limits= and reads=: declare them there"):
        app.workflow("outer", order=int).step(inner, reads=["draft"])  # type: ignore[call-overload]  # it is refused


def test_an_input_that_is_too_large_starts_no_run():
    """It names the input and the workflow."""
    workflow = Workflow("shipment", {"order": str})
    workflow.step(name="pay")(lambda order: order)
    with pytest.raises(KeyTooLargeError, match=r"key 'order' of a run of workflow shipment takes 2\.0 KiB"):
        encode_inputs(workflow.build(), {"order": "x" * 2048}, 1024)


def test_a_parameter_that_its_code_never_mentions_is_known_when_the_workflow_is_built():
    """A step that is done for each item names the item; one that uses all it asks for has none."""
    workflow = Workflow("shipment", {"order": str, "more": list[str]})

    @workflow.step
    def reserve(order: str, more: list[str]) -> str:
        return order

    @workflow.step(over="more")
    def each(one: str, reserve: str) -> str:
        return one + reserve

    steps = workflow.build().steps
    assert (steps["reserve"].unused, steps["each"].unused) == (("more",), ())
