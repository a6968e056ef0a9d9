"""Which classes a reader may restore: those that its annotation leads to and their subclasses, and no others, ever."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, NotRequired, TypeVar

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, InstanceOf, PrivateAttr
from typing_extensions import TypeAliasType, TypedDict

from runtime.codec.classes import ReachableClasses
from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.shapes import class_name
from tests.runtime.codec.reachable import Base, Box, Color, Leaf, Other
from tests.runtime.codec.trips import WHAT, same, trip

Bound = TypeVar("Bound", bound=Leaf)


class Bounded(BaseModel, Generic[Bound]):
    item: Bound


@dataclass
class Data:
    leaves: "list[Leaf]"


class Tuple(NamedTuple):
    leaf: Leaf


class Typed(TypedDict):
    leaf: NotRequired[Leaf]


class Hidden(BaseModel):
    _leaf: Leaf | None = PrivateAttr(default=None)


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Leaf]


@dataclass
class Below(Base):
    leaf: Leaf


class Loop(BaseModel):
    next: "Loop | None" = None
    leaf: Leaf | None = None


class Early(BaseModel):
    late: "Late | None" = None  # noqa: F821 it is defined nowhere on purpose


Alias = TypeAliasType("Alias", list[Leaf])
Recursive = TypeAliasType("Recursive", "dict[str, Recursive] | Leaf")
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
    reach = ReachableClasses(annotation)
    assert reach.find_class(class_name(Leaf)) is Leaf
    assert reach.find_class(class_name(Other)) is None
    assert not reach.is_empty


def test_an_alias_that_stands_for_itself_is_read():
    """At every depth."""
    value = {"a": {"b": Leaf(a=2)}, "c": Leaf()}
    assert same(trip(value, Recursive), value)


@pytest.mark.parametrize("annotation", [Any, object, int, dict, list[str], type[Leaf], Callable[[], Leaf] | None, None])
def test_others_lead_to_none(annotation: Any):
    """Every class is an object, and a class is no instance of itself."""
    assert ReachableClasses(annotation).find_class(class_name(Other)) is None
    assert ReachableClasses(annotation).find_class(class_name(Leaf)) is None or "Callable" in str(annotation)
    assert ReachableClasses(Any if annotation is object else int).is_empty


def test_members_in_a_literal_lead_to_their_enumeration():
    """They may be all that is said of it."""
    assert ReachableClasses(Literal[Color.RED]).find_class(class_name(Color)) is Color


def test_a_subclass_is_found_however_deep_and_however_late_it_is_defined():
    """And what its own fields lead to."""
    reach = ReachableClasses(list[Leaf])

    class Child(Leaf): ...

    class Toy(BaseModel): ...

    class Grandchild(Child):
        toy: Toy

    for cls in (Child, Grandchild, Toy):
        assert reach.find_class(class_name(cls)) is cls


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

    reach, first, second = ReachableClasses(Base), define(), define()
    assert first is not second
    assert reach.find_class(class_name(first)) is second


def test_neither_of_two_declared_classes_by_one_name_is_restored():
    """Nobody can say which it was: the union decides by what they hold."""

    def define(kind: type) -> Any:
        class Same(BaseModel):
            a: kind

        return Same

    one, other = define(int), define(str)
    assert ReachableClasses(one | other).find_class(class_name(one)) is None
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
    assert ReachableClasses(imported).find_class(class_name(define("other"))) is None
