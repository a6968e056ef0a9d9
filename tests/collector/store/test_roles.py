"""What part a span plays, by what conventions call its operation."""

import pyarrow as pa
import pytest

from collector.store.roles import ROLES, Role, compute_roles


def of(operation: str | None, **implied: bool) -> str | None:
    """The role of one span."""
    told = [(Role(role), pa.array([has])) for role, has in implied.items()]
    (role,) = compute_roles(pa.array([operation], pa.string()), told).to_pylist()
    return role


@pytest.mark.parametrize(
    ("operation", "role"),
    [("chat", "model"), ("LLM", "model"), ("CHAIN", "step"), ("ai.toolCall", "tool"), ("invoke_agent", "agent")],
)
def test_each_conventions_word_is_understood(operation: str, role: str) -> None:
    """In whichever case it is written."""
    assert of(operation) == role


def test_what_no_convention_explains_has_no_role() -> None:
    """Nor has what says nothing."""
    assert of("process") is None
    assert of(None) is None
    assert compute_roles(pa.array([], pa.string())).to_pylist() == []


def test_an_attribute_that_only_one_role_has_tells_where_the_operation_does_not() -> None:
    """The operation is the better witness."""
    assert of(None, model=True) == "model"
    assert of("strange", tool=True) == "tool"
    assert of("tool", model=True) == "tool"


def test_words_are_in_lower_case() -> None:
    """For that is how they are looked up."""
    assert all(word == word.lower() for word in ROLES)
    assert set(ROLES.values()) == set(Role)
