"""No class is restored that an annotation does not lead to, whatever a note says."""

import sys
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Any, Self

import pytest
from pydantic import BaseModel, ConfigDict, Field, computed_field

from runtime.codec.classes import ReachableClasses
from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.codec.shapes import class_name, shape_of
from runtime.errors import UndecodableError
from tests.runtime.codec.reachable import Base, Box, Color, Leaf, Other
from tests.runtime.codec.trips import WHAT, read, same, trip


class Trap:
    """What must never be made, called or imported."""

    made = False

    def __new__(cls, *_: Any) -> Self:
        cls.made = True
        raise AssertionError("a class that nobody asked for was made")


class TrapModel(BaseModel):
    a: int = 1

    def __new__(cls, *_: Any) -> Any:
        raise AssertionError("a class that nobody asked for was made")


@dataclass
class TrapData:
    a: int = 1

    __new__ = Trap.__new__


class TrapText(str):
    __slots__ = ()
    __new__ = Trap.__new__


def outcome(reader: Codec, encoded: Encoded) -> Any:
    """What is read, or the error that says why nothing is."""
    try:
        return reader.decode(encoded)
    except UndecodableError as error:
        return error


TRAPS = [Trap, TrapModel, TrapData, TrapText, Other]


@pytest.mark.parametrize("kind", ["object", "root", "enum", "derived", "namedtuple", "custom"])
@pytest.mark.parametrize("annotation", [Leaf, Any, list[Leaf], dict[str, Any], object, Base])
@pytest.mark.parametrize("cls", TRAPS, ids=lambda cls: cls.__name__)
def test_no_other_class_is_restored_whatever_a_note_says(cls: type, annotation: Any, kind: str):
    """What its data says is read as if it said nothing of a class."""
    note = {"as": kind, "class": class_name(cls), "shape": shape_of(cls)}
    data: Any = [1] if kind == "namedtuple" else {"a": 1}
    reader = Codec(Any if annotation in (Base, object) else annotation, "x")
    found = outcome(reader, Encoded({"a": data}, {"at": {"a": note}}))
    assert "nobody asked for" not in str(found)
    assert not any(isinstance(part, cls) for part in (found, *(found.values() if isinstance(found, dict) else ())))
    assert not Trap.made


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "subprocess:Popen",
        "builtins:eval",
        "trap_module:Trap",
        "tests.runtime.codec.reachable:Leaf.__init__",
        "tests.runtime.codec.test_classes:Reach",
        ":",
        "",
        None,
        7,
        ["x"],
    ],
)
@pytest.mark.parametrize("kind", ["object", "root", "enum", "derived", "namedtuple", "custom"])
def test_a_name_is_never_imported(name: Any, kind: str, monkeypatch: pytest.MonkeyPatch):
    """It is compared, and nothing else."""

    class Finder:
        def find_spec(self, name: str, *_: Any) -> None:
            raise AssertionError(f"{name} was imported")

    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    data: Any = [1] if kind == "namedtuple" else {"a": 1}
    for annotation in (Leaf, Any):
        found = outcome(Codec(annotation, "x"), Encoded(data, {"as": kind, "class": name}))
        assert "imported" not in str(found)


def test_a_class_by_the_name_of_another_kind_is_not_made():
    """A model named as a member, a member named as a model."""
    for kind, data in (("enum", 1), ("derived", {"a": 1}), ("namedtuple", [1]), ("root", {"a": 1})):
        note = {"as": kind, "class": class_name(Leaf), "shape": shape_of(Leaf)}
        assert not isinstance(Codec(Any, "x").decode(Encoded(data, note)), Leaf)
        reader = Codec(dict[str, Any] | int | tuple[Any, ...] | Leaf, "x")
        assert not isinstance(reader.decode(Encoded(data, note)), Leaf)
    note = {"as": "object", "class": class_name(Color), "shape": shape_of(Color)}
    assert same(read(Encoded({"a": 1}, note), dict[str, int] | Color), {"a": 1})


def test_what_may_not_be_restored_is_read_as_its_fields():
    """Into a class of the same shape; where no class is declared, as a dict by names."""

    class Aliased(BaseModel):
        order_id: int = Field(alias="orderId")
        at: date

    class Reader(BaseModel):
        model_config = ConfigDict(extra="forbid")
        order_id: int
        at: date

    value = Aliased(orderId=1, at=date(2024, 1, 1))
    assert trip(value, Reader) == Reader(order_id=1, at=date(2024, 1, 1))
    assert trip([value], list[Reader]) == [Reader(order_id=1, at=date(2024, 1, 1))]
    assert same(trip({"a": value}, dict[str, Any]), {"a": {"order_id": 1, "at": date(2024, 1, 1)}})
    assert same(trip({value.at: [value]}), {value.at: [{"order_id": 1, "at": date(2024, 1, 1)}]})


def test_what_a_class_computes_is_there_where_nothing_else_is_declared():
    """It is shown, and no part of what another class takes."""

    class Priced(BaseModel):
        net: int

        @computed_field(alias="Gross")
        @property
        def gross(self) -> tuple[int]:
            return (2 * self.net,)

    class Net(BaseModel):
        model_config = ConfigDict(extra="forbid")
        net: int

    assert same(trip(Priced(net=1)), {"net": 1, "Gross": (2,)})
    assert same(trip([Priced(net=1)], list[dict[str, Any]]), [{"net": 1, "Gross": (2,)}])
    assert same(trip(Priced(net=1), Net), Net(net=1))


def test_a_field_for_anything_holds_no_class_that_the_annotation_does_not_lead_to():
    """It is the field's declaration that counts, not what is loaded."""
    assert same(trip(Box[Any](item=Leaf()), Box[Any]).item, {"a": 1})
    assert same(trip(Box[Any](item=Leaf()), Box[Any] | Leaf).item, Leaf())


def test_what_can_not_be_hashed_as_a_dict_makes_lists():
    """Readers without the class get the elements of a set, and the pairs of a dict."""

    class Key(BaseModel):
        model_config = ConfigDict(frozen=True)
        a: int

    assert same(trip({Key(a=1)}), [{"a": 1}])
    assert same(trip({Key(a=1): 2}), [({"a": 1}, 2)])
    assert trip({Key(a=1)}, set[Key]) == {Key(a=1)}


def test_modules_are_not_looked_into():
    """Loaded or not."""
    module = ModuleType("trap_module")
    module.Trap = Trap
    sys.modules["trap_module"] = module
    try:
        assert ReachableClasses(Any).find_class("trap_module:Trap") is None
    finally:
        del sys.modules["trap_module"]
    assert encode(Leaf(), WHAT).types["class"] == "tests.runtime.codec.reachable:Leaf"
