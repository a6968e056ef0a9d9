"""Which classes the annotations of a state lead to."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel

from runtime.adapters.state_types import classes_of


class Colour(Enum):
    """A choice."""

    RED = "red"


class Leaf(BaseModel):
    """In a field of a field."""

    colour: Colour


@dataclass
class Branch:
    """Leads to itself, too."""

    leaves: list[Leaf]
    other: "Branch | None" = None


@dataclass
class Broken:
    """Whose annotations can't be read."""

    field: "Nowhere"  # type: ignore[name-defined]  # noqa: F821 - as of a module that is imported for type checkers alone


def test_classes_are_found_in_whatever_holds_them() -> None:
    """And what is no class of a user's is left out; nor does a cycle matter."""
    assert classes_of([Annotated[dict[str, Branch | None], "reducer"], int, Any, None]) == {Branch, Leaf, Colour}
    assert classes_of([]) == set()


def test_annotations_that_can_not_be_read_lead_nowhere_further() -> None:
    """The class itself is named, and may be made anew."""
    assert classes_of([list[Broken]]) == {Broken}
