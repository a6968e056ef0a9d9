"""Which classes a reader may restore: those that its annotation leads to and their subclasses, and no others, ever."""

import sys
from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import ModuleType
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, NotRequired, Self, TypeVar

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, InstanceOf, PrivateAttr, computed_field
from typing_extensions import TypeAliasType, TypedDict

from runtime.codec.classes import Reach
from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.codec.shapes import class_name, shape_of
from runtime.errors import UndecodableError
from tests.runtime.codec.trips import WHAT, read, same, trip

Item = TypeVar("Item")


class Leaf(BaseModel):
    a: int = 1


Bound = TypeVar("Bound", bound=Leaf)


class Other(BaseModel):
    a: int = 1


class Box(BaseModel, Generic[Item]):
    item: Item


class Bounded(BaseModel, Generic[Bound]):
    item: Bound


@dataclass
class Data:
    leaves: "list[Leaf]"


class Tuple(NamedTuple):
    leaf: Leaf


class Typed(TypedDict):
    leaf: NotRequired[Leaf]


class Color(Enum):
    RED = "red"


class Hidden(BaseModel):
    _leaf: Leaf | None = PrivateAttr(default=None)


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Leaf]


class Base(ABC): ...  # noqa: B024 - what derives from it matters


@dataclass
class Below(Base):
    leaf: Leaf


class Loop(BaseModel):
    next: "Loop | None" = None
    leaf: Leaf | None = None


class Early(BaseModel):
    late: "Late | None" = None  # type: ignore[name-defined] # noqa: F821


Alias = TypeAliasType("Alias", list[Leaf])
Recursive = TypeAliasType("Recursive", "dict[str, Recursive] | Leaf")  # type: ignore[misc]
New = NewType("New", Leaf)


@pytest.mark.parametrize(
    "annotation",
    [
        Leaf,
        Leaf | None,
        list[Leaf],
        Mapping[str, Sequence[tuple[int, Leaf]]],
        Annotated[Leaf, Field(description="x")],
        Annotated[list[Annotated[Leaf, "x"]], "y"],
        Box[Leaf],
        Box[list[Leaf]],
        Bounded,
        Data,
        Tuple,
        Typed,
        Hidden,
        Extra,
        Alias,
        Recursive,
        New,
        Loop,
        Base,
        InstanceOf[Leaf],
        dict[Literal[Color.RED], Leaf],
    ],
    ids=str,
)
def test_an_annotation_leads_to_the_classes_within_it(annotation: Any):
    """By fields, private ones included, brackets, bounds, aliases and unions."""
    reach = Reach(annotation)
    assert reach.find(class_name(Leaf)) is Leaf
    assert reach.find(class_name(Other)) is None
    assert not reach.empty


def test_an_alias_that_stands_for_itself_is_read():
    """At every depth."""
    value = {"a": {"b": Leaf(a=2)}, "c": Leaf()}
    assert same(trip(value, Recursive), value)


@pytest.mark.parametrize("annotation", [Any, object, int, dict, list[str], type[Leaf], Callable[[], Leaf] | None, None])
def test_others_lead_to_none(annotation: Any):
    """Every class is an object, and a class is no instance of itself."""
    assert Reach(annotation).find(class_name(Other)) is None
    assert Reach(annotation).find(class_name(Leaf)) is None or "Callable" in str(annotation)
    assert Reach(Any if annotation is object else int).empty


def test_members_in_a_literal_lead_to_their_enumeration():
    """They may be all that is said of it."""
    assert Reach(Literal[Color.RED]).find(class_name(Color)) is Color


def test_a_subclass_is_found_however_deep_and_however_late_it_is_defined():
    """And what its own fields lead to."""
    reach = Reach(list[Leaf])

    class Child(Leaf): ...

    class Toy(BaseModel): ...

    class Grandchild(Child):
        toy: Toy

    for cls in (Child, Grandchild, Toy):
        assert reach.find(class_name(cls)) is cls


def test_a_class_may_be_defined_after_the_codec_that_leads_to_it():
    """As where a model names one that stands further below."""
    reader = Codec(list[Early], "x")
    Early.model_rebuild(_types_namespace={"Late": Leaf})
    value = Early.model_construct(late=Leaf(a=2))
    assert same(reader.decode(encode([value], WHAT)), [value])


def test_the_newest_of_two_subclasses_by_one_name_is_found():
    """As where a module was loaded again; a class with slots is made twice, too."""

    def define() -> type:
        @dataclass(slots=True)
        class Again(Base):
            a: int

        return Again

    reach, first, second = Reach(Base), define(), define()
    assert first is not second
    assert reach.find(class_name(first)) is second


def test_neither_of_two_declared_classes_by_one_name_is_restored():
    """Nobody can say which it was: the union decides by what they hold."""

    def define(kind: type) -> Any:
        class Same(BaseModel):
            a: kind  # type: ignore[valid-type]

        return Same

    one, other = define(int), define(str)
    assert Reach(one | other).find(class_name(one)) is None
    assert type(trip(other(a="x"), one | other)) is other


def test_a_class_of_the_script_that_is_run_is_found_by_those_that_import_it():
    """There it is in `__main__`; its fields are compared as ever."""

    def define(module: str) -> Any:
        class Script(BaseModel):
            a: Annotated[int, AfterValidator(lambda n: 2 * n)]

        Script.__module__ = module
        return Script

    main, imported = define("__main__"), define("app")
    for one, other in ((main, imported), (imported, main)):
        back = trip([one(a=1)], list[other])[0]
        assert (type(back), back.a) == (other, 2)
    assert Reach(imported).find(class_name(define("other"))) is None


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
        "tests.runtime.codec.test_classes:Leaf.__init__",
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

        @computed_field(alias="Gross")  # type: ignore[prop-decorator]
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
    module.Trap = Trap  # type: ignore[attr-defined]
    sys.modules["trap_module"] = module
    try:
        assert Reach(Any).find("trap_module:Trap") is None
    finally:
        del sys.modules["trap_module"]
    assert encode(Leaf(), WHAT).types["class"] == "tests.runtime.codec.test_classes:Leaf"  # type: ignore[index, call-overload]
