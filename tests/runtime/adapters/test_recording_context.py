"""Names of calls out of what others have named."""

import pytest

from runtime.adapters.recording_context import call_name, missing_package_error
from runtime.server.names import checked_name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("desk", "model"), "desk/model"),
        (("The Desk!", "find_order"), "The-Desk/find_order"),
        (("", "__start__"), "unnamed/start"),
        (("ü/é", "a.b-c"), "unnamed/a.b-c"),
        (("x" * 200, "y" * 200), f"{'x' * 60}/{'y' * 60}"),
    ],
)
def test_a_name_is_one_that_a_call_can_have(parts: tuple[str, ...], name: str) -> None:
    """Whatever an agent or a node is called."""
    assert checked_name("call", call_name(*parts)) == name


def test_what_is_missing_is_said_with_the_command() -> None:
    """In one line."""
    error = missing_package_error("langgraph>=1.2", "LangGraph", ImportError("no langgraph"))
    wanted = "this needs LangGraph, of which something is missing (no langgraph): pip install 'langgraph>=1.2'"
    assert str(error) == wanted
